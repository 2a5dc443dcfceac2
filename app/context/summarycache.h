// SPDX-License-Identifier: MIT
#pragma once

#include "app/context/contextcut.h"

#include <QHash>
#include <QString>

#include <chrono>
#include <optional>
#include <string>

namespace kirotray {

/// What a model wrote on the start of a conversation.
struct Summary
{
    std::string text;
    CutPrefix covers;
};

/// The newest summary of each conversation, limits::MaxSummaries of them, in memory only (HIS-06 to
/// HIS-09); and which conversations lately could not have one. Gateway thread.
class SummaryCache
{
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Null when there is none that is young enough.
    const Summary *find(const QString &conversation, Time now, std::chrono::seconds maxAge) const;
    void put(const QString &conversation, Summary summary, Time now);

    /// No further call is made for a minute: each would cost its time and its credits again.
    void noteFailure(const QString &conversation, Time now);
    bool hasFailedLately(const QString &conversation, Time now) const;

    void clear();
    qsizetype size() const { return m_rows.size(); }

private:
    struct Row
    {
        std::optional<Summary> summary;
        Time madeAt;
        std::optional<Time> failedAt;
        Time usedAt;
    };
    Row &row(const QString &conversation, Time now);

    QHash<QString, Row> m_rows;
};

/// How many of the plan's groups to cut by `summary` as it is; nullopt when a new one is needed.
/// One that covers more than the plan needs will do; one that covers less too, when what is missing
/// is small by the settings and the cut is not urgent: then these few messages stay.
std::optional<std::size_t> reusableFor(const Summary &summary, const CutPlan &plan,
                                       const ContextSettings &settings, bool isUrgent);

/// How many groups of the plan the summary covers; 0: it is of another conversation, or of one that
/// was changed since.
std::size_t coveredGroups(const Summary &summary, const CutPlan &plan);

} // namespace kirotray
