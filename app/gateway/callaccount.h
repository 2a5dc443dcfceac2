// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowrecord.h"
#include "app/gateway/gatewayaccounts.h"
#include "app/gateway/gatewaymodels.h"
#include "app/gateway/pacedstarts.h"
#include "app/kiro/upstreamfailure.h"

#include <functional>
#include <optional>
#include <vector>

namespace kirotray {

/// The account that one request runs on: chosen by the pool, and changed for another where
/// kiro-protocol §3.2 says so, up to limits::MaxAccountsPerRequest of them. Tells pool and main
/// thread what its use taught. Each turn upstream waits until the pacing lets it start. Destroying
/// it gives the account back and leaves the line. Gateway thread.
class CallAccount
{
public:
    /// All of them outlive it. `flow` learns which account answers, and why.
    CallAccount(GatewayAccounts &accounts, const GatewayModels &models, PacedStarts &starts,
                FlowRecord &flow);
    ~CallAccount();
    Q_DISABLE_COPY_MOVE(CallAccount)

    /// Once. The refusal, or nullopt: account() is there.
    std::optional<ChatError> choose(const Pool::Ask &ask);
    const AccountSnapshot &account() const { return m_pick->account; }

    /// What went wrong with the account, for good: its turn failed before the first byte
    /// (`mayMove`) or behind it. True: account() is another one now, to be asked the same. False:
    /// error() is the client's.
    bool replaceAfter(const UpstreamFailure &failure, const QString &modelId, bool mayMove);
    const ChatError &error() const { return m_error; }

    /// `done` once, now or later, while `context` lives: with nullopt when a turn may start, which
    /// endTurn() must follow; else with the refusal.
    void startTurn(QObject *context, PacedStarts::Done done);
    void endTurn(); ///< also ends the wait for one

    void answered(); ///< its answer has begun
    void succeeded(); ///< the answer is whole
    void release(); ///< the request is over; nothing is held against the account

private:
    void take(const GatewayAccounts::Pick &pick);
    void settle(const UpstreamFailure &failure, const QString &modelId);
    bool moveOn(const UpstreamFailure &failure, const QString &modelId);
    void excludeThoseWithout(const QString &modelId);

    GatewayAccounts &m_accounts;
    const GatewayModels &m_models;
    PacedStarts &m_starts;
    FlowRecord &m_flow;
    Pool::Ask m_ask;
    std::optional<GatewayAccounts::Pick> m_pick;
    PacedStarts::Ticket m_ticket = 0; ///< in the line
    QString m_running; ///< account of the turn under way; empty: none
    bool m_isOpen = false; ///< the pool waits to be told how the pick went
    int m_othersLeft = limits::MaxAccountsPerRequest - 1;
    std::vector<ChatError> m_errors; ///< of the accounts so far
    ChatError m_error;
};

} // namespace kirotray
