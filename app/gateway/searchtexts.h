// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/chat/chatrequest.h"

#include <string>

namespace kirotray {

/// How the model is offered a web search, and which of its hits it gets. What it reads of them is
/// in app/chat/searchtext.h. Pure; any thread.

/// The tool as the model sees it: one required string, `query`.
Tool offeredSearchTool(const WebSearchTool &tool, const std::string &name);

/// The `query` of a call's argument text, without surrounding white space; empty when there is
/// none.
std::string searchQueryOf(const std::string &inputJson);

/// Without the hits that the tool's domains exclude: the upstream knows no such filter. A domain
/// covers those below it; behind a slash it names the start of the path.
WebSearchResult allowedHits(const WebSearchTool &tool, WebSearchResult result);

} // namespace kirotray
