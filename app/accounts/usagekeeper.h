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
/// account at a time, and not more often than limits::UsageMinInterval unless a person asks. Main
/// thread.
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
    void startTimer(); ///< readings by schedule; not in tests

    Quota quota(const AccountId &id) const;
    std::optional<Forecast> forecast(const AccountId &id) const;
    /// Now, whatever the schedule says. `done` once, never after `context` is gone.
    void read(const AccountId &id, QObject *context, std::function<void(Result<Quota>)> done);
    /// A finished request: adds its credits, and asks for a reading soon.
    void noteUse(const FlowRecord &flow);
    /// The upstream says that the credits are used up: read now to learn until when.
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
