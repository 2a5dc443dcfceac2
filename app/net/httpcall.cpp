// SPDX-License-Identifier: MIT
#include "app/net/httpcall.h"

#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/net/managerpool.h"
#include "app/net/systemproxy.h"
#include "app/net/wirerequest.h"

#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QNetworkReply>
#include <QPointer>
#include <QRandomGenerator>
#include <QTimer>

#include <algorithm>
#include <optional>
#include <utility>

namespace kirotray {

namespace {

const char *outcomeName(const std::optional<Error> &error)
{
    if (!error)
        return "done";
    switch (error->code) {
    case Error::Code::Cancelled:
        return "cancelled";
    case Error::Code::Timeout:
        return "timeout";
    case Error::Code::BadInput:
        return "refused";
    case Error::Code::Network:
    case Error::Code::Unauthorized:
    case Error::Code::RateLimited:
    case Error::Code::Upstream:
    case Error::Code::Storage:
        return "failed";
    }
    return "";
}

Error timeoutError(const QString &what, std::chrono::milliseconds limit)
{
    return {Error::Code::Timeout, u"%1 within %2 ms"_s.arg(what).arg(limit.count())};
}

} // namespace

class HttpCall::Private
{
public:
    explicit Private(HttpCall *call)
        : q(call)
    {
        m_timer.setSingleShot(true);
        connect(&m_timer, &QTimer::timeout, q, [this] { checkTimes(); });
        m_clock.start();
    }

    void begin(const OutboundRequest &request, std::shared_ptr<ManagerPool> pool,
               SystemProxy &systemProxy);
    void abort();
    void setPaused(bool paused);
    QByteArray readAll();
    /// Ends without a signal.
    void discard();

    int status = 0;
    HeaderList headers;
    QString id = u"%1"_s.arg(QRandomGenerator::global()->generate(), 8, 16, QLatin1Char('0'));
    Error error = {Error::Code::Cancelled, {}};

private:
    enum class Phase { Header, Body, Ended, Announced };

    void send(const QNetworkProxy &proxy);
    void takeHeader();
    void takeEnd();
    bool isCut() const;
    void announceBytes();
    void announceEnd();
    void settle(const std::optional<Error> &failure);
    void fail(const Error &failure);
    void armTimer();
    void checkTimes();
    void log(const std::optional<Error> &failure) const;

