// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/http/httpexchange.h"

#include <QHostAddress>
#include <QObject>

#include <chrono>
#include <functional>
#include <memory>

class QTcpServer;

namespace kirotray {

/// What differs between the gateway and a test.
struct HttpServerLimits
{
    int maxConnections;
    qsizetype maxBody;
    qsizetype maxBodiesTotal; ///< bodies received and not yet being answered, of all connections
    std::chrono::milliseconds headerTimeout;
    std::chrono::milliseconds bodyIdleTimeout;
    std::chrono::milliseconds keepAliveTimeout;
    std::chrono::milliseconds stallTimeout;
    HttpServerLimits(); ///< the values of limits.h
};

/// HTTP/1.1 server on QTcpServer with llhttp (RFC 9112). Lives on the thread that created it.
///
/// Refuses what is ambiguous: two lengths, length with chunked, bare LF, obsolete folding, unknown
/// transfer codings (400). Keep-alive; pipelined requests wait for the one in flight. Request
/// bodies in gzip, deflate or zstd are decoded within maxBody, other codings get 415. Errors that
/// the server finds itself are rendered by the error renderer, so that they come in the client
/// API's own envelope.
class HttpServer : public QObject
{
    Q_OBJECT
public:
    /// Called when a header is complete and before its body (and a 100 Continue) is asked for.
    /// A response refuses the request; the connection is closed after it when a body was announced.
    using HeadFilter = std::function<std::optional<HttpResponse>(const HttpRequestHead &)>;
    using Handler = std::function<void(HttpExchange)>;
    /// Renders 400, 408, 413, 414, 415, 417, 431, 500, 503. `head` may be incomplete (path empty)
    /// for a bad header.
    using ErrorRenderer = std::function<HttpResponse(const HttpRequestHead &head, int status,
                                                     const QByteArray &message)>;

    explicit HttpServer(HttpServerLimits serverLimits = {}, QObject *parent = nullptr);
    ~HttpServer() override;

    void setHeadFilter(HeadFilter filter);
    void setHandler(Handler handler);
    void setErrorRenderer(ErrorRenderer renderer);

    /// May be called for several addresses (127.0.0.1 and ::1 with the same port). Port 0: any free
    /// one. The value is the port that listens. Error::Network: the port is taken; Error::BadInput:
    /// not an address of this machine, or not allowed. Both with Qt's text.
    Result<quint16> listen(const QHostAddress &address, quint16 port);
    bool isListening() const;
    /// Stops accepting and closes idle connections; running exchanges go on. stopped() follows when
    /// the last one has ended or after `grace`, when the rest is cut.
    void stop(std::chrono::milliseconds grace);
    int connectionCount() const;
    int activeExchanges() const; ///< requests that are not answered completely

signals:
    void stopped();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
