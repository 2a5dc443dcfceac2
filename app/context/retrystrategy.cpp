// SPDX-License-Identifier: MIT
// The upstream called the request too long: half of what may go, goes (HIS-03); more where the
// estimate says that half is not enough.
#include "app/context/strategy.h"

#include <algorithm>

namespace kirotray {

namespace {

bool isRetryOn(const CutSituation &situation)
{
    return situation.refusals > 0;
}

std::size_t halfOf(const ContextLoad &load)
{
    qint64 all = 0;
    for (const MessageLoad &group : load.removable)
        all += group.tokens;
    qint64 gone = 0;
    std::size_t groups = 0;
    do
        gone += load.removable[groups++].tokens;
    while (gone * 2 < all && groups < load.removable.size());
    return groups;
}

CutWish retryWish(const ContextLoad &load, const CutSituation &situation)
{
    if (load.removable.empty())
        return {};
    const std::size_t toFit =
        situation.window > 0 ? groupsBeyond(load, &MessageLoad::tokens, situation.window) : 0;
    return {std::max(halfOf(load), toFit), "the upstream called the request too long"};
}

} // namespace

const ContextStrategy retryStrategy {"retry", isRetryOn, true, retryWish};

} // namespace kirotray