    HttpCall *q;
    OutboundRequest m_request;
    std::shared_ptr<ManagerPool> m_pool;
    ManagerLease m_lease;
    QPointer<QNetworkReply> m_reply;
    QByteArray m_rest; ///< what the reply still held when it ended
    Phase m_phase = Phase::Header;
    bool m_paused = false;
    bool m_failed = false;
    qint64 m_bytes = 0;
    QElapsedTimer m_clock;
    QTimer m_timer; ///< fires at the earlier deadline, or before; see checkTimes()
    QDeadlineTimer m_phaseDeadline;
    QDeadlineTimer m_totalDeadline;
};

void HttpCall::Private::begin(const OutboundRequest &request, std::shared_ptr<ManagerPool> pool,
                              SystemProxy &systemProxy)
{
    m_request = request;
    m_pool = std::move(pool);
    if (const std::optional<Error> refused = refusedRequest(request)) {
        settle(refused);
        QMetaObject::invokeMethod(
            q, [this] { announceEnd(); }, Qt::QueuedConnection);
        return;
    }
    m_phaseDeadline = QDeadlineTimer(request.firstByteTimeout);
    m_totalDeadline = QDeadlineTimer(request.totalTimeout);
    armTimer();
    if (request.proxy.kind == ProxyChoice::Kind::System)
        systemProxy.resolve(request.url, q, [this](const QNetworkProxy &proxy) { send(proxy); });
    else
        send(explicitProxy(request.proxy));
}

void HttpCall::Private::send(const QNetworkProxy &proxy)
{
    if (m_phase != Phase::Header)
        return; // it ended while the system was asked for its proxy
    m_lease = m_pool->lease(m_request.lane, proxy);
    m_reply = sendOverWire(*m_lease.manager(), m_request);
    m_request.body.clear();
    m_reply->setReadBufferSize(limits::UpstreamReadBuffer);
    connect(m_reply, &QNetworkReply::metaDataChanged, q, [this] { takeHeader(); });
    connect(m_reply, &QIODevice::readyRead, q, [this] { announceBytes(); });
    connect(m_reply, &QNetworkReply::finished, q, [this] { takeEnd(); });
}

void HttpCall::Private::takeHeader()
{
    const int code = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (m_phase != Phase::Header || code == 0)
        return;
    const ManagerPool::Delivery delivery(m_pool);
    status = code;
    for (const QNetworkReply::RawHeaderPair &field : m_reply->rawHeaderPairs())
        headers.emplace_back(field.first, field.second);
    m_phase = Phase::Body;
    m_phaseDeadline =
        m_paused ? QDeadlineTimer(QDeadlineTimer::Forever) : QDeadlineTimer(m_request.idleTimeout);
    // Qt passes the size on to the connection only while one is under way: set before, it is lost.
    m_reply->setReadBufferSize(limits::UpstreamReadBuffer);
    armTimer();
    emit q->headersReceived();
}

void HttpCall::Private::announceBytes()
{
    if (m_phase != Phase::Body || m_paused)
        return;
    const ManagerPool::Delivery delivery(m_pool);
    m_phaseDeadline = QDeadlineTimer(m_request.idleTimeout);
    emit q->readyRead();
}

void HttpCall::Private::takeEnd()
{
    const ManagerPool::Delivery delivery(m_pool);
    if (m_phase == Phase::Header) {
        const QPointer<HttpCall> alive(q);
        takeHeader(); // in case Qt reports an end without having reported the header
        if (!alive || m_phase > Phase::Body)
            return;
    }
    std::optional<Error> failure = transportFailure(*m_reply);
    if (!failure && status == 0)
        failure = Error {Error::Code::Network, u"the connection ended without an answer"_s};
    if (!failure && isCut())
        failure = Error {Error::Code::Network, u"the answer was cut off"_s};
    settle(failure);
    announceEnd();
}

/// Qt reports an error status as such even if its body is incomplete.
bool HttpCall::Private::isCut() const
{
    bool isKnown = false;
    const qint64 length = q->header("Content-Length").toLongLong(&isKnown);
    const bool hasBody = m_request.method != "HEAD" && status != 204 && status != 304;
    return isKnown && hasBody && m_bytes + m_reply->bytesAvailable() < length;
}

/// Runs the last signals. May be called again when a pause held them back.
void HttpCall::Private::announceEnd()
{
    if (m_phase != Phase::Ended || (m_paused && !m_failed))
        return;
    const QPointer<HttpCall> alive(q);
    if (!m_failed && !m_rest.isEmpty()) {
        emit q->readyRead();
        if (!alive || m_phase != Phase::Ended || (m_paused && !m_failed))
            return;
    }
    m_phase = Phase::Announced;
    emit q->finished(!m_failed);
}

/// Everything but the signals: the result stands, the connection and the lease are given back.
void HttpCall::Private::settle(const std::optional<Error> &failure)
{
    m_phase = Phase::Ended;
    m_timer.stop();
    m_failed = failure.has_value();
    if (failure)
        error = *failure;
    if (m_reply) {
        m_rest += m_reply->readAll();
        m_bytes += m_rest.size();
    }
    log(failure);
    discard();
}

void HttpCall::Private::discard()
{
    if (QNetworkReply *reply = m_reply) {
        m_reply.clear();
        reply->disconnect(q);
        if (reply->isRunning())
            reply->abort();
        reply->deleteLater();
    }
    m_lease.giveBack();
    if (m_phase < Phase::Ended) {
        m_phase = Phase::Announced;
        log(Error {Error::Code::Cancelled, u"no longer wanted"_s});
    }
}

void HttpCall::Private::fail(const Error &failure)
{
    settle(failure);
    announceEnd();
}

void HttpCall::Private::abort()
{
    const Error cancelled {Error::Code::Cancelled, u"aborted"_s};
    if (m_phase == Phase::Announced || m_failed)
        return;
    if (m_phase == Phase::Ended) { // complete, but a pause holds the end back
        m_failed = true;
        error = cancelled;
    } else {
        settle(cancelled);
    }
    QMetaObject::invokeMethod(
        q, [this] { announceEnd(); }, Qt::QueuedConnection);
}

void HttpCall::Private::setPaused(bool paused)
{
    if (m_paused == paused)
        return;
    m_paused = paused;
    if (m_phase == Phase::Body) {
        // The sender is not to blame for a silence that we make.
        m_phaseDeadline = paused ? QDeadlineTimer(QDeadlineTimer::Forever)
                                 : QDeadlineTimer(m_request.idleTimeout);
        armTimer();
    }
    if (paused)
        return;
    const auto catchUp = [this] {
        if (m_reply && m_reply->bytesAvailable() > 0)
            announceBytes();
        else
            announceEnd();
    };
    QMetaObject::invokeMethod(q, catchUp, Qt::QueuedConnection);
}

QByteArray HttpCall::Private::readAll()
{
    if (!m_reply)
        return std::exchange(m_rest, {});
    const QByteArray bytes = m_reply->readAll();
    m_bytes += bytes.size();
    return bytes;
}

void HttpCall::Private::armTimer()
{
    const QDeadlineTimer &next = std::min(m_phaseDeadline, m_totalDeadline);
    if (!next.isForever())
        m_timer.start(std::chrono::ceil<std::chrono::milliseconds>(next.remainingTimeAsDuration()));
}

/// The timer is not restarted for every piece of a stream: it fires early and looks.
void HttpCall::Private::checkTimes()
{
    if (m_totalDeadline.hasExpired())
        fail(timeoutError(u"total: not complete"_s, m_request.totalTimeout));
    else if (!m_phaseDeadline.hasExpired())
        armTimer();
    else if (m_phase == Phase::Header)
        fail(timeoutError(u"first byte: no answer"_s, m_request.firstByteTimeout));
    else
        fail(timeoutError(u"idle: no data"_s, m_request.idleTimeout));
}

/// The only line about a call: no query, no header, no body.
void HttpCall::Private::log(const std::optional<Error> &failure) const
{
    const QString line =
        u"call %1 id=%2 method=%3 host=%4 path=%5 status=%6 ms=%7 bytes=%8"_s
            .arg(QString::fromLatin1(outcomeName(failure)), id,
                 QString::fromLatin1(m_request.method), m_request.url.host(), m_request.url.path())
            .arg(status)
            .arg(m_clock.elapsed())
            .arg(m_bytes);
    if (failure && failure->code != Error::Code::Cancelled)
        qCInfo(logNet).noquote() << line + u" what="_s + failure->what;
    else
        qCDebug(logNet).noquote() << line;
}

HttpCall::HttpCall(QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this))
{
}

HttpCall::~HttpCall()
{
    d->discard();
}

void HttpCall::begin(const OutboundRequest &request, std::shared_ptr<ManagerPool> pool,
                     SystemProxy &systemProxy)
{
    d->begin(request, std::move(pool), systemProxy);
}

int HttpCall::status() const
{
    return d->status;
}

QByteArray HttpCall::header(const QByteArray &name) const
{
    return headerValue(d->headers, name);
}

const HeaderList &HttpCall::headers() const
{
    return d->headers;
}

QString HttpCall::requestId() const
{
    return d->id;
}

QByteArray HttpCall::readAll()
{
    return d->readAll();
}

void HttpCall::pause()
{
    d->setPaused(true);
}

void HttpCall::resume()
{
    d->setPaused(false);
}

void HttpCall::abort()
{
    d->abort();
}

const Error &HttpCall::error() const
{
    return d->error;
}

} // namespace kirotray

#include "moc_httpcall.cpp"
