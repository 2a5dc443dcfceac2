// SPDX-License-Identifier: MIT
#include "app/gateway/answerfilters.h"

#include <utility>

namespace kirotray {

namespace {

/// Moves events through a filter; without one they pass.
template <typename Filter>
void passThrough(std::optional<Filter> &filter, std::vector<ChatEvent> &in,
                 std::vector<ChatEvent> &out)
{
    for (ChatEvent &event : in) {
        if (filter)
            filter->add(std::move(event), out);
        else
            out.push_back(std::move(event));
    }
    in.clear();
}

bool isThought(const ChatEvent &event)
{
    return std::holds_alternative<ThinkingDelta>(event)
        || std::holds_alternative<ThinkingSignature>(event)
        || std::holds_alternative<RedactedThinking>(event);
}

} // namespace

AnswerFilters::AnswerFilters(const ChatRequest &request, ThinkingStyle style, bool hidesThoughts,
                             qint64 promptTokensEstimate)
    : m_hidesThoughts(hidesThoughts)
{
    if (!request.stopSequences.empty())
        m_stop.emplace(request.stopSequences, promptTokensEstimate);
    if (request.format.kind != OutputFormat::Kind::Text)
        m_json.emplace(request.format);
    if (style != ThinkingStyle::Native)
        m_style.emplace(style, request.reasoning.isShown);
}

bool AnswerFilters::add(const ChatEvent &event, std::vector<ChatEvent> &out)
{
    if (m_hidesThoughts && isThought(event))
        return true;
    bool goesOn = true;
    if (m_stop)
        goesOn = m_stop->add(event, m_stopped);
    else
        m_stopped.push_back(event);
    passThrough(m_json, m_stopped, m_unwrapped);
    passThrough(m_style, m_unwrapped, out);
    return goesOn;
}

} // namespace kirotray
