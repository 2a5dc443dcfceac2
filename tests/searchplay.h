// SPDX-License-Identifier: MIT
#pragma once

#include "app/gateway/searchrounds.h"
#include "tests/answerrun.h"

/// What an upstream answers in the tests of SearchRounds, and the call that is given it.
namespace kirotray::searchplay {

inline const Usage RoundUsage {100, 10, 5, 2, 0, false, 0.5};

inline Events call(const char *id, const char *name, const char *json, bool complete = true)
{
    return {ToolCallStart {id, name}, ToolCallDelta {json}, ToolCallEnd {complete}};
}
inline Events search(const char *query = "qt")
{
    return call("tooluse_1", "web_search", ("{\"query\":\"" + std::string(query) + "\"}").c_str());
}
inline Events text(const char *words)
{
    return {TextDelta {words}};
}
inline Events end(StopReason reason = StopReason::ToolUse)
{
    return {Finished {reason, {}, RoundUsage}};
}

/// A call's part: feeds events, answers searches, keeps what the client got.
struct SearchPlay
{
    explicit SearchPlay(WebSearchTool tool = {})
        : rounds(tool)
    {
        request.messages = {{Role::User, {TextPart {"question"}}}};
        rounds.prepare(request);
    }
    SearchPlay &add(const std::vector<Events> &pieces)
    {
        for (const Events &events : pieces)
            for (const ChatEvent &event : events)
                rounds.add(event, out);
        return *this;
    }
    /// Answers everything that is pending.
    SearchPlay &answer(const std::string &errorCode = {})
    {
        for (const WebSearchCall &pending : rounds.pending()) {
            WebSearchResult result {pending.id, {}, errorCode};
            if (errorCode.empty())
                result.hits = {{"Title", "https://a.example/" + pending.query, "words", ""}};
            rounds.addResult(result, out);
        }
        return *this;
    }
    bool proceed() { return rounds.proceed(request, out); }
    QString told() const { return describeAll(out); }
    const Finished &finished() const { return std::get<Finished>(out.back()); }

    SearchRounds rounds;
    ChatRequest request;
    Events out;
};

} // namespace kirotray::searchplay
