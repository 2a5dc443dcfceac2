// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"
#include "app/accounts/quota.h"

#include <map>
#include <vector>

namespace kirotray {

/// What is known of one account's credits, as it is kept over a restart.
struct UsageRecord
{
    Quota quota;
    std::vector<UsageSample> samples; ///< rising in time; limits::MaxUsageSamples at most
    bool isLow = false; ///< the fall below the limit has been told
    bool operator==(const UsageRecord &) const = default;
};
using UsageRecords = std::map<AccountId, UsageRecord>;

/// Adds a reading. Samples stand at least limits::MaxUsageSamples of them to a week apart: one that
/// is nearer replaces the last; a reset always gets its own. Samples of the future are dropped: the
/// clock was put back.
void addSample(std::vector<UsageSample> &samples, const UsageSample &sample);

/// A missing file is an empty map. A damaged one is moved to usage.json.broken-<time>, never
/// deleted, and the map is empty.
UsageRecords loadUsage(const QString &file);
/// By atomic replace, mode 0600. Error::Storage.
Result<Done> saveUsage(const QString &file, const UsageRecords &records);

} // namespace kirotray
