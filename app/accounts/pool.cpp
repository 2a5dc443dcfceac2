// SPDX-License-Identifier: MIT
#include "app/accounts/pool.h"

#include "app/accounts/conversations.h"
#include "app/accounts/poolhealth.h"
#include "app/accounts/poolorder.h"
#include "app/base/limits.h"

#include <QHash>

#include <algorithm>

namespace kirotray {

namespace {

using State = AccountHealth::State;

qint64 poolMs(std::chrono::seconds length)
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(length).count();
}

} // namespace

class Pool::Private
{
public:
    using Place = std::size_t;

    /// The account a conversation is with, and why it has to leave it.
    struct Home
    {
        std::optional<Place> place = {}; ///< absent: no conversation, or its account is gone
        bool isKnown = false;
        QString whyNot = {}; ///< empty: it stays
    };

    void setMembers(std::vector<PoolMember> members);
    std::variant<Choice, Refusal> pick(const Ask &ask, qint64 now);
    PoolHealth *find(const QString &id);
    PoolHealth::Rules rules() const
    {
        return {poolMs(m_settings.coolDown), m_settings.maxFailures};
    }

    struct Entry
    {
        PoolMember member;
        PoolHealth health = {};
        qint64 requests = 0;
    };
    PoolSettings m_settings;
    std::vector<Entry> m_entries; ///< in the user's order
    QHash<QString, Place> m_places;

private:
    Home homeOf(const Ask &ask, qint64 now) const;
    QString whyNotHere(const Entry &entry, const Ask &ask, qint64 now) const;
    std::vector<Place> candidates(const Ask &ask, qint64 now) const;
    bool isWorthWaiting(const Ask &ask, qint64 now) const;
    void keepSure(std::vector<Place> &places, qint64 now) const;
    Choice choose(const Ask &ask, const Home &home, const std::vector<Place> &places, qint64 now);
    Choice give(Place place, const Ask &ask, QString reason, qint64 now);
    Refusal refuse(const Ask &ask, qint64 now) const;
    Refusal refuseUntilReturn(const Ask &ask, qint64 now) const;

    std::vector<PoolStanding> m_standings; ///< of m_entries
    PoolOrder m_order;
    Conversations m_conversations {limits::MaxConversations};
};

namespace {

bool isAskedFor(const Pool::Ask &ask, const QString &id)
{
    return ask.only.isEmpty() || ask.only == id;
}

QString seconds(qint64 ms)
{
    return QString::number((ms + 999) / 1000) + u" s"_s;
}

QString whyStanding(const PoolHealth &health, qint64 now)
{
    const AccountHealth is = health.describe(now);
    switch (is.state) {
    case State::Ready:
        return u"its account could not answer this request"_s;
    case State::CoolingDown:
        return u"its account cools down for "_s + seconds(health.until(now) - now) + u" more: "_s
            + is.why;
    case State::Probing:
        return u"its account is being tried after a pause"_s;
    case State::Exhausted:
        return u"its account is exhausted: "_s + is.why;
    case State::Unusable:
        return u"its account cannot be used: "_s + is.why;
    }
    return {};
}

} // namespace

void Pool::Private::setMembers(std::vector<PoolMember> members)
{
    std::stable_sort(members.begin(), members.end(), [](const PoolMember &a, const PoolMember &b) {
        return a.priority < b.priority;
    });
    const QString filling = m_order.filling() ? m_entries[*m_order.filling()].member.id : QString();
    std::vector<Entry> entries;
    std::vector<PoolStanding> standings;
    QHash<QString, Place> places;
    for (PoolMember &member : members) {
        if (places.contains(member.id))
            continue;
        const auto known = m_places.constFind(member.id);
        const bool isKnown = known != m_places.cend();
        Entry entry = isKnown ? std::move(m_entries[*known]) : Entry {member};
        PoolStanding standing = isKnown ? m_standings[*known] : PoolStanding {};
        entry.health.setMember(member);
        standing.remaining = member.remaining;
        entry.member = std::move(member);
        places.insert(entry.member.id, entries.size());
        entries.push_back(std::move(entry));
        standings.push_back(standing);
    }
    m_entries = std::move(entries);
    m_standings = std::move(standings);
    m_places = std::move(places);
    const auto stillFilling = m_places.constFind(filling);
    m_order.setFilling(stillFilling == m_places.cend() ? std::optional<Place>() : *stillFilling);
}

