// SPDX-License-Identifier: MIT
#include "app/gateway/gateway.h"

#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/gateway/adminrelay.h"
#include "app/gateway/chatcall.h"
#include "app/gateway/gatewayaccounts.h"
#include "app/gateway/gatewaymodels.h"
#include "app/gateway/listenaddresses.h"
#include "app/gateway/modelreplies.h"
#include "app/gateway/pacedstarts.h"
#include "app/gateway/poolwork.h"
#include "app/gateway/storedreplies.h"
#include "app/http/httpserver.h"

#include <QHostAddress>
#include <QThread>
#include <QTimer>

#include <algorithm>

namespace kirotray {

namespace {

ChatError::Kind kindOfStatus(int status)
{
    switch (status) {
    case 413:
        return ChatError::Kind::RequestTooLarge;
    case 415:
        return ChatError::Kind::UnsupportedMedia;
    case 503:
        return ChatError::Kind::Overloaded;
    default:
        return status >= 500 ? ChatError::Kind::Internal : ChatError::Kind::InvalidRequest;
    }
}

/// The server's own refusals keep their status, in the envelope of the API that was called.
HttpResponse renderServerError(const HttpRequestHead &head, int status, const QByteArray &message)
{
    const ChatError error {kindOfStatus(status), message.toStdString(), "", {}};
    HttpResponse response = errorResponse(dialect(routeOf(head).dialect), error, stampFor(head));
    response.status = status;
    return response;
}

HttpResponse refusal(const Route &route, const HttpRequestHead &head, const ReplyStamp &stamp)
{
    const std::string what = head.method.toStdString() + ' ' + head.path.toStdString();
    if (route.kind == Route::Kind::MethodNotAllowed) {
        HttpResponse response =
            errorResponse(dialect(route.dialect),
                          {ChatError::Kind::MethodNotAllowed,
                           what + " is not allowed; use " + route.allow.toStdString(),
                           "",
                           {}},
                          stamp);
        response.headers.append("allow", route.allow);
        return response;
    }
    if (route.kind == Route::Kind::NoUpgrade) {
        HttpResponse response = errorResponse(dialect(route.dialect),
                                              {ChatError::Kind::InvalidRequest,
                                               "WebSockets are not spoken here; send POST requests",
                                               "",
                                               {}},
                                              stamp);
        response.status = 426; // the one at which Codex goes over to POST at once
        response.headers.append("upgrade", "HTTP/1.1");
        return response;
    }
    return errorResponse(dialect(route.dialect),
                         {ChatError::Kind::NotFound,
                          "there is no " + what
                              + "; this server has /v1/messages, /v1/chat/completions, "
                                "/v1/responses, /v1beta/models/{model}:generateContent, "
                                "/v1/models and /health",
                          "",
                          {}},
                         stamp);
}

/// What a user who wonders about an answer can find in the log; no message text is in it.
QString changesText(const QStringList &changes)
{
    constexpr qsizetype MaxShown = 2000; // characters: a log line has room for them
    if (changes.isEmpty())
        return {};
    return u"changes=\""_s + changes.join(u"; ").simplified().left(MaxShown) + u'"';
}

ClientGuard::Access accessOf(Route::Kind kind)
{
    switch (kind) {
    case Route::Kind::Health:
    case Route::Kind::Preflight:
        return ClientGuard::Access::Open;
    case Route::Kind::RemoteLogin: // its path holds a one-time secret
        return ClientGuard::Access::Link;
    case Route::Kind::Admin:
        return ClientGuard::Access::Admin;
    default:
        return ClientGuard::Access::Client;
    }
}

} // namespace

Gateway::Gateway()
    : m_accounts(new GatewayAccounts(this))
    , m_admin(new AdminRelay(this))
    , m_starts(new PacedStarts(this))
{
    connect(m_admin, &AdminRelay::requested, this, &Gateway::adminRequested);
    connect(m_accounts, &GatewayAccounts::tokenNeeded, this, &Gateway::tokenNeeded);
    connect(m_accounts, &GatewayAccounts::reported, this, &Gateway::accountReported);
    connect(m_accounts, &GatewayAccounts::healthChanged, this, &Gateway::healthChanged);
}

/// Calls give their account back: they go before what they use.
Gateway::~Gateway()
{
    qDeleteAll(findChildren<ChatCall *>(Qt::FindDirectChildrenOnly));
}

void Gateway::start(const GatewayConfig &config)
{
    Q_ASSERT(thread() == QThread::currentThread());
    m_config = config;
    m_guard = {config.apiKey, config.host.toLatin1(), config.policy.keys, config.adminToken};
    setPolicy(config.policy);
    if (!m_http)
        m_http = std::make_unique<HttpClient>();
    m_models = std::make_unique<GatewayModels>(*m_http, config.tables);
    m_models->setAccounts(m_accounts->all());
    QList<quint16> skippedPorts;
    const Result<quint16> port = listen(config, skippedPorts);
    if (!port) {
        m_server.reset();
        emit listenFailed(port.error(), config.port);
        return;
    }
    m_uptime.start();
    emit listening(baseUrlOf(config.host, port.value()), skippedPorts);
}

std::unique_ptr<HttpServer> Gateway::makeServer()
{
    auto server = std::make_unique<HttpServer>();
    server->setErrorRenderer(renderServerError);
    server->setHeadFilter([this](const HttpRequestHead &head) { return refusalOf(head); });
    server->setHandler([this](HttpExchange exchange) { route(std::move(exchange)); });
    connect(server.get(), &HttpServer::stopped, this, &Gateway::stopped);
    return server;
}

std::optional<HttpResponse> Gateway::refusalOf(const HttpRequestHead &head) const
{
    const Route target = routeOf(head);
    const std::optional<ChatError> refused = m_guard.check(head, accessOf(target.kind));
    if (!refused)
        return std::nullopt;
    const QByteArray path =
        target.kind == Route::Kind::RemoteLogin ? QByteArray("/login/...") : head.path;
    qCInfo(logGateway).noquote() << u"request refused path="_s + QString::fromLatin1(path)
                                 << u"why="_s + QString::fromStdString(refused->message);
    return errorResponse(dialect(target.dialect), *refused, stampFor(head));
}

Result<quint16> Gateway::listen(const GatewayConfig &config, QList<quint16> &skippedPorts)
{
    const QList<QHostAddress> addresses = addressesOf(config.host);
    if (addresses.first().isNull())
        return Error {Error::Code::BadInput, u"expected an IP address or localhost"_s};
    Result<quint16> bound = Error {Error::Code::Network, u"no port was tried"_s};
    for (int i = 0; i < config.portTries && config.port + i <= 65535; ++i) {
        const auto port = static_cast<quint16>(config.port + i);
        bound = listenOn(addresses, port);
        if (bound || bound.error().code != Error::Code::Network)
            break;
        skippedPorts.append(port);
    }
    return bound;
}

/// All of the addresses or none: a stranger who holds [::1] at our port would get the keys of
/// clients that connect to "localhost". A machine without IPv6 still serves 127.0.0.1.
Result<quint16> Gateway::listenOn(const QList<QHostAddress> &addresses, quint16 port)
{
    m_server = makeServer();
    Result<quint16> first = m_server->listen(addresses.first(), port);
    if (!first || addresses.size() == 1)
        return first;
    Result<quint16> second = m_server->listen(addresses.last(), first.value());
    if (!second && second.error().code == Error::Code::Network)
        return second;
    if (!second)
        qCInfo(logGateway).noquote() << u"no IPv6 loopback reason="_s + second.error().what;
    return first;
}

void Gateway::stop()
{
    Q_ASSERT(thread() == QThread::currentThread());
    if (m_server)
        m_server->stop(limits::StopGrace);
    else
        emit stopped();
}

void Gateway::setAccounts(const std::vector<AccountSnapshot> &accounts)
{
    for (const AccountSnapshot &before : m_accounts->all()) {
        const QString &id = before.identity.accountId;
        const auto stays = [&id](const AccountSnapshot &one) {
            return one.identity.accountId == id;
        };
        if (std::none_of(accounts.begin(), accounts.end(), stays))
            m_starts->forget(id);
    }
    m_accounts->setAccounts(accounts);
    if (m_models)
        m_models->setAccounts(accounts);
}

void Gateway::answerToken(const QString &accountId, const Result<Secret> &token)
{
    m_accounts->resolve(accountId, token);
}

void Gateway::setPolicy(const GatewayPolicy &policy)
{
    m_config.policy = policy;
    if (!policy.context.cachesSummaries)
        m_summaries.clear();
    m_guard.keys = policy.keys;
    m_accounts->setPool(policy.pool);
    m_starts->setSettings(policy.pacing);
    std::vector<ClientKey> keys;
    for (const ClientKeySecret &one : policy.keys)
        keys.push_back(one.key);
    m_keyLimits.setKeys(keys, QDateTime::currentDateTimeUtc());
}

void Gateway::answerAdmin(quint64 id, const AdminReply &reply)
{
    m_admin->answer(id, reply);
}

void Gateway::restoreAccount(const QString &accountId)
{
    m_accounts->restore(accountId);
}

void Gateway::route(HttpExchange exchange)
{
    const HttpRequestHead &head = exchange.request().head;
    const Route target = routeOf(head);
    const ReplyStamp stamp = stampFor(head);
    switch (target.kind) {
    case Route::Kind::Chat:
        startCall(target, std::move(exchange));
        return;
    case Route::Kind::CountTokens:
        countTokens(target, std::move(exchange));
        return;
    case Route::Kind::Models:
    case Route::Kind::Model:
        listModels(target, std::move(exchange));
        return;
    case Route::Kind::StoredAnswer:
    case Route::Kind::StoredInput:
        exchange.respond(storedReply(m_answers, target, head, stamp));
        return;
    case Route::Kind::Admin:
        m_admin->take(AdminRequest::Kind::Admin, std::move(exchange), stamp);
        return;
    case Route::Kind::Usage:
        m_admin->take(AdminRequest::Kind::Usage, std::move(exchange), stamp);
        return;
    case Route::Kind::RemoteLogin:
        m_admin->take(AdminRequest::Kind::RemoteLogin, std::move(exchange), stamp);
        return;
    case Route::Kind::Acknowledge:
        exchange.respond(jsonResponse(200, "{}", stamp));
        return;
    case Route::Kind::Health:
    case Route::Kind::Home:
        exchange.respond(healthResponse(stamp));
        return;
    case Route::Kind::Preflight:
        exchange.respond(preflightResponse(head, target.allow));
        return;
    case Route::Kind::NoUpgrade:
    case Route::Kind::NotFound:
    case Route::Kind::MethodNotAllowed:
        exchange.respond(refusal(target, head, stamp));
        return;
    }
}

void Gateway::startCall(const Route &target, HttpExchange exchange)
{
    auto *call = new ChatCall({*m_http, *m_accounts, *m_models, m_answers, m_config, m_guard,
                               *m_starts, m_keyLimits, m_summaries},
                              target, std::move(exchange), this);
    connect(call, &ChatCall::finished, this, [this, call](const FlowRecord &flow) {
        qCInfo(logGateway).noquote()
            << u"request done call="_s + flow.id << u"route="_s + flow.route
            << u"model="_s + flow.modelUsed << "status=" << flow.status << "ms=" << flow.totalMs
            << "first=" << flow.firstByteMs << "in=" << flow.inputTokens
            << "out=" << flow.outputTokens << "attempts=" << flow.attempts
            << u"outcome="_s + flow.outcome << changesText(flow.changes);
        call->deleteLater();
        emit activeRequestsChanged(--m_activeCalls);
        emit requestFinished(flow, call->takeBodies());
    });
    emit activeRequestsChanged(++m_activeCalls);
    call->start();
}

void Gateway::countTokens(const Route &target, HttpExchange exchange)
{
    using Count = std::variant<qint64, ChatError>;
    const Dialect &api = dialect(target.dialect);
    const ReplyStamp stamp = stampFor(exchange.request().head);
    auto body = std::make_shared<std::string>(exchange.takeRequest().body);
    auto answer = std::make_shared<HttpExchange>(std::move(exchange));
    const auto reply = [&api, stamp, answer](const Count &count) {
        if (const auto *tokens = std::get_if<qint64>(&count))
            answer->respond(jsonResponse(200, api.encodeTokenCount(*tokens), stamp));
        else
            answer->respond(errorResponse(api, std::get<ChatError>(count), stamp));
    };
    const auto count = [&api, body, url = target.target] {
        return kirotray::countTokens(std::move(*body), api, url);
    };
    // Reading the vocabulary alone takes ten milliseconds.
    runOnPool<Count>(this, count, reply);
}

void Gateway::listModels(const Route &target, HttpExchange exchange)
{
    const ReplyStamp stamp = stampFor(exchange.request().head);
    auto answer = std::make_shared<HttpExchange>(std::move(exchange));
    const std::optional<AccountSnapshot> first = m_accounts->firstUsable();
    const QString id = first ? first->identity.accountId : QString();
    const auto reply = [this, answer, target, stamp, id] {
        if (answer->isOpen())
            answer->respond(modelsReply(target, *m_config.tables, m_models->offered(id),
                                        m_config.thinkingSuffix, stamp));
    };
    if (!first || !m_models->wantsRefresh(id)) {
        reply();
        return;
    }
    // The client waits no longer than this, whatever the keychain or the network do.
    QTimer::singleShot(limits::ModelListWait, this, reply);
    m_accounts->token(id, {}, this, [this, account = *first, reply](const Result<Secret> &token) {
        if (token)
            m_models->refresh(account, token.value(), m_config.proxy);
        m_models->whenListed(account.identity.accountId, this, reply);
    });
}

HttpResponse Gateway::healthResponse(const ReplyStamp &stamp) const
{
    std::string body;
    JsonWriter json(body);
    json.beginObject()
        .member("status", "ok")
        .member("name", "kirotray")
        .member("version", KIROTRAY_VERSION)
        .memberInteger("uptime_seconds", m_uptime.elapsed() / 1000)
        .memberInteger("active_requests", m_activeCalls)
        .endObject();
    return jsonResponse(200, body, stamp);
}

} // namespace kirotray
