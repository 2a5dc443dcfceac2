// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <string>
#include <string_view>
#include <vector>

/// How Google's API writes JSON: members in two spellings, lists that may be one object. Pure.
namespace kirotray {

/// The key under which `object` holds a member: `camelCase` itself, or its snake_case form where
/// only that is given. `camelCase` must outlive the document's values (a literal).
std::string_view geminiKey(const JsonValue &object, std::string_view camelCase);
JsonValue geminiMember(const JsonValue &object, std::string_view camelCase);

/// The objects of an array, or the one object itself; nothing when absent. Anything else is an
/// error.
std::vector<JsonValue> geminiItems(JsonReader &reader, const JsonValue &value);

/// ASCII letters in lower case: enum values come as `AUTO` and as `auto`.
std::string geminiLowered(std::string_view text);

} // namespace kirotray
