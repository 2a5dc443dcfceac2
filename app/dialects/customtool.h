// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"

#include <string>
#include <string_view>

/// The custom tools of OpenAI's APIs take a free text. The upstream knows functions only: they are
/// offered as functions with one text, `input` (clients.md §2). Pure; any thread.
namespace kirotray {

/// The description and the schema of the function that stands for `tool`. A grammar, which the
/// upstream cannot enforce, is told in the description. Mistakes are left in the reader.
void readCustomTool(JsonReader &reader, const JsonValue &tool, Tool &out);

/// The function's arguments for a tool input of the client's history.
std::string customToolArguments(std::string_view input);

/// The tool input in the arguments a model wrote, as FreeTextInput unwraps it.
std::string customToolInput(std::string_view argumentsJson);

} // namespace kirotray
