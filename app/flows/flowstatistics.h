// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowlog.h"

#include <QHash>

#include <vector>

namespace kirotray {

/// What statistics need of one flow.
struct FlowSample
{
    qint64 startedMs = 0; ///< since 1970, UTC
    QString account, model, client;
    bool failed = false;
    qint64 inputTokens = 0, cachedTokens = 0, outputTokens = 0;
    double credits = 0; ///< 0: not reported
    qint64 firstByteMs = -1;
};

/// Adds up flows to the statistics of a time. Pure; any order of samples.
class FlowTally
{
public:
    /// Error::BadInput: `to` is not after `from`, or the time has more days than
    /// limits::MaxFlowPage; an invalid `to` means now, an invalid `from` a day before it.
    static Result<FlowTally> over(const QDateTime &from, const QDateTime &to);

    const QDateTime &from() const { return m_from; }
    const QDateTime &to() const { return m_to; } ///< excluded
    void add(const FlowSample &sample); ///< one outside the time does not count
    /// The lists by name with the most requests first, limits::MaxFlowPage at most; the time in
    /// its order, each hour or day once.
    FlowStatistics statistics() const;

private:
    struct Sum
    {
        FlowCount count;
        std::vector<qint64> firstBytes;
    };
    FlowTally(const QDateTime &from, const QDateTime &to);
    static void add(Sum &sum, const FlowSample &sample);
    static FlowCount finished(const Sum &sum, const QString &name);
    static std::vector<FlowCount> sorted(const QHash<QString, Sum> &sums);

    QDateTime m_from, m_to;
    qint64 m_firstStep = 0; ///< start of the hour or day of `from`, ms since 1970
    qint64 m_stepMs = 0;
    Sum m_total;
    QHash<QString, Sum> m_byAccount, m_byModel, m_byClient;
    std::vector<Sum> m_byTime;
};

} // namespace kirotray
