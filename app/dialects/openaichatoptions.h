// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"

namespace kirotray {

/// Reads the members of a chat request that say how to think, in which form to answer and whether
/// to search: `reasoning_effort`, `reasoning`, `thinking`, `response_format`,
/// `web_search_options`. Stands behind readOpenAiTools(): a search must not take a tool's name.
/// Mistakes are left in the reader. Pure.
void readOpenAiOptions(JsonReader &reader, const JsonValue &root, ChatRequest &request);

/// Offers the model a search of the web; `tool` is where the client asks for it.
void readOpenAiWebSearch(JsonReader &reader, const JsonValue &tool, ChatRequest &request);

} // namespace kirotray
