// SPDX-License-Identifier: MIT
#include "app/accounts/pool.h"

#include <array>

namespace kirotray {

namespace {

struct StrategyName
{
    PoolStrategy strategy;
    QLatin1StringView name;
};
constexpr std::array StrategyNames {
    StrategyName {PoolStrategy::RoundRobin, "round-robin"_L1},
    StrategyName {PoolStrategy::LeastUsed, "least-used"_L1},
    StrategyName {PoolStrategy::MostQuota, "most-quota"_L1},
    StrategyName {PoolStrategy::Priority, "priority"_L1},
    StrategyName {PoolStrategy::FillFirst, "fill-first"_L1},
};

} // namespace

QString toString(PoolStrategy strategy)
{
    for (const StrategyName &row : StrategyNames)
        if (strategy == row.strategy)
            return row.name;
    return {};
}

std::optional<PoolStrategy> poolStrategyNamed(const QString &text)
{
    for (const StrategyName &row : StrategyNames)
        if (text == row.name)
            return row.strategy;
    return std::nullopt;
}

} // namespace kirotray
