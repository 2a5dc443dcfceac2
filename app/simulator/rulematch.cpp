// SPDX-License-Identifier: MIT
#include "app/simulator/rulematch.h"

#include <algorithm>

namespace kirotray {

namespace {

bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

bool textsMatch(const ScenarioMatch &match, const ChatAsk &ask)
{
    if (!match.notText.empty() && holds(ask.lastText, match.notText))
        return false;
    const auto holdsAnyText = [&](std::string_view text) { return holds(text, match.anyText); };
    return holds(ask.lastText, match.text) && holds(ask.firstText, match.system)
        && (match.anyText.empty() || std::any_of(ask.texts.begin(), ask.texts.end(), holdsAnyText));
}

bool resultsMatch(const ScenarioMatch &match, const ChatAsk &ask)
{
    const auto hasOutcome = [&](const auto &fits) {
        return std::any_of(ask.outcomes.begin(), ask.outcomes.end(), fits);
    };
    return (match.toolResultText.empty() || hasOutcome([&](const ChatAsk::ToolOutcome &outcome) {
                return holds(outcome.text, match.toolResultText);
            }))
        && (match.resultOf.empty() || hasOutcome([&](const ChatAsk::ToolOutcome &outcome) {
                return outcome.name == match.resultOf;
            }));
}

} // namespace

bool ruleMatches(const ScenarioMatch &match, const ChatAsk &ask, const QByteArray &token,
                 int ordinal)
{
    if (match.nth != 0 && match.nth != ordinal)
        return false;
    if (match.toolResults && *match.toolResults == ask.outcomes.empty())
        return false;
    if (match.tools && *match.tools == ask.tools.empty())
        return false;
    const bool toolsFit = (match.tool.empty() || ask.declares(match.tool))
        && (match.notTool.empty() || !ask.declares(match.notTool));
    return toolsFit && textsMatch(match, ask) && resultsMatch(match, ask)
        && (match.model.empty() || ask.model == match.model) && token.contains(match.token);
}

} // namespace kirotray
