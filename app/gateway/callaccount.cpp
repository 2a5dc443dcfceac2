// SPDX-License-Identifier: MIT
#include "app/gateway/callaccount.h"

#include "app/gateway/accountrefusal.h"

#include <QElapsedTimer>

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

/// In a few words, without the upstream's sentence, which may name a user.
QString failureWord(const UpstreamFailure &failure)
{
    if (!failure.refusal.reason.isEmpty())
        return failure.refusal.reason;
    const QString what = QString::fromStdString(failure.error.message);
    return failure.refusal.status == 0 ? what : u"%1 %2"_s.arg(failure.refusal.status).arg(what);
}

/// A busy service that names a longer pause than a request can wait for means this account.
UpstreamFailure judged(UpstreamFailure failure)
{
    const std::chrono::seconds named = failure.refusal.retryAfter.value_or(std::chrono::seconds(0));
    if (failure.effect == AccountEffect::None && failure.refusal.status == 429
        && failure.otherAccounts > 0 && named > limits::MaxRetryDelay) {
        failure.effect = AccountEffect::CoolDown;
        failure.coolDown = named;
        failure.error.kind = ChatError::Kind::RateLimited;
    }
    return failure;
}

} // namespace

CallAccount::CallAccount(GatewayAccounts &accounts, const GatewayModels &models,
                         PacedStarts &starts, FlowRecord &flow)
    : m_accounts(accounts)
    , m_models(models)
    , m_starts(starts)
    , m_flow(flow)
{
}

CallAccount::~CallAccount()
{
    release();
}

std::optional<ChatError> CallAccount::choose(const Pool::Ask &ask)
{
    m_ask = ask;
    const auto choice = m_accounts.pick(m_ask);
    if (const auto *refusal = std::get_if<Pool::Refusal>(&choice))
        return poolRefusal(*refusal, m_accounts.problems(), m_flow.modelAsked.toStdString(),
                           QDateTime::currentDateTimeUtc());
    take(std::get<GatewayAccounts::Pick>(choice));
    return std::nullopt;
}

void CallAccount::take(const GatewayAccounts::Pick &pick)
{
    m_pick = pick;
    m_isOpen = true;
    m_flow.accountId = pick.account.identity.accountId;
    m_flow.accountReason = pick.reason;
}

bool CallAccount::replaceAfter(const UpstreamFailure &told, const QString &modelId, bool mayMove)
{
    const UpstreamFailure failure = judged(told);
    settle(failure, modelId);
    m_error = failure.error;
    m_errors.push_back(failure.error);
    if (!mayMove || failure.otherAccounts == 0)
        return false;
    m_othersLeft = std::min(m_othersLeft, failure.otherAccounts);
    m_ask.excluded.append(m_flow.accountId);
    if (m_othersLeft > 0)
        return moveOn(failure, modelId);
    m_error = soonestOver(m_errors);
    return false;
}

bool CallAccount::moveOn(const UpstreamFailure &failure, const QString &modelId)
{
    if (failure.error.kind == ChatError::Kind::NotFound)
        excludeThoseWithout(modelId);
    const QString before = m_flow.accountId;
    const auto choice = m_accounts.pick(m_ask);
    if (const auto *refusal = std::get_if<Pool::Refusal>(&choice)) {
        m_error = errorAfter(*refusal, m_errors, QDateTime::currentDateTimeUtc());
        return false;
    }
    --m_othersLeft;
    take(std::get<GatewayAccounts::Pick>(choice));
    m_flow.changes.append(u"account changed from %1: %2"_s.arg(before, failureWord(failure)));
    return true;
}

/// An account whose own list lacks the model, or that was refused it, need not be asked.
void CallAccount::excludeThoseWithout(const QString &modelId)
{
    const std::string wanted = modelId.toStdString();
    for (const AccountSnapshot &one : m_accounts.all()) {
        const QString &id = one.identity.accountId;
        const GatewayModels::List list = m_models.listOf(id);
        const bool isListed = list->empty()
            || std::any_of(list->begin(), list->end(),
                           [&](const KiroModel &model) { return model.info.id == wanted; });
        if (!isListed || m_models.isRefused(id, modelId))
            m_ask.excluded.append(id);
    }
}

void CallAccount::settle(const UpstreamFailure &failure, const QString &modelId)
{
    const QString &id = m_flow.accountId;
    if (failure.error.kind == ChatError::Kind::NotFound) {
        m_accounts.modelRefused(id, modelId);
        m_accounts.modelRefused(id, m_ask.model); // what the next request asks the pool for
    }
    if (std::exchange(m_isOpen, false))
        m_accounts.failed(id, failure.effect, failure.coolDown, failureWord(failure));
    else
        m_accounts.report(id, failure.effect, failureWord(failure));
}

void CallAccount::startTurn(QObject *context, PacedStarts::Done done)
{
    endTurn();
    QElapsedTimer clock;
    clock.start();
    const QString &id = m_flow.accountId;
    const PacedStarts::Ticket ticket = m_starts.ask(
        {id, m_flow.clientKey + u'\n' + m_flow.client, m_flow.conversation}, context,
        [this, id, clock, done = std::move(done)](const std::optional<ChatError> &refusal) {
            m_ticket = 0;
            m_flow.queuedMs += clock.elapsed();
            if (!refusal)
                m_running = id;
            done(refusal);
        });
    if (ticket == 0) // answered, and perhaps followed by another
        return;
    m_ticket = ticket;
    m_flow.changes.append(u"waited for its turn, place %1"_s.arg(m_starts.place(m_ticket)));
}

void CallAccount::endTurn()
{
    m_starts.leave(std::exchange(m_ticket, 0));
    if (const QString running = std::exchange(m_running, {}); !running.isEmpty())
        m_starts.ended(running);
}

/// A probe has shown what it was to show; other requests need not wait for the end of this one.
void CallAccount::answered()
{
    if (m_pick->isProbe)
        succeeded();
}

void CallAccount::succeeded()
{
    if (std::exchange(m_isOpen, false))
        m_accounts.succeeded(m_flow.accountId);
}

void CallAccount::release()
{
    endTurn();
    if (std::exchange(m_isOpen, false))
        m_accounts.abandoned(m_flow.accountId);
}

} // namespace kirotray
