// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"

namespace kirotray {

/// Reads `tools` and `toolConfig` of a Gemini request. Mistakes are left in the reader. Pure.
void readGeminiTools(JsonReader &reader, const JsonValue &root, ChatRequest &request);

} // namespace kirotray
