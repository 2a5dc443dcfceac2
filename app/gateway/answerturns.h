// SPDX-License-Identifier: MIT
#pragma once

#include "app/gateway/callaccount.h"
#include "app/gateway/callcontext.h"
#include "app/gateway/callpreparation.h"
#include "app/gateway/searchrounds.h"
#include "app/gateway/upstreamturn.h"

#include <QElapsedTimer>
#include <QObject>

#include <functional>
#include <memory>
#include <vector>

namespace kirotray {

/// The upstream's part of one answer: a single turn, or several with web searches between them,
/// each on the next account where one fails that §3.2 moves on from. After a Finished nothing
/// follows; else failed() comes once. Destroying it aborts the upstream. Gateway thread.
class AnswerTurns : public QObject
{
    Q_OBJECT
public:
    struct Services
    {
        UpstreamTurn::Services upstream;
        CallPreparation preparation;
        CallContext &context; ///< outlives the turns
    };
    /// `search`: null when the client asked for no web search; it has prepared the request. `call`
    /// is built for the account; it, `account` and `flow` outlive the turns.
    AnswerTurns(Services services, CallAccount &account, PreparedCallPtr call,
                std::unique_ptr<SearchRounds> search, FlowRecord &flow, QObject *parent);
    ~AnswerTurns() override;

    void start();
    /// The answer is over: aborts the upstream; nothing is emitted or asked any more.
    void stop();
    void pause(); ///< the client is slow
    void resume();
    /// Something was emitted, and the request is not needed for another turn.
    bool isRequestDone() const;
    void keepWhatWasLearnt(); ///< see UpstreamTurn

signals:
    /// The events of one arrival, in order. Direct connections only: the vector is reused.
    void events(const std::vector<ChatEvent> &events);
    void failed(const kirotray::ChatError &error);
    void accountChanged(); ///< another one will answer, perhaps by another model

private:
    UpstreamTurn::Services upstreamServices() const;
    void startTurn();
    void beginTurn();
    void buildAndStart();
    void dropTurn();
    void onEvents(const std::vector<ChatEvent> &events);
    void searchDirectly(const std::string &query);
    using Searched = std::function<void(const WebSearchResult &)>;
    /// With another token than `rejected`, when there is one.
    void search(const WebSearchCall &call, Searched done, const Secret &rejected = {});
    void onTurnFailed(const UpstreamFailure &failure);
    bool shortens(const UpstreamFailure &failure); ///< true: it goes on from there
    void moveOn(const UpstreamFailure &failure, bool mayMove);
    void onFailed(const ChatError &error);
    void publish(); ///< m_out
    void onRoundEnded();

    Services m_services;
    CallAccount &m_account;
    PreparedCallPtr m_call;
    std::unique_ptr<SearchRounds> m_rounds;
    FlowRecord &m_flow;
    std::unique_ptr<UpstreamTurn> m_turn;
    std::vector<ChatEvent> m_out; ///< reused
    int m_failedAttempts = 0; ///< of the whole answer
    bool m_isPaused = false;
    bool m_isStopped = false;
};

} // namespace kirotray
