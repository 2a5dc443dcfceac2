// SPDX-License-Identifier: MIT
#include "app/gateway/searchrounds.h"

#include "app/base/limits.h"
#include "app/chat/searchtext.h"
#include "app/gateway/replies.h"
#include "app/gateway/searchtexts.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

void addUsage(Usage &sum, const Usage &round, bool isFirst)
{
    sum.inputTokens += round.inputTokens;
    sum.outputTokens += round.outputTokens;
    sum.cacheReadTokens += round.cacheReadTokens;
    sum.cacheWriteTokens += round.cacheWriteTokens;
    sum.isEstimate = round.isEstimate || (!isFirst && sum.isEstimate);
    if (round.credits)
        sum.credits = sum.credits.value_or(0) + *round.credits;
}

/// The last part of the turn when it is a Kind, else a new one.
template <typename Kind>
Kind &lastPart(std::vector<Part> &turn)
{
    if (turn.empty() || !std::holds_alternative<Kind>(turn.back()))
        turn.emplace_back(Kind {});
    return std::get<Kind>(turn.back());
}

bool isUnsigned(const Part &part)
{
    const auto *thinking = std::get_if<ThinkingPart>(&part);
    return thinking != nullptr && thinking->signature.empty() && thinking->redactedData.empty();
}

bool isThinking(const Part &part)
{
    return std::holds_alternative<ThinkingPart>(part);
}

} // namespace

/// Takes the events of the upstream one by one.
class SearchRounds::Taker
{
public:
    Taker(SearchRounds &rounds, std::vector<ChatEvent> &out)
        : m_rounds(rounds)
        , m_round(rounds.m_round)
        , m_out(out)
    {
    }

    void operator()(const TextDelta &event)
    {
        grow(event.text.size());
        lastPart<TextPart>(m_round.turn).text += event.text;
        m_rounds.push(event, m_out);
    }
    void operator()(const ThinkingDelta &event)
    {
        grow(event.text.size());
        openThinking().text += event.text;
        m_rounds.push(event, m_out);
    }
    void operator()(const ThinkingSignature &event)
    {
        grow(event.signature.size());
        openThinking().signature = event.signature;
        m_rounds.push(event, m_out);
    }
    void operator()(const RedactedThinking &event)
    {
        grow(event.data.size());
        m_round.turn.emplace_back(ThinkingPart {{}, {}, event.data});
        m_rounds.push(event, m_out);
    }
    void operator()(const ToolCallStart &event)
    {
        m_rounds.m_isInSearch = event.name == m_rounds.m_tool.name;
        if (m_rounds.m_isInSearch) {
            m_rounds.m_searchInput.clear();
            return;
        }
        m_rounds.push(event, m_out);
    }
    void operator()(const ToolCallDelta &event)
    {
        grow(event.json.size());
        if (m_rounds.m_isInSearch)
            m_rounds.m_searchInput += event.json;
        else
            m_rounds.push(event, m_out);
    }
    void operator()(const ToolCallEnd &event)
    {
        m_round.isCut = m_round.isCut || !event.complete;
        if (std::exchange(m_rounds.m_isInSearch, false)) {
            m_rounds.endSearchCall(event.complete, m_out);
            return;
        }
        m_round.hasClientCall = m_round.hasClientCall || event.complete;
        m_rounds.push(event, m_out);
    }
    void operator()(const WebSearchCall &event) { m_rounds.push(event, m_out); }
    void operator()(const WebSearchResult &event) { m_rounds.push(event, m_out); }
    void operator()(const TextCitation &event) { m_rounds.push(event, m_out); }
    void operator()(const Finished &event)
    {
        m_round.isCut = std::exchange(m_rounds.m_isInSearch, false) || m_round.isCut;
        m_round.finished = event;
        if (m_round.searches.empty())
            m_rounds.finish(event.reason, m_out);
    }
    void operator()(const Failed &event) { m_rounds.fail(event, m_out); }

private:
    void grow(std::size_t bytes) { m_round.bytes += static_cast<qsizetype>(bytes); }
    /// A signature closes the thinking before it.
    ThinkingPart &openThinking()
    {
        if (m_round.turn.empty() || !isUnsigned(m_round.turn.back()))
            m_round.turn.emplace_back(ThinkingPart {});
        return std::get<ThinkingPart>(m_round.turn.back());
    }

    SearchRounds &m_rounds;
    Round &m_round;
    std::vector<ChatEvent> &m_out;
};

SearchRounds::SearchRounds(const WebSearchTool &tool)
    : m_tool(tool)
    , m_maxUses(tool.maxUses > 0 ? tool.maxUses : limits::MaxSearchRounds)
{
}

void SearchRounds::prepare(ChatRequest &request)
{
    request.tools.push_back(offeredSearchTool(m_tool, m_tool.name));
}

void SearchRounds::add(const ChatEvent &event, std::vector<ChatEvent> &out)
{
    if (m_isOver)
        return;
    std::visit(Taker(*this, out), event);
    if (m_round.bytes > limits::MaxAnswer && !m_isOver)
        fail({{ChatError::Kind::Upstream, "the upstream's answer is too large", {}, {}}}, out);
}

