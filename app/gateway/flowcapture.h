// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowbodies.h"
#include "app/kiro/chattap.h"

#include <memory>
#include <string_view>

namespace kirotray {

/// Collects the four views of one flow while its call runs, each cut at limits::MaxFlowBody. Made
/// only where GatewayPolicy::recordsBodies says so: null everywhere else. Gateway thread.
class FlowCapture : public ChatTap
{
public:
    /// `clientRequest`: the body as the client sent it, decompressed.
    explicit FlowCapture(QByteArrayView clientRequest);

    /// The views of the upstream begin anew: they are those of the last attempt.
    void attemptStarts(const QByteArray &body) override;
    void frameArrived(const EventStreamFrame &frame) override;
    void refused(int status, const QByteArray &body) override;

    void answered(QByteArrayView bytes); ///< written to the client
    FlowBodiesPtr take(); ///< once, at the end

private:
    bool append(QByteArray &view, std::string_view bytes);
    void addEvent(std::string_view type, std::string_view payload, int status = 0);

    FlowBodies m_bodies;
    bool m_isAnswerFull = false;
};
using FlowCapturePtr = std::shared_ptr<FlowCapture>;

} // namespace kirotray
