// SPDX-License-Identifier: MIT
#include "app/gateway/answerturns.h"

#include "app/gateway/directsearch.h"
#include "app/gateway/replies.h"
#include "app/kiro/websearchcall.h"

#include <algorithm>
#include <utility>

namespace kirotray {

AnswerTurns::AnswerTurns(UpstreamTurn::Services services, const AccountSnapshot &account,
                         PreparedCallPtr call, std::unique_ptr<SearchRounds> search,
                         FlowRecord &flow, QObject *parent)
    : QObject(parent)
    , m_services(std::move(services))
    , m_account(account)
    , m_call(std::move(call))
    , m_rounds(std::move(search))
    , m_flow(flow)
{
}

AnswerTurns::~AnswerTurns()
{
    dropTurn();
}

void AnswerTurns::start()
{
    const std::optional<std::string> query =
        m_rounds ? directSearchQuery(m_call->request) : std::nullopt;
    if (query)
        searchDirectly(*query);
    else
        startTurn();
}

void AnswerTurns::pause()
{
    m_isPaused = true;
    if (m_turn)
        m_turn->pause();
}

void AnswerTurns::resume()
{
    m_isPaused = false;
    if (m_turn)
        m_turn->resume();
}

bool AnswerTurns::isRequestDone() const
{
    return !m_rounds && m_turn && m_turn->hasContent();
}

void AnswerTurns::keepWhatWasLearnt()
{
    if (m_turn)
        m_turn->keepWhatWasLearnt();
}

void AnswerTurns::startTurn()
{
    dropTurn();
    m_turn = std::make_unique<UpstreamTurn>(m_services, m_account, m_call, m_flow, nullptr);
    connect(m_turn.get(), &UpstreamTurn::events, this, &AnswerTurns::onEvents);
    connect(m_turn.get(), &UpstreamTurn::failed, this, &AnswerTurns::failed);
    m_turn->start();
    if (m_isPaused && m_turn)
        m_turn->pause();
}

/// It may be the sender of the signal that led here: it must outlive this call.
void AnswerTurns::dropTurn()
{
    if (!m_turn)
        return;
    m_turn->disconnect(this);
    m_turn.release()->deleteLater();
}

void AnswerTurns::onEvents(const std::vector<ChatEvent> &events)
{
    if (!m_rounds) {
        emit this->events(events);
        return;
    }
    m_out.clear();
    bool hasEnded = false;
    for (const ChatEvent &event : events) {
        m_rounds->add(event, m_out);
        hasEnded = hasEnded || std::holds_alternative<Finished>(event);
    }
    if (!m_out.empty())
        emit this->events(m_out);
    if (!hasEnded || m_rounds->isOver())
        return;
    keepWhatWasLearnt();
    const std::vector<WebSearchCall> calls = m_rounds->pending();
    for (const WebSearchCall &call : calls)
        search(call, [this](const WebSearchResult &result) {
            m_out.clear();
            m_rounds->addResult(result, m_out);
            if (!m_out.empty())
                emit this->events(m_out);
            if (m_rounds->pending().empty())
                onRoundEnded();
        });
    if (calls.empty())
        onRoundEnded();
}

void AnswerTurns::onRoundEnded()
{
    m_out.clear();
    const bool goesOn = !m_rounds->isOver() && m_rounds->proceed(m_call->request, m_out);
    if (!m_out.empty())
        emit events(m_out);
    if (!goesOn)
        return;
    buildCall(this, m_call, m_services.tables, [this](const std::optional<ChatError> &refusal) {
        if (refusal)
            emit failed(*refusal);
        else
            startTurn();
    });
}

void AnswerTurns::searchDirectly(const std::string &query)
{
    const WebSearchCall call {newAnswerId(), query};
    search(call, [this, call](const WebSearchResult &result) {
        emit events(directSearchAnswer(m_call->request, call, result, m_call->promptTokens));
    });
}

void AnswerTurns::search(const WebSearchCall &call,
                         std::function<void(const WebSearchResult &)> done)
{
    m_services.accounts.token(
        m_account.identity.accountId, {}, this,
        [this, call, done = std::move(done)](const Result<Secret> &token) {
            if (!token) {
                done({call.id, {}, searchErrorCode(token.error())});
                return;
            }
            controlfetch::Caller caller;
            caller.http = &m_services.http;
            caller.tables = m_services.tables;
            caller.identity = m_account.identity;
            caller.identity.accessToken = token.value();
            caller.generalProxy = m_services.proxy;
            caller.context = this;
            m_flow.changes.append(u"web search run"_s);
            searchWeb(caller, call.query,
                      [call, done](const Result<std::vector<WebSearchHit>> &hits) {
                          done(hits ? WebSearchResult {call.id, hits.value(), {}}
                                    : WebSearchResult {call.id, {}, searchErrorCode(hits.error())});
                      });
        });
}

} // namespace kirotray
