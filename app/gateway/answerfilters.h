// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/jsonanswerfilter.h"
#include "app/chat/stopsequencefilter.h"
#include "app/chat/thinkingstyle.h"

#include <optional>
#include <vector>

namespace kirotray {

/// What an answer passes through between the upstream and the client, by what the client asked for
/// and what the user set: it ends at a stop sequence, is freed of what wraps its JSON, and shows
/// thoughts in the wanted style. No thread affinity.
class AnswerFilters
{
public:
    /// `hidesThoughts`: the API shows none to this client.
    AnswerFilters(const ChatRequest &request, ThinkingStyle style, bool hidesThoughts,
                  qint64 promptTokensEstimate);

    /// Appends what may go on to `out`. False: `out` ends with Finished, the upstream is no longer
    /// needed.
    bool add(const ChatEvent &event, std::vector<ChatEvent> &out);

    /// Every event passes as it is: add() need not be called.
    bool isPassive() const { return !m_hidesThoughts && !m_stop && !m_json && !m_style; }

private:
    bool m_hidesThoughts;
    std::optional<StopSequenceFilter> m_stop;
    std::optional<JsonAnswerFilter> m_json;
    std::optional<ThinkingStyleFilter> m_style;
    std::vector<ChatEvent> m_stopped, m_unwrapped; ///< reused
};

} // namespace kirotray
