// SPDX-License-Identifier: MIT
#include "app/context/summarycache.h"

#include "app/base/limits.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

constexpr auto FailurePause = std::chrono::minutes(1);

} // namespace

const Summary *SummaryCache::find(const QString &conversation, Time now,
                                  std::chrono::seconds maxAge) const
{
    const auto row = m_rows.constFind(conversation);
    if (row == m_rows.constEnd() || !row->summary || now - row->madeAt > maxAge)
        return nullptr;
    return &*row->summary;
}

void SummaryCache::put(const QString &conversation, Summary summary, Time now)
{
    Row &kept = row(conversation, now);
    kept.summary = std::move(summary);
    kept.madeAt = now;
    kept.failedAt.reset();
}

void SummaryCache::noteFailure(const QString &conversation, Time now)
{
    row(conversation, now).failedAt = now;
}

bool SummaryCache::hasFailedLately(const QString &conversation, Time now) const
{
    const auto row = m_rows.constFind(conversation);
    return row != m_rows.constEnd() && row->failedAt && now - *row->failedAt < FailurePause;
}

void SummaryCache::clear()
{
    m_rows.clear();
}

SummaryCache::Row &SummaryCache::row(const QString &conversation, Time now)
{
    if (!m_rows.contains(conversation) && m_rows.size() >= limits::MaxSummaries)
        m_rows.erase(
            std::min_element(m_rows.begin(), m_rows.end(), [](const Row &left, const Row &right) {
                return left.usedAt < right.usedAt;
            }));
    Row &row = m_rows[conversation];
    row.usedAt = now;
    return row;
}

std::size_t coveredGroups(const Summary &summary, const CutPlan &plan)
{
    const auto same = std::find(plan.prefixes.begin(), plan.prefixes.end(), summary.covers);
    return same == plan.prefixes.end() ? 0 : std::size_t(same - plan.prefixes.begin()) + 1;
}

std::optional<std::size_t> reusableFor(const Summary &summary, const CutPlan &plan,
                                       const ContextSettings &settings, bool isUrgent)
{
    const std::size_t covered = coveredGroups(summary, plan);
    if (covered == 0)
        return std::nullopt;
    if (covered >= plan.count)
        return covered;
    const CutPrefix &wanted = plan.prefixes[plan.count - 1];
    const bool isSmall =
        wanted.messages - summary.covers.messages < settings.summaryMinDeltaMessages
        && wanted.characters - summary.covers.characters < settings.summaryMinDeltaChars;
    return isSmall && !isUrgent ? std::optional(covered) : std::nullopt;
}

} // namespace kirotray
