// SPDX-License-Identifier: MIT
#include "app/gateway/answerfilters.h"

namespace kirotray {

AnswerFilters::AnswerFilters(const ChatRequest &request, qint64 promptTokensEstimate)
{
    if (!request.stopSequences.empty())
        m_stop.emplace(request.stopSequences, promptTokensEstimate);
}

bool AnswerFilters::add(const ChatEvent &event, std::vector<ChatEvent> &out)
{
    if (m_stop)
        return m_stop->add(event, out);
    out.push_back(event);
    return true;
}

} // namespace kirotray
