// SPDX-License-Identifier: MIT
#include "app/accounts/usageschedule.h"

#include "app/base/limits.h"

#include <algorithm>

namespace kirotray {

namespace {

QDateTime scheduledAfter(const QDateTime &from, std::chrono::milliseconds time)
{
    return from.addMSecs(time.count());
}

} // namespace

QDateTime nextReading(const UsageTimes &times, std::chrono::minutes interval, const QDateTime &now)
{
    if (!times.askedAt.isValid() || times.askedAt > now)
        return now;
    const std::chrono::milliseconds usual =
        times.failed ? std::chrono::milliseconds(limits::UsageMinInterval) : interval;
    const auto shift = static_cast<std::chrono::milliseconds::rep>(
        static_cast<double>(usual.count()) / 10 * times.jitter);
    QDateTime next = scheduledAfter(times.askedAt, usual + std::chrono::milliseconds(shift));
    if (times.usedAt.isValid() && times.usedAt >= times.askedAt)
        next = std::min(next, scheduledAfter(times.usedAt, limits::UsageAfterUse));
    return std::max(next, scheduledAfter(times.askedAt, limits::UsageMinInterval));
}

} // namespace kirotray
