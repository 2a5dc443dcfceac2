// SPDX-License-Identifier: MIT
#include "app/gateway/directsearch.h"

#include "app/chat/citationfinder.h"
#include "app/chat/searchtext.h"
#include "app/chat/tokenestimate.h"
#include "app/gateway/searchtexts.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

constexpr std::string_view DirectSearchStart = "Perform a web search for the query:";

std::string listOfHits(const WebSearchCall &call, const WebSearchResult &result)
{
    if (!result.errorCode.empty())
        return "The web search for \"" + call.query
            + "\" failed: " + searchErrorText(result.errorCode);
    if (result.hits.empty())
        return "The web search for \"" + call.query + "\" found nothing.";
    return "Found for \"" + call.query + "\":\n\n" + searchResultText(result);
}

/// SearchRounds may have added its tool already.
bool offersOnlySearch(const ChatRequest &request)
{
    const WebSearchTool &search = *request.webSearch;
    return request.tools.empty()
        || (request.tools.size() == 1
            && request.tools.front() == offeredSearchTool(search, search.name));
}

} // namespace

std::optional<std::string> directSearchQuery(const ChatRequest &request)
{
    if (!request.webSearch || !offersOnlySearch(request) || request.messages.size() != 1
        || request.messages.front().role != Role::User)
        return std::nullopt;
    for (const Part &part : request.messages.front().parts) {
        const auto *text = std::get_if<TextPart>(&part);
        if (text == nullptr)
            return std::nullopt;
        if (!std::string_view(text->text).starts_with(DirectSearchStart))
            continue;
        static constexpr std::string_view blanks = " \t\r\n";
        std::string query = text->text.substr(DirectSearchStart.size());
        query.erase(0, std::min(query.find_first_not_of(blanks), query.size()));
        query.erase(query.find_last_not_of(blanks) + 1);
        return query.empty() ? std::nullopt : std::optional(query);
    }
    return std::nullopt;
}

std::vector<ChatEvent> directSearchAnswer(const ChatRequest &request, const WebSearchCall &call,
                                          const WebSearchResult &result, qint64 promptTokens)
{
    const WebSearchResult shown = allowedHits(request.webSearch.value_or(WebSearchTool {}), result);
    const std::string text = listOfHits(call, shown);
    Finished finished;
    finished.usage.inputTokens = promptTokens;
    finished.usage.outputTokens = estimateTokens(text);
    finished.usage.webSearches = shown.errorCode.empty() ? 1 : 0;
    std::vector<ChatEvent> answer;
    CitationFinder citations;
    for (ChatEvent &event : std::vector<ChatEvent> {call, shown, TextDelta {text}, finished})
        citations.add(std::move(event), answer);
    return answer;
}

} // namespace kirotray
