// SPDX-License-Identifier: MIT
#include "app/accounts/tokenkeeper.h"

#include "app/accounts/tokenrenewal.h"
#include "app/base/limits.h"

#include <QRandomGenerator>
#include <QTimer>

#include <algorithm>
#include <deque>

namespace kirotray {

/// Adds the rounds to TokenRenewal: one account after the other, a little apart.
class TokenKeeper::Private : public QObject
{
public:
    Private(AccountStore &store, Vault &vault, ControlCalls &calls, Clock clock)
        : m_store(store)
        , m_renewal(
              store, vault, calls,
              clock ? std::move(clock) : [] { return QDateTime::currentDateTimeUtc(); })
        , m_vault(vault)
    {
        m_check.setSingleShot(true);
        m_stagger.setSingleShot(true);
        connect(&m_stagger, &QTimer::timeout, this, &Private::nextOfRound);
        connect(&m_check, &QTimer::timeout, this, [this] {
            startRound();
            rest();
        });
    }

    void startRound();
    void nextOfRound();
    void rest();

    AccountStore &m_store;
    TokenRenewal m_renewal;
    Vault &m_vault;
    QTimer m_check; ///< until the next round
    QTimer m_stagger; ///< until the next account of this round
    std::deque<AccountId> m_round;
};

void TokenKeeper::Private::startRound()
{
    m_renewal.storeUnsaved();
    m_round.clear();
    for (const Account &account : m_store.accounts()) {
        if (account.enabled && account.kind != AccountKind::ApiKey)
            m_round.push_back(account.id);
    }
    nextOfRound();
}

void TokenKeeper::Private::nextOfRound()
{
    const auto notDue = [this](const AccountId &id) { return !m_renewal.isDue(id); };
    m_round.erase(m_round.begin(), std::find_if_not(m_round.begin(), m_round.end(), notDue));
    if (m_round.empty())
        return;
    const AccountId id = m_round.front();
    m_round.pop_front();
    const auto rest = static_cast<qint64>(m_round.size() + 1);
    const std::chrono::milliseconds longest = limits::RefreshStagger;
    const qint64 most = std::min<qint64>(
        longest.count(), std::chrono::milliseconds(limits::RefreshCheckInterval).count() / rest);
    m_stagger.start(
        std::chrono::milliseconds(QRandomGenerator::global()->bounded(most / 2, most + 1)));
    m_renewal.renewIfDue(id);
}

void TokenKeeper::Private::rest()
{
    const qint64 jitter = std::chrono::milliseconds(limits::RefreshCheckJitter).count();
    m_check.start(
        limits::RefreshCheckInterval
        + std::chrono::milliseconds(QRandomGenerator::global()->bounded(-jitter, jitter + 1)));
}

TokenKeeper::TokenKeeper(AccountStore &store, Vault &vault, ControlCalls &calls, Clock clock,
                         QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(store, vault, calls, std::move(clock)))
{
    connect(&d->m_renewal, &TokenRenewal::tokenChanged, this, &TokenKeeper::tokenChanged);
    connect(&d->m_renewal, &TokenRenewal::signInNeeded, this, &TokenKeeper::signInNeeded);
    connect(&d->m_renewal, &TokenRenewal::settled, this, &TokenKeeper::settled);
}

TokenKeeper::~TokenKeeper() = default;

void TokenKeeper::store(const AccountId &id, const Credential &credential, QObject *context,
                        std::function<void(Result<Done>)> done)
{
    d->m_renewal.store(id, credential, PendingAnswer<Done>(context, std::move(done)));
}

void TokenKeeper::forget(const AccountId &id, QObject *context,
                         std::function<void(Result<Done>)> done)
{
    d->m_renewal.forget(id);
    d->m_vault.remove(vaultKey(id), context, std::move(done));
}

void TokenKeeper::handOver(const AccountId &from, const AccountId &to, QObject *context,
                           std::function<void(Result<Done>)> done)
{
    d->m_renewal.handOver(from, to, PendingAnswer<Done>(context, std::move(done)));
}

void TokenKeeper::token(const AccountId &id, const Secret &rejected, QObject *context,
                        std::function<void(Result<Secret>)> done)
{
    d->m_renewal.ask(id, rejected, PendingAnswer<Secret>(context, std::move(done)));
}

void TokenKeeper::check()
{
    d->startRound();
}

void TokenKeeper::startTimer()
{
    d->m_check.start(0);
}

bool TokenKeeper::isBusy() const
{
    return d->m_renewal.isBusy();
}

} // namespace kirotray
