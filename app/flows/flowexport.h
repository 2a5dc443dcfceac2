// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/flows/flowlog.h"
#include "app/flows/flowredaction.h"

#include <QHash>

#include <string>

namespace kirotray {

using FlowBodiesById = QHash<QString, FlowBodiesPtr>;

/// The members of a record's JSON object, named as in FlowRecord and FlowEntry, redacted: `id` to
/// `tags`, without the views. `startedAt` is ISO 8601, UTC; `credits` null when not reported.
void writeFlowMembers(JsonWriter &writer, const FlowEntry &entry, RedactedTexts &texts);

/// One entry of a HAR 1.2 log; the record itself is its member `_flow`. `bodies` are redacted
/// already; null: the entry has none.
void writeHarEntry(JsonWriter &writer, const FlowEntry &entry, const FlowBodies *bodies,
                   RedactedTexts &texts);

/// Writes redacted records one after the other. Used on FlowLog's own thread: bodies take time.
class FlowExportWriter
{
public:
    /// `bodies`: the views of those flows that are to carry them.
    FlowExportWriter(FlowExport format, FlowBodiesById bodies);

    void add(const FlowEntry &entry);
    QByteArray finish(); ///< the whole text

private:
    FlowExport m_format;
    FlowBodiesById m_bodies;
    RedactedTexts m_texts;
    std::string m_out;
    bool m_isFirst = true;
};

} // namespace kirotray
