// SPDX-License-Identifier: MIT
#include "app/chat/searchtext.h"

#include "app/base/json.h"

namespace kirotray {

std::string searchUseId(const std::string &id)
{
    return "srvtoolu_" + id;
}

std::string searchInput(const WebSearchCall &call)
{
    std::string input;
    JsonWriter(input).beginObject().member("query", call.query).endObject();
    return input;
}

std::string searchResultText(const WebSearchResult &result)
{
    if (!result.errorCode.empty())
        return searchErrorText(result.errorCode);
    if (result.hits.empty())
        return "No pages were found.";
    std::string text;
    int number = 0;
    for (const WebSearchHit &hit : result.hits) {
        text += text.empty() ? "" : "\n\n";
        text += std::to_string(++number) + ". " + hit.title + '\n' + hit.url;
        if (!hit.pageAge.empty())
            text += "\nPublished: " + hit.pageAge;
        if (!hit.snippet.empty())
            text += '\n' + hit.snippet;
    }
    return text;
}

std::string searchErrorText(const std::string &code)
{
    if (code == "max_uses_exceeded")
        return "No more web searches are possible in this answer. Go on with what is known.";
    if (code == "too_many_requests")
        return "The web search is overloaded at the moment.";
    if (code == "invalid_input" || code == "invalid_tool_input")
        return "The input must be a JSON object with a text that is not empty as \"query\".";
    if (code == "query_too_long")
        return "The query is too long.";
    return "The web search is not available at the moment.";
}

ToolResultPart searchResultPart(const std::string &toolUseId, const WebSearchResult &result)
{
    return {toolUseId, searchResultText(result), !result.errorCode.empty()};
}

} // namespace kirotray
