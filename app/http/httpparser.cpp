// SPDX-License-Identifier: MIT
#include "app/http/httpparser.h"

#include "app/base/limits.h"
#include "app/http/httpheadscan.h"

#include <algorithm>
#include <llhttp.h>

namespace kirotray {

class HttpParser::Private
{
public:
    enum class Phase { Head, Body, Complete, Faulted };

    Private();
    void start();

    Event readHead(QByteArrayView &bytes);
    Event readBody(QByteArrayView &bytes);
    Event fail(int status, const char *message);

    Phase phase = Phase::Head;
    HttpRequestHead head;
    std::vector<QByteArrayView> pieces;
    bool isChunked = false;
    bool wantsKeepAlive = false;
    HttpHeadScan scan;
    int faultStatus = 0;
    const char *faultMessage = "";

private:
    static Private *of(llhttp_t *engine) { return static_cast<Private *>(engine->data); }
    static int onUrl(llhttp_t *engine, const char *at, size_t size);
    static int onFieldName(llhttp_t *engine, const char *at, size_t size);
    static int onFieldValue(llhttp_t *engine, const char *at, size_t size);
    static int onFieldComplete(llhttp_t *engine);
    static int onHeadComplete(llhttp_t *engine);
    static int onBody(llhttp_t *engine, const char *at, size_t size);
    static int onMessageComplete(llhttp_t *engine);
    static const llhttp_settings_t &settings();

    void refuse(int status, const char *message);
    /// Feeds llhttp; the number of bytes that it took.
    qsizetype feed(QByteArrayView bytes);

    void describeRefused();
    void checkHead();
    void checkTarget();
    void checkFraming();