PoolHealth *Pool::Private::find(const QString &id)
{
    const auto found = m_places.constFind(id);
    return found == m_places.cend() ? nullptr : &m_entries[*found].health;
}

std::variant<Pool::Choice, Pool::Refusal> Pool::Private::pick(const Ask &ask, qint64 now)
{
    const Home home = homeOf(ask, now);
    if (home.place && home.whyNot.isEmpty())
        return give(*home.place, ask,
                    m_entries.size() == 1 ? u"the only account"_s : u"same conversation"_s, now);
    const std::vector<Place> places = candidates(ask, now);
    if (places.empty())
        return refuse(ask, now);
    return choose(ask, home, places, now);
}

Pool::Private::Home Pool::Private::homeOf(const Ask &ask, qint64 now) const
{
    if (ask.conversation.isEmpty())
        return {};
    const Conversations::Place *known = m_conversations.find(ask.conversation);
    if (known == nullptr)
        return {};
    const auto found = m_places.constFind(known->accountId);
    if (found == m_places.cend())
        return {{}, true, u"its account was removed"_s};
    const Entry &entry = m_entries[*found];
    const auto stays = std::max<std::chrono::seconds>(m_settings.stickiness, limits::StickyFloor);
    if (now - known->lastUsed > poolMs(stays))
        return {*found, true, u"it was quiet for "_s + seconds(now - known->lastUsed)};
    return {*found, true, whyNotHere(entry, ask, now)};
}

QString Pool::Private::whyNotHere(const Entry &entry, const Ask &ask, qint64 now) const
{
    if (!isAskedFor(ask, entry.member.id))
        return u"another account was asked for"_s;
    if (ask.excluded.contains(entry.member.id) || !entry.health.canStart(now))
        return whyStanding(entry.health, now);
    return entry.health.lacksModel(ask.model, now) ? u"its account lacks the model"_s : QString();
}

/// Accounts that lack the model come only where no other can answer, now or soon.
std::vector<Pool::Private::Place> Pool::Private::candidates(const Ask &ask, qint64 now) const
{
    std::vector<Place> sure;
    std::vector<Place> lacking;
    for (Place at = 0; at < m_entries.size(); ++at) {
        const Entry &entry = m_entries[at];
        if (!isAskedFor(ask, entry.member.id) || !entry.health.canStart(now)
            || ask.excluded.contains(entry.member.id))
            continue;
        (entry.health.lacksModel(ask.model, now) ? lacking : sure).push_back(at);
    }
    if (!sure.empty()) {
        if (!ask.excluded.isEmpty())
            keepSure(sure, now);
        return sure;
    }
    return isWorthWaiting(ask, now) ? sure : lacking;
}

/// An account that may have the model only pauses.
bool Pool::Private::isWorthWaiting(const Ask &ask, qint64 now) const
{
    return std::any_of(m_entries.begin(), m_entries.end(), [&ask, now](const Entry &entry) {
        if (!isAskedFor(ask, entry.member.id) || entry.health.lacksModel(ask.model, now))
            return false;
        const State is = entry.health.state(now);
        return is == State::CoolingDown || is == State::Probing;
    });
}

/// A request that failed once already is no probe while another account is ready.
void Pool::Private::keepSure(std::vector<Place> &places, qint64 now) const
{
    const auto isReady = [this, now](Place at) {
        return m_entries[at].health.state(now) == State::Ready;
    };
    if (std::any_of(places.begin(), places.end(), isReady))
        std::erase_if(places, [&isReady](Place at) { return !isReady(at); });
}

Pool::Choice Pool::Private::choose(const Ask &ask, const Home &home,
                                   const std::vector<Place> &places, qint64 now)
{
    const PoolStrategy strategy = m_settings.strategy;
    if (const std::optional<Place> filling = m_order.filling()) {
        const State is = m_entries[*filling].health.state(now);
        m_standings[*filling].isSpent = is == State::Exhausted || is == State::Unusable;
    }
    Place place = places.front();
    QString why = m_entries.size() == 1 ? u"the only account"_s : u"asked for"_s;
    if (ask.only.isEmpty()) {
        place = m_order.next(strategy, m_standings, places);
        m_order.chosen(strategy, m_standings, place);
        if (m_entries.size() > 1)
            why = whyChosen(strategy);
    }
    if (m_entries[place].health.lacksModel(ask.model, now))
        why += u"; no other account has the model"_s;
    if (home.isKnown && home.place != place)
        why = u"conversation moved: "_s + home.whyNot + u"; "_s + why;
    return give(place, ask, std::move(why), now);
}

