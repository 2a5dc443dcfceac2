// SPDX-License-Identifier: MIT
#include "app/gateway/chatcall.h"

#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/gateway/poolwork.h"

#include <QRandomGenerator>
#include <QUuid>

#include <algorithm>

namespace kirotray {

namespace {

using PreparedResult = std::variant<PreparedCall, ChatError>;

} // namespace

ChatCall::ChatCall(Services services, const Dialect &dialect, HttpExchange exchange,
                   QObject *parent)
    : QObject(parent)
    , m_services(std::move(services))
    , m_dialect(dialect)
    , m_exchange(std::move(exchange))
{
    m_clock.start();
    m_stamp = stampFor(m_exchange.request().head);
    m_flow.id = m_stamp.flowId;
    m_flow.startedAt = QDateTime::currentDateTimeUtc();
    m_flow.dialect = QString::fromLatin1(dialect.name());
    const HttpRequestHead &head = m_exchange.request().head;
    m_flow.route = QString::fromLatin1(head.method + ' ' + head.path);
    m_invocationId = QUuid::createUuid().toByteArray(QUuid::WithoutBraces);
    m_pingTimer.setInterval(m_services.timing.ping / 2);
    connect(&m_pingTimer, &QTimer::timeout, this, &ChatCall::ping);
    connect(m_exchange.events(), &HttpExchangeEvents::clientGone, this,
            [this] { finish(0, u"client-gone"_s); });
    connect(m_exchange.events(), &HttpExchangeEvents::drained, this, [this] {
        if (m_stream)
            m_stream->resume();
    });
}

ChatCall::~ChatCall() = default;

void ChatCall::start()
{
    std::string body = m_exchange.takeRequest().body;
    if (static_cast<qsizetype>(body.size()) <= limits::PrepareInline) {
        onPrepared(prepareCall(std::move(body), m_dialect, *m_services.tables));
        return;
    }
    auto text = std::make_shared<std::string>(std::move(body));
    runOnPool<PreparedResult>(
        this,
        [text, &api = m_dialect, tables = m_services.tables] {
            return prepareCall(std::move(*text), api, *tables);
        },
        [this](PreparedResult &prepared) { onPrepared(std::move(prepared)); });
}

void ChatCall::onPrepared(PreparedResult prepared)
{
    if (m_isOver)
        return;
    if (const auto *refusal = std::get_if<ChatError>(&prepared)) {
        fail(*refusal);
        return;
    }
    m_call = std::move(std::get<PreparedCall>(prepared));
    const ChatRequest &request = m_call.request;
    m_context = {newAnswerId(), QDateTime::currentSecsSinceEpoch(), m_call.promptTokens};
    m_flow.stream = request.stream;
    m_flow.modelAsked = QString::fromStdString(request.model);
    m_flow.modelUsed = m_call.modelId;
    for (const std::string &note : request.notes)
        m_flow.changes.append(QString::fromStdString(note));
    for (const NormaliserNote &note : m_call.built->notes)
        m_flow.changes.append(QString::fromStdString(note.what));
    if (!request.stopSequences.empty())
        m_stopFilter =
            std::make_unique<StopSequenceFilter>(request.stopSequences, m_call.promptTokens);

    m_pick = m_services.accounts.pick();
    if (!m_pick) {
        fail({ChatError::Kind::NoAccount,
              m_services.accounts.isEmpty()
                  ? "no Kiro account is set up; add one in KiroTray or with: kirotrayctl accounts "
                    "import FILE"
                  : "no account can be used: each is disabled or must be signed in again",
              "",
              {}});
        return;
    }
    m_flow.accountId = m_pick->account.identity.accountId;
    m_flow.accountReason = m_pick->reason;
    m_hosts = chatHosts(m_services.tables->endpoints, m_pick->account.identity);
    const qsizetype last = m_hosts.indexOf(m_services.accounts.lastHost(m_flow.accountId));
    if (last > 0)
        m_hosts.move(last, 0);
    m_pingTimer.start();
    requestToken({});
}

void ChatCall::requestToken(const Secret &rejected)
{
    m_services.accounts.token(m_flow.accountId, rejected, this,
                              [this](const Result<Secret> &token) {
                                  if (m_isOver)
                                      return;
                                  if (!token) {
                                      fail(tokenRefusal(token.error(), m_pick->account.label));
                                      return;
                                  }
                                  m_token = token.value();
                                  startAttempt();
                              });
}

void ChatCall::startAttempt()
{
    ++m_flow.attempts;
    KiroIdentity identity = m_pick->account.identity;
    identity.accessToken = m_token;
    ProxyChoice proxy = m_services.proxy;
    if (const Result<ProxyChoice> own = ProxyChoice::parse(identity.proxy);
        own && !identity.proxy.isEmpty())
        proxy = own.value();
    ChatStream::Attempt attempt;
    attempt.tables = m_services.tables;
    attempt.identity = identity;
    attempt.baseUrl = m_hosts.value(m_host);
    attempt.request = m_call.built;
    attempt.invocationId = m_invocationId;
    attempt.proxy = proxy;
    attempt.timeouts = m_services.timing.upstream;
    attempt.answer.toolNames = m_call.built->toolNames;
    attempt.answer.contextWindow = m_call.contextWindow;
    attempt.answer.promptTokensEstimate = m_call.promptTokens;
    attempt.expectsClosingEvents =
        m_services.accounts.sendsClosingEvents(attempt.baseUrl, m_call.modelId);
    attempt.answer.parallelToolCalls = m_call.request.toolChoice.parallel;
    m_stream = std::make_unique<ChatStream>(m_services.http, std::move(attempt), nullptr);
    connect(m_stream.get(), &ChatStream::events, this, &ChatCall::onEvents);
    connect(m_stream.get(), &ChatStream::failed, this, &ChatCall::onFailed);
    m_stream->start();
}

void ChatCall::onEvents(const std::vector<ChatEvent> &events)
{
    if (m_isOver)
        return;
    if (m_flow.firstByteMs < 0) {
        m_flow.firstByteMs = m_clock.elapsed();
        m_services.accounts.setLastHost(m_flow.accountId, m_hosts.value(m_host));
    }
    if (m_call.built && m_stream->hasContent())
        releaseRequest();
    for (const ChatEvent &event : events) {
        if (!m_stopFilter) {
            deliver(event);
        } else {
            m_filtered.clear();
            const bool goOn = m_stopFilter->add(event, m_filtered);
            for (const ChatEvent &passed : m_filtered)
                deliver(passed);
            if (!goOn)
                break;
        }
        if (m_isOver)
            return;
    }
    flush();
}

/// No retry any more: a thousand long answers must not hold a thousand long prompts.
void ChatCall::releaseRequest()
{
    m_call.built.reset();
    m_call.request.messages = {};
    m_call.request.tools = {};
    m_call.request.system = {};
}

void ChatCall::deliver(const ChatEvent &event)
{
    if (m_isOver)
        return;
    if (m_call.request.stream) {
        deliverStreamed(event);
    } else if (!m_assembler.add(event)) {
        fail({ChatError::Kind::Upstream,
              "the answer is too large to be sent in one piece; use stream",
              "",
              {}});
        return;
    }
    if (const auto *end = std::get_if<Finished>(&event))
        conclude(*end);
}

void ChatCall::deliverStreamed(const ChatEvent &event)
{
    if (!m_encoder)
        beginStream();
    m_encoder->encode(event, m_out);
}

void ChatCall::beginStream()
{
    m_encoder = m_dialect.streamEncoder(m_call.request, m_context);
    m_exchange.beginStream(200, streamHeaders(m_stamp));
    m_encoder->begin(m_out);
}

void ChatCall::flush()
{
    if (m_out.empty())
        return;
    m_exchange.write(m_out);
    m_out.clear();
    m_wroteSinceTick = true;
    if (m_stream && m_exchange.unsentBytes() > limits::ClientBacklogHigh)
        m_stream->pause();
}

void ChatCall::ping()
{
    if (m_isOver || !m_call.request.stream)
        return;
    if (!m_wroteSinceTick) {
        if (m_encoder)
            m_encoder->ping(m_out);
        else if (std::chrono::milliseconds(m_clock.elapsed()) >= m_services.timing.ping)
            beginStream();
        flush();
    }
    m_wroteSinceTick = false;
}

void ChatCall::onFailed(const UpstreamFailure &failure)
{
    if (m_isOver)
        return;
    qCInfo(logGateway).noquote() << u"attempt failed call="_s + m_flow.id
                                 << "status=" << failure.refusal.status
                                 << u"class="_s + failure.refusal.errorClass
                                 << u"reason="_s + failure.refusal.reason
                                 << "effect=" << static_cast<int>(failure.effect);
    if (!m_stream->hasContent() && retry(failure))
        return;
    fail(failure.error);
}

bool ChatCall::retry(const UpstreamFailure &failure)
{
    switch (failure.action) {
    case KiroAction::Fail:
        return false;
    case KiroAction::RefreshOnce:
        if (m_hasRefreshed)
            return false;
        m_hasRefreshed = true;
        dropStream();
        requestToken(m_token);
        return true;
    case KiroAction::RetryNextHost:
        if (m_host + 1 < m_hosts.size()) {
            ++m_host;
            return retryAfter(std::chrono::milliseconds(0));
        }
        return failure.refusal.status == 0 && m_flow.attempts < 2
            && retryAfter(limits::RetryDelay); // once on a fresh connection
    case KiroAction::RetryBackoff: {
        const bool isCapacity = failure.error.kind == ChatError::Kind::Overloaded;
        const std::chrono::milliseconds first =
            isCapacity ? limits::CapacityRetryDelay : limits::RetryDelay;
        const auto jitter = std::chrono::milliseconds(
            QRandomGenerator::global()->bounded(static_cast<int>(first.count() / 4) + 1));
        const auto delay = first * (1 << (m_flow.attempts - 1)) + jitter;
        return retryAfter(std::max<std::chrono::milliseconds>(
            delay, failure.refusal.retryAfter.value_or(std::chrono::seconds(0))));
    }
    case KiroAction::RetryStrictSchema:
        if (m_call.options.strictSchemas || !m_call.built->hasTools)
            return false;
        m_call.options.strictSchemas = true;
        return retryRebuilt();
    case KiroAction::RetryWithoutThinking:
        if (!m_call.options.keepThinking)
            return false;
        m_call.options.keepThinking = false;
        return retryRebuilt();
    case KiroAction::RetryWithoutModelFields:
        if (!m_call.options.useModelFields)
            return false;
        m_call.options.useModelFields = false;
        return retryRebuilt();
    case KiroAction::RetryWithoutImages:
        if (!m_call.options.keepHistoryImages || !m_call.built->hasHistoryImages)
            return false;
        m_call.options.keepHistoryImages = false;
        return retryRebuilt();
    case KiroAction::RetryNewConversation:
        if (m_flow.attempts > 1)
            return false;
        m_call.options.conversationId =
            QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
        return retryRebuilt();
    }
    return false;
}

bool ChatCall::retryRebuilt()
{
    if (rebuild(m_call, *m_services.tables))
        return false;
    return retryAfter(std::chrono::milliseconds(0));
}

bool ChatCall::retryAfter(std::chrono::milliseconds delay)
{
    if (m_flow.attempts >= limits::MaxAttempts || delay > limits::MaxRetryDelay)
        return false;
    m_flow.changes.append(u"attempt %1 failed, retried"_s.arg(m_flow.attempts));
    dropStream();
    QTimer::singleShot(delay, this, [this] {
        if (!m_isOver)
            startAttempt();
    });
    return true;
}

void ChatCall::dropStream()
{
    if (!m_stream)
        return;
    // It may be the sender of the signal that led here: it must outlive this call.
    m_stream->disconnect(this);
    m_stream.release()->deleteLater();
}

void ChatCall::conclude(const Finished &end)
{
    if (m_stream && m_stream->hasClosingEvents())
        m_services.accounts.noteClosingEvents(m_hosts.value(m_host), m_call.modelId);
    m_flow.inputTokens = end.usage.promptTokens();
    m_flow.cachedTokens = end.usage.cacheReadTokens;
    m_flow.outputTokens = end.usage.outputTokens;
    m_flow.isUsageEstimated = end.usage.isEstimate;
    m_flow.credits = end.usage.credits;
    if (m_call.request.stream) {
        flush();
        m_exchange.end();
    } else {
        m_exchange.respond(jsonResponse(
            200, m_dialect.encodeAnswer(m_call.request, *m_assembler.answer(), m_context),
            m_stamp));
    }
    finish(200, u"ok"_s);
}

void ChatCall::fail(const ChatError &error)
{
    int status = 200;
    if (m_encoder) {
        m_encoder->encode(Failed {error}, m_out);
        flush();
        m_exchange.end();
    } else {
        const HttpResponse response = errorResponse(m_dialect, error, m_stamp);
        status = response.status;
        m_exchange.respond(response);
    }
    finish(status, QString::fromStdString(error.message));
}

void ChatCall::finish(int status, const QString &outcome)
{
    if (m_isOver)
        return;
    m_isOver = true;
    m_pingTimer.stop();
    dropStream();
    m_flow.status = status;
    m_flow.outcome = outcome;
    m_flow.totalMs = m_clock.elapsed();
    emit finished(m_flow);
}

} // namespace kirotray
