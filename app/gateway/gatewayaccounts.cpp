// SPDX-License-Identifier: MIT
#include "app/gateway/gatewayaccounts.h"

#include "app/base/limits.h"

#include <algorithm>
#include <utility>

namespace kirotray {

void GatewayAccounts::setAccounts(std::vector<AccountSnapshot> accounts)
{
    m_accounts = std::move(accounts);
    const auto isKnown = [this](const QString &id) {
        return std::any_of(m_accounts.begin(), m_accounts.end(), [&id](const AccountSnapshot &one) {
            return one.identity.accountId == id;
        });
    };
    m_tokens.removeIf([&](const auto &entry) { return !isKnown(entry.key()); });
    m_lastHost.removeIf([&](const auto &entry) { return !isKnown(entry.key()); });
}

std::optional<GatewayAccounts::Pick> GatewayAccounts::pick() const
{
    const auto usable = std::find_if(m_accounts.begin(), m_accounts.end(),
                                     [](const AccountSnapshot &one) { return one.usable; });
    if (usable == m_accounts.end())
        return std::nullopt;
    return Pick {*usable,
                 m_accounts.size() == 1 ? u"the only account"_s : u"first usable in order"_s};
}

void GatewayAccounts::restore(const QString &accountId)
{
    m_tokens.remove(accountId);
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
    const Secret rejected = stillWaiting.front().rejected;
    m_waiters[accountId] = std::move(stillWaiting);
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
