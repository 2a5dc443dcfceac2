// SPDX-License-Identifier: MIT
#include "app/kiro/cachepoints.h"

namespace kirotray {

bool settleCachePoints(Conversation &conversation, bool systemPoint, bool hasSystem, int most,
                       std::vector<NormaliserNote> &notes)
{
    if (systemPoint && !hasSystem) {
        conversation.turns.front().cachePoint = true;
        systemPoint = false;
    }
    int kept = 0;
    int dropped = 0;
    const auto settle = [&](bool isMarked) {
        if (!isMarked)
            return false;
        const bool isKept = kept < most;
        ++(isKept ? kept : dropped);
        return isKept;
    };
    for (auto turn = conversation.turns.rbegin(); turn != conversation.turns.rend(); ++turn)
        turn->cachePoint = settle(turn->cachePoint);
    systemPoint = settle(systemPoint);
    if (dropped > 0)
        notes.push_back({0,
                         std::to_string(dropped) + " cache point(s) dropped: this model takes "
                             + std::to_string(most)});
    return systemPoint;
}

} // namespace kirotray
