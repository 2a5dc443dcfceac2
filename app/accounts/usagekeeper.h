// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountstore.h"
#include "app/accounts/quota.h"
#include "app/accounts/tokenkeeper.h"
#include "app/flows/flowrecord.h"
#include "app/kiro/controlcalls.h"

#include <QObject>

#include <chrono>
#include <functional>
#include <memory>

namespace kirotray {

/// Reads the accounts' credits: on a schedule, after use, on demand; keeps the last reading and the
/// samples of the forecast in usage.json, so that a start shows something. At most one reading an
/// account at a time, and not more often than limits::UsageMinInterval unless a person asks.
/// Accounts that are disabled, suspended or wait for a sign-in are read only when a person asks,
/// and none is asked about without a usable token. Main thread.
class UsageKeeper : public QObject
{
    Q_OBJECT
public:
    struct Settings
    {
        std::chrono::minutes interval {15};
        int lowPercent = 10; ///< 0: lowQuota() is never emitted
    };
    using Clock = std::function<QDateTime()>;

    UsageKeeper(AccountStore &store, TokenKeeper &tokens, ControlCalls &calls, QString file,
                Clock clock = {}, QObject *parent = nullptr);
    ~UsageKeeper() override;

    void setSettings(const Settings &settings);
    /// One round: reads what is due, a little apart. See nextReading().
    void check();
    void startTimer(); ///< a check now, and whenever an account is due; not in tests

    Quota quota(const AccountId &id) const;
    std::optional<Forecast> forecast(const AccountId &id) const;
    /// Now, whatever the schedule says; joins a reading that is under way. `done` once, never after
    /// `context` is gone. An error leaves the old numbers, with Quota::problem.
    void read(const AccountId &id, QObject *context, std::function<void(Result<Quota>)> done);
    /// A finished request: adds its credits, and asks for a reading soon.
    void noteUse(const FlowRecord &flow);
    /// The upstream says that the credits are used up: read now to learn until when. Said again
    /// within limits::UsageMinInterval it has no effect.
    void noteExhausted(const AccountId &id);

signals:
    void changed(const kirotray::AccountId &id);
    /// Once for each fall below the limit.
    void lowQuota(const kirotray::AccountId &id, double remaining);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
