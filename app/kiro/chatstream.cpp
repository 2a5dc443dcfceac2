// SPDX-License-Identifier: MIT
#include "app/kiro/chatstream.h"

#include "app/kiro/profilechoice.h"

#include <QElapsedTimer>
#include <QPointer>

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

constexpr int OkStatus = 200;

bool isEventStreamType(const QByteArray &contentType)
{
    const QByteArray type = contentType.split(';').constFirst(); // without parameters
    return type.trimmed().toLower() == "application/vnd.amazon.eventstream";
}

/// §11 no. 43: a large prompt may take more than a minute to its first token.
std::chrono::milliseconds firstByteTimeoutFor(const ChatStream::Timeouts &timeouts,
                                              qsizetype bodySize)
{
    const auto extra =
        std::max(timeouts.firstByteMax - timeouts.firstByte, std::chrono::milliseconds(0));
    const qsizetype size = std::min(bodySize, limits::FirstByteFullSize);
    return timeouts.firstByte + extra * size / limits::FirstByteFullSize;
}

} // namespace

class ChatStream::Private
{
public:
    Private(ChatStream *owner, HttpClient &client, Attempt &&given)
        : q(owner)
        , http(client)
        , attempt(std::move(given))
        , translator(std::move(attempt.answer))
    {
    }

    enum class Phase { AwaitsHeader, Events, Refusal, Over };

    void start();
    template <typename Reaction>
    void handle(Reaction reaction);
    void drop();
    void resume();
    void readHeader();
    void read();
    void end(bool ok);
    bool decode(const QByteArray &bytes);
    bool deliver();
    void endOfEvents();
    void fail(const UpstreamFailure &failure);
    void fail(const QString &what);
    UpstreamFailure refusalFailure() const;

    ChatStream *q;
    HttpClient &http;
    Attempt attempt;
    AnswerTranslator translator;
    EventStreamDecoder decoder;
    HttpCall *call = nullptr; ///< null before start() and when over
    Phase phase = Phase::AwaitsHeader;
    std::vector<ChatEvent> batch;
    QByteArray refusalBody;
    QElapsedTimer clock;
    qint64 headerMs = -1;
    qint64 firstContentMs = -1;
    bool handling = false; ///< within a signal of the call
    bool delivering = false; ///< within events()
    bool paused = false;
};

void ChatStream::Private::start()
{
    clock.start();
    const QString profileArn = attempt.profileArn
        ? *attempt.profileArn
        : profileArnFor(*attempt.tables, attempt.identity, attempt.baseUrl);
    OutboundRequest request;
    request.url = QUrl(attempt.baseUrl + u"/generateAssistantResponse"_s);
    request.headers = kiroHeaders(*attempt.tables, attempt.identity, KiroCallKind::Chat,
                                  attempt.invocationId, profileArn);
    request.body = requestBody(*attempt.request, profileArn);
    request.lane = attempt.identity.accountId;
    if (attempt.tap)
        attempt.tap->attemptStarts(request.body);
    request.proxy = attempt.proxy;
    request.firstByteTimeout = firstByteTimeoutFor(attempt.timeouts, request.body.size());
    request.idleTimeout = attempt.timeouts.idle;
    request.totalTimeout = attempt.timeouts.total;
    call = http.start(request, q);
    connect(call, &HttpCall::headersReceived, q, [this] { handle([this] { readHeader(); }); });
    connect(call, &HttpCall::readyRead, q, [this] { handle([this] { read(); }); });
    connect(call, &HttpCall::finished, q, [this](bool ok) { handle([this, ok] { end(ok); }); });
}

/// Runs a reaction to a signal of the call; a slot of ours may destroy the stream meanwhile.
template <typename Reaction>
void ChatStream::Private::handle(Reaction reaction)
{
    const QPointer<ChatStream> guard(q);
    handling = true;
    reaction();
    if (guard)
        handling = false;
}

/// Lets the call go, but never deletes it under its own signal.
void ChatStream::Private::drop()
{
    phase = Phase::Over;
    HttpCall *dropped = std::exchange(call, nullptr);
    if (!dropped)
        return;
    dropped->disconnect(q);
    if (!handling) {
        delete dropped;
        return;
    }
    dropped->setParent(nullptr);
    dropped->abort();
    dropped->deleteLater();
}

void ChatStream::Private::resume()
{
    if (call && !paused)
        call->resume();
}

void ChatStream::Private::readHeader()
{
    if (phase != Phase::AwaitsHeader)
        return;
    headerMs = clock.elapsed();
    const bool isStream =
        call->status() == OkStatus && isEventStreamType(call->header("content-type"));
    phase = isStream ? Phase::Events : Phase::Refusal;
}

