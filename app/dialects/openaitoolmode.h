// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"

namespace kirotray {

/// `tool_choice` as a word, alike in OpenAI's two APIs: "auto" leaves `choice` as it is. Anything
/// else but "none" and "required" is left in the reader as a mistake. Pure.
void readOpenAiToolMode(JsonReader &reader, const JsonValue &mode, ToolChoice &choice);

} // namespace kirotray
