// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/kirotables.h"

#include <QDateTime>
#include <QString>
#include <QStringList>

#include <chrono>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace kirotray {

enum class PoolStrategy {
    RoundRobin,
    LeastUsed, ///< fewest requests so far
    MostQuota, ///< most credits left
    Priority, ///< the user's order; the next ones only while those before them cannot be used
    FillFirst, ///< one account until its credits end, then the next
};
QString
toString(PoolStrategy strategy); ///< round-robin, least-used, most-quota, priority, fill-first
std::optional<PoolStrategy> poolStrategyNamed(const QString &text);

struct PoolSettings
{
    PoolStrategy strategy = PoolStrategy::RoundRobin;
    std::chrono::seconds stickiness {3600}; ///< a conversation keeps its account while it is not
                                            ///< idle longer; at least limits::StickyFloor
    std::chrono::seconds coolDown {60}; ///< after a failure whose reaction names no time
    int maxFailures = 5; ///< in a row: then the circuit opens, for longer each time
};

/// An account as the pool is told of it; in the user's order.
struct PoolMember
{
    QString id;
    int priority = 0;
    bool usable = true; ///< enabled, and without a problem that needs a person
    std::optional<double> remaining = {}; ///< credits; absent: not known
    QDateTime exhaustedUntil = {}; ///< UTC; until then its credits are used up, or the user's hard
                                   ///< stop before overage holds; invalid: not
};

/// What stands in an account's way at this moment, for windows and the admin API.
struct AccountHealth
{
    enum class State { Ready, CoolingDown, Probing, Exhausted, Unusable };
    State state = State::Ready;
    QDateTime until; ///< UTC, of CoolingDown and Exhausted
    QString why; ///< English; empty when Ready
    int failuresInARow = 0;
    qint64 requests = 0; ///< since the program started
    bool operator==(const AccountHealth &) const = default;
};

/// Chooses the account for each request and remembers how accounts behave: strategies, stickiness,
/// cool-downs, a circuit breaker with one half-open probe. Pure: no clock, no I/O; all times are
/// passed in, UTC. Any one thread (the gateway's).
class Pool
{
public:
    Pool();
    ~Pool();

    void setSettings(const PoolSettings &settings);
    /// Keeps what is remembered of accounts that stay.
    void setMembers(std::vector<PoolMember> members);

    struct Ask
    {
        QString conversation; ///< empty: none, nothing is sticky
        QString model; ///< upstream id, for accounts that lack it; empty: not known yet
        QStringList excluded = {}; ///< accounts that were tried for this request
        QString only = {}; ///< this account or none (a replay, a key bound to it)
    };
    struct Choice
    {
        QString accountId;
        QString reason; ///< "why this account": the only account, round robin, same conversation,
                        ///< conversation moved: <why>, …
        bool isProbe = false; ///< the half-open try after a pause
    };
    struct Refusal
    {
        enum class Why { NoAccounts, NoneUsable, Exhausted, CoolingDown, ModelRefused, AllTried };
        Why why = Why::NoAccounts;
        QDateTime until; ///< UTC, of Exhausted and CoolingDown: when the first one returns
    };
    /// A choice counts as a request of that account from now on and moves the conversation there.
    /// Each choice must be answered by one of succeeded(), failed() or abandoned().
    std::variant<Choice, Refusal> pick(const Ask &ask, const QDateTime &now);

    void succeeded(const QString &id, const QDateTime &now);
    /// Counts against the account only what §3.2 blames on it: AccountEffect::None is abandoned().
    /// `coolDown` zero: the settings'. AuthProblem and Suspended last until setMembers() says that
    /// the account is usable again after it was not, or restore().
    void failed(const QString &id, AccountEffect effect, std::chrono::seconds coolDown,
                const QString &why, const QDateTime &now);
    void abandoned(const QString &id); ///< neither good nor bad: client gone, content refused
    void modelRefused(const QString &id, const QString &model, const QDateTime &now);
    void restore(const QString &id); ///< a person says: try it again

    AccountHealth health(const QString &id, const QDateTime &now) const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
