// SPDX-License-Identifier: MIT
#pragma once

#include "app/context/summaryask.h"
#include "app/gateway/callpreparation.h"
#include "app/gateway/upstreamturn.h"

#include <QObject>

#include <memory>

namespace kirotray {

/// The model call that writes a summary for a request: a small one on the same account, with the
/// table's default model where it has one, else with the client's. Destroying it aborts it. Gateway
/// thread.
class SummaryCall : public QObject
{
    Q_OBJECT
public:
    /// `preparation` outlives the call; so does `flow`, the request's own, which learns what was
    /// spent.
    SummaryCall(UpstreamTurn::Services services, const CallPreparation &preparation,
                const AccountSnapshot &account, FlowRecord &flow, QObject *parent);
    ~SummaryCall() override;

    /// Once; `done` comes once, unless the call is stopped before.
    void start(SummaryAsk ask, SummaryDone done);
    void stop(); ///< aborts; nothing comes any more
    /// Charged for it; absent when that was not reported.
    std::optional<double> credits() const { return m_credits; }

private:
    void onBuilt(const std::optional<ChatError> &refusal);
    void onEvents(const std::vector<ChatEvent> &events);
    void finish(const Result<std::string> &summary);

    UpstreamTurn::Services m_services;
    const CallPreparation &m_preparation;
    AccountSnapshot m_account;
    FlowRecord &m_flow;
    FlowRecord m_ownFlow; ///< of the upstream's attempts
    PreparedCallPtr m_call = std::make_shared<PreparedCall>();
    std::unique_ptr<UpstreamTurn> m_turn;
    SummaryDone m_done;
    std::string m_text;
    std::optional<double> m_credits;
};

} // namespace kirotray
