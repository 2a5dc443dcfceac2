// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/normaliser.h"
#include "app/kiro/toolspecs.h"

namespace kirotray {

/// What goes into a conversationState.
struct StateParts
{
    const Conversation &conversation;
    const ToolPlan &tools;
    const std::string &system; ///< empty: no system pair
    bool systemCachePoint = false;
};

/// Writes conversationState (kiro-protocol §1.4) in one pass. Gives where each turn begins in
/// `out`.
std::vector<std::size_t> writeState(std::string &out, const StateParts &parts,
                                    const BuildOptions &options, const KiroTables &tables);

} // namespace kirotray