void ChatStream::Private::read()
{
    readHeader(); // a no-op once the header was seen
    const QByteArray bytes = call->readAll();
    if (phase == Phase::Events) {
        decode(bytes);
        return;
    }
    refusalBody.append(bytes.left(limits::MaxReplyBody - refusalBody.size()));
    if (refusalBody.size() >= limits::MaxReplyBody)
        fail(refusalFailure());
}

void ChatStream::Private::end(bool ok)
{
    if (phase == Phase::AwaitsHeader && call->status() != 0)
        readHeader();
    if (phase == Phase::AwaitsHeader) {
        fail(classifyTransport(call->error()));
        return;
    }
    const QByteArray rest = call->readAll();
    if (phase == Phase::Refusal) {
        refusalBody.append(rest.left(limits::MaxReplyBody - refusalBody.size()));
        fail(refusalFailure());
        return;
    }
    if (!decode(rest))
        return;
    if (ok)
        endOfEvents();
    else
        fail(classifyTransport(call->error()));
}

/// False when the stream is over because of what the bytes say, or was destroyed by a slot.
bool ChatStream::Private::decode(const QByteArray &bytes)
{
    const std::string_view view(bytes.constData(), static_cast<std::size_t>(bytes.size()));
    std::optional<EventStreamError> error =
        decoder.feed(view, [this](const EventStreamFrame &frame) {
            if (attempt.tap)
                attempt.tap->frameArrived(frame);
            translator.add(frame, batch);
        });
    if (!deliver())
        return false;
    // A frame before the damage may have been the refusal, which says more.
    if (translator.refusal()) {
        fail(classify(*attempt.tables, *translator.refusal()));
        return false;
    }
    if (translator.payloadError())
        error = translator.payloadError();
    if (error)
        fail(u"damaged event stream, "_s + QLatin1StringView(toString(*error)));
    return !error;
}

/// False when a slot destroyed the stream.
bool ChatStream::Private::deliver()
{
    if (batch.empty())
        return true;
    if (firstContentMs < 0)
        firstContentMs = clock.elapsed();
    const QPointer<ChatStream> guard(q);
    delivering = true;
    emit q->events(batch);
    if (!guard)
        return false;
    delivering = false;
    batch.clear();
    return true;
}

void ChatStream::Private::endOfEvents()
{
    if (decoder.finish()) {
        fail(u"the event stream broke off within a frame"_s);
        return;
    }
    if (translator.isEmpty()) {
        fail(u"an empty answer"_s);
        return;
    }
    // A call that is still open is a cut of its own, and reported as one (§2.5).
    if (attempt.expectsClosingEvents && !translator.hasClosingEvents()
        && !translator.hasOpenCall()) {
        fail(u"the answer broke off: the events that close it are missing"_s);
        return;
    }
    translator.finish(batch);
    if (!deliver())
        return;
    drop();
    emit q->succeeded();
}

void ChatStream::Private::fail(const UpstreamFailure &failure)
{
    drop();
    emit q->failed(failure);
}

void ChatStream::Private::fail(const QString &what)
{
    fail(classifyTransport(Error {Error::Code::Upstream, what, {}, OkStatus}));
}

UpstreamFailure ChatStream::Private::refusalFailure() const
{
    if (attempt.tap)
        attempt.tap->refused(call->status(), refusalBody);
    const UpstreamRefusal refusal = parseRefusal(
        call->status(), refusalBody, call->header("x-amzn-errortype"), call->header("retry-after"));
    UpstreamFailure failure = classify(*attempt.tables, refusal);
    if (refusal.status == OkStatus && failure.action == KiroAction::Fail
        && failure.effect == AccountEffect::None) {
        // Some front end answered in the service's place: another host may be the real one.
        failure.action = KiroAction::RetryNextHost;
        failure.error.kind = ChatError::Kind::Upstream;
        failure.error.message = "The upstream's answer is not an event stream";
    }
    return failure;
}

ChatStream::ChatStream(HttpClient &http, Attempt attempt, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, http, std::move(attempt)))
{
}

ChatStream::~ChatStream()
{
    d->drop();
}

void ChatStream::start()
{
    d->start();
}

void ChatStream::pause()
{
    d->paused = true;
    if (d->call)
        d->call->pause();
}

void ChatStream::resume()
{
    d->paused = false;
    if (d->delivering) // what is waiting must not arrive while this batch is being read
        QMetaObject::invokeMethod(
            this, [this] { d->resume(); }, Qt::QueuedConnection);
    else
        d->resume();
}

bool ChatStream::hasContent() const
{
    return d->translator.hasContent();
}

bool ChatStream::hasClosingEvents() const
{
    return d->translator.hasClosingEvents();
}

qint64 ChatStream::headerMs() const
{
    return d->headerMs;
}

qint64 ChatStream::firstContentMs() const
{
    return d->firstContentMs;
}

} // namespace kirotray
