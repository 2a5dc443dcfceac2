// SPDX-License-Identifier: MIT
#include "app/flows/flowstatistics.h"

#include "app/base/limits.h"

#include <algorithm>

namespace kirotray {

namespace {

constexpr qint64 HourMs = std::chrono::milliseconds(std::chrono::hours(1)).count();
constexpr qint64 DayMs = 24 * HourMs;

qint64 medianOf(std::vector<qint64> values)
{
    if (values.empty())
        return -1;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1)
        return *middle;
    const qint64 below = *std::max_element(values.begin(), middle);
    return below + (*middle - below) / 2;
}

qint64 stepStart(qint64 ms, qint64 step)
{
    return ms - ((ms % step) + step) % step;
}

} // namespace

FlowTally::FlowTally(const QDateTime &from, const QDateTime &to)
    : m_from(from)
    , m_to(to)
{
    const qint64 first = from.toMSecsSinceEpoch();
    const qint64 last = to.toMSecsSinceEpoch() - 1;
    m_stepMs = last - first < 2 * DayMs ? HourMs : DayMs;
    m_firstStep = stepStart(first, m_stepMs);
    const qint64 steps = (stepStart(last, m_stepMs) - m_firstStep) / m_stepMs + 1;
    m_byTime.resize(static_cast<std::size_t>(steps));
}

Result<FlowTally> FlowTally::over(const QDateTime &from, const QDateTime &to)
{
    const QDateTime end = to.isValid() ? to.toUTC() : QDateTime::currentDateTimeUtc();
    const QDateTime begin = from.isValid() ? from.toUTC() : end.addDays(-1);
    if (begin >= end)
        return Error {Error::Code::BadInput, u"The time ends before it begins."_s};
    if (begin.daysTo(end) >= limits::MaxFlowPage)
        return Error {Error::Code::BadInput,
                      u"The time is longer than %1 days."_s.arg(limits::MaxFlowPage)};
    return FlowTally(begin, end);
}

void FlowTally::add(Sum &sum, const FlowSample &sample)
{
    FlowCount &count = sum.count;
    ++count.requests;
    count.failures += sample.failed ? 1 : 0;
    count.inputTokens += sample.inputTokens;
    count.cachedTokens += sample.cachedTokens;
    count.outputTokens += sample.outputTokens;
    count.credits += sample.credits;
    if (sample.firstByteMs >= 0)
        sum.firstBytes.push_back(sample.firstByteMs);
}

void FlowTally::add(const FlowSample &sample)
{
    if (sample.startedMs < m_from.toMSecsSinceEpoch()
        || sample.startedMs >= m_to.toMSecsSinceEpoch())
        return;
    add(m_total, sample);
    add(m_byAccount[sample.account], sample);
    add(m_byModel[sample.model], sample);
    add(m_byClient[sample.client], sample);
    const qint64 step = (sample.startedMs - m_firstStep) / m_stepMs;
    add(m_byTime[static_cast<std::size_t>(step)], sample);
}

FlowCount FlowTally::finished(const Sum &sum, const QString &name)
{
    FlowCount count = sum.count;
    count.name = name;
    count.firstByteMsMedian = medianOf(sum.firstBytes);
    return count;
}

std::vector<FlowCount> FlowTally::sorted(const QHash<QString, Sum> &sums)
{
    std::vector<FlowCount> counts;
    counts.reserve(static_cast<std::size_t>(sums.size()));
    for (auto it = sums.begin(); it != sums.end(); ++it)
        counts.push_back(finished(it.value(), it.key()));
    std::sort(counts.begin(), counts.end(), [](const FlowCount &a, const FlowCount &b) {
        return a.requests != b.requests ? a.requests > b.requests : a.name < b.name;
    });
    if (counts.size() > limits::MaxFlowPage)
        counts.resize(limits::MaxFlowPage);
    return counts;
}

FlowStatistics FlowTally::statistics() const
{
    FlowStatistics statistics;
    statistics.from = m_from;
    statistics.to = m_to;
    statistics.total = finished(m_total, {});
    statistics.byAccount = sorted(m_byAccount);
    statistics.byModel = sorted(m_byModel);
    statistics.byClient = sorted(m_byClient);
    statistics.byTime.reserve(m_byTime.size());
    qint64 start = m_firstStep;
    for (const Sum &sum : m_byTime) {
        const QDateTime time = QDateTime::fromMSecsSinceEpoch(start, Qt::UTC);
        statistics.byTime.push_back(finished(sum, time.toString(Qt::ISODate)));
        start += m_stepMs;
    }
    return statistics;
}

} // namespace kirotray
