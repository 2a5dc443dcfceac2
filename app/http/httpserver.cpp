// SPDX-License-Identifier: MIT
#include "app/http/httpserver.h"

#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/http/httpconnection.h"

#include <QNetworkProxy>
#include <QPointer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTimer>

#include <algorithm>
#include <vector>

namespace kirotray {

HttpServerLimits::HttpServerLimits()
    : maxConnections(limits::MaxConnections)
    , maxBody(limits::MaxBody)
    , maxBodiesTotal(limits::MaxBodiesTotal)
    , headerTimeout(limits::HeaderTimeout)
    , bodyIdleTimeout(limits::BodyIdleTimeout)
    , keepAliveTimeout(limits::KeepAliveTimeout)
    , stallTimeout(limits::ClientStallTimeout)
{
}

class HttpServer::Private
{
public:
    using Clock = HttpConnection::Clock;

    Private(HttpServer *server, const HttpServerLimits &serverLimits);
    ~Private();

    void accept(QTcpServer *listener);
    void add(std::unique_ptr<QTcpSocket> socket);
    void remove(HttpConnection *connection);
    bool closeOldestIdle();
    void wakeAt(Clock::time_point when);
    void sweep();
    void stop(std::chrono::milliseconds grace);
    void cutAll();
    void reportStopped();
    std::vector<QPointer<HttpConnection>> snapshot() const;

    HttpServer *q;
    std::shared_ptr<HttpServerShared> shared;
    std::vector<std::unique_ptr<QTcpServer>> listeners;
    std::vector<HttpConnection *> connections; ///< owned; deleted later when they have closed
    QTimer sweepTimer; ///< one for all time limits of all connections
    QTimer graceTimer;
    Clock::time_point nextSweep;
    bool isStopReported = true;
};

HttpServer::Private::Private(HttpServer *server, const HttpServerLimits &serverLimits)
    : q(server)
    , shared(std::make_shared<HttpServerShared>())
{
    shared->limits = serverLimits;
    shared->wakeAt = [this](Clock::time_point when) { wakeAt(when); };
    sweepTimer.setSingleShot(true);
    graceTimer.setSingleShot(true);
    QObject::connect(&sweepTimer, &QTimer::timeout, q, [this] { sweep(); });
    QObject::connect(&graceTimer, &QTimer::timeout, q, [this] { cutAll(); });
}

HttpServer::Private::~Private()
{
    shared->wakeAt = [](Clock::time_point) {};
    listeners.clear();
    for (HttpConnection *connection : std::exchange(connections, {}))
        delete connection;
}

void HttpServer::Private::accept(QTcpServer *listener)
{
    while (QTcpSocket *socket = listener->nextPendingConnection())
        add(std::unique_ptr<QTcpSocket>(socket));
}

void HttpServer::Private::add(std::unique_ptr<QTcpSocket> socket)
{
    const auto count = static_cast<int>(connections.size());
    const bool isFull = count >= shared->limits.maxConnections && !closeOldestIdle();
    if (isFull && count >= shared->limits.maxConnections + limits::MaxRefusals)
        return socket->abort();
    auto *connection = new HttpConnection(std::move(socket), shared);
    connection->setParent(q);
    connections.push_back(connection);
    QObject::connect(connection, &HttpConnection::closed, q,
                     [this, connection] { remove(connection); });
    connection->start();
    if (isFull)
        connection->refuse(503, "Too many connections");
}

void HttpServer::Private::remove(HttpConnection *connection)
{
    std::erase(connections, connection);
    connection->deleteLater();
    reportStopped();
}

/// Makes room: a kept-alive connection costs its client no more than a reconnect.
bool HttpServer::Private::closeOldestIdle()
{
    HttpConnection *oldest = nullptr;
    for (HttpConnection *connection : connections) {
        if (connection->isIdle() && (!oldest || connection->idleSince() < oldest->idleSince()))
            oldest = connection;
    }
    if (!oldest)
        return false;
    oldest->cut();
    return true;
}

void HttpServer::Private::wakeAt(Clock::time_point when)
{
    if (sweepTimer.isActive() && nextSweep <= when)
        return;
    nextSweep = when;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now());
    sweepTimer.start(std::max(wait, std::chrono::milliseconds(1)));
}

