// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <string>
#include <vector>

namespace kirotray {

/// The rules of kiro-protocol §1.7 that `state` (a conversationState) breaks, such as
/// "6: t1 is not answered". Written apart from the normaliser, from the document.
std::vector<std::string> brokenRules(const JsonValue &state);

} // namespace kirotray