void SearchRounds::endSearchCall(bool complete, std::vector<ChatEvent> &out)
{
    if (!complete)
        return; // a search is never run with half its input, nor shown
    Search search {{newAnswerId(), searchQueryOf(m_searchInput)}, {}};
    // As the client will send it back, and not as the model wrote it.
    m_round.turn.emplace_back(
        ToolUsePart {searchUseId(search.call.id), m_tool.name, searchInput(search.call)});
    const bool isRefused = m_uses >= m_maxUses || m_rounds >= limits::MaxSearchRounds;
    m_round.wasAllRefused = m_round.wasAllRefused && isRefused;
    if (isRefused)
        search.result = WebSearchResult {search.call.id, {}, "max_uses_exceeded"};
    else if (search.call.query.empty())
        search.result = WebSearchResult {search.call.id, {}, "invalid_input"};
    else
        ++m_uses;
    m_round.held.emplace_back(search.call);
    m_round.searches.push_back(std::move(search));
    flush(out);
}

SearchRounds::Search *SearchRounds::searchOf(const std::string &id)
{
    const auto found = std::find_if(m_round.searches.begin(), m_round.searches.end(),
                                    [&id](const Search &search) { return search.call.id == id; });
    return found == m_round.searches.end() ? nullptr : &*found;
}

void SearchRounds::push(const ChatEvent &event, std::vector<ChatEvent> &out)
{
    if (m_round.held.empty())
        give(event, out);
    else
        m_round.held.push_back(event);
}

void SearchRounds::give(ChatEvent event, std::vector<ChatEvent> &out)
{
    m_citations.add(std::move(event), out);
}

void SearchRounds::flush(std::vector<ChatEvent> &out)
{
    std::deque<ChatEvent> &held = m_round.held;
    while (!held.empty()) {
        const auto *call = std::get_if<WebSearchCall>(&held.front());
        const Search *search = call == nullptr ? nullptr : searchOf(call->id);
        if (search == nullptr) {
            give(std::move(held.front()), out);
            held.pop_front();
            continue;
        }
        if (!std::exchange(m_round.isAnnounced, true))
            give(search->call, out);
        if (!search->result)
            return;
        give(*search->result, out);
        m_round.isAnnounced = false;
        held.pop_front();
    }
}

std::vector<WebSearchCall> SearchRounds::pending() const
{
    std::vector<WebSearchCall> calls;
    if (m_isOver)
        return calls;
    for (const Search &search : m_round.searches)
        if (!search.result)
            calls.push_back(search.call);
    return calls;
}

void SearchRounds::addResult(const WebSearchResult &result, std::vector<ChatEvent> &out)
{
    Search *search = m_isOver ? nullptr : searchOf(result.id);
    if (search == nullptr || search->result)
        return;
    search->result = allowedHits(m_tool, result);
    if (result.errorCode.empty())
        ++m_usage.webSearches;
    flush(out);
}

bool SearchRounds::mayGoOn() const
{
    const StopReason reason = m_round.finished->reason;
    if (m_round.hasClientCall || m_round.isCut || m_round.searches.empty())
        return false;
    if (reason != StopReason::ToolUse && reason != StopReason::EndTurn)
        return false;
    // One more round after the limit, so that the model can answer with what it has.
    return m_rounds <= limits::MaxSearchRounds && !(m_round.wasAllRefused && m_wasAllRefused);
}

bool SearchRounds::proceed(ChatRequest &request, std::vector<ChatEvent> &out)
{
    Q_ASSERT(m_isOver || (m_round.finished && pending().empty()));
    if (m_isOver || !m_round.finished)
        return false;
    if (!mayGoOn()) {
        const StopReason reason = m_round.finished->reason;
        const bool isUnfinished = !m_round.hasClientCall && !m_round.isCut
            && (reason == StopReason::ToolUse || reason == StopReason::EndTurn);
        finish(isUnfinished ? StopReason::PauseTurn : reason, out);
        return false;
    }
    addUsage(m_usage, m_round.finished->usage, m_rounds == 0);
    extend(request);
    m_wasAllRefused = m_round.wasAllRefused;
    m_round = {};
    ++m_rounds;
    return true;
}

void SearchRounds::extend(ChatRequest &request) const
{
    Message said {Role::Assistant, m_round.turn};
    // Thinking is replayed whole or not at all: its signature covers it.
    if (std::any_of(said.parts.begin(), said.parts.end(), isUnsigned))
        std::erase_if(said.parts, isThinking);
    Message found {Role::User, {}};
    for (const Search &search : m_round.searches)
        found.parts.emplace_back(searchResultPart(searchUseId(search.call.id), *search.result));
    request.messages.push_back(std::move(said));
    request.messages.push_back(std::move(found));
    // A forced call has been made; forcing it again would never end.
    if (request.toolChoice.mode == ToolChoice::Mode::Any
        || request.toolChoice.mode == ToolChoice::Mode::Named) {
        request.toolChoice.mode = ToolChoice::Mode::Auto;
        request.toolChoice.name.clear();
    }
}

void SearchRounds::restartRound()
{
    m_uses -= static_cast<int>(
        std::count_if(m_round.searches.begin(), m_round.searches.end(), [](const Search &search) {
            return !search.result || search.result->errorCode.empty();
        }));
    m_round = {};
    m_isInSearch = false;
}

void SearchRounds::finish(StopReason reason, std::vector<ChatEvent> &out)
{
    addUsage(m_usage, m_round.finished->usage, m_rounds == 0);
    // Only a search was asked for, and it was cut.
    if (reason == StopReason::ToolUse && !m_round.hasClientCall)
        reason = m_round.isCut ? StopReason::MaxTokens : StopReason::EndTurn;
    m_isOver = true;
    give(Finished {reason, m_round.finished->stopSequence, m_usage}, out);
}

void SearchRounds::fail(const Failed &event, std::vector<ChatEvent> &out)
{
    for (Search &search : m_round.searches)
        if (!search.result)
            search.result = WebSearchResult {search.call.id, {}, "unavailable"};
    flush(out);
    m_isOver = true;
    give(event, out);
}

} // namespace kirotray
