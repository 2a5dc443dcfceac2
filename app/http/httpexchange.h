// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpmessage.h"

#include <QObject>
#include <QPointer>

namespace kirotray {

class HttpConnection;

/// Signals of one exchange; lives exactly as long as the server side of it.
class HttpExchangeEvents : public QObject
{
    Q_OBJECT
signals:
    /// The client hung up before the answer was complete. Nothing written afterwards arrives.
    void clientGone();
    /// Unsent bytes fell below limits::ClientBacklogLow after they had passed
    /// limits::ClientBacklogHigh.
    void drained();
};

/// The right, and the duty, to answer one request. Move-only. Dropped unanswered: the server
/// answers 500; dropped within a stream: the connection is cut, so that the client sees a failure,
/// never a fake end. After the client has gone every call is a no-op. Server's thread only. No
/// reference to a connection leaves app/http.
class HttpExchange
{
public:
    HttpExchange() = default; ///< answers nothing
    HttpExchange(HttpExchange &&other) noexcept;
    HttpExchange &operator=(HttpExchange &&other) noexcept;
    ~HttpExchange();

    const HttpRequest &request() const;
    /// Moves the request out (its body may be large); request() is empty afterwards.
    HttpRequest takeRequest();

    /// The whole answer. For HEAD the body is counted but not sent.
    void respond(const HttpResponse &response);

    /// Starts an answer of unknown length: chunked on HTTP/1.1, until close on HTTP/1.0.
    void beginStream(int status, const HttpHeaders &headers);
    /// Queues a piece; sent when control returns to the event loop. Never flush (100 times the
    /// CPU).
    void write(QByteArrayView bytes);
    /// The regular end of the stream.
    void end();
    /// Cuts the connection in mid-stream: the client must see that the answer is incomplete.
    void abort();

    bool isOpen() const; ///< the client is there and the answer is not complete
    bool isStreaming() const; ///< beginStream() was called and end() was not
    qint64 unsentBytes() const; ///< compare with limits::ClientBacklogHigh
    /// For connecting to its signals; null once the exchange is over.
    HttpExchangeEvents *events() const;

private:
    friend class HttpConnection;
    HttpExchange(HttpConnection *connection, HttpRequest request);
    void release();

    QPointer<HttpConnection> m_connection;
    HttpRequest m_request;
};

} // namespace kirotray
