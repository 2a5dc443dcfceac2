// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

namespace kirotray {

/// JSON Schema of a schema in Google's OpenAPI style: types in lower case, counts that came as
/// strings (int64 in Google's JSON) as numbers, `nullable` and `propertyOrdering` left out. A
/// schema that is JSON Schema already keeps its bytes. Pure.
std::string geminiJsonSchema(const JsonValue &schema);

} // namespace kirotray
