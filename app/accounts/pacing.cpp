// SPDX-License-Identifier: MIT
#include "app/accounts/pacing.h"

#include <QHash>

#include <algorithm>
#include <deque>

namespace kirotray {

namespace {

using PacingWait = std::chrono::milliseconds;

constexpr std::chrono::minutes PacingWindow {1};

/// The starts of the last minute.
class StartWindow
{
public:
    Pacing::Time freeAt(int limit) const
    {
        const auto most = static_cast<std::size_t>(std::max(1, limit));
        return m_starts.size() < most ? Pacing::Time::min()
                                      : m_starts[m_starts.size() - most] + PacingWindow;
    }
    void add(Pacing::Time now)
    {
        while (!m_starts.empty() && m_starts.front() + PacingWindow <= now)
            m_starts.pop_front();
        m_starts.push_back(now);
    }
    void clear() { m_starts.clear(); }

private:
    std::deque<Pacing::Time> m_starts;
};

/// One account. The gap is a token bucket, kept as the time at which it would be full again.
struct PacedAccount
{
    Pacing::Time fullAt = Pacing::Time::min();
    StartWindow window = {};
    int running = 0;
};

} // namespace

class Pacing::Private
{
public:
    PacingSettings settings;
    QHash<QString, PacedAccount> accounts;
    StartWindow total;

    /// The other starts of a burst may be borrowed from the time to come.
    Time gapEndsAt(const PacedAccount &account) const
    {
        if (account.fullAt == Time::min())
            return account.fullAt;
        return account.fullAt - settings.minGap * (std::max(1, settings.burst) - 1);
    }
};

Pacing::Pacing()
    : d(std::make_unique<Private>())
{
}

Pacing::~Pacing() = default;

void Pacing::setSettings(const PacingSettings &settings)
{
    d->settings = settings;
    if (settings.enabled)
        return;
    d->total.clear();
    for (PacedAccount &account : d->accounts) {
        account.window.clear();
        account.fullAt = Time::min();
    }
}

const PacingSettings &Pacing::settings() const
{
    return d->settings;
}

std::optional<std::chrono::milliseconds> Pacing::waitOf(const QString &accountId, Time now) const
{
    if (!d->settings.enabled)
        return PacingWait::zero();
    Time at = d->total.freeAt(d->settings.total);
    const auto known = d->accounts.constFind(accountId);
    if (known != d->accounts.cend()) {
        if (known->running >= std::max(1, d->settings.concurrency))
            return std::nullopt;
        at = std::max({at, d->gapEndsAt(*known), known->window.freeAt(d->settings.perAccount)});
    }
    return at <= now ? PacingWait::zero() : std::chrono::ceil<PacingWait>(at - now);
}

void Pacing::started(const QString &accountId, Time now)
{
    PacedAccount &account = d->accounts[accountId];
    ++account.running;
    if (!d->settings.enabled)
        return;
    account.fullAt = std::max(account.fullAt, now) + d->settings.minGap;
    account.window.add(now);
    d->total.add(now);
}

void Pacing::ended(const QString &accountId)
{
    const auto known = d->accounts.find(accountId);
    if (known != d->accounts.end())
        known->running = std::max(0, known->running - 1);
}

int Pacing::running(const QString &accountId) const
{
    const auto known = d->accounts.constFind(accountId);
    return known == d->accounts.cend() ? 0 : known->running;
}

void Pacing::forget(const QString &accountId)
{
    d->accounts.remove(accountId);
}

} // namespace kirotray
