// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/dialects/responsesmemory.h"
#include "app/dialects/responsesobject.h"

#include <string>
#include <string_view>

/// The items that a tool call becomes. Pure; any thread.
namespace kirotray {

/// Such as "fc_".
std::string_view responsesCallPrefix(ResponsesToolForm::Kind kind);

/// One call, as far as it has come.
struct ResponsesCall
{
    std::string itemId;
    std::string callId;
    ResponsesToolForm form;
    std::string inputJson; ///< of the model; empty while the call is in progress
    std::string freeText; ///< ResponsesToolForm::Kind::Custom: the text in it
};
std::string responsesCallItem(const ResponsesCall &call, ResponsesStatus status);

/// A search that KiroTray ran or runs; `result` is null in the latter case.
std::string responsesSearchItem(std::string_view itemId, const WebSearchCall &call,
                                const WebSearchResult *result, bool withSources);

} // namespace kirotray
