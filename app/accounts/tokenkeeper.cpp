// SPDX-License-Identifier: MIT
#include "app/accounts/tokenkeeper.h"

#include "app/accounts/refreshall.h"
#include "app/accounts/tokenrenewal.h"
#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/net/networkwatch.h"

#include <QRandomGenerator>
#include <QTimer>

#include <algorithm>
#include <deque>

namespace kirotray {

namespace {

constexpr std::chrono::milliseconds HeartBeat = std::chrono::milliseconds(limits::WakeGap) / 4;

} // namespace

/// Adds the rounds to TokenRenewal: one account after the other, a little apart.
class TokenKeeper::Private : public QObject
{
public:
    Private(AccountStore &store, Vault &vault, ControlCalls &calls, Clock clock)
        : m_store(store)
        , m_renewal(
              store, vault, calls,
              clock ? std::move(clock) : [] { return QDateTime::currentDateTimeUtc(); })
        , m_refreshAll(m_renewal)
        , m_vault(vault)
    {
        connect(&m_network, &NetworkWatch::returned, this, &Private::noteNetwork);
        connect(&m_beat, &QTimer::timeout, this, &Private::noteTime);
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
    void noteTime();
    void noteNetwork();

    AccountStore &m_store;
    TokenRenewal m_renewal;
    RefreshAll m_refreshAll;
    NetworkWatch m_network;
    QDateTime m_lastBeat; ///< UTC
    QTimer m_beat; ///< tells whether the machine slept
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
    if (!m_stagger.isActive())
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

void TokenKeeper::Private::noteTime()
{
    const QDateTime now = m_renewal.now();
    const std::chrono::milliseconds passed(m_lastBeat.isValid() ? m_lastBeat.msecsTo(now) : 0);
    m_lastBeat = now;
    if (passed < HeartBeat + limits::WakeGap && passed > -limits::WakeGap)
        return;
    qCInfo(logAccounts).noquote() << "the machine slept, or its clock was set seconds="
                                  << passed.count() / 1000;
    startRound();
    // The network often comes later than the wake-up, and not every system says when.
    if (m_check.isActive())
        m_check.start(limits::RefreshPause);
}

/// Networks that come and go are left to settle.
void TokenKeeper::Private::noteNetwork()
{
    m_renewal.endNetworkPauses();
    m_check.start(limits::RefreshStagger);
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

void TokenKeeper::refresh(const AccountId &id, QObject *context,
                          std::function<void(Result<Done>)> done)
{
    const auto tell = [done = std::move(done)](const Result<Secret> &token) {
        done(token ? Result<Done>(Done {}) : Result<Done>(token.error()));
    };
    d->m_renewal.renew(id, PendingAnswer<Secret>(context, tell));
}

void TokenKeeper::refreshAll(QObject *context,
                             std::function<void(Result<std::vector<RefreshOutcome>>)> done)
{
    std::vector<AccountId> ids;
    for (const Account &account : d->m_store.accounts())
        if (account.enabled && account.kind != AccountKind::ApiKey)
            ids.push_back(account.id);
    d->m_refreshAll.ask(ids, {context, std::move(done)});
}

void TokenKeeper::check()
{
    d->startRound();
}

void TokenKeeper::startTimer()
{
    d->m_check.start(0);
    d->m_lastBeat = d->m_renewal.now();
    if (d->m_beat.isActive())
        return;
    d->m_beat.start(HeartBeat);
    d->m_network.start();
}

void TokenKeeper::noteTime()
{
    d->noteTime();
}

void TokenKeeper::noteNetwork()
{
    d->noteNetwork();
}

bool TokenKeeper::isBusy() const
{
    return d->m_renewal.isBusy();
}

void TokenKeeper::credential(const AccountId &id, QObject *context,
                             std::function<void(Result<Credential>)> done)
{
    d->m_renewal.read(id, PendingAnswer<Credential>(context, std::move(done)));
}

} // namespace kirotray
