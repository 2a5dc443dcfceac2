// SPDX-License-Identifier: MIT
#include "app/accounts/usagekeeper.h"

#include "app/accounts/pendinganswer.h"
#include "app/accounts/usagefile.h"
#include "app/accounts/usageschedule.h"
#include "app/base/limits.h"
#include "app/base/log.h"

#include <QRandomGenerator>
#include <QTimer>

#include <algorithm>
#include <deque>
#include <map>

namespace kirotray {

namespace {

/// The timer is not trusted over a longer time: it stands still while the machine sleeps.
constexpr std::chrono::milliseconds LongestUsageWait = limits::WakeGap;
constexpr std::chrono::milliseconds ShortestUsageWait = std::chrono::seconds(1);

/// -1 to 1.
double usageJitter()
{
    return QRandomGenerator::global()->generateDouble() * 2 - 1;
}

/// Read without a person's asking.
bool isScheduled(const Account &account)
{
    return isUsable(account);
}

} // namespace

class UsageKeeper::Private : public QObject
{
public:
    Private(UsageKeeper *keeper, AccountStore &store, TokenKeeper &tokens, ControlCalls &calls,
            QString file, Clock clock);
    ~Private() override;

    struct Ongoing
    {
        UsageTimes times;
        QDateTime exhaustedAt; ///< UTC; when noteExhausted() last had a reading made
        quint64 reading = 0; ///< the one under way; 0: none
        double chargedBefore = 0; ///< Quota::chargedSince when it began
        std::vector<PendingAnswer<Quota>> waiters;
    };

    void start(const AccountId &id);
    void askToken(const AccountId &id, quint64 reading, const Secret &rejected);
    void askUsage(const AccountId &id, quint64 reading, const Secret &token, bool mayRepeat);
    void finish(const AccountId &id, const Result<UsageSummary> &usage);
    void take(const AccountId &id, const UsageSummary &usage);
    void learn(const AccountId &id, const UsageSummary &usage);
    void tellWhenLow(const AccountId &id);
    void startRound();
    void nextOfRound();
    void rest();
    void dropRemoved();
    void saveSoon();
    void save();
    bool isDue(const AccountId &id);
    Ongoing *inReading(const AccountId &id, quint64 reading);

