// SPDX-License-Identifier: MIT
#pragma once

#include "app/simulator/chatask.h"
#include "app/simulator/scenario.h"

#include <QByteArray>

namespace kirotray {

/// True when everything `match` names holds for the `ordinal`-th accepted request (from 1) with
/// this bearer token. Pure.
bool ruleMatches(const ScenarioMatch &match, const ChatAsk &ask, const QByteArray &token,
                 int ordinal);

} // namespace kirotray
