// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowrecord.h"
#include "app/gateway/gatewayaccounts.h"
#include "app/gateway/gatewaymodels.h"
#include "app/gateway/preparedcall.h"
#include "app/kiro/chatstream.h"

#include <QObject>

#include <memory>

namespace kirotray {

/// One answer of the upstream, by as many attempts as the reactions of kiro-protocol §3.2 allow,
/// all of them before its first content. After the last event, a Finished, nothing follows; else
/// failed() comes once. Destroying it aborts the upstream. Gateway thread.
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
        ChatStream::Timeouts timeouts;
    };
    /// `call` is built, and built anew where a reaction asks for it; `flow` counts attempts and
    /// notes what was changed, and outlives the turn.
    UpstreamTurn(Services services, const AccountSnapshot &account, PreparedCallPtr call,
                 FlowRecord &flow, QObject *parent);
    ~UpstreamTurn() override;

    void start();
    void stop(); ///< aborts; nothing is emitted or touched any more
    void pause(); ///< the client is slow
    void resume();
    bool hasContent() const; ///< something was emitted: no attempt will follow
    /// What this turn taught about the host, to be kept when its answer was whole.
    void keepWhatWasLearnt();

signals:
    /// The events of one arrival, in order. Direct connections only: the vector is reused.
    void events(const std::vector<ChatEvent> &events);
    void failed(const kirotray::ChatError &error);

private:
    void requestToken(const Secret &rejected);
    void startAttempt();
    void onEvents(const std::vector<ChatEvent> &events);
    void onFailed(const UpstreamFailure &failure);
    /// True when another attempt has been arranged.
    bool retry(const UpstreamFailure &failure);
    bool retryAfter(std::chrono::milliseconds delay);
    bool retryRebuilt();
    void dropStream();
    ChatError explained(const UpstreamFailure &failure) const;

    Services m_services;
    AccountSnapshot m_account;
    PreparedCallPtr m_call;
    FlowRecord &m_flow;
    Secret m_token;
    QStringList m_hosts; ///< base URLs in the order to try
    qsizetype m_host = 0;
    QByteArray m_invocationId;
    int m_attempts = 0;
    bool m_hasRefreshed = false;
    bool m_hasAnswered = false; ///< the host sent events
    bool m_isStopped = false;
    std::unique_ptr<ChatStream> m_stream;
};

} // namespace kirotray
