// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"

#include <vector>

namespace kirotray {

/// A message's or a tool result's content: a string or parts. Parts are TextPart, ImagePart or
/// DocumentPart. Empty texts are left out.
std::vector<Part> readResponsesContent(JsonReader &reader, const JsonValue &content);

} // namespace kirotray