Pool::Choice Pool::Private::give(Place place, const Ask &ask, QString reason, qint64 now)
{
    Entry &entry = m_entries[place];
    ++entry.requests;
    ++m_standings[place].requests;
    if (!ask.conversation.isEmpty())
        m_conversations.put(ask.conversation, entry.member.id, now);
    const bool isProbe = entry.health.start(now);
    if (isProbe)
        reason += u"; tried again after a pause"_s;
    return {entry.member.id, std::move(reason), isProbe};
}

/// Says what stands in the way of all accounts, those that were tried for this request included.
Pool::Refusal Pool::Private::refuse(const Ask &ask, qint64 now) const
{
    bool isAny = false;
    bool isUsable = false;
    bool isReady = false;
    bool lacksAll = true;
    for (const Entry &entry : m_entries) {
        if (!isAskedFor(ask, entry.member.id))
            continue;
        isAny = true;
        const State is = entry.health.state(now);
        isUsable = isUsable || is != State::Unusable;
        if (!entry.health.canStart(now))
            continue;
        isReady = true;
        lacksAll = lacksAll && entry.health.lacksModel(ask.model, now);
    }
    if (!isAny)
        return {Refusal::Why::NoAccounts, {}};
    if (!isUsable)
        return {Refusal::Why::NoneUsable, {}};
    if (!isReady || (lacksAll && isWorthWaiting(ask, now)))
        return refuseUntilReturn(ask, now);
    return {lacksAll ? Refusal::Why::ModelRefused : Refusal::Why::AllTried, {}};
}

Pool::Refusal Pool::Private::refuseUntilReturn(const Ask &ask, qint64 now) const
{
    Refusal refusal;
    qint64 first = 0;
    for (const Entry &entry : m_entries) {
        const State is = entry.health.state(now);
        const bool isAway =
            is == State::Exhausted || is == State::CoolingDown || is == State::Probing;
        if (!isAway || !isAskedFor(ask, entry.member.id))
            continue;
        const qint64 returns =
            is == State::Probing ? now + limits::ProbePatience.count() : entry.health.until(now);
        if (first != 0 && returns >= first)
            continue;
        first = returns;
        refusal.why = is == State::Exhausted ? Refusal::Why::Exhausted : Refusal::Why::CoolingDown;
    }
    refusal.until = QDateTime::fromMSecsSinceEpoch(first, Qt::UTC);
    return refusal;
}

Pool::Pool()
    : d(std::make_unique<Private>())
{
}

Pool::~Pool() = default;

void Pool::setSettings(const PoolSettings &settings)
{
    d->m_settings = settings;
}

void Pool::setMembers(std::vector<PoolMember> members)
{
    d->setMembers(std::move(members));
}

std::variant<Pool::Choice, Pool::Refusal> Pool::pick(const Ask &ask, const QDateTime &now)
{
    return d->pick(ask, now.toMSecsSinceEpoch());
}

void Pool::succeeded(const QString &id, const QDateTime &now)
{
    if (PoolHealth *health = d->find(id))
        health->succeeded(now.toMSecsSinceEpoch());
}

void Pool::failed(const QString &id, AccountEffect effect, std::chrono::seconds coolDown,
                  const QString &why, const QDateTime &now)
{
    if (PoolHealth *health = d->find(id))
        health->failed(effect, poolMs(coolDown), why, d->rules(), now.toMSecsSinceEpoch());
}

void Pool::abandoned(const QString &id)
{
    if (PoolHealth *health = d->find(id))
        health->abandoned();
}

void Pool::modelRefused(const QString &id, const QString &model, const QDateTime &now)
{
    if (PoolHealth *health = d->find(id); health != nullptr && !model.isEmpty())
        health->refuseModel(model, now.toMSecsSinceEpoch());
}

void Pool::restore(const QString &id)
{
    if (PoolHealth *health = d->find(id))
        health->restore();
}

AccountHealth Pool::health(const QString &id, const QDateTime &now) const
{
    const auto found = d->m_places.constFind(id);
    if (found == d->m_places.cend())
        return {AccountHealth::State::Unusable, {}, u"not in the pool"_s};
    const Private::Entry &entry = d->m_entries[*found];
    AccountHealth health = entry.health.describe(now.toMSecsSinceEpoch());
    health.requests = entry.requests;
    return health;
}

} // namespace kirotray
