// SPDX-License-Identifier: MIT
// Estimate first: what the model's window would not hold goes before the upstream is asked
// (HIS-04).
#include "app/context/strategy.h"

namespace kirotray {

namespace {

bool isEstimateOn(const CutSituation &situation)
{
    return situation.settings.estimates && situation.window > 0;
}

CutWish estimateWish(const ContextLoad &load, const CutSituation &situation)
{
    return {groupsBeyond(load, &MessageLoad::tokens, situation.window),
            "it has about " + countText(load.total().tokens) + " tokens, the model takes "
                + countText(situation.window)};
}

} // namespace

const ContextStrategy estimateStrategy {"estimate", isEstimateOn, true, estimateWish};

} // namespace kirotray
