// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatevent.h"
#include "app/chat/tokenestimate.h"

#include <optional>
#include <string_view>

namespace kirotray {

/// Collects what an answer says about its size and price, and what it can be estimated by
/// (kiro-protocol §2.7). No thread affinity.
class AnswerUsage
{
public:
    void addTokenUsage(const JsonValue &tokenUsage); ///< of metadataEvent; ignored when no object
    void addContextUsage(const JsonValue &event); ///< an object with contextUsagePercentage
    void addMetering(const JsonValue &event);
    void addOutput(std::string_view text) { m_output.add(text); } ///< anything the model wrote

    bool isContextFull() const; ///< the upstream says 100 % of the window or more
    /// Reported counts; else the share of the window less the output; else the local estimate.
    Usage total(qint64 contextWindow, qint64 promptTokensEstimate) const;

private:
    struct Reported
    {
        std::optional<qint64> uncached, output, total, cacheRead, cacheWrite;
    };
    Reported m_reported;
    std::optional<double> m_contextPercentage;
    std::optional<double> m_credits;
    TokenCounter m_output;
};

} // namespace kirotray
