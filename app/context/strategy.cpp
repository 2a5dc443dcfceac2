// SPDX-License-Identifier: MIT
#include "app/context/strategy.h"

#include <algorithm>
#include <array>

namespace kirotray {

std::span<const ContextStrategy> contextStrategies()
{
    static const std::array table {trimStrategy, estimateStrategy, retryStrategy};
    return table;
}

bool isAnyOn(const CutSituation &situation)
{
    const std::span<const ContextStrategy> all = contextStrategies();
    return std::any_of(all.begin(), all.end(),
                       [&](const ContextStrategy &one) { return one.isOn(situation); });
}

CutWish combinedWish(const ContextLoad &load, const CutSituation &situation)
{
    CutWish most;
    for (const ContextStrategy &strategy : contextStrategies()) {
        if (!strategy.isOn(situation))
            continue;
        CutWish wish = strategy.wish(load, situation);
        if (wish.groups > most.groups)
            most = std::move(wish);
    }
    return most;
}

std::string countText(qint64 count)
{
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, 1, ',');
    return digits;
}

} // namespace kirotray
