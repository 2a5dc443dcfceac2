// SPDX-License-Identifier: MIT
#include "app/flows/flowmemory.h"

#include "app/base/limits.h"

#include <algorithm>

namespace kirotray {

namespace {

bool isWanted(const FlowFilter &filter, const FlowEntry &entry)
{
    const FlowRecord &record = entry.record;
    const auto differs = [](const QString &wanted, const QString &found) {
        return !wanted.isEmpty() && wanted != found;
    };
    if (differs(filter.accountId, record.accountId) || differs(filter.client, record.client)
        || differs(filter.clientKey, record.clientKey) || differs(filter.dialect, record.dialect))
        return false;
    if (differs(filter.model, record.modelUsed) && filter.model != record.modelAsked)
        return false;
    if (filter.failed && *filter.failed != isFailure(record))
        return false;
    if (filter.bookmarked && *filter.bookmarked != entry.bookmarked)
        return false;
    if (!filter.tag.isEmpty() && !entry.tags.contains(filter.tag))
        return false;
    if (filter.from.isValid() && record.startedAt < filter.from)
        return false;
    if (filter.to.isValid() && record.startedAt >= filter.to)
        return false;
    return filter.text.isEmpty() || searchTextOf(entry).contains(filter.text.toCaseFolded());
}

FlowSample sampleOf(const FlowRecord &record)
{
    FlowSample sample;
    sample.startedMs = record.startedAt.toMSecsSinceEpoch();
    sample.account = record.accountId;
    sample.model = modelOf(record);
    sample.client = record.client;
    sample.failed = isFailure(record);
    sample.inputTokens = record.inputTokens;
    sample.cachedTokens = record.cachedTokens;
    sample.outputTokens = record.outputTokens;
    sample.credits = record.credits.value_or(0);
    sample.firstByteMs = record.firstByteMs;
    return sample;
}

} // namespace

FlowMemory::Entries::iterator FlowMemory::place(const QString &id)
{
    return std::find_if(m_entries.begin(), m_entries.end(),
                        [&id](const FlowEntry &entry) { return entry.record.id == id; });
}

Result<Done> FlowMemory::insert(const std::vector<FlowRecord> &records)
{
    for (const FlowRecord &record : records) {
        if (m_ids.contains(record.id)) {
            FlowRecord &older = place(record.id)->record;
            older.id += u"-%1"_s.arg(++m_renamed);
            m_ids.insert(older.id);
        }
        m_ids.insert(record.id);
        FlowEntry entry;
        entry.record = record;
        const auto behind = std::upper_bound(m_entries.begin(), m_entries.end(), entry,
                                             [](const FlowEntry &a, const FlowEntry &b) {
                                                 return a.record.startedAt < b.record.startedAt;
                                             });
        m_entries.insert(behind, std::move(entry));
    }
    return Done {};
}

Result<std::vector<FlowEntry>> FlowMemory::find(const FlowFilter &filter)
{
    std::vector<FlowEntry> found;
    const auto limit = static_cast<std::size_t>(std::clamp(filter.limit, 1, limits::MaxFlowPage));
    bool isBehind = filter.before.isEmpty();
    for (auto it = m_entries.rbegin(); it != m_entries.rend() && found.size() < limit; ++it) {
        if (isBehind && isWanted(filter, *it))
            found.push_back(*it);
        isBehind = isBehind || it->record.id == filter.before;
    }
    return found;
}

Result<FlowEntry> FlowMemory::entry(const QString &id)
{
    const auto found = place(id);
    if (found == m_entries.end())
        return unknownFlow();
    return *found;
}

Result<Done> FlowMemory::change(const QString &id, const FlowLog::Change &change)
{
    const auto found = place(id);
    if (found == m_entries.end())
        return unknownFlow();
    found->bookmarked = change.bookmarked.value_or(found->bookmarked);
    found->note = change.note.value_or(found->note);
    found->tags = change.tags.value_or(found->tags);
    return Done {};
}

Result<Done> FlowMemory::tally(FlowTally &tally)
{
    for (const FlowEntry &entry : m_entries)
        tally.add(sampleOf(entry.record));
    return Done {};
}

Result<Done> FlowMemory::clear()
{
    std::erase_if(m_entries, [this](const FlowEntry &entry) {
        return !entry.bookmarked && m_ids.remove(entry.record.id);
    });
    return Done {};
}

Result<Done> FlowMemory::trim(const QDateTime &oldest, qint64)
{
    auto excess = static_cast<qsizetype>(m_entries.size()) - limits::MaxFlowQueue;
    std::erase_if(m_entries, [this, &excess, &oldest](const FlowEntry &entry) {
        if (entry.bookmarked || (excess <= 0 && entry.record.startedAt >= oldest))
            return false;
        --excess;
        return m_ids.remove(entry.record.id);
    });
    // Bookmarks protect from age, not from the bound of memory.
    while (static_cast<qsizetype>(m_entries.size()) > limits::MaxFlowQueue) {
        m_ids.remove(m_entries.front().record.id);
        m_entries.pop_front();
    }
    return Done {};
}

} // namespace kirotray
