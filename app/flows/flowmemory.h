// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowstore.h"

#include <QSet>

#include <deque>

namespace kirotray {

/// Records in memory, limits::MaxFlowQueue at most: for the demo, and where no file can be used.
class FlowMemory : public FlowStore
{
public:
    Result<Done> insert(const std::vector<FlowRecord> &records) override;
    Result<std::vector<FlowEntry>> find(const FlowFilter &filter) override;
    Result<FlowEntry> entry(const QString &id) override;
    Result<Done> change(const QString &id, const FlowLog::Change &change) override;
    Result<Done> tally(FlowTally &tally) override;
    Result<Done> clear() override;
    Result<Done> trim(const QDateTime &oldest, qint64 maxBytes) override; ///< `maxBytes` is unused

private:
    using Entries = std::deque<FlowEntry>;
    Entries::iterator place(const QString &id);

    Entries m_entries; ///< oldest first
    QSet<QString> m_ids; ///< of all of them
    qint64 m_renamed = 0;
};

} // namespace kirotray
