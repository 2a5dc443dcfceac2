// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <optional>
#include <string>
#include <string_view>

/// The `encrypted_content` of a reasoning item: opaque to clients, who send it back on the next
/// turn. It holds what the upstream needs to see again; nothing in it is secret. Pure; any thread.
namespace kirotray {

std::string packedThinking(const ThinkingPart &part);
/// Absent when KiroTray did not pack it.
std::optional<ThinkingPart> unpackedThinking(std::string_view content);

} // namespace kirotray
