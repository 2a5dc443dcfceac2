// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <string>
#include <string_view>

namespace kirotray {

/// A harmless value that fits a JSON Schema: enum, const, default and examples first, then the
/// type; of an object's properties the required ones, or the first when none is. Strings are chosen
/// by the property's name ("city", "path", "query"); `topic` serves where a text is asked for.
/// References are not followed.
std::string schemaExample(const JsonValue &schema, std::string_view topic);

} // namespace kirotray
