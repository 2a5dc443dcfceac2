// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowrecord.h"
#include "app/gateway/gatewayaccounts.h"
#include "app/gateway/gatewaymodels.h"
#include "app/gateway/preparedcall.h"
#include "app/kiro/chatstream.h"
#include "app/kiro/upstreamplaces.h"

#include <QElapsedTimer>
#include <QObject>

#include <memory>

namespace kirotray {

/// One answer of the upstream to one account, by as many attempts as the reactions of kiro-protocol
/// §3.2 allow, all of them before its first content. After the last event, a Finished, nothing
/// follows; else failed() comes once. Destroying it aborts the upstream. Gateway thread.
class UpstreamTurn : public QObject
{
    Q_OBJECT
public:
    struct Services
    {
        HttpClient &http;
        GatewayAccounts &accounts;
        GatewayModels &models;
        KiroTablesPtr tables;
        ProxyChoice proxy; ///< for accounts without their own
        CallTiming timing;
        std::shared_ptr<ChatTap> tap = {}; ///< null: nobody watches
    };
    /// `call` is built, and built anew where a reaction asks for it; `flow` counts attempts and
    /// notes what was changed, and outlives the turn. At most `attempts` of them are made.
    UpstreamTurn(Services services, const AccountSnapshot &account, PreparedCallPtr call,
                 int attempts, FlowRecord &flow, QObject *parent);
    ~UpstreamTurn() override;

    void start();
    void stop(); ///< aborts; nothing is emitted or touched any more
    void pause(); ///< the client is slow
    void resume();
    bool hasContent() const; ///< something was emitted: no attempt will follow
    int attempts() const { return m_attempts; } ///< made so far
    /// What this turn taught about the host, to be kept when its answer was whole.
    void keepWhatWasLearnt();

signals:
    /// The events of one arrival, in order. Direct connections only: the vector is reused.
    void events(const std::vector<ChatEvent> &events);
    /// The error is as the client is told of it.
    void failed(const kirotray::UpstreamFailure &failure);

private:
    void requestToken(const Secret &rejected);
    void startAttempt();
    void onEvents(const std::vector<ChatEvent> &events);
    void onFailed(const UpstreamFailure &failure);
    /// True when another attempt has been arranged.
    bool retry(const UpstreamFailure &failure);
    bool retryElsewhere(const UpstreamFailure &failure);
    bool retryLater(const UpstreamFailure &failure);
    bool mayRetryAfter(std::chrono::milliseconds delay) const;
    bool retryAfter(std::chrono::milliseconds delay);
    bool retryRebuilt();
    void dropStream();
    ChatError explained(const UpstreamFailure &failure) const;
    void noteAnswer();
    void recordTry(int status, const QString &what);

    Services m_services;
    AccountSnapshot m_account;
    PreparedCallPtr m_call;
    FlowRecord &m_flow;
    Secret m_token;
    UpstreamPlaces m_places;
    QByteArray m_invocationId;
    int m_maxAttempts;
    int m_attempts = 0;
    QElapsedTimer m_attemptClock;
    bool m_hasReconnected = false;
    bool m_hasRefreshed = false;
    bool m_hasAnswered = false; ///< the host sent events
    bool m_isStopped = false;
    std::unique_ptr<ChatStream> m_stream;
};

} // namespace kirotray
