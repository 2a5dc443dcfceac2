// SPDX-License-Identifier: MIT
#pragma once

#include "app/flows/flowrecord.h"
#include "app/gateway/gatewayaccounts.h"
#include "app/gateway/gatewaymodels.h"
#include "app/kiro/upstreamfailure.h"

#include <optional>
#include <vector>

namespace kirotray {

/// The account that one request runs on: chosen by the pool, and changed for another where
/// kiro-protocol §3.2 says so, up to limits::MaxAccountsPerRequest of them. Tells pool and main
/// thread what its use taught. Destroying it gives the account back. Gateway thread.
class CallAccount
{
public:
    /// All of them outlive it. `flow` learns which account answers, and why.
    CallAccount(GatewayAccounts &accounts, const GatewayModels &models, FlowRecord &flow);
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
    FlowRecord &m_flow;
    Pool::Ask m_ask;
    std::optional<GatewayAccounts::Pick> m_pick;
    bool m_isOpen = false; ///< the pool waits to be told how the pick went
    int m_othersLeft = limits::MaxAccountsPerRequest - 1;
    std::vector<ChatError> m_errors; ///< of the accounts so far
    ChatError m_error;
};

} // namespace kirotray
