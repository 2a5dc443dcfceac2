// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowrecord.h"
#include "app/gateway/answerdelivery.h"
#include "app/gateway/answerfilters.h"
#include "app/gateway/answerturns.h"
#include "app/gateway/callaccount.h"
#include "app/gateway/callcontext.h"
#include "app/gateway/callpreparation.h"
#include "app/gateway/clientguard.h"
#include "app/gateway/flowcapture.h"
#include "app/gateway/gatewayaccounts.h"
#include "app/gateway/preparedcall.h"
#include "app/gateway/routes.h"
#include "app/http/httpexchange.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <memory>

namespace kirotray {

class AnswerStore;
class KeyLimits;

/// One request of a chat API from its body to the last byte of the answer (design §5): decodes,
/// completes and builds it, asks the upstream in one or more turns, and delivers what comes. Aborts
/// the upstream when the client goes and pauses it when the client is slow. Emits finished() once.
/// Gateway thread.
class ChatCall : public QObject
{
    Q_OBJECT
public:
    /// All of them outlive the call.
    struct Services
    {
        HttpClient &http;
        GatewayAccounts &accounts;
        GatewayModels &models;
        AnswerStore &answers;
        const GatewayConfig &config;
        const ClientGuard &guard;
        PacedStarts &starts;
        KeyLimits &keyLimits;
        SummaryCache &summaries;
    };
    ChatCall(Services services, const Route &route, HttpExchange exchange, QObject *parent);
    ~ChatCall() override;

    void start();
    FlowBodiesPtr takeBodies(); ///< once, after finished(); null: they are not recorded

signals:
    void finished(const kirotray::FlowRecord &flow);

private:
    void noteCaller(const HttpRequestHead &head);
    void onDecoded(std::variant<ChatRequest, ChatError> decoded);
    std::optional<ChatError> overLimit(); ///< of the client's key; else the request counts
    void fetchImages();
    void choose();
    void prepareSearch();
    void build();
    void onBuilt(const std::optional<ChatError> &refusal);
    UpstreamTurn::Services upstream() const;
    void startTurns();
    void stamp(); ///< what the answer's header says of account and model
    bool hidesThoughts() const;

    void onEvents(const std::vector<ChatEvent> &events);
    void deliver(const ChatEvent &event);
    void flush();
    void ping();
    void releaseRequest();
    void conclude(const Finished &end);
    void storeAnswer();
    void fail(const ChatError &error);
    void finish(int status, const QString &outcome);

    Services m_services;
    DialectId m_dialectId;
    const Dialect &m_dialect;
    CallTarget m_target;
    bool m_isBuffered;
    HttpExchange m_exchange;
    ReplyStamp m_stamp;
    std::string m_sessionHeader; ///< the client's session, where a header names it
    FlowRecord m_flow;
    FlowCapturePtr m_capture; ///< null: bodies are not recorded
    QElapsedTimer m_clock;

    PreparedCallPtr m_call = std::make_shared<PreparedCall>();
    std::string m_answerId;
    bool m_hasInherited = false; ///< messages of an earlier answer stand before the client's own
    std::vector<Message> m_ownMessages; ///< the client's own, to be stored with the answer
    CallPreparation m_preparation;
    CallAccount m_account;
    std::unique_ptr<CallContext> m_context;
    QString m_askedAccount; ///< by an administrator's header; empty: the pool chooses
    std::unique_ptr<SearchRounds> m_search; ///< until the turns take it
    std::unique_ptr<AnswerTurns> m_turns;
    std::unique_ptr<AnswerFilters> m_filters;
    std::vector<ChatEvent> m_filtered; ///< reused
    std::unique_ptr<AnswerDelivery> m_delivery;
    QTimer m_pingTimer;
    bool m_isAdmitted = false; ///< by the limits of its key
    bool m_isOver = false;
};

} // namespace kirotray
