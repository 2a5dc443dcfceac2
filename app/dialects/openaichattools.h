// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"
#include "app/dialects/openaichatmemory.h"

namespace kirotray {

/// Reads `tools`, `tool_choice` and `parallel_tool_calls` of a chat request, and their legacy forms
/// `functions` and `function_call`. Which form the calls of the answer have goes into `memory`.
/// Mistakes are left in the reader. Pure.
void readOpenAiTools(JsonReader &reader, const JsonValue &root, ChatRequest &request,
                     OpenAiChatMemory &memory);

} // namespace kirotray
