// SPDX-License-Identifier: MIT
#include "app/gateway/gatewayaccounts.h"

#include "app/base/limits.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

/// The timer's own bound; a month is too long for it.
constexpr std::chrono::milliseconds LongestHealthWait = std::chrono::hours(1);

PoolMember memberOf(const AccountSnapshot &account)
{
    return {account.identity.accountId, account.priority, account.usable, account.remaining,
            account.exhaustedUntil};
}

} // namespace

GatewayAccounts::GatewayAccounts(QObject *parent)
    : QObject(parent)
{
    m_returnTimer.setSingleShot(true);
    connect(&m_returnTimer, &QTimer::timeout, this, &GatewayAccounts::publishAll);
}

const AccountSnapshot *GatewayAccounts::find(const QString &accountId) const
{
    const auto found =
        std::find_if(m_accounts.begin(), m_accounts.end(), [&](const AccountSnapshot &one) {
            return one.identity.accountId == accountId;
        });
    return found == m_accounts.end() ? nullptr : &*found;
}

void GatewayAccounts::setAccounts(std::vector<AccountSnapshot> accounts)
{
    for (const AccountSnapshot &one : accounts) {
        const AccountSnapshot *before = find(one.identity.accountId);
        if (one.usable && before != nullptr && !before->usable)
            m_problems.remove(one.identity.accountId);
    }
    m_accounts = std::move(accounts);
    const auto isGone = [this](const auto &entry) { return find(entry.key()) == nullptr; };
    m_tokens.removeIf(isGone);
    m_lastHost.removeIf(isGone);
    m_health.removeIf(isGone);
    m_problems.removeIf(isGone);
    m_profileUses.removeIf([this](const auto &entry) { return !find(entry.key().first); });
    std::vector<PoolMember> members;
    for (const AccountSnapshot &one : m_accounts)
        if (!one.ownTables)
            members.push_back(memberOf(one));
    m_pool.setMembers(std::move(members));
    publishAll();
}

std::optional<AccountSnapshot> GatewayAccounts::firstUsable() const
{
    const auto usable =
        std::find_if(m_accounts.begin(), m_accounts.end(),
                     [](const AccountSnapshot &one) { return one.usable && !one.ownTables; });
    return usable == m_accounts.end() ? std::nullopt : std::optional(*usable);
}

std::variant<GatewayAccounts::Pick, Pool::Refusal> GatewayAccounts::pick(const Pool::Ask &ask)
{
    const AccountSnapshot *named = ask.only.isEmpty() ? nullptr : find(ask.only);
    if (named != nullptr && named->ownTables && !ask.excluded.contains(ask.only))
        return Pick {*named, u"asked for"_s};
    const auto choice = m_pool.pick(ask, QDateTime::currentDateTimeUtc());
    if (const auto *refusal = std::get_if<Pool::Refusal>(&choice))
        return *refusal;
    const auto &chosen = std::get<Pool::Choice>(choice);
    return Pick {*find(chosen.accountId), chosen.reason, chosen.isProbe};
}

void GatewayAccounts::succeeded(const QString &accountId)
{
    m_problems.remove(accountId);
    m_pool.succeeded(accountId, QDateTime::currentDateTimeUtc());
    publishHealth(accountId);
}

void GatewayAccounts::failed(const QString &accountId, AccountEffect effect,
                             std::chrono::seconds coolDown, const QString &why)
{
    const AccountSnapshot *account = find(accountId);
    if (account == nullptr || account->ownTables) // what a simulator says is of no account
        return;
    if (effect == AccountEffect::None) {
        abandoned(accountId);
        return;
    }
    if (effect == AccountEffect::AuthProblem || effect == AccountEffect::Suspended)
        m_problems.insert(accountId, effect);
    m_pool.failed(accountId, effect, coolDown, why, QDateTime::currentDateTimeUtc());
    report(accountId, effect, why);
    publishHealth(accountId);
}

void GatewayAccounts::report(const QString &accountId, AccountEffect effect, const QString &why)
{
    if (effect != AccountEffect::None)
        emit reported({accountId, effect, why});
}

