// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/keylimits.h"
#include "app/context/summarycache.h"
#include "app/flows/flowbodies.h"
#include "app/flows/flowrecord.h"
#include "app/gateway/adminmessages.h"
#include "app/gateway/answerstore.h"
#include "app/gateway/clientguard.h"
#include "app/gateway/gatewayconfig.h"
#include "app/gateway/replies.h"
#include "app/gateway/routes.h"
#include "app/http/httpexchange.h"

#include <QElapsedTimer>
#include <QObject>
#include <QUrl>

#include <memory>

namespace kirotray {

class AdminRelay;
class GatewayAccounts;
class GatewayModels;
class HttpServer;
class PacedStarts;

/// The proxy: server, guard, routes and the calls in progress. Lives on the gateway thread; talks
/// to the main thread only by queued signals that carry values. Has no parent, since it changes
/// thread.
class Gateway : public QObject
{
    Q_OBJECT
public:
    Gateway();
    ~Gateway() override;

    void start(const kirotray::GatewayConfig &config);
    /// Running requests get limits::StopGrace; stopped() follows.
    void stop();
    void setAccounts(const std::vector<kirotray::AccountSnapshot> &accounts);
    void answerToken(const QString &accountId, const kirotray::Result<kirotray::Secret> &token);
    void setPolicy(const kirotray::GatewayPolicy &policy);
    void restoreAccount(const QString &accountId); ///< see Pool::restore()
    void answerAdmin(quint64 id, const kirotray::AdminReply &reply); ///< unknown ids are ignored

signals:
    /// `skippedPorts` were taken by other programs.
    void listening(const QUrl &baseUrl, const QList<quint16> &skippedPorts);
    void listenFailed(const kirotray::Error &error, quint16 port);
    void stopped();
    void tokenNeeded(const QString &accountId, const kirotray::Secret &rejected);
    void activeRequestsChanged(int count);
    void requestFinished(const kirotray::FlowRecord &flow, const kirotray::FlowBodiesPtr &bodies);
    void accountReported(const kirotray::AccountReport &report);
    void healthChanged(const QString &accountId, const kirotray::AccountHealth &health);
    /// To be answered by answerAdmin() within limits::AdminTimeout.
    void adminRequested(const kirotray::AdminRequest &request);

private:
    std::unique_ptr<HttpServer> makeServer();
    std::optional<HttpResponse> refusalOf(const HttpRequestHead &head) const;
    Result<quint16> listenOn(const QList<QHostAddress> &addresses, quint16 port);
    Result<quint16> listen(const GatewayConfig &config, QList<quint16> &skippedPorts);
    void route(HttpExchange exchange);
    void startCall(const Route &route, HttpExchange exchange);
    void countTokens(const Route &route, HttpExchange exchange);
    void listModels(const Route &route, HttpExchange exchange);
    HttpResponse healthResponse(const ReplyStamp &stamp) const;

    GatewayAccounts *m_accounts; ///< child: moves to the gateway thread with us
    AdminRelay *m_admin; ///< child likewise
    PacedStarts *m_starts; ///< child likewise
    GatewayConfig m_config;
    ClientGuard m_guard;
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<HttpServer> m_server;
    QElapsedTimer m_uptime;
    std::unique_ptr<GatewayModels> m_models;
    AnswerStore m_answers;
    KeyLimits m_keyLimits;
    SummaryCache m_summaries;
    int m_activeCalls = 0;
};

} // namespace kirotray
