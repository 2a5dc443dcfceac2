// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/chat/chatrequest.h"

#include <string>

namespace kirotray {

/// What the model reads of a web search that KiroTray ran for it: within the answer and, word for
/// word, when the client sends the search back. A prompt that stays the same stays cached. Pure;
/// any thread.

/// The id of the call and of its result, as clients get it. `id` is WebSearchCall::id.
std::string searchUseId(const std::string &id);

/// The input of the call: `{"query":…}`
std::string searchInput(const WebSearchCall &call);

/// The hits as a numbered list, or what went wrong. Without the query, which the call holds.
std::string searchResultText(const WebSearchResult &result);

/// What went wrong, for a reader; `code` is WebSearchResult::errorCode or Anthropic's name for it.
std::string searchErrorText(const std::string &code);

/// The result of the call `toolUseId`.
ToolResultPart searchResultPart(const std::string &toolUseId, const WebSearchResult &result);

} // namespace kirotray
