// SPDX-License-Identifier: MIT
#include "app/http/httpconnection.h"

#include "app/base/limits.h"
#include "app/base/log.h"

#include <QPointer>
#include <QTcpSocket>

#include <algorithm>
#include <array>

namespace kirotray {

HttpConnection::HttpConnection(std::unique_ptr<QTcpSocket> socket,
                               std::shared_ptr<HttpServerShared> shared)
    : m_socket(std::move(socket))
    , m_shared(std::move(shared))
    , m_peer(m_socket->peerAddress())
    , m_output(*m_socket, m_shared->limits.stallTimeout)
    , m_reader(m_shared)
{
    m_socket->setParent(nullptr);
    m_socket->setReadBufferSize(limits::MaxPipelined);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    connect(m_socket.get(), &QTcpSocket::readyRead, this, &HttpConnection::readSocket);
    connect(m_socket.get(), &QTcpSocket::bytesWritten, this, &HttpConnection::onBytesWritten);
    connect(m_socket.get(), &QTcpSocket::disconnected, this, &HttpConnection::onDisconnected);
}

HttpConnection::~HttpConnection()
{
    m_socket->disconnect(this);
    m_state = State::Closed;
    setActive(false);
}

void HttpConnection::start()
{
    becomeIdle();
    if (m_socket->state() != QAbstractSocket::ConnectedState)
        QMetaObject::invokeMethod(this, &HttpConnection::onDisconnected, Qt::QueuedConnection);
}

void HttpConnection::stop()
{
    if (m_state == State::Idle)
        closeSoon();
    else if (m_state == State::Head || m_state == State::Body)
        refuse(503, "The server is stopping");
}

void HttpConnection::cut()
{
    if (m_state == State::Closed)
        return;
    const QPointer<HttpConnection> self(this);
    m_socket->abort(); // reports disconnected() when it was connected
    if (self)
        onDisconnected();
}

// --- Input --------------------------------------------------------------------------------------

bool HttpConnection::wantsInput() const
{
    switch (m_state) {
    case State::Idle: // a client that does not read its answers gets no further ones
        return unsentBytes() <= limits::ClientBacklogHigh;
    case State::Head:
    case State::Body:
        return true;
    case State::Dispatching:
    case State::Answering:
    case State::Streaming:
    case State::Lingering:
    case State::Closing:
    case State::Closed:
        return false;
    }
    return false;
}

void HttpConnection::readSocket()
{
    m_isReadQueued = false;
    if (m_state == State::Lingering || m_state == State::Closing)
        return discardInput();
    if (wantsInput() && !m_pending.isEmpty()) {
        const QByteArray pending = std::exchange(m_pending, {});
        consume(pending);
    }
    std::array<char, limits::SocketPiece> piece;
    while (wantsInput()) {
        const qint64 size = m_socket->read(piece.data(), piece.size());
        if (size <= 0)
            break;
        consume(QByteArrayView(piece.data(), size));
    }
    if (m_state == State::Idle && !m_reader.isIdle()) {
        m_state = State::Head;
        setDeadline(m_shared->limits.headerTimeout);
    } else if (m_state == State::Body) {
        setDeadline(m_shared->limits.bodyIdleTimeout);
    }
}

void HttpConnection::readSoon()
{
    if (std::exchange(m_isReadQueued, true))
        return;
    QMetaObject::invokeMethod(this, &HttpConnection::readSocket, Qt::QueuedConnection);
}

void HttpConnection::consume(QByteArrayView bytes)
{
    while (wantsInput()) {
        switch (m_reader.next(bytes, m_peer)) {
        case HttpRequestReader::Event::NeedMore:
            return;
        case HttpRequestReader::Event::Head:
            m_state = State::Body;
            if (m_reader.wantsContinue())
                m_output.buffer().append("HTTP/1.1 100 Continue\r\n\r\n");
            break;
        case HttpRequestReader::Event::Body:
            break;
        case HttpRequestReader::Event::Request:
            takeRequest();
            break;
        case HttpRequestReader::Event::Refused:
            sendRefusal();
            break;
        }
    }
    if (m_state != State::Lingering)
        m_pending = bytes.toByteArray();
}

void HttpConnection::discardInput()
{
    m_pending.clear();
    std::array<char, limits::SocketPiece> piece;
    while (m_socket->read(piece.data(), piece.size()) > 0) { }
    if (m_state != State::Lingering)
        return;
    setDeadline(limits::LingerQuiet);
    m_deadline = std::min(m_deadline, m_lingerEnd);
}

void HttpConnection::takeRequest()
{
    m_state = State::Dispatching;
    m_deadline = Clock::time_point::max();
    setActive(true);
    QMetaObject::invokeMethod(this, &HttpConnection::dispatch, Qt::QueuedConnection);
}

void HttpConnection::dispatch()
{
    if (m_state != State::Dispatching)
        return;
    m_state = State::Answering;
    m_framing = m_reader.framing();
    HttpExchange exchange(this, m_reader.takeRequest());
    m_head.method = exchange.request().head.method;
    m_head.path = exchange.request().head.path;
    m_head.query = exchange.request().head.query;
    const std::shared_ptr<HttpServerShared> shared = m_shared;
    if (shared->handler)
        shared->handler(std::move(exchange));
}

void HttpConnection::sendRefusal()
{
    qCDebug(logHttp) << "refused status=" << m_reader.refusal().status;
    m_framing = m_reader.framing();
    m_mustLinger = !m_framing.keepAlive;
    sendWhole(m_reader.refusal());
}

void HttpConnection::refuse(int status, const QByteArray &message)
{
    m_reader.refuse(status, message);
    sendRefusal();
}

// --- Output -------------------------------------------------------------------------------------

void HttpConnection::respond(const HttpResponse &response)
{
    if (m_state == State::Answering)
        sendWhole(response);
}

void HttpConnection::drop()
{
    if (m_state == State::Answering)
        sendWhole(m_shared->renderError(m_head, 500, "The request was not answered"));
    else
        abort();
}

void HttpConnection::sendWhole(const HttpResponse &response)
{
    m_framing.keepAlive = m_framing.keepAlive && !m_shared->isStopping;
    m_framing.contentLength = response.body.size();
    QByteArray &out = m_output.buffer();
    appendAnswerHead(out, response.status, response.headers, m_framing);
    if (!m_framing.isHead && statusHasBody(response.status))
        out.append(response.body);
    noteOutput();
    finishAnswer();
}

void HttpConnection::beginStream(int status, const HttpHeaders &headers)
{
    if (m_state != State::Answering)
        return;
    m_state = State::Streaming;
    m_reader.releaseBody();
    m_framing.contentLength.reset();
    m_isChunked = isChunkedStream(status, m_framing);
    m_isBodyless = m_framing.isHead || !statusHasBody(status);
    const bool endsWithConnection = !m_isChunked && !m_isBodyless;
    m_framing.keepAlive = m_framing.keepAlive && !m_shared->isStopping && !endsWithConnection;
    appendAnswerHead(m_output.buffer(), status, headers, m_framing);
    noteOutput();
}

void HttpConnection::write(QByteArrayView bytes)
{
    if (m_state != State::Streaming || m_isBodyless || bytes.isEmpty())
        return;
    if (m_isChunked)
        appendChunk(m_output.buffer(), bytes);
    else
        m_output.buffer().append(bytes);
    noteOutput();
}

void HttpConnection::end()
{
    if (m_state != State::Streaming)
        return;
    if (m_isChunked && !m_isBodyless)
        appendLastChunk(m_output.buffer());
    noteOutput();
    finishAnswer();
}

void HttpConnection::abort()
{
    if (!isOpen())
        return;
    m_framing.keepAlive = false; // what was written is sent, the end of the answer is not
    finishAnswer();
}

HttpExchangeEvents *HttpConnection::events()
{
    if (!isOpen())
        return nullptr;
    if (!m_events)
        m_events = std::make_unique<HttpExchangeEvents>();
    return m_events.get();
}

void HttpConnection::finishAnswer()
{
    if (m_events)
        m_events.release()->deleteLater(); // the answer may end within one of its signals
    setActive(false);
    m_reader.reset();
    m_isBacklogged = false;
    m_head = {};
    if (m_framing.keepAlive && !m_shared->isStopping)
        becomeIdle();
    else if (m_mustLinger)
        linger();
    else
        closeSoon();
}

void HttpConnection::becomeIdle()
{
    m_state = State::Idle;
    m_idleSince = Clock::now();
    setDeadline(m_shared->limits.keepAliveTimeout);
    if (!m_pending.isEmpty() || m_socket->bytesAvailable() > 0)
        readSoon();
}

void HttpConnection::closeSoon()
{
    m_state = State::Closing;
    m_deadline = Clock::time_point::max();
    m_output.closeWhenSent();
    noteOutput();
}

void HttpConnection::linger()
{
    m_state = State::Lingering;
    m_lingerEnd = Clock::now() + limits::LingerTotal;
    setDeadline(limits::LingerQuiet);
    readSoon();
}

void HttpConnection::setActive(bool active)
{
    if (m_isActive != active)
        m_shared->activeExchanges += active ? 1 : -1;
    m_isActive = active;
}

void HttpConnection::noteOutput()
{
    if (unsentBytes() > limits::ClientBacklogHigh)
        m_isBacklogged = true;
    if (const auto stall = m_output.stallDeadline())
        m_shared->wakeAt(*stall);
}

void HttpConnection::onBytesWritten()
{
    m_output.noteProgress();
    if (unsentBytes() >= limits::ClientBacklogLow)
        return;
    if (m_state == State::Idle && (!m_pending.isEmpty() || m_socket->bytesAvailable() > 0))
        readSoon();
    if (std::exchange(m_isBacklogged, false) && m_events)
        emit m_events->drained();
}

// --- Time and the end ---------------------------------------------------------------------------

void HttpConnection::setDeadline(std::chrono::milliseconds wait)
{
    m_deadline = Clock::now() + wait;
    m_shared->wakeAt(m_deadline);
}

HttpConnection::Clock::time_point HttpConnection::deadline() const
{
    if (m_state == State::Closed)
        return Clock::time_point::max();
    return std::min(m_deadline, m_output.stallDeadline().value_or(Clock::time_point::max()));
}

void HttpConnection::onDeadline()
{
    const Clock::time_point now = Clock::now();
    if (m_output.stallDeadline().value_or(Clock::time_point::max()) <= now) {
        qCInfo(logHttp) << "client does not read unsent=" << unsentBytes();
        return cut();
    }
    if (m_deadline > now)
        return;
    m_deadline = Clock::time_point::max();
    switch (m_state) {
    case State::Idle:
        if (unsentBytes() > 0) // a slow reader, not an idle one
            return setDeadline(m_shared->limits.keepAliveTimeout);
        return closeSoon();
    case State::Head:
        return refuse(408, "The request header took too long");
    case State::Body:
        return refuse(408, "The request body took too long");
    case State::Lingering:
        return closeSoon();
    case State::Dispatching:
    case State::Answering:
    case State::Streaming:
    case State::Closing:
    case State::Closed:
        return;
    }
}

void HttpConnection::onDisconnected()
{
    if (m_state == State::Closed)
        return;
    m_state = State::Closed;
    m_deadline = Clock::time_point::max();
    setActive(false);
    m_reader.reset();
    m_pending.clear();
    const QPointer<HttpConnection> self(this);
    if (const QPointer<HttpExchangeEvents> gone = m_events.release()) {
        emit gone->clientGone();
        if (gone)
            gone->deleteLater();
    }
    if (self)
        emit closed();
}

} // namespace kirotray
