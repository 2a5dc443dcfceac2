// SPDX-License-Identifier: MIT
#include "app/accounts/refreshall.h"

#include "app/base/limits.h"

#include <utility>

namespace kirotray {

RefreshAll::RefreshAll(TokenRenewal &renewal)
    : m_renewal(renewal)
{
    m_stagger.setSingleShot(true);
    connect(&m_stagger, &QTimer::timeout, this, &RefreshAll::next);
}

void RefreshAll::ask(const std::vector<AccountId> &ids, PendingAnswer<Outcomes> answer)
{
    const bool isUnderWay = !m_waiters.empty();
    m_waiters.push_back(std::move(answer));
    if (isUnderWay)
        return;
    m_left.assign(ids.begin(), ids.end());
    if (!m_stagger.isActive())
        next();
    answerWhenDone();
}

void RefreshAll::next()
{
    if (m_left.empty())
        return;
    const AccountId id = m_left.front();
    m_left.pop_front();
    ++m_running;
    m_stagger.start(limits::RefreshStagger);
    m_renewal.renew(id, PendingAnswer<Secret>(this, [this, id](const Result<Secret> &token) {
                        finish(id, token);
                    }));
}

void RefreshAll::finish(const AccountId &id, const Result<Secret> &token)
{
    --m_running;
    m_outcomes.push_back({id, token ? Result<Done>(Done {}) : Result<Done>(token.error())});
    answerWhenDone();
}

void RefreshAll::answerWhenDone()
{
    if (m_running > 0 || !m_left.empty())
        return;
    const Outcomes outcomes = std::exchange(m_outcomes, {});
    for (PendingAnswer<Outcomes> &waiter : std::exchange(m_waiters, {}))
        waiter.give(outcomes);
}

} // namespace kirotray
