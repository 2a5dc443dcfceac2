// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

#include <chrono>
#include <memory>
#include <optional>

namespace kirotray {

/// The user's limits on how fast requests go upstream (features RAT-01…07).
struct PacingSettings
{
    bool enabled = false;
    std::chrono::milliseconds minGap {1000}; ///< between two starts of one account, on average
    int burst = 5; ///< starts of one account that need not wait for the gap
    int perAccount = 60; ///< starts a minute
    int total = 120; ///< starts a minute, all accounts together
    int concurrency = 6; ///< running requests of one account
    int queueLength = 64; ///< requests that wait; the next one is refused
    std::chrono::milliseconds maxWait {60'000}; ///< then a waiting request is refused
};

/// Says when an account may start its next request. Pure; times are passed in. Any one thread.
class Pacing
{
public:
    using Time = std::chrono::steady_clock::time_point;

    Pacing();
    ~Pacing();
    void setSettings(const PacingSettings &settings);
    const PacingSettings &settings() const;

    /// Zero: at once. Absent: only when a running request of this account ends.
    std::optional<std::chrono::milliseconds> waitOf(const QString &accountId, Time now) const;
    void started(const QString &accountId, Time now);
    void ended(const QString &accountId);
    int running(const QString &accountId) const;
    void forget(const QString &accountId); ///< an account that was removed

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
