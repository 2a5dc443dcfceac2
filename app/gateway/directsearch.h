// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/chat/chatrequest.h"

#include <QtGlobal>

#include <optional>
#include <string>
#include <vector>

namespace kirotray {

/// Claude Code's WebSearch: a request of its own that only wants a search run (kiro-protocol §6,
/// clients.md §1). Answered without the model, which costs nothing and takes one call.

/// The query of such a request: its only tool is the web search, its one message "Perform a web
/// search for the query: …". Absent for every other request, also when the query is empty. The same
/// before and after SearchRounds::prepare().
std::optional<std::string> directSearchQuery(const ChatRequest &request);

/// The whole answer: the search, its hits as a list in words with their citations, and Finished. A
/// failed search is shown as failed, never as one without hits. The client's domains are applied.
std::vector<ChatEvent> directSearchAnswer(const ChatRequest &request, const WebSearchCall &call,
                                          const WebSearchResult &result, qint64 promptTokens);

} // namespace kirotray
