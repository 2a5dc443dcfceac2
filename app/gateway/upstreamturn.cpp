// SPDX-License-Identifier: MIT
#include "app/gateway/upstreamturn.h"

#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/gateway/replies.h"
#include "app/kiro/requestlint.h"

#include <QRandomGenerator>
#include <QTimer>
#include <QUrl>
#include <QUuid>

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

constexpr int AnsweredStatus = 200;

/// What a token that cannot be had means: another account may have one.
UpstreamFailure tokenFailure(const Error &error, const QString &accountLabel)
{
    UpstreamFailure failure;
    failure.error = tokenRefusal(error, accountLabel);
    if (error.code == Error::Code::Unauthorized)
        failure.effect = AccountEffect::AuthProblem;
    if (error.code != Error::Code::Cancelled)
        failure.otherAccounts = limits::MaxAccountsPerRequest - 1;
    return failure;
}

UpstreamPlaces placesOf(const UpstreamTurn::Services &services, const AccountSnapshot &account,
                        const BuildOptions &options)
{
    const QString &id = account.identity.accountId;
    const bool isThirdParty = options.model && options.model->thirdParty;
    return {services.tables,
            account.identity,
            isThirdParty,
            {services.accounts.lastHost(id),
             [&accounts = services.accounts, id](const QString &baseUrl) {
                 return accounts.profileUse(id, baseUrl);
             }}};
}

} // namespace

UpstreamTurn::UpstreamTurn(Services services, const AccountSnapshot &account, PreparedCallPtr call,
                           int attempts, FlowRecord &flow, QObject *parent)
    : QObject(parent)
    , m_services(std::move(services))
    , m_account(account)
    , m_call(std::move(call))
    , m_flow(flow)
    , m_places(placesOf(m_services, account, m_call->options))
    , m_invocationId(QUuid::createUuid().toByteArray(QUuid::WithoutBraces))
    , m_maxAttempts(attempts)
{
}

UpstreamTurn::~UpstreamTurn()
{
    dropStream();
}

void UpstreamTurn::start()
{
    requestToken({});
}

void UpstreamTurn::stop()
{
    m_isStopped = true;
    dropStream();
}

void UpstreamTurn::pause()
{
    if (m_stream)
        m_stream->pause();
}

void UpstreamTurn::resume()
{
    if (m_stream)
        m_stream->resume();
}

bool UpstreamTurn::hasContent() const
{
    return m_stream && m_stream->hasContent();
}

void UpstreamTurn::keepWhatWasLearnt()
{
    if (m_stream && m_stream->hasClosingEvents())
        m_services.accounts.noteClosingEvents(m_places.baseUrl(), m_call->options.modelId);
}

void UpstreamTurn::requestToken(const Secret &rejected)
{
    m_services.accounts.token(
        m_account.identity.accountId, rejected, this, [this](const Result<Secret> &token) {
            if (m_isStopped)
                return;
            if (!token) {
                emit failed(tokenFailure(token.error(), m_account.label));
                return;
            }
            m_token = token.value();
            if (!m_account.ownTables) // its token is for its own hosts only
                m_services.models.refresh(m_account, m_token, m_services.proxy);
            startAttempt();
        });
}

void UpstreamTurn::startAttempt()
{
    ++m_attempts;
    ++m_flow.attempts;
    m_attemptClock.start();
    m_hasAnswered = false;
    KiroIdentity identity = m_account.identity;
    identity.accessToken = m_token;
    ProxyChoice proxy = m_services.proxy;
    if (const Result<ProxyChoice> own = ProxyChoice::parse(identity.proxy);
        own && !identity.proxy.isEmpty())
        proxy = own.value();
    ChatStream::Attempt attempt;
    attempt.tables = m_services.tables;
    attempt.identity = identity;
    attempt.baseUrl = m_places.baseUrl();
    attempt.profileArn = m_places.profileArn();
    attempt.request = m_call->built;
    attempt.tap = m_services.tap;
    attempt.invocationId = m_invocationId;
    attempt.proxy = proxy;
    attempt.timeouts = m_services.timing.upstream;
    attempt.answer.toolNames = m_call->built->toolNames;
    attempt.answer.contextWindow = m_call->contextWindow;
    attempt.answer.promptTokensEstimate = m_call->promptTokens;
    attempt.answer.parsesThinkingTags = m_call->built->asksForThinkingTags;
    attempt.answer.parallelToolCalls = m_call->request.toolChoice.parallel;
    attempt.expectsClosingEvents =
        m_services.accounts.sendsClosingEvents(attempt.baseUrl, m_call->options.modelId);
    m_stream = std::make_unique<ChatStream>(m_services.http, std::move(attempt), nullptr);
    connect(m_stream.get(), &ChatStream::events, this, &UpstreamTurn::onEvents);
    connect(m_stream.get(), &ChatStream::failed, this, &UpstreamTurn::onFailed);
    m_stream->start();
}

