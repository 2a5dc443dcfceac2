// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/kiro/kirotables.h"

#include <string_view>

/// One reader for each file of resources/kiro: checks `root` and fills its part of `tables`. The
/// mistakes go to `reader`, with their JSON path. Pure.
namespace kirotray::tablereader {

void readEndpoints(JsonReader &reader, const JsonValue &root, KiroTables &tables);
void readClient(JsonReader &reader, const JsonValue &root, KiroTables &tables);
void readModels(JsonReader &reader, const JsonValue &root, KiroTables &tables);
void readReactions(JsonReader &reader, const JsonValue &root, KiroTables &tables);

} // namespace kirotray::tablereader
