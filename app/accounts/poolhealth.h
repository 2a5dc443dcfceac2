// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/pool.h"

#include <QHash>

#include <optional>

namespace kirotray {

/// How one account of the pool behaves: what stands in its way, and until when (kiro-protocol
/// §3.2). Pure; times are milliseconds since the epoch, UTC.
///
/// A circuit that is open lets nothing through until its pause is over; then one request is the
/// probe, and nothing else goes through before that one is answered.
class PoolHealth
{
public:
    struct Rules
    {
        qint64 coolDown = 0; ///< ms, of a failure that names no time
        int maxFailures = 1; ///< in a row, until the circuit opens
    };

    /// What the accounts' side says. Lifts a block when the account is usable again after it was
    /// not, and a guessed exhaustion once a reading says better.
    void setMember(const PoolMember &member);

    AccountHealth::State state(qint64 now) const;
    AccountHealth describe(qint64 now) const; ///< requests is left zero
    qint64 until(qint64 now) const; ///< of CoolingDown and Exhausted; else 0
    /// Ready, or the pause is over and nobody probes yet.
    bool canStart(qint64 now) const;

    /// A request begins. True: it is the probe.
    bool start(qint64 now);
    void succeeded(qint64 now);
    void failed(AccountEffect effect, qint64 coolDown, const QString &why, const Rules &rules,
                qint64 now);
    void abandoned();
    void restore();

    void refuseModel(const QString &model, qint64 now);
    bool lacksModel(const QString &model, qint64 now) const;

private:
    struct Pause
    {
        qint64 from = 0;
        qint64 until = 0;
        bool holds(qint64 now) const;
    };

    void answered();
    void coolDown(qint64 length, const Rules &rules, qint64 now);
    void openCircuit(qint64 atLeast, const Rules &rules, qint64 now);

    bool m_isUsable = true;
    qint64 m_reportedUntil = 0; ///< PoolMember::exhaustedUntil
    std::optional<double> m_remaining;

    QString m_blockedWhy; ///< of AuthProblem and Suspended
    bool m_isBlocked = false;
    qint64 m_guessedUntil = 0; ///< exhausted, until a reading of the usage says better
    qint64 m_guessedAt = 0;
    qint64 m_dayUntil = 0; ///< the daily limit
    QString m_exhaustedWhy;

    Pause m_pause;
    QString m_pauseWhy;
    int m_failures = 0;
    int m_openings = 0; ///< of the circuit in a row; 0: it is closed
    bool m_isProbing = false;
    int m_running = 0; ///< requests that are not answered yet

    QHash<QString, qint64> m_refusedModels; ///< with the time until which it is remembered
};

} // namespace kirotray