void UpstreamTurn::onEvents(const std::vector<ChatEvent> &events)
{
    if (!std::exchange(m_hasAnswered, true))
        noteAnswer();
    emit this->events(events);
}

void UpstreamTurn::noteAnswer()
{
    const QString &id = m_account.identity.accountId;
    const QString baseUrl = m_places.baseUrl();
    m_services.accounts.setLastHost(id, baseUrl);
    if (!m_places.isUsual() || m_services.accounts.profileUse(id, baseUrl))
        m_services.accounts.noteProfileUse(id, baseUrl, m_places.profileUse());
    recordTry(AnsweredStatus, u"ok"_s);
}

void UpstreamTurn::recordTry(int status, const QString &what)
{
    constexpr qsizetype MaxWhat = 200; // characters
    if (m_hasAnswered && status != AnsweredStatus && !m_flow.tries.empty())
        m_flow.tries.back().what = what.left(MaxWhat); // it broke off
    else if (m_flow.tries.size() < std::size_t(limits::MaxTotalAttempts))
        m_flow.tries.push_back({m_account.identity.accountId, QUrl(m_places.baseUrl()).host(),
                                status, what.left(MaxWhat), m_attemptClock.elapsed()});
}

void UpstreamTurn::onFailed(const UpstreamFailure &failure)
{
    qCInfo(logGateway).noquote() << u"attempt failed call="_s + m_flow.id
                                 << "status=" << failure.refusal.status
                                 << u"class="_s + failure.refusal.errorClass
                                 << u"reason="_s + failure.refusal.reason
                                 << "effect=" << static_cast<int>(failure.effect);
    const QString what = QString::fromStdString(failure.error.message);
    recordTry(failure.refusal.status,
              failure.refusal.reason.isEmpty() ? what : failure.refusal.reason + u": "_s + what);
    if (failure.error.kind == ChatError::Kind::NotFound)
        m_services.models.noteRefused(m_account.identity.accountId, m_call->options.modelId);
    if (failure.action == KiroAction::RetryWithoutModelFields)
        m_services.models.noteFieldsRefused(m_call->options.modelId);
    if (!m_stream->hasContent() && retry(failure))
        return;
    UpstreamFailure told = failure;
    told.error = explained(failure);
    emit failed(told);
}

bool UpstreamTurn::retry(const UpstreamFailure &failure)
{
    // Each change is tried once: a flag that is already changed ends it.
    const auto changeOnce = [this](bool &flag, bool wanted) {
        return std::exchange(flag, wanted) != wanted && retryRebuilt();
    };
    BuildOptions &options = m_call->options;
    switch (failure.action) {
    case KiroAction::Fail:
        return false;
    case KiroAction::RefreshOnce:
        if (std::exchange(m_hasRefreshed, true) || m_attempts >= m_maxAttempts)
            return false;
        dropStream();
        requestToken(m_token);
        return true;
    case KiroAction::RetryNextHost:
        return retryElsewhere(failure);
    case KiroAction::RetryWithProfile:
        return m_places.withProfile() && retryAfter(std::chrono::milliseconds(0));
    case KiroAction::RetryWithoutProfile:
        return m_places.withoutProfile() && retryAfter(std::chrono::milliseconds(0));
    case KiroAction::RetryBackoff:
        return retryLater(failure);
    case KiroAction::RetryStrictSchema:
        if (m_call->built->hasTools && changeOnce(options.strictSchemas, true))
            return true;
        // A model may also refuse thinking settings that its list announces (§1.9).
        return !m_call->built->modelFields.empty() && changeOnce(options.useModelFields, false);
    case KiroAction::RetryWithoutThinking:
        return changeOnce(options.keepThinking, false);
    case KiroAction::RetryWithoutModelFields:
        return changeOnce(options.useModelFields, false);
    case KiroAction::RetryWithoutImages:
        return m_call->built->hasHistoryImages && changeOnce(options.keepHistoryImages, false);
    case KiroAction::RetryNewConversation:
        if (m_attempts > 1)
            return false;
        options.conversationId = QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString();
        return retryRebuilt();
    }
    return false;
}

