// SPDX-License-Identifier: MIT
#pragma once

#include "tests/dialectcase.h"

namespace kirotray {

/// What a client of that API would trip over in the stream of an answer; empty: nothing.
std::vector<std::string> brokenStreamRules(DialectId id, const ChatRequest &request,
                                           const std::vector<ScriptStep> &steps);

} // namespace kirotray
