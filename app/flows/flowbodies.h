// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QMetaType>

#include <memory>
#include <optional>

namespace kirotray {

/// The four views of a flow, when the user records bodies: each at most limits::MaxFlowBody, the
/// rest cut. Without keys, tokens and cookies. Immutable once shared; crosses threads.
struct FlowBodies
{
    QByteArray clientRequest; ///< as the client sent it, decompressed
    QByteArray upstreamRequest; ///< of the last attempt
    QByteArray upstreamEvents; ///< one JSON line an event: {"type":…,"payload":…}
    QByteArray clientAnswer; ///< as written: SSE text or JSON
    bool isCut = false; ///< at least one view
    qsizetype bytes() const
    {
        return clientRequest.size() + upstreamRequest.size() + upstreamEvents.size()
            + clientAnswer.size();
    }
};
using FlowBodiesPtr = std::shared_ptr<const FlowBodies>; ///< null: not recorded

} // namespace kirotray

Q_DECLARE_METATYPE(kirotray::FlowBodiesPtr)
