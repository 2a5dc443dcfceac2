// SPDX-License-Identifier: MIT
#include "app/accounts/quota.h"

#include "app/base/limits.h"

#include <algorithm>
#include <cmath>

namespace kirotray {

namespace {

constexpr double QuotaHour = 3600; // seconds
constexpr double QuotaDay = 24 * QuotaHour;
constexpr double PaceWindow = 7 * QuotaDay; ///< what "at present" means
constexpr double ForecastHorizon = 366 * QuotaDay; ///< farther ends are no forecast

double secondsBetween(const QDateTime &from, const QDateTime &to)
{
    return static_cast<double>(from.msecsTo(to)) / 1000;
}

QDateTime laterBy(const QDateTime &from, double seconds)
{
    return from.addMSecs(std::llround(seconds * 1000));
}

/// Of the period that the reading belongs to.
QDateTime resetOf(const Quota &quota)
{
    if (quota.usage->nextReset.isValid())
        return quota.usage->nextReset;
    const QDate read = quota.readAt.toUTC().date();
    return QDateTime(QDate(read.year(), read.month(), 1).addMonths(1), QTime(0, 0), Qt::UTC);
}

/// The samples that tell of the present pace, with what is known right now as the last one.
std::vector<UsageSample> presentSamples(const std::vector<UsageSample> &samples, const Quota &quota,
                                        const QDateTime &now)
{
    const QDateTime begin =
        std::max(resetOf(quota).addMonths(-1), now.addSecs(-static_cast<qint64>(PaceWindow)));
    std::vector<UsageSample> present;
    const auto add = [&present](const UsageSample &sample) {
        if (!present.empty() && sample.used < present.back().used)
            present.clear();
        present.push_back(sample);
    };
    for (const UsageSample &sample : samples)
        if (sample.at >= begin && sample.at <= now)
            add(sample);
    // Without a reading nobody knows what other programs used since then.
    const QDateTime end = quota.isStale(now) ? quota.readAt : now;
    if (!present.empty() && present.back().at < end)
        add({end, quota.used()});
    return present;
}

/// Credits used up to `at`, between two samples in a straight line.
double usedAt(const std::vector<UsageSample> &samples, const QDateTime &at)
{
    const auto next = std::find_if(samples.begin(), samples.end(),
                                   [&at](const UsageSample &sample) { return sample.at >= at; });
    if (next == samples.begin())
        return samples.front().used;
    if (next == samples.end())
        return samples.back().used;
    const UsageSample &before = *std::prev(next);
    const double share = secondsBetween(before.at, at) / secondsBetween(before.at, next->at);
    return before.used + (next->used - before.used) * share;
}

struct Paces
{
    double usual = 0, slow = 0, fast = 0; // credits a second
};

/// The error of the mean over whole days, or whole hours where there are not two days.
double paceError(const std::vector<UsageSample> &samples, double span, double mean)
{
    const double piece = span >= 2 * QuotaDay ? QuotaDay : QuotaHour;
    const int count = static_cast<int>(span / piece);
    if (count < 2)
        return mean / 2;
    double squares = 0;
    for (int i = 0; i < count; ++i) {
        const QDateTime end = laterBy(samples.back().at, -piece * i);
        const double used = usedAt(samples, end) - usedAt(samples, laterBy(end, -piece));
        squares += std::pow(used / piece - mean, 2);
    }
    return std::sqrt(squares / (count - 1) / count);
}

/// Nothing without use, or when all is in one instant.
std::optional<Paces> pacesOf(const std::vector<UsageSample> &samples)
{
    if (samples.size() < 2)
        return std::nullopt;
    const double span = secondsBetween(samples.front().at, samples.back().at);
    const double used = samples.back().used - samples.front().used;
    if (span <= 0 || used <= 0)
        return std::nullopt;
    Paces paces;
    paces.usual = used / std::max(span, QuotaHour); // a burst of minutes is no pace
    const double error = paceError(samples, span, paces.usual);
    paces.fast = paces.usual + error;
    paces.slow = std::max(paces.usual - error, paces.usual / 4);
    if (span < QuotaDay)
        paces.slow = std::min(paces.slow, used / QuotaDay);
    return paces;
}

} // namespace

double Quota::used() const
{
    return (usage ? usage->used : 0) + chargedSince;
}

double Quota::remaining() const
{
    return usage ? std::max(0.0, usage->limit - used()) : 0;
}

bool Quota::isStale(const QDateTime &now) const
{
    // A reading in the future is one of a clock that was put back since.
    return !usage || !readAt.isValid() || readAt > now
        || readAt < now.addMSecs(-std::chrono::milliseconds(limits::UsageStaleAfter).count());
}

std::optional<Forecast> forecastOf(const std::vector<UsageSample> &samples, const Quota &quota,
                                   const QDateTime &now)
{
    if (!quota.usage || resetOf(quota) <= now)
        return std::nullopt;
    const std::vector<UsageSample> present = presentSamples(samples, quota, now);
    const std::optional<Paces> paces = pacesOf(present);
    if (!paces)
        return std::nullopt;
    Forecast forecast;
    forecast.creditsPerDay = paces->usual * QuotaDay;
    const double left = quota.remaining();
    const QDateTime &start = present.back().at;
    const QDateTime reset = resetOf(quota);
    const auto endAt = [&](double pace) {
        return laterBy(start, std::min(left / pace, ForecastHorizon));
    };
    if (endAt(paces->usual) >= reset)
        return forecast;
    forecast.endsAt = endAt(paces->usual);
    forecast.earliest = endAt(paces->fast);
    forecast.latest = std::min(endAt(paces->slow), reset);
    return forecast;
}

QDateTime exhaustedUntil(const Quota &quota, bool stopsBeforeOverage, const QDateTime &now)
{
    if (!quota.usage)
        return {};
    const UsageSummary &usage = *quota.usage;
    const QDateTime reset = resetOf(quota);
    if (reset <= now)
        return {}; // the numbers are of a period that is over
    const bool isUsedUp = quota.remaining() <= 0;
    const double overages = usage.overages + std::max(0.0, quota.chargedSince - usage.remaining());
    const bool isCapReached = usage.overageCap > 0 && overages >= usage.overageCap;
    const bool isPaid = usage.overageEnabled && !stopsBeforeOverage;
    return usage.exhausted || isCapReached || (isUsedUp && !isPaid) ? reset : QDateTime();
}

QuotaNumbers quotaNumbers(const Account &account, const Quota &quota, const QDateTime &now)
{
    QuotaNumbers numbers;
    if (quota.usage && resetOf(quota) > now)
        numbers.remaining = quota.remaining();
    numbers.exhaustedUntil = exhaustedUntil(quota, account.stopsBeforeOverage, now);
    return numbers;
}

} // namespace kirotray
