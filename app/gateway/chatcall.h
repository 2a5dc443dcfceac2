// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/stopsequencefilter.h"
#include "app/flows/flowrecord.h"
#include "app/gateway/gatewayaccounts.h"
#include "app/gateway/preparedcall.h"
#include "app/gateway/replies.h"
#include "app/http/httpexchange.h"
#include "app/kiro/chatstream.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <memory>

namespace kirotray {

/// One request of a chat API from its body to the last byte of the answer (design §5). Retries only
/// before the first content byte, by the reactions of kiro-protocol §3.2; aborts the upstream when
/// the client goes and pauses it when the client is slow. Emits finished() once. Gateway thread.
class ChatCall : public QObject
{
    Q_OBJECT
public:
    struct Services
    {
        HttpClient &http;
        GatewayAccounts &accounts;
        KiroTablesPtr tables;
        ProxyChoice proxy;
        CallTiming timing;
    };
    ChatCall(Services services, const Dialect &dialect, HttpExchange exchange, QObject *parent);
    ~ChatCall() override;

    void start();

signals:
    void finished(const kirotray::FlowRecord &flow);

private:
    void onPrepared(std::variant<PreparedCall, ChatError> prepared);
    void requestToken(const Secret &rejected);
    void startAttempt();
    void onEvents(const std::vector<ChatEvent> &events);
    void onFailed(const UpstreamFailure &failure);
    /// True when another attempt has been arranged.
    bool retry(const UpstreamFailure &failure);
    bool retryAfter(std::chrono::milliseconds delay);
    bool retryRebuilt();
    void dropStream();

    void deliver(const ChatEvent &event);
    void deliverStreamed(const ChatEvent &event);
    void beginStream();
    void releaseRequest();
    void flush();
    void ping();
    void fail(const ChatError &error);
    void conclude(const Finished &end);
    void finish(int status, const QString &outcome);

    Services m_services;
    const Dialect &m_dialect;
    HttpExchange m_exchange;
    ReplyStamp m_stamp;
    FlowRecord m_flow;
    QElapsedTimer m_clock;

    PreparedCall m_call;
    AnswerContext m_context;
    std::optional<GatewayAccounts::Pick> m_pick;
    Secret m_token;
    QStringList m_hosts; ///< base URLs in the order to try
    qsizetype m_host = 0;
    QByteArray m_invocationId;
    bool m_hasRefreshed = false;
    std::unique_ptr<ChatStream> m_stream;

    std::unique_ptr<StreamEncoder> m_encoder; ///< set once the stream has begun
    std::unique_ptr<StopSequenceFilter> m_stopFilter; ///< only when the client gave sequences
    ChatAssembler m_assembler; ///< for a client that did not ask for a stream
    std::vector<ChatEvent> m_filtered; ///< reused
    std::string m_out; ///< encoded and not yet handed to the exchange
    QTimer m_pingTimer;
    bool m_wroteSinceTick = false;
    bool m_isOver = false;
};

} // namespace kirotray
