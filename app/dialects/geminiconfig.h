// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"

namespace kirotray {

/// Reads `generationConfig` of a Gemini request. Mistakes are left in the reader. Pure.
void readGeminiConfig(JsonReader &reader, const JsonValue &root, ChatRequest &request);

} // namespace kirotray