    UsageKeeper *q;
    AccountStore &m_store;
    TokenKeeper &m_tokens;
    ControlCalls &m_calls;
    QString m_file;
    Clock m_clock;
    Settings m_settings;
    UsageRecords m_records;
    std::map<AccountId, Ongoing> m_ongoing;
    quint64 m_lastReading = 0;
    std::deque<AccountId> m_round;
    bool m_isScheduling = false;
    QTimer m_check; ///< until an account is due
    QTimer m_stagger; ///< until the next account of this round
    QTimer m_save; ///< charges are many: they are saved together
};

UsageKeeper::Private::Private(UsageKeeper *keeper, AccountStore &store, TokenKeeper &tokens,
                              ControlCalls &calls, QString file, Clock clock)
    : q(keeper)
    , m_store(store)
    , m_tokens(tokens)
    , m_calls(calls)
    , m_file(std::move(file))
    , m_clock(clock ? std::move(clock) : [] { return QDateTime::currentDateTimeUtc(); })
    , m_records(loadUsage(m_file))
{
    for (const auto &[id, record] : m_records) {
        m_ongoing[id].times.askedAt = record.quota.readAt;
        m_ongoing[id].times.jitter = usageJitter();
    }
    m_check.setSingleShot(true);
    m_stagger.setSingleShot(true);
    m_save.setSingleShot(true);
    connect(&m_check, &QTimer::timeout, this, &Private::startRound);
    connect(&m_stagger, &QTimer::timeout, this, &Private::nextOfRound);
    connect(&m_save, &QTimer::timeout, this, &Private::save);
    connect(&m_store, &AccountStore::changed, this, &Private::dropRemoved);
}

UsageKeeper::Private::~Private()
{
    if (m_save.isActive())
        save();
}

UsageKeeper::Private::Ongoing *UsageKeeper::Private::inReading(const AccountId &id, quint64 reading)
{
    const auto found = m_ongoing.find(id);
    return found == m_ongoing.end() || found->second.reading != reading ? nullptr : &found->second;
}

void UsageKeeper::Private::start(const AccountId &id)
{
    Ongoing &ongoing = m_ongoing[id];
    if (ongoing.reading != 0)
        return;
    ongoing.reading = ++m_lastReading;
    ongoing.times.askedAt = m_clock();
    ongoing.times.jitter = usageJitter();
    ongoing.chargedBefore = m_records[id].quota.chargedSince;
    askToken(id, ongoing.reading, {});
}

/// `rejected`: the token that the service has just refused; the reading is tried once more.
void UsageKeeper::Private::askToken(const AccountId &id, quint64 reading, const Secret &rejected)
{
    const bool mayRepeat = rejected.isEmpty();
    m_tokens.token(id, rejected, this, [this, id, reading, mayRepeat](const Result<Secret> &token) {
        if (inReading(id, reading) == nullptr)
            return;
        if (token)
            askUsage(id, reading, token.value(), mayRepeat);
        else
            finish(id, token.error());
    });
}

void UsageKeeper::Private::askUsage(const AccountId &id, quint64 reading, const Secret &token,
                                    bool mayRepeat)
{
    const Account *account = m_store.find(id);
    if (account == nullptr)
        return; // dropRemoved() has ended it
    m_calls.usage(identityOf(*account, token), this,
                  [this, id, reading, token, mayRepeat](const Result<UsageSummary> &usage) {
                      if (inReading(id, reading) == nullptr)
                          return;
                      if (!usage && mayRepeat && usage.error().code == Error::Code::Unauthorized)
                          askToken(id, reading, token);
                      else
                          finish(id, usage);
                  });
}

void UsageKeeper::Private::finish(const AccountId &id, const Result<UsageSummary> &usage)
{
    Ongoing &ongoing = m_ongoing[id];
    ongoing.reading = 0;
    ongoing.times.failed = !usage;
    if (usage) {
        take(id, usage.value());
    } else {
        m_records[id].quota.problem = describe(usage.error());
        qCInfo(logAccounts).noquote()
            << "usage not read account=" << id.value << describe(usage.error());
    }
    const Quota quota = m_records[id].quota;
    for (PendingAnswer<Quota> &waiter : std::exchange(ongoing.waiters, {}))
        waiter.give(usage ? Result<Quota>(quota) : Result<Quota>(usage.error()));
    emit q->changed(id);
    if (usage) {
        tellWhenLow(id);
        learn(id, usage.value());
    }
    rest();
}

void UsageKeeper::Private::take(const AccountId &id, const UsageSummary &usage)
{
    UsageRecord &record = m_records[id];
    record.quota.usage = usage;
    record.quota.readAt = m_clock();
    record.quota.problem.clear();
    // What was charged while it was being read may not be in it.
    record.quota.chargedSince =
        std::max(0.0, record.quota.chargedSince - m_ongoing[id].chargedBefore);
    addSample(record.samples, {record.quota.readAt, usage.used});
    save();
}

/// Who the user is, where the sign-in did not tell.
void UsageKeeper::Private::learn(const AccountId &id, const UsageSummary &usage)
{
    const Account *found = m_store.find(id);
    if (found == nullptr)
        return;
    Account account = *found;
    if (account.email.isEmpty())
        account.email = usage.email;
    if (account.userId.isEmpty())
        account.userId = usage.userId;
    if (const Result<Done> put = m_store.put(account); !put)
        qCWarning(logAccounts).noquote() << "account not updated" << describe(put.error());
}

void UsageKeeper::Private::tellWhenLow(const AccountId &id)
{
    const auto found = m_records.find(id);
    if (found == m_records.end())
        return; // removed by a slot of changed()
    UsageRecord &record = found->second;
    const Quota &quota = record.quota;
    if (!quota.usage || quota.usage->limit <= 0)
        return;
    const bool isLow = quota.remaining() * 100 < quota.usage->limit * m_settings.lowPercent;
    const bool hasFallen = isLow && !record.isLow;
    if (isLow != record.isLow)
        saveSoon();
    record.isLow = isLow;
    if (hasFallen)
        emit q->lowQuota(id, quota.remaining());
}

bool UsageKeeper::Private::isDue(const AccountId &id)
{
    const Ongoing &ongoing = m_ongoing[id];
    const QDateTime now = m_clock();
    return ongoing.reading == 0 && nextReading(ongoing.times, m_settings.interval, now) <= now;
}

void UsageKeeper::Private::startRound()
{
    m_round.clear();
    for (const Account &account : m_store.accounts())
        if (isScheduled(account) && isDue(account.id))
            m_round.push_back(account.id);
    if (!m_stagger.isActive())
        nextOfRound();
    rest();
}

/// Many at once would look like an attack.
void UsageKeeper::Private::nextOfRound()
{
    if (m_round.empty())
        return;
    const AccountId id = m_round.front();
    m_round.pop_front();
    const auto rest = static_cast<qint64>(m_round.size() + 1);
    const qint64 most =
        std::min<qint64>(std::chrono::milliseconds(limits::RefreshStagger).count(),
                         std::chrono::milliseconds(limits::UsageMinInterval).count() / rest);
    m_stagger.start(
        std::chrono::milliseconds(QRandomGenerator::global()->bounded(most / 2, most + 1)));
    const Account *account = m_store.find(id);
    if (account != nullptr && isScheduled(*account) && isDue(id))
        start(id);
}

/// Until the first account is due.
void UsageKeeper::Private::rest()
{
    if (!m_isScheduling)
        return;
    const QDateTime now = m_clock();
    qint64 wait = LongestUsageWait.count();
    for (const Account &account : m_store.accounts()) {
        const Ongoing &ongoing = m_ongoing[account.id];
        if (isScheduled(account) && ongoing.reading == 0)
            wait =
                std::min(wait, now.msecsTo(nextReading(ongoing.times, m_settings.interval, now)));
    }
    m_check.start(std::max(ShortestUsageWait, std::chrono::milliseconds(wait)));
}

void UsageKeeper::Private::dropRemoved()
{
    const auto isGone = [this](const auto &item) { return m_store.find(item.first) == nullptr; };
    const std::size_t removed = std::erase_if(m_records, isGone);
    std::erase_if(m_ongoing, isGone); // who waits is told that it was cancelled
    if (removed > 0)
        save();
    rest();
}

void UsageKeeper::Private::saveSoon()
{
    if (!m_save.isActive())
        m_save.start(limits::UsageAfterUse);
}

void UsageKeeper::Private::save()
{
    m_save.stop();
    if (const Result<Done> saved = saveUsage(m_file, m_records); !saved)
        qCWarning(logAccounts).noquote() << "usage not saved" << describe(saved.error());
}

UsageKeeper::UsageKeeper(AccountStore &store, TokenKeeper &tokens, ControlCalls &calls,
                         QString file, Clock clock, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, store, tokens, calls, std::move(file), std::move(clock)))
{
}

