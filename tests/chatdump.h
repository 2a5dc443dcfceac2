// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <string>

namespace kirotray {

/// A request as text for fixtures: one fact a line, defaults left out, strings as JSON literals.
std::string dumpChat(const ChatRequest &request);

} // namespace kirotray