void GatewayAccounts::abandoned(const QString &accountId)
{
    m_pool.abandoned(accountId);
    publishHealth(accountId);
}

void GatewayAccounts::modelRefused(const QString &accountId, const QString &modelId)
{
    m_pool.modelRefused(accountId, modelId, QDateTime::currentDateTimeUtc());
}

std::vector<AccountEffect> GatewayAccounts::problems() const
{
    return {m_problems.begin(), m_problems.end()};
}

void GatewayAccounts::restore(const QString &accountId)
{
    m_tokens.remove(accountId);
    m_problems.remove(accountId);
    m_pool.restore(accountId);
    publishHealth(accountId);
}

void GatewayAccounts::publishHealth(const QString &accountId)
{
    const AccountSnapshot *account = find(accountId);
    if (account == nullptr || account->ownTables)
        return;
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const AccountHealth health = m_pool.health(accountId, now);
    if (health.until.isValid()) {
        const std::chrono::milliseconds wait(now.msecsTo(health.until) + 1);
        const auto bounded = std::clamp(wait, std::chrono::milliseconds(1), LongestHealthWait);
        if (!m_returnTimer.isActive() || m_returnTimer.remainingTimeAsDuration() > bounded)
            m_returnTimer.start(bounded);
    }
    AccountHealth &known = m_health[accountId];
    if (known == health)
        return;
    known = health;
    emit healthChanged(accountId, health);
}

void GatewayAccounts::publishAll()
{
    for (const AccountSnapshot &one : m_accounts)
        publishHealth(one.identity.accountId);
}

std::optional<ProfileUse> GatewayAccounts::profileUse(const QString &accountId,
                                                      const QString &baseUrl) const
{
    const auto found = m_profileUses.constFind({accountId, baseUrl});
    return found == m_profileUses.cend() ? std::nullopt : std::optional(*found);
}

void GatewayAccounts::noteProfileUse(const QString &accountId, const QString &baseUrl,
                                     ProfileUse use)
{
    m_profileUses.insert({accountId, baseUrl}, use);
}

void GatewayAccounts::token(const QString &accountId, const Secret &rejected, QObject *context,
                            TokenReply done)
{
    const Secret known = m_tokens.value(accountId);
    if (!known.isEmpty() && !(known == rejected)) {
        done(known);
        return;
    }
    const bool isAsked = m_waiters.contains(accountId);
    m_waiters[accountId].push_back({context, rejected, std::move(done)});
    if (!isAsked)
        emit tokenNeeded(accountId, rejected);
}

void GatewayAccounts::resolve(const QString &accountId, const Result<Secret> &token)
{
    if (token)
        m_tokens.insert(accountId, token.value());
    else
        m_tokens.remove(accountId);
    std::vector<Waiter> stillWaiting;
    for (Waiter &waiter : m_waiters.take(accountId)) {
        // An answer to an older question may be the very token that this one was refused with.
        if (token && token.value() == waiter.rejected && !std::exchange(waiter.hasAskedAgain, true))
            stillWaiting.push_back(std::move(waiter));
        else if (waiter.context)
            waiter.done(token);
    }
    if (stillWaiting.empty())
        return;
    // One that was answered may have asked again, and its question is out.
    std::vector<Waiter> &waiters = m_waiters[accountId];
    const bool isAsked = !waiters.empty();
    const Secret rejected = stillWaiting.front().rejected;
    std::move(stillWaiting.begin(), stillWaiting.end(), std::back_inserter(waiters));
    if (!isAsked)
        emit tokenNeeded(accountId, rejected);
}

bool GatewayAccounts::sendsClosingEvents(const QString &baseUrl, const QString &modelId) const
{
    return m_closers.contains({baseUrl, modelId});
}

void GatewayAccounts::noteClosingEvents(const QString &baseUrl, const QString &modelId)
{
    if (m_closers.size() >= limits::MaxKnownClosers)
        m_closers.clear(); // learnt again with the next answers
    m_closers.insert({baseUrl, modelId});
}

void GatewayAccounts::setLastHost(const QString &accountId, const QString &baseUrl)
{
    m_lastHost.insert(accountId, baseUrl);
}

} // namespace kirotray