UsageKeeper::~UsageKeeper() = default;

void UsageKeeper::setSettings(const Settings &settings)
{
    d->m_settings = settings;
    for (const Account &account : d->m_store.accounts())
        d->tellWhenLow(account.id);
    d->rest();
}

void UsageKeeper::check()
{
    d->startRound();
}

void UsageKeeper::startTimer()
{
    d->m_isScheduling = true;
    d->m_check.start(0);
}

Quota UsageKeeper::quota(const AccountId &id) const
{
    const auto found = d->m_records.find(id);
    return found == d->m_records.end() ? Quota {} : found->second.quota;
}

std::optional<Forecast> UsageKeeper::forecast(const AccountId &id) const
{
    const auto found = d->m_records.find(id);
    if (found == d->m_records.end())
        return std::nullopt;
    return forecastOf(found->second.samples, found->second.quota, d->m_clock());
}

void UsageKeeper::read(const AccountId &id, QObject *context,
                       std::function<void(Result<Quota>)> done)
{
    PendingAnswer<Quota> answer(context, std::move(done));
    if (d->m_store.find(id) == nullptr) {
        answer.give(Error {Error::Code::BadInput, u"unknown account"_s, id.value});
        return;
    }
    const AccountId own = id; // the caller's may lie in the store, which changes on the way
    d->m_ongoing[own].waiters.push_back(std::move(answer));
    d->start(own);
}

void UsageKeeper::noteUse(const FlowRecord &flow)
{
    const AccountId id {flow.accountId};
    if (d->m_store.find(id) == nullptr)
        return;
    d->m_ongoing[id].times.usedAt = d->m_clock();
    d->rest();
    const double credits = flow.credits.value_or(0);
    if (credits <= 0)
        return;
    d->m_records[id].quota.chargedSince += credits;
    d->saveSoon();
    emit changed(id);
    d->tellWhenLow(id);
}

void UsageKeeper::noteExhausted(const AccountId &id)
{
    const Account *account = d->m_store.find(id);
    if (account == nullptr || !isScheduled(*account))
        return;
    Private::Ongoing &ongoing = d->m_ongoing[id];
    const QDateTime now = d->m_clock();
    const bool isRecent = ongoing.exhaustedAt.isValid() && ongoing.exhaustedAt <= now
        && ongoing.exhaustedAt.msecsTo(now)
            < std::chrono::milliseconds(limits::UsageMinInterval).count();
    if (isRecent)
        return;
    ongoing.exhaustedAt = now;
    d->start(id);
}

} // namespace kirotray
