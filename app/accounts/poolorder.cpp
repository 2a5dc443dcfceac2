// SPDX-License-Identifier: MIT
#include "app/accounts/poolorder.h"

#include <algorithm>
#include <tuple>

namespace kirotray {

namespace {

/// An account whose credits are not known comes after those that surely have some.
constexpr double UnknownQuota = 1e-6;

} // namespace

std::size_t PoolOrder::next(PoolStrategy strategy, const std::vector<PoolStanding> &standings,
                            const std::vector<std::size_t> &candidates) const
{
    const auto best = [&candidates](const auto &rank) {
        return *std::min_element(
            candidates.begin(), candidates.end(),
            [&rank](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    };
    switch (strategy) {
    case PoolStrategy::RoundRobin:
        return best([&](std::size_t at) { return standings[at].lastTurn; });
    case PoolStrategy::LeastUsed:
        return best([&](std::size_t at) {
            const PoolStanding &one = standings[at];
            return std::tuple(one.requests, one.lastTurn);
        });
    case PoolStrategy::MostQuota:
        return best([&](std::size_t at) {
            const PoolStanding &one = standings[at];
            return std::tuple(-one.remaining.value_or(UnknownQuota), one.lastTurn);
        });
    case PoolStrategy::Priority:
        return candidates.front();
    case PoolStrategy::FillFirst:
        return fillFirst(standings, candidates);
    }
    return candidates.front();
}

/// The account that is being filled, and while it only pauses, the next one after it.
std::size_t PoolOrder::fillFirst(const std::vector<PoolStanding> &standings,
                                 const std::vector<std::size_t> &candidates) const
{
    if (!m_filling || *m_filling >= standings.size())
        return candidates.front();
    const auto after = std::lower_bound(candidates.begin(), candidates.end(), *m_filling);
    return after == candidates.end() ? candidates.front() : *after;
}

void PoolOrder::chosen(PoolStrategy strategy, std::vector<PoolStanding> &standings,
                       std::size_t place)
{
    PoolStanding &one = standings[place];
    one.lastTurn = ++m_turn;
    if (strategy == PoolStrategy::LeastUsed) {
        one.requests = std::max(one.requests, m_level); // what it missed is not made up for
        m_level = one.requests;
    }
    const bool isFillingOn =
        m_filling && *m_filling < standings.size() && !standings[*m_filling].isSpent;
    if (strategy == PoolStrategy::FillFirst && !isFillingOn)
        m_filling = place;
}

QString whyChosen(PoolStrategy strategy)
{
    switch (strategy) {
    case PoolStrategy::RoundRobin:
        return u"round robin"_s;
    case PoolStrategy::LeastUsed:
        return u"least used"_s;
    case PoolStrategy::MostQuota:
        return u"most credits left"_s;
    case PoolStrategy::Priority:
        return u"first in the user's order"_s;
    case PoolStrategy::FillFirst:
        return u"filled first"_s;
    }
    return {};
}

} // namespace kirotray