    llhttp_t m_engine = {};
    bool m_headSeen = false; ///< llhttp reported the head
    bool m_messageSeen = false; ///< llhttp reported the end of the message
    QByteArray m_target;
    QByteArray m_fieldName;
    QByteArray m_fieldValue;
    qsizetype m_framingBytes = 0; ///< chunk lines and trailers since the last byte of the body
};

HttpParser::Private::Private()
{
    start();
}

void HttpParser::Private::start()
{
    llhttp_init(&m_engine, HTTP_REQUEST, &settings());
    m_engine.data = this;
    phase = Phase::Head;
    head = {};
    pieces = {}; // many tiny chunks may have made it large
    isChunked = wantsKeepAlive = false;
    scan = {};
    faultStatus = 0;
    faultMessage = "";
    m_headSeen = m_messageSeen = false;
    m_framingBytes = 0;
    m_target.clear();
    m_fieldName.clear();
    m_fieldValue.clear();
}

const llhttp_settings_t &HttpParser::Private::settings()
{
    static const llhttp_settings_t callbacks = [] {
        llhttp_settings_t made;
        llhttp_settings_init(&made);
        made.on_url = onUrl;
        made.on_header_field = onFieldName;
        made.on_header_value = onFieldValue;
        made.on_header_value_complete = onFieldComplete;
        made.on_headers_complete = onHeadComplete;
        made.on_body = onBody;
        made.on_message_complete = onMessageComplete;
        return made;
    }();
    return callbacks;
}

int HttpParser::Private::onUrl(llhttp_t *engine, const char *at, size_t size)
{
    of(engine)->m_target.append(at, static_cast<qsizetype>(size));
    return HPE_OK;
}

int HttpParser::Private::onFieldName(llhttp_t *engine, const char *at, size_t size)
{
    if (!of(engine)->m_headSeen) // trailers are ignored
        of(engine)->m_fieldName.append(at, static_cast<qsizetype>(size));
    return HPE_OK;
}

int HttpParser::Private::onFieldValue(llhttp_t *engine, const char *at, size_t size)
{
    if (!of(engine)->m_headSeen)
        of(engine)->m_fieldValue.append(at, static_cast<qsizetype>(size));
    return HPE_OK;
}

int HttpParser::Private::onFieldComplete(llhttp_t *engine)
{
    Private *self = of(engine);
    if (self->m_headSeen)
        return HPE_OK;
    QByteArray value = std::exchange(self->m_fieldValue, {}).trimmed();
    self->head.headers.append(std::exchange(self->m_fieldName, {}),
                              value.isNull() ? QByteArray("") : std::move(value));
    return HPE_OK;
}

int HttpParser::Private::onHeadComplete(llhttp_t *engine)
{
    Private *self = of(engine);
    self->m_headSeen = true;
    self->wantsKeepAlive = llhttp_should_keep_alive(engine) != 0;
    engine->upgrade = 0; // never upgraded: an ordinary request with an ordinary body
    return HPE_PAUSED;
}

int HttpParser::Private::onBody(llhttp_t *engine, const char *at, size_t size)
{
    of(engine)->pieces.emplace_back(at, static_cast<qsizetype>(size));
    return HPE_OK;
}

int HttpParser::Private::onMessageComplete(llhttp_t *engine)
{
    of(engine)->m_messageSeen = true;
    return HPE_PAUSED;
}

void HttpParser::Private::refuse(int status, const char *message)
{
    if (phase == Phase::Faulted)
        return;
    phase = Phase::Faulted;
    faultStatus = status;
    faultMessage = message;
}

HttpParser::Event HttpParser::Private::fail(int status, const char *message)
{
    refuse(status, message);
    return Event::Fault;
}

qsizetype HttpParser::Private::feed(QByteArrayView bytes)
{
    llhttp_resume(&m_engine);
    const llhttp_errno_t error =
        llhttp_execute(&m_engine, bytes.data(), static_cast<size_t>(bytes.size()));
    if (error == HPE_OK)
        return bytes.size();
    if (error == HPE_PAUSED)
        return llhttp_get_error_pos(&m_engine) - bytes.data();
    const char *reason = llhttp_get_error_reason(&m_engine);
    refuse(400, reason ? reason : "Malformed request");
    return bytes.size();
}

HttpParser::Event HttpParser::Private::readHead(QByteArrayView &bytes)
{
    const QByteArrayView clean = bytes.first(scan.scan(bytes));
    const qsizetype taken = clean.isEmpty() ? 0 : feed(clean);
    bytes = bytes.sliced(clean.size());
    // What llhttp found lies before what the scan found: in this order pieces do not matter.
    if (phase != Phase::Faulted && scan.faultStatus() != 0)
        refuse(scan.faultStatus(), scan.faultMessage());
    if (phase == Phase::Faulted) {
        describeRefused();
        return Event::Fault;
    }
    if (m_headSeen != scan.isComplete() || taken != clean.size())
        return fail(400, "Malformed header");
    if (!m_headSeen)
        return Event::NeedMore;
    checkHead();
    if (phase == Phase::Faulted)
        return Event::Fault;
    phase = Phase::Body;
    return Event::Head;
}

HttpParser::Event HttpParser::Private::readBody(QByteArrayView &bytes)
{
    const qsizetype taken = feed(bytes);
    bytes = bytes.sliced(taken);
    qsizetype inBody = 0;
    for (const QByteArrayView piece : pieces)
        inBody += piece.size();
    if (phase == Phase::Faulted) // after what came before it, as if it had come in pieces
        return inBody > 0 ? Event::Body : Event::Fault;
    m_framingBytes = inBody > 0 ? 0 : m_framingBytes + taken;
    if (m_framingBytes > limits::MaxHeaderBytes)
        return fail(431, "Chunk extensions or trailers are too large");
    if (m_messageSeen)
        phase = Phase::Complete;
    if (inBody > 0)
        return Event::Body;
    return m_messageSeen ? Event::Complete : Event::NeedMore;
}

/// What is known of a head that was refused: enough to answer in the right API's envelope.
void HttpParser::Private::describeRefused()
{
    if (!scan.hasRequestLine())
        return;
    head.method = llhttp_method_name(static_cast<llhttp_method_t>(m_engine.method));
    const qsizetype question = m_target.indexOf('?');
    head.path = question < 0 ? m_target : m_target.left(question);
}

void HttpParser::Private::checkHead()
{
    head.method = llhttp_method_name(static_cast<llhttp_method_t>(m_engine.method));
    head.versionMinor = m_engine.http_minor;
    if (m_engine.method == HTTP_CONNECT)
        return refuse(400, "This is not a proxy for CONNECT");
    const qsizetype hosts = head.headers.count("host");
    if (hosts > 1 || (hosts == 0 && head.versionMinor == 1))
        return refuse(400, "Exactly one Host is needed");
    checkTarget();
    checkFraming();
}

/// Origin form, absolute form for the same host (RFC 9112 §3.2.2), or "*" for OPTIONS.
void HttpParser::Private::checkTarget()
{
    QByteArray target = std::exchange(m_target, {});
    constexpr QByteArrayView scheme = "http://";
    if (target.left(scheme.size()).compare(scheme, Qt::CaseInsensitive) == 0) {
        const qsizetype end = std::ranges::find_if(target.cbegin() + scheme.size(), target.cend(),
                                                   [](char c) { return c == '/' || c == '?'; })
            - target.cbegin();
        const QByteArray authority = target.mid(scheme.size(), end - scheme.size());
        if (authority.compare(head.headers.value("host"), Qt::CaseInsensitive) != 0)
            return refuse(400, "Target and Host differ");
        target.remove(0, end);
        if (!target.startsWith('/'))
            target.prepend('/');
    }
    const bool isAsterisk = target == "*" && m_engine.method == HTTP_OPTIONS;
    if ((!target.startsWith('/') && !isAsterisk) || target.contains('#'))
        return refuse(400, "Invalid request target");
    const qsizetype question = target.indexOf('?');
    head.path = question < 0 ? target : target.left(question);
    if (question >= 0)
        head.query = target.mid(question + 1);
}

/// The length of the body must be beyond doubt (RFC 9112 §6.1, §6.3).
void HttpParser::Private::checkFraming()
{
    const qsizetype lengths = head.headers.count("content-length");
    const qsizetype codings = head.headers.count("transfer-encoding");
    if (lengths + codings > 1)
        return refuse(400, "More than one body length");
    if (codings == 1) {
        const QByteArray coding = head.headers.value("transfer-encoding");
        if (coding.compare("chunked", Qt::CaseInsensitive) != 0 || head.versionMinor == 0)
            return refuse(400, "Unknown transfer coding");
        isChunked = true;
    }
    if (lengths == 1) {
        const QByteArray text = head.headers.value("content-length");
        const bool isNumber = !text.isEmpty()
            && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
        bool fits = false;
        head.contentLength = text.toLongLong(&fits);
        if (!isNumber || !fits)
            return refuse(400, "Invalid Content-Length");
    }
}

HttpParser::HttpParser()
    : d(std::make_unique<Private>())
{
}

HttpParser::~HttpParser() = default;

HttpParser::Event HttpParser::next(QByteArrayView &bytes)
{
    d->pieces.clear();
    switch (d->phase) {
    case Private::Phase::Head:
        return d->readHead(bytes);
    case Private::Phase::Body:
        return d->readBody(bytes);
    case Private::Phase::Complete:
        break;
    case Private::Phase::Faulted:
        return Event::Fault;
    }
    return Event::Complete;
}

void HttpParser::reset()
{
    d->start();
}

const HttpRequestHead &HttpParser::head() const
{
    return d->head;
}

const std::vector<QByteArrayView> &HttpParser::pieces() const
{
    return d->pieces;
}

bool HttpParser::hasBody() const
{
    return d->isChunked || d->head.contentLength.value_or(0) > 0;
}

bool HttpParser::keepAlive() const
{
    return d->wantsKeepAlive;
}

bool HttpParser::isIdle() const
{
    return d->phase == Private::Phase::Head && !d->scan.hasBegun();
}

int HttpParser::faultStatus() const
{
    return d->faultStatus;
}

QByteArray HttpParser::faultMessage() const
{
    return d->faultMessage;
}

} // namespace kirotray