void HttpServer::Private::sweep()
{
    const QPointer<HttpServer> self(q);
    const Clock::time_point now = Clock::now();
    for (const QPointer<HttpConnection> &connection : snapshot()) {
        if (connection && connection->deadline() <= now)
            connection->onDeadline();
        if (!self)
            return;
    }
    Clock::time_point nearest = Clock::time_point::max();
    for (const HttpConnection *connection : connections)
        nearest = std::min(nearest, connection->deadline());
    if (nearest != Clock::time_point::max())
        wakeAt(nearest);
}

void HttpServer::Private::stop(std::chrono::milliseconds grace)
{
    listeners.clear();
    shared->isStopping = true;
    isStopReported = false;
    graceTimer.start(grace);
    const QPointer<HttpServer> self(q);
    for (const QPointer<HttpConnection> &connection : snapshot()) {
        if (connection)
            connection->stop();
        if (!self)
            return;
    }
    QMetaObject::invokeMethod(
        q, [this] { reportStopped(); }, Qt::QueuedConnection);
}

void HttpServer::Private::cutAll()
{
    const QPointer<HttpServer> self(q);
    for (const QPointer<HttpConnection> &connection : snapshot()) {
        if (connection)
            connection->cut();
        if (!self)
            return;
    }
}

void HttpServer::Private::reportStopped()
{
    if (!shared->isStopping || isStopReported || !connections.empty())
        return;
    isStopReported = true;
    shared->isStopping = false;
    graceTimer.stop();
    sweepTimer.stop();
    emit q->stopped();
}

std::vector<QPointer<HttpConnection>> HttpServer::Private::snapshot() const
{
    return {connections.begin(), connections.end()};
}

HttpServer::HttpServer(HttpServerLimits serverLimits, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, serverLimits))
{
}

HttpServer::~HttpServer() = default;

void HttpServer::setHeadFilter(HeadFilter filter)
{
    d->shared->headFilter = std::move(filter);
}

void HttpServer::setHandler(Handler handler)
{
    d->shared->handler = std::move(handler);
}

void HttpServer::setErrorRenderer(ErrorRenderer renderer)
{
    d->shared->errorRenderer = std::move(renderer);
}

Result<quint16> HttpServer::listen(const QHostAddress &address, quint16 port)
{
    if (d->shared->isStopping)
        return Error {Error::Code::Network, u"The server is stopping"_s};
    auto listener = std::make_unique<QTcpServer>();
    listener->setProxy(QNetworkProxy::NoProxy);
    listener->setListenBacklogSize(limits::ListenBacklog);
    listener->setMaxPendingConnections(limits::ListenBacklog);
    QTcpServer *raw = listener.get();
    connect(raw, &QTcpServer::newConnection, this, [this, raw] { d->accept(raw); });
    // Out of descriptors: QTcpServer pauses by itself and never resumes.
    connect(raw, &QTcpServer::acceptError, raw, [raw] {
        qCWarning(logHttp) << "accept failed reason=" << raw->errorString();
        QTimer::singleShot(limits::AcceptRetry, raw, &QTcpServer::resumeAccepting);
    });
    if (!listener->listen(address, port)) {
        const bool isTaken = listener->serverError() == QAbstractSocket::AddressInUseError;
        return Error {isTaken ? Error::Code::Network : Error::Code::BadInput,
                      listener->errorString()};
    }
    const quint16 bound = listener->serverPort();
    d->listeners.push_back(std::move(listener));
    qCInfo(logHttp) << "listening address=" << address.toString() << "port=" << bound;
    return bound;
}

bool HttpServer::isListening() const
{
    return !d->listeners.empty();
}

void HttpServer::stop(std::chrono::milliseconds grace)
{
    d->stop(grace);
}

int HttpServer::connectionCount() const
{
    return static_cast<int>(d->connections.size());
}

int HttpServer::activeExchanges() const
{
    return d->shared->activeExchanges;
}

} // namespace kirotray
