// SPDX-License-Identifier: MIT
#include "app/gateway/answerturns.h"

#include "app/base/limits.h"
#include "app/gateway/directsearch.h"
#include "app/gateway/replies.h"
#include "app/kiro/websearchcall.h"

#include <algorithm>
#include <utility>

namespace kirotray {

AnswerTurns::AnswerTurns(Services services, CallAccount &account, PreparedCallPtr call,
                         std::unique_ptr<SearchRounds> search, FlowRecord &flow, QObject *parent)
    : QObject(parent)
    , m_services(std::move(services))
    , m_account(account)
    , m_call(std::move(call))
    , m_rounds(std::move(search))
    , m_flow(flow)
{
}

/// The turn uses what the call owns: it goes at once. Never from within one of its signals: the
/// call stops the turns there and deletes them later.
AnswerTurns::~AnswerTurns() = default;

void AnswerTurns::stop()
{
    m_isStopped = true;
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

UpstreamTurn::Services AnswerTurns::upstreamServices() const
{
    UpstreamTurn::Services services = m_services.upstream;
    if (const KiroTablesPtr &own = m_account.account().ownTables)
        services.tables = own;
    return services;
}

void AnswerTurns::startTurn()
{
    dropTurn();
    m_account.startTurn(this, [this](const std::optional<ChatError> &refusal) {
        if (m_isStopped)
            return;
        if (refusal)
            onFailed(*refusal);
        else
            beginTurn();
    });
}

void AnswerTurns::beginTurn()
{
    const int attempts = std::min(limits::MaxAttempts, limits::MaxTotalAttempts - m_failedAttempts);
    m_turn = std::make_unique<UpstreamTurn>(upstreamServices(), m_account.account(), m_call,
                                            attempts, m_flow, nullptr);
    connect(m_turn.get(), &UpstreamTurn::events, this, &AnswerTurns::onEvents);
    connect(m_turn.get(), &UpstreamTurn::failed, this, &AnswerTurns::onTurnFailed);
    m_turn->start();
    if (m_isPaused && m_turn)
        m_turn->pause();
}

/// It may be the sender of the signal that led here: it must outlive this call, but do no more.
void AnswerTurns::dropTurn()
{
    m_account.endTurn();
    if (!m_turn)
        return;
    m_turn->disconnect(this);
    m_turn->stop();
    m_turn.release()->deleteLater();
}

/// The rounds may end in a failure of their own: then it is told as one.
void AnswerTurns::publish()
{
    std::optional<Failed> failure;
    if (!m_out.empty() && std::holds_alternative<Failed>(m_out.back())) {
        failure = std::get<Failed>(m_out.back());
        m_out.pop_back();
    }
    if (!m_out.empty())
        emit events(m_out);
    if (failure && !m_isStopped) {
        dropTurn();
        emit failed(failure->error);
    }
}

void AnswerTurns::onTurnFailed(const UpstreamFailure &failure)
{
    m_failedAttempts += std::max(1, m_turn->attempts());
    const bool mayMove = !m_turn->hasContent() && m_failedAttempts < limits::MaxTotalAttempts;
    if (!mayMove || !shortens(failure))
        moveOn(failure, mayMove);
}

bool AnswerTurns::shortens(const UpstreamFailure &failure)
{
    if (failure.error.kind != ChatError::Kind::ContextLengthExceeded)
        return false;
    dropTurn();
    return m_services.context.shortenAfterRefusal([this, failure](bool changed) {
        if (m_isStopped)
            return;
        if (!changed) {
            moveOn(failure, true);
            return;
        }
        if (m_rounds)
            m_rounds->restartRound();
        buildAndStart();
    });
}

void AnswerTurns::moveOn(const UpstreamFailure &failure, bool mayMove)
{
    if (!m_account.replaceAfter(failure, m_call->options.modelId, mayMove)) {
        onFailed(m_account.error());
        return;
    }
    dropTurn();
    if (m_rounds)
        m_rounds->restartRound();
    m_services.preparation.settle(*m_call, m_account.account(), m_flow);
    emit accountChanged();
    buildAndStart();
}

void AnswerTurns::buildAndStart()
{
    buildCall(this, m_call, upstreamServices().tables,
              [this](const std::optional<ChatError> &refusal) {
                  if (m_isStopped)
                      return;
                  if (refusal) {
                      onFailed(*refusal);
                      return;
                  }
                  recordChanges(*m_call, m_flow.changes);
                  startTurn();
              });
}

void AnswerTurns::onFailed(const ChatError &error)
{
    if (!m_rounds) {
        emit failed(error);
        return;
    }
    m_out.clear();
    m_rounds->add(Failed {error}, m_out); // a search that was announced gets its end
    publish();
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
    publish();
    if (!hasEnded || m_isStopped || m_rounds->isOver())
        return;
    keepWhatWasLearnt();
    m_account.endTurn(); // the searches need no turn upstream
    const std::vector<WebSearchCall> calls = m_rounds->pending();
    for (const WebSearchCall &call : calls)
        search(call, [this](const WebSearchResult &result) {
            if (m_isStopped)
                return;
            m_out.clear();
            m_rounds->addResult(result, m_out);
            publish();
            if (!m_isStopped && m_rounds->pending().empty())
                onRoundEnded();
        });
    if (calls.empty())
        onRoundEnded();
}

void AnswerTurns::onRoundEnded()
{
    m_out.clear();
    const bool goesOn = !m_rounds->isOver() && m_rounds->proceed(m_call->request, m_out);
    publish();
    if (!goesOn || m_isStopped)
        return;
    buildAndStart();
}

void AnswerTurns::searchDirectly(const std::string &query)
{
    const WebSearchCall call {newAnswerId(), query};
    m_flow.changes.append(u"answered by a web search, without the model"_s);
    search(call, [this, call](const WebSearchResult &result) {
        if (m_isStopped)
            return;
        emit events(directSearchAnswer(m_call->request, call, result, m_call->promptTokens));
    });
}

void AnswerTurns::search(const WebSearchCall &call, Searched done, const Secret &rejected)
{
    m_services.upstream.accounts.token(
        m_account.account().identity.accountId, rejected, this,
        [this, call, done = std::move(done),
         isRetry = !rejected.isEmpty()](const Result<Secret> &token) {
            if (m_isStopped)
                return;
            if (!token) {
                done({call.id, {}, searchErrorCode(token.error())});
                return;
            }
            controlfetch::Caller caller;
            const UpstreamTurn::Services services = upstreamServices();
            caller.http = &services.http;
            caller.tables = services.tables;
            caller.identity = m_account.account().identity;
            caller.identity.accessToken = token.value();
            caller.generalProxy = services.proxy;
            caller.context = this;
            searchWeb(caller, call.query,
                      [this, call, done, isRetry,
                       used = token.value()](const Result<std::vector<WebSearchHit>> &hits) {
                          if (hits)
                              done({call.id, hits.value(), {}});
                          else if (hits.error().code == Error::Code::Unauthorized && !isRetry)
                              search(call, done, used);
                          else
                              done({call.id, {}, searchErrorCode(hits.error())});
                      });
        });
}

} // namespace kirotray
