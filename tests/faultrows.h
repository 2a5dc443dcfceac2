// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chaterror.h"
#include "app/gateway/gatewayconfig.h"

#include <QByteArray>

#include <vector>

namespace kirotray {

/// One row of kiro-protocol §3.2: what the service says, and what is to come of it. Written from
/// the reference, not from the program's table.
struct FaultRow
{
    QByteArray name;
    QByteArray answer; ///< members of a rule of the simulator's script (app/simulator/scenario.h)
    ChatError::Kind client = ChatError::Kind::Upstream; ///< what the client of an only account gets
    int attempts = 1; ///< at the account that says so
    bool moves = false; ///< another account is asked
    AccountEffect effect = AccountEffect::None; ///< as the main thread is told
    AccountHealth::State state = AccountHealth::State::Ready; ///< of that account afterwards
    bool hasTools = false; ///< in the request
    bool saysWhen = false; ///< the client of an only account gets a Retry-After
};

std::vector<FaultRow> faultRows();

} // namespace kirotray
