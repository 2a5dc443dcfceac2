// SPDX-License-Identifier: MIT
#pragma once

#include <QDateTime>

#include <chrono>

namespace kirotray {

/// When an account's credits were asked for and used. UTC; invalid: never.
struct UsageTimes
{
    QDateTime askedAt; ///< the start of the last reading, whatever became of it
    QDateTime usedAt; ///< the end of the last request
    bool failed = false; ///< the last reading did
    double jitter = 0; ///< -1 to 1: spreads the accounts over a tenth of the interval either way
};

/// Pure. When the next reading is due: `interval` after the last one, limits::UsageMinInterval
/// after a failed one, limits::UsageAfterUse after a use that came since; never sooner than
/// limits::UsageMinInterval after the last one. At once (`now`) without a reading, or with one of
/// the future: the clock was put back.
QDateTime nextReading(const UsageTimes &times, std::chrono::minutes interval, const QDateTime &now);

} // namespace kirotray
