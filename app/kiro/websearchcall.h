// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/kiro/controlfetch.h"

#include <functional>
#include <string>
#include <vector>

namespace kirotray {

/// Searches the web over the account's MCP endpoint (kiro-protocol §6), on the hosts of
/// KiroEndpoints::mcp in their order. The query is cut to limits::MaxSearchQuery characters; at
/// most limits::MaxSearchHits hits come back, each with an http address. `done` is called once,
/// from the event loop, never after the caller's context is gone. Error::BadInput: there is no
/// query; Unauthorized, RateLimited, Network, Timeout; Upstream: refused, or an answer of another
/// form.
void searchWeb(const controlfetch::Caller &caller, const std::string &query,
               std::function<void(Result<std::vector<WebSearchHit>>)> done);

/// WebSearchResult::errorCode of a search that failed.
std::string searchErrorCode(const Error &error);

} // namespace kirotray
