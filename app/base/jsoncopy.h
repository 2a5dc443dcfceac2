// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

namespace kirotray {

/// Writes `value` again, on one line: numbers byte for byte, keys in their order, strings as clean
/// UTF-8 (kiro-protocol §1.7 rule 19). With `dropNulls`, null members and elements are left out at
/// every depth. Pure.
void copyJson(JsonWriter &writer, const JsonValue &value, bool dropNulls);

/// False for a text whose escapes the upstream cannot read: half a surrogate pair, or U+0000. May
/// be false for a sound pair too; copyJson() then writes the character itself.
bool hasPlainEscapes(std::string_view json);

} // namespace kirotray
