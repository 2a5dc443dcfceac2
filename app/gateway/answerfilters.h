// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/stopsequencefilter.h"

#include <optional>
#include <vector>

namespace kirotray {

/// What an answer passes through between the upstream and the client, by what the client asked for.
/// No thread affinity.
class AnswerFilters
{
public:
    AnswerFilters(const ChatRequest &request, qint64 promptTokensEstimate);

    /// Appends what may go on to `out`. False: `out` ends with Finished, the upstream is no longer
    /// needed.
    bool add(const ChatEvent &event, std::vector<ChatEvent> &out);

private:
    std::optional<StopSequenceFilter> m_stop;
};

} // namespace kirotray
