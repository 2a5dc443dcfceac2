// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"
#include "app/kiro/controlcalls.h"

#include <QDateTime>

#include <optional>
#include <vector>

namespace kirotray {

/// What is known of an account's credits. A value.
struct Quota
{
    std::optional<UsageSummary> usage; ///< absent: never read
    QDateTime readAt; ///< UTC, of `usage`
    double chargedSince = 0; ///< credits metered by our own requests since then (§5.1: the service
                             ///< lags behind)
    QString problem; ///< why the last reading failed, English; empty when it worked

    double used() const; ///< with chargedSince
    double remaining() const; ///< 0 when never read
    bool isStale(const QDateTime &now) const; ///< never read, or older than limits::UsageStaleAfter
    bool operator==(const Quota &) const = default;
};

/// One reading, kept for the forecast.
struct UsageSample
{
    QDateTime at; ///< UTC
    double used = 0;
    bool operator==(const UsageSample &) const = default;
};

/// When the credits end at the present pace.
struct Forecast
{
    double creditsPerDay = 0;
    QDateTime endsAt; ///< UTC; invalid: not before the reset
    QDateTime earliest, latest; ///< the range around it; invalid like endsAt
};

/// Pure. Nullopt with fewer than two samples of the running period, or without any use. Samples in
/// rising order of time; a fall of `used` is a reset and what lies before it does not count. The
/// pace is that of the last seven days; the range comes from how much its days (or, of a shorter
/// time, its hours) differ, and `latest` takes a time of less than a day for that whole day's use.
/// `latest` is not beyond the reset.
std::optional<Forecast> forecastOf(const std::vector<UsageSample> &samples, const Quota &quota,
                                   const QDateTime &now);

/// Until when the account must not be used, by its credits: the reset when they are used up and
/// overage is off or `stopsBeforeOverage`; invalid: it may be used. A reset that is not known is
/// taken as the first of the next month, UTC.
QDateTime exhaustedUntil(const Quota &quota, bool stopsBeforeOverage, const QDateTime &now);

/// What the choice of an account needs to know of its credits.
struct QuotaNumbers
{
    std::optional<double> remaining; ///< absent: not known, or of a period that is over
    QDateTime exhaustedUntil; ///< UTC; see exhaustedUntil(), with the account's own hard stop
};
QuotaNumbers quotaNumbers(const Account &account, const Quota &quota, const QDateTime &now);

} // namespace kirotray
