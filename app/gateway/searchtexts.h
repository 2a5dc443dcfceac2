// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/chat/chatrequest.h"

#include <string>

namespace kirotray {

/// What the model reads of a web search that KiroTray runs for it. Pure; any thread.

/// The tool as the model sees it: one required string, `query`.
Tool offeredSearchTool(const WebSearchTool &tool, const std::string &name);

/// The `query` of a call's argument text, without surrounding white space; empty when there is
/// none.
std::string searchQueryOf(const std::string &inputJson);

/// Without the hits that the tool's domains exclude: the upstream knows no such filter. A domain
/// covers those below it; behind a slash it names the start of the path.
WebSearchResult allowedHits(const WebSearchTool &tool, WebSearchResult result);

/// The result of the model's call.
ToolResultPart searchResultPart(const std::string &toolUseId, const WebSearchCall &call,
                                const WebSearchResult &result);

/// What went wrong, for a reader; `code` is WebSearchResult::errorCode.
std::string searchErrorText(const std::string &code);

} // namespace kirotray
