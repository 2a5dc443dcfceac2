// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpoutput.h"
#include "app/http/httprequestreader.h"

#include <QObject>

#include <memory>

class QTcpSocket;

namespace kirotray {

/// One client socket, from accept to close. One request at a time: while one is being answered
/// nothing is read from the socket, whose buffer (limits::MaxPipelined) and the kernel's keep what
/// comes. As long as that buffer has room a client that hangs up is noticed at once.
class HttpConnection final : public QObject
{
    Q_OBJECT
public:
    using Clock = HttpOutput::Clock;

    HttpConnection(std::unique_ptr<QTcpSocket> socket, std::shared_ptr<HttpServerShared> shared);
    ~HttpConnection() override;

    void start();
    /// Answers with an error before the request is complete, and closes.
    void refuse(int status, const QByteArray &message);
    /// The server stops: no request after the one in flight.
    void stop();
    /// Closes at once; a client that waits sees an incomplete answer. Tells the exchange.
    void cut();

    /// Between two requests and everything sent.
    bool isIdle() const { return m_state == State::Idle && unsentBytes() == 0; }
    Clock::time_point idleSince() const { return m_idleSince; }
    /// When onDeadline() wants to be called; time_point::max() for never.
    Clock::time_point deadline() const;
    void onDeadline();

    // The exchange in flight; see HttpExchange.
    void respond(const HttpResponse &response);
    void beginStream(int status, const HttpHeaders &headers);
    void write(QByteArrayView bytes);
    void end();
    void abort();
    void drop(); ///< the exchange was destroyed
    bool isStreaming() const { return m_state == State::Streaming; }
    bool isOpen() const { return m_state == State::Answering || m_state == State::Streaming; }
    qint64 unsentBytes() const { return m_output.unsentBytes(); }
    HttpExchangeEvents *events();

signals:
    /// Once; the connection does nothing any more and may be deleted later.
    void closed();

private:
    enum class State {
        Idle, ///< waits for a request
        Head, ///< has a part of one
        Body,
        Dispatching, ///< has a request, the handler will be called by the event loop
        Answering, ///< the exchange exists
        Streaming,
        Lingering, ///< answered too early: discards input, so that the answer is not lost by a
                   ///< reset
        Closing, ///< sends what is left
        Closed,
    };

    bool wantsInput() const;
    void readSocket();
    void readSoon();
    void consume(QByteArrayView bytes);
    void discardInput();
    void takeRequest();
    void dispatch();
    void sendRefusal(); ///< an answer while the request is being read

    void sendWhole(const HttpResponse &response);
    void finishAnswer();
    void becomeIdle();
    void closeSoon();
    void linger();
    void setActive(bool active);
    void setDeadline(std::chrono::milliseconds wait);
    void noteOutput();
    void onBytesWritten();
    void onDisconnected();

    std::unique_ptr<QTcpSocket> m_socket;
    std::shared_ptr<HttpServerShared> m_shared;
    QHostAddress m_peer;
    HttpOutput m_output;
    HttpRequestReader m_reader;
    State m_state = State::Idle;
    QByteArray m_pending; ///< read behind the end of the request in flight
    bool m_isReadQueued = false;
    bool m_isActive = false; ///< counted in HttpServerShared::activeExchanges
    bool m_mustLinger = false; ///< the request was refused with bytes unread

    // The answer at hand.
    HttpRequestHead m_head; ///< method and target, for an error that is found late
    HttpFraming m_framing;
    bool m_isChunked = false;
    bool m_isBodyless = false;
    bool m_isBacklogged = false; ///< passed limits::ClientBacklogHigh, drained() is due
    std::unique_ptr<HttpExchangeEvents> m_events;

    Clock::time_point m_deadline = Clock::time_point::max(); ///< for input, idleness or lingering
    Clock::time_point m_lingerEnd;
    Clock::time_point m_idleSince;
};

} // namespace kirotray
