// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/pool.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace kirotray {

/// What the strategies compare.
struct PoolStanding
{
    qint64 requests = 0; ///< that it was given
    qint64 lastTurn = 0; ///< number of the turn it had last; 0: none yet
    std::optional<double> remaining = {}; ///< credits
    bool isSpent = false; ///< its credits have ended, or it cannot be used without a person
};

/// The strategies: whose turn it is among the accounts that can take a request. Pure.
///
/// An account that was away does not make up for all that it missed: it takes its place among the
/// others, and is not given every request until it has caught up.
class PoolOrder
{
public:
    /// Of `candidates`, places in `standings`, rising and not empty. `standings` are in the user's
    /// order.
    std::size_t next(PoolStrategy strategy, const std::vector<PoolStanding> &standings,
                     const std::vector<std::size_t> &candidates) const;
    /// The account at `place` was chosen by next().
    void chosen(PoolStrategy strategy, std::vector<PoolStanding> &standings, std::size_t place);
    /// The list changed: the account that is filled now stands at `place`; absent: it is gone.
    void setFilling(std::optional<std::size_t> place) { m_filling = place; }
    std::optional<std::size_t> filling() const { return m_filling; }

private:
    std::size_t fillFirst(const std::vector<PoolStanding> &standings,
                          const std::vector<std::size_t> &candidates) const;

    qint64 m_turn = 0;
    qint64 m_level = 0; ///< of requests, that everyone had who was there at the last choice
    std::optional<std::size_t> m_filling; ///< FillFirst's account
};

QString whyChosen(PoolStrategy strategy); ///< such as "round robin"

} // namespace kirotray
