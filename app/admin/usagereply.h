// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"
#include "app/accounts/quota.h"

#include <optional>
#include <string>
#include <vector>

namespace kirotray {

/// An account for GET /v1/usage.
struct UsageLine
{
    Account account;
    QString hash; ///< what x-kirotray-account names it by: no e-mail, no label
    Quota quota;
    std::optional<Forecast> forecast;
};

/// The body of GET /v1/usage, for status lines. Pure. Times are ISO 8601 in UTC, credits have at
/// most two decimals, `percent` is what is left of the limit, with at most one. Null is "not
/// known": never read, or read in a period that is over.
///
///     {"total": {"used": 412.37, "limit": 1000, "remaining": 587.63, "percent": 58.7,
///                "accounts": 1,           that are counted: usable, and with known numbers
///                "stale": false,          one of them is
///                "resetAt": "…" | null,   the first of them
///                "endsAt": "…" | null},   at the present pace of all; null: not before the reset
///      "accounts": [{"account": "<hash>", "plan": "KIRO PRO", "usable": true, "used": 412.37,
///                    "limit": 1000, "remaining": 587.63, "percent": 58.7, "resetAt": "…" | null,
///                    "readAt": "…" | null, "stale": false, "exhaustedUntil": "…" | null,
///                    "forecast": {"creditsPerDay": 30.5, "endsAt": "…" | null,
///                                 "earliest": "…" | null, "latest": "…" | null} | null}]}
///
/// An account is usable when it is enabled, has no problem, and its credits let it be used.
std::string usageReplyJson(const std::vector<UsageLine> &lines, const QDateTime &now);

/// The same in one line without a line break, for `?format=text`, English:
/// "588 of 1000 credits left (58.7%), resets 2026-04-01, at this pace used up 2026-03-20".
std::string usageReplyText(const std::vector<UsageLine> &lines, const QDateTime &now);

} // namespace kirotray
