// SPDX-License-Identifier: MIT
#pragma once

#include "app/context/contextfit.h"
#include "app/gateway/callaccount.h"
#include "app/gateway/summarycall.h"

#include <QObject>

#include <memory>

namespace kirotray {

/// Fits one request to its model (ContextFit) with what the gateway has for that: the pool thread
/// for large ones, and the request's own account for the call that writes a summary. Gateway
/// thread.
class CallContext : public QObject
{
    Q_OBJECT
public:
    /// All of them outlive it.
    struct Services
    {
        UpstreamTurn::Services upstream;
        const CallPreparation &preparation;
        SummaryCache &summaries;
        ContextSettings settings;
    };
    /// `account` is chosen, `call` settled for it; `flow` learns what was spent on summaries.
    CallContext(Services services, CallAccount &account, PreparedCallPtr call, FlowRecord &flow,
                QObject *parent);
    ~CallContext() override;

    /// Before the request is built. `done` comes once, at once where nothing is to be done.
    void start(std::function<void()> done);
    /// See ContextFit.
    bool shortenAfterRefusal(ContextFit::Done done);
    void stop(); ///< the request is over; nothing is called any more
    /// Charged for summaries; absent: none was made, or that was not reported.
    std::optional<double> credits() const { return m_credits; }

private:
    void ask(const SummaryAsk &ask, const SummaryDone &done);
    void call(const SummaryAsk &ask, const SummaryDone &done);
    void endCall(); ///< also one that is still under way
    void finish(const std::function<void()> &done);

    Services m_services;
    CallAccount &m_account;
    PreparedCallPtr m_call;
    FlowRecord &m_flow;
    std::unique_ptr<ContextFit> m_fit;
    std::unique_ptr<SummaryCall> m_summary;
    std::optional<double> m_credits;
    bool m_isStopped = false;
};

} // namespace kirotray
