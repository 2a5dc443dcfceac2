// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowlog.h"
#include "app/flows/flowstatistics.h"

#include <vector>

namespace kirotray {

/// Where records are kept: FlowDatabase, or FlowMemory where there is no file. Used by FlowWorker
/// alone, on its thread. Errors are Error::Storage unless a function says otherwise.
class FlowStore
{
public:
    FlowStore() = default;
    virtual ~FlowStore() = default;

    /// All or none. An id that is taken goes to the new record; the older one gets a longer id.
    virtual Result<Done> insert(const std::vector<FlowRecord> &records) = 0;
    /// Newest first; an unknown FlowFilter::before finds nothing. `hasBodies` is left to the
    /// caller.
    virtual Result<std::vector<FlowEntry>> find(const FlowFilter &filter) = 0;
    virtual Result<FlowEntry> entry(const QString &id) = 0; ///< Error::BadInput: unknown
    virtual Result<Done> change(const QString &id, const FlowLog::Change &change) = 0; ///< likewise
    virtual Result<Done> tally(FlowTally &tally) = 0; ///< adds what is in its time
    virtual Result<Done> clear() = 0; ///< all but bookmarked ones
    /// Removes what is older than `oldest`, then the oldest beyond `maxBytes`; no bookmarked ones.
    virtual Result<Done> trim(const QDateTime &oldest, qint64 maxBytes) = 0;

    /// What the last failure means for the file.
    enum class Fault {
        None,
        NoDriver, ///< Qt has no SQLite plugin
        Damaged,
        Newer, ///< of a later version of this program
        Unusable, ///< cannot be made or opened
        Full, ///< no room, or the device failed
        Locked, ///< another program holds it
    };
    virtual Fault fault() const { return Fault::None; }

    FlowStore(const FlowStore &) = delete;
    FlowStore &operator=(const FlowStore &) = delete;
};

bool isFailure(const FlowRecord &record); ///< a client that hung up is none
QString modelOf(const FlowRecord &record); ///< as asked, where none was used
/// What FlowFilter::text looks in, its letters folded.
QString searchTextOf(const FlowEntry &entry);
Error unknownFlow();

} // namespace kirotray