/// Out of reach, or the wrong server. A connection that was cut is made anew first.
bool UpstreamTurn::retryElsewhere(const UpstreamFailure &failure)
{
    const bool isCut =
        failure.refusal.status == 0 && failure.error.kind != ChatError::Kind::Timeout;
    if (isCut && !std::exchange(m_hasReconnected, true))
        return retryAfter(m_services.timing.retry);
    if (m_places.toNextHost())
        return retryAfter(std::chrono::milliseconds(0));
    return failure.refusal.status == 0 && !std::exchange(m_hasReconnected, true)
        && retryAfter(m_services.timing.retry);
}

bool UpstreamTurn::retryLater(const UpstreamFailure &failure)
{
    const bool isCapacity = failure.error.kind == ChatError::Kind::Overloaded;
    const std::chrono::milliseconds first =
        isCapacity ? m_services.timing.capacityRetry : m_services.timing.retry;
    const auto jitter = std::chrono::milliseconds(
        QRandomGenerator::global()->bounded(static_cast<int>(first.count() / 4) + 1));
    const auto delay = std::max<std::chrono::milliseconds>(
        first * (1 << (m_attempts - 1)) + jitter,
        failure.refusal.retryAfter.value_or(std::chrono::seconds(0)));
    if (!mayRetryAfter(delay))
        return false;
    if (!isCapacity && failure.refusal.status >= 500) // §1.1: the host may be at fault
        m_places.toNextHost();
    return retryAfter(delay);
}

bool UpstreamTurn::retryRebuilt()
{
    if (m_attempts >= m_maxAttempts)
        return false;
    dropStream();
    m_flow.changes.append(u"attempt %1 was refused, retried with changes"_s.arg(m_attempts));
    buildCall(this, m_call, m_services.tables, [this](const std::optional<ChatError> &refusal) {
        if (m_isStopped)
            return;
        if (refusal) {
            UpstreamFailure failure;
            failure.error = *refusal;
            emit failed(failure);
            return;
        }
        recordChanges(*m_call, m_flow.changes);
        startAttempt();
    });
    return true;
}

bool UpstreamTurn::mayRetryAfter(std::chrono::milliseconds delay) const
{
    return m_attempts < m_maxAttempts && delay <= limits::MaxRetryDelay;
}

bool UpstreamTurn::retryAfter(std::chrono::milliseconds delay)
{
    if (!mayRetryAfter(delay))
        return false;
    m_flow.changes.append(u"attempt %1 failed, retried"_s.arg(m_attempts));
    dropStream();
    QTimer::singleShot(delay, this, [this] {
        if (!m_isStopped)
            startAttempt();
    });
    return true;
}

/// It may be the sender of the signal that led here: it must outlive this call.
void UpstreamTurn::dropStream()
{
    if (!m_stream)
        return;
    m_stream->disconnect(this);
    m_stream.release()->deleteLater();
}

ChatError UpstreamTurn::explained(const UpstreamFailure &failure) const
{
    ChatError error = failure.error;
    if (error.kind == ChatError::Kind::NotFound) {
        error.message = "'" + m_call->request.model + "' (" + m_call->options.modelId.toStdString()
            + " upstream) is not available to this account: " + error.message;
        error.param = "model";
    }
    // The upstream says "Improperly formed request." of almost any mistake and names no place.
    const bool isUnexplained = error.kind == ChatError::Kind::InvalidRequest
        && failure.refusal.message.contains(u"mproperly formed");
    if (isUnexplained && m_call->built) {
        if (const auto cause = likelyCause(m_call->request, *m_call->built)) {
            error.message += " Likely cause: " + cause->what + '.';
            error.param = cause->path;
        }
    }
    // Claude Code reads both numbers; an estimate below the window would contradict the refusal.
    if (error.kind == ChatError::Kind::ContextLengthExceeded
        && m_call->promptTokens > m_call->contextWindow && m_call->contextWindow > 0)
        error.message = "prompt is too long: " + std::to_string(m_call->promptTokens) + " tokens > "
            + std::to_string(m_call->contextWindow) + " maximum";
    return error;
}

} // namespace kirotray
