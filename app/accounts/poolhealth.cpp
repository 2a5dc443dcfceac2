// SPDX-License-Identifier: MIT
#include "app/accounts/poolhealth.h"

#include "app/base/limits.h"

#include <QTimeZone>

#include <algorithm>

namespace kirotray {

namespace {

constexpr qint64 CircuitMax =
    std::chrono::duration_cast<std::chrono::milliseconds>(limits::CircuitOpenMax).count();
constexpr qint64 RefusalLifetime =
    std::chrono::duration_cast<std::chrono::milliseconds>(limits::ModelRefusedLifetime).count();

qint64 poolTime(const QDateTime &time)
{
    return time.isValid() ? time.toMSecsSinceEpoch() : 0;
}

QDateTime poolDateTime(qint64 time)
{
    return time == 0 ? QDateTime() : QDateTime::fromMSecsSinceEpoch(time, Qt::UTC);
}

qint64 startOfDay(QDate day)
{
    return QDateTime(day, QTime(0, 0), Qt::UTC).toMSecsSinceEpoch();
}

qint64 nextUtcDay(qint64 now)
{
    return startOfDay(poolDateTime(now).date().addDays(1));
}

qint64 nextUtcMonth(qint64 now)
{
    const QDate today = poolDateTime(now).date();
    return startOfDay(QDate(today.year(), today.month(), 1).addMonths(1));
}

} // namespace

bool PoolHealth::Pause::holds(qint64 now) const
{
    return now < until && now >= from - limits::ClockStepBack.count();
}

void PoolHealth::setMember(const PoolMember &member)
{
    if (member.usable && !m_isUsable) {
        m_isBlocked = false;
        m_blockedWhy.clear();
    }
    m_isUsable = member.usable;
    m_reportedUntil = poolTime(member.exhaustedUntil);
    const bool isReported = m_reportedUntil > m_guessedAt;
    const bool hasRisen =
        member.remaining && *member.remaining > m_remaining.value_or(0) && *member.remaining > 0;
    if (isReported || hasRisen)
        m_guessedUntil = 0;
    m_remaining = member.remaining;
}

qint64 PoolHealth::until(qint64 now) const
{
    switch (state(now)) {
    case AccountHealth::State::Exhausted:
        return std::max({m_reportedUntil, m_guessedUntil, m_dayUntil});
    case AccountHealth::State::CoolingDown:
        return m_pause.until;
    default:
        return 0;
    }
}

AccountHealth::State PoolHealth::state(qint64 now) const
{
    if (!m_isUsable || m_isBlocked)
        return AccountHealth::State::Unusable;
    if (now < std::max({m_reportedUntil, m_guessedUntil, m_dayUntil}))
        return AccountHealth::State::Exhausted;
    if (m_pause.holds(now))
        return AccountHealth::State::CoolingDown;
    return m_openings > 0 ? AccountHealth::State::Probing : AccountHealth::State::Ready;
}

AccountHealth PoolHealth::describe(qint64 now) const
{
    AccountHealth health;
    health.state = state(now);
    health.until = poolDateTime(until(now));
    health.failuresInARow = m_failures;
    switch (health.state) {
    case AccountHealth::State::Ready:
        break;
    case AccountHealth::State::CoolingDown:
        health.why = m_pauseWhy;
        break;
    case AccountHealth::State::Probing:
        health.why = m_isProbing ? u"it is being tried after a pause"_s
                                 : u"the next request tries it after a pause"_s;
        break;
    case AccountHealth::State::Exhausted:
        health.why = m_exhaustedWhy.isEmpty() || now < m_reportedUntil
            ? u"its credits are used up"_s
            : m_exhaustedWhy;
        break;
    case AccountHealth::State::Unusable:
        health.why = m_isBlocked ? m_blockedWhy : u"disabled, or it needs a person"_s;
        break;
    }
    return health;
}

bool PoolHealth::canStart(qint64 now) const
{
    const AccountHealth::State is = state(now);
    return is == AccountHealth::State::Ready
        || (is == AccountHealth::State::Probing && !m_isProbing);
}

bool PoolHealth::start(qint64 now)
{
    ++m_running;
    if (state(now) != AccountHealth::State::Probing)
        return false;
    m_isProbing = true;
    return true;
}

void PoolHealth::answered()
{
    m_running = std::max(0, m_running - 1);
}

/// A success while a pause lasts is of a request from before it: it proves nothing about the limit.
void PoolHealth::succeeded(qint64 now)
{
    answered();
    if (m_pause.holds(now))
        return;
    m_failures = 0;
    m_openings = 0;
    m_isProbing = false;
}

void PoolHealth::failed(AccountEffect effect, qint64 length, const QString &why, const Rules &rules,
                        qint64 now)
{
    if (effect == AccountEffect::None) {
        abandoned();
        return;
    }
    answered();
    switch (effect) {
    case AccountEffect::None:
        break;
    case AccountEffect::AuthProblem:
    case AccountEffect::Suspended:
        m_isBlocked = true;
        m_blockedWhy = why;
        break;
    case AccountEffect::MonthlyExhausted:
        m_guessedAt = now;
        m_guessedUntil = m_reportedUntil > now ? 0 : nextUtcMonth(now);
        m_exhaustedWhy = why;
        break;
    case AccountEffect::DailyExhausted:
        m_dayUntil = nextUtcDay(now);
        m_exhaustedWhy = why;
        break;
    case AccountEffect::CoolDown:
        m_pauseWhy = why;
        coolDown(length > 0 ? length : rules.coolDown, rules, now);
        return;
    }
    m_isProbing = false;
}

/// Requests that ran side by side and fail together are one failure.
void PoolHealth::coolDown(qint64 length, const Rules &rules, qint64 now)
{
    if (m_pause.holds(now)) {
        m_pause.until = std::max(m_pause.until, now + length);
        return;
    }
    ++m_failures;
    if (m_openings > 0 || m_failures >= rules.maxFailures)
        openCircuit(length, rules, now);
    else
        m_pause = {now, now + length};
}

void PoolHealth::openCircuit(qint64 atLeast, const Rules &rules, qint64 now)
{
    constexpr int MaxDoublings = 30;
    m_openings = std::min(m_openings + 1, MaxDoublings);
    const qint64 grown = std::min(rules.coolDown << m_openings, CircuitMax);
    m_pause = {now, now + std::max(atLeast, grown)};
    m_isProbing = false;
}

/// Without knowing whose answer this is, an older request is taken to have ended before the probe
/// has: there is never a second probe too early.
void PoolHealth::abandoned()
{
    if (m_running <= 1)
        m_isProbing = false;
    answered();
}

void PoolHealth::restore()
{
    m_isBlocked = false;
    m_blockedWhy.clear();
    m_guessedUntil = 0;
    m_dayUntil = 0;
    m_pause = {};
    m_failures = 0;
    m_openings = 0;
    m_isProbing = false;
    m_refusedModels.clear();
}

void PoolHealth::refuseModel(const QString &model, qint64 now)
{
    m_refusedModels.removeIf([now](const auto &known) { return known.value() <= now; });
    if (m_refusedModels.size() >= limits::MaxRefusedModels && !m_refusedModels.contains(model))
        m_refusedModels.erase(std::min_element(m_refusedModels.begin(), m_refusedModels.end()));
    m_refusedModels.insert(model, now + RefusalLifetime);
}

bool PoolHealth::lacksModel(const QString &model, qint64 now) const
{
    return now < m_refusedModels.value(model, 0);
}

} // namespace kirotray
