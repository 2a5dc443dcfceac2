// SPDX-License-Identifier: MIT
#include "app/kiro/systemtext.h"

#include "app/base/limits.h"
#include "app/kiro/modelfields.h"
#include "app/kiro/normaliser.h"

#include <algorithm>

namespace kirotray {

namespace {

constexpr std::string_view SystemBlankLine = "\n\n";
constexpr qint64 LeastTagBudget = 1024;
/// What kiro.rs and others clamp to (§1.9): larger numbers in a prompt were not seen to help.
constexpr qint64 MostTagBudget = 24'576;
/// An answer's schema is read by the model in every turn: larger ones are left out.
constexpr std::size_t MaxFormatSchema = 64 * 1024;

std::string thinkingTags(const Reasoning &reasoning, std::vector<NormaliserNote> &notes)
{
    if (reasoning.mode == Reasoning::Mode::Budget) {
        const qint64 budget = std::clamp(reasoning.budgetTokens, LeastTagBudget, MostTagBudget);
        if (budget != reasoning.budgetTokens)
            notes.push_back({18,
                             "a thinking budget of " + std::to_string(reasoning.budgetTokens)
                                 + " tokens becomes " + std::to_string(budget)});
        return "<thinking_mode>enabled</thinking_mode><max_thinking_length>"
            + std::to_string(budget) + "</max_thinking_length>";
    }
    std::string_view effort = reasoning.effort;
    const int rank = effortRank(effort);
    if (rank < 0 || rank > effortRank("high"))
        effort = "high"; // also what the service takes when nothing is said
    else if (rank < effortRank("low"))
        effort = "low";
    if (effort != reasoning.effort && !reasoning.effort.empty())
        notes.push_back({18, "the thinking effort becomes '" + std::string(effort) + '\''});
    return "<thinking_mode>adaptive</thinking_mode><thinking_effort>" + std::string(effort)
        + "</thinking_effort>";
}

bool hasThinkingTags(std::string_view system)
{
    return system.find("<thinking_mode>") != std::string_view::npos
        || system.find("<max_thinking_length>") != std::string_view::npos;
}

std::string formatInstruction(const OutputFormat &format, std::vector<NormaliserNote> &notes)
{
    if (format.kind == OutputFormat::Kind::Text)
        return {};
    const bool hasSchema =
        format.kind == OutputFormat::Kind::JsonSchema && !isBlankText(format.schemaJson);
    std::string text = "The text of your final answer must be exactly one JSON ";
    text += hasSchema ? "value" : "object";
    text += ", with nothing before or after it: no Markdown fence, no explanation.";
    notes.push_back({0, "the form of the answer is asked for in the system text"});
    if (!hasSchema)
        return text;
    if (format.schemaJson.size() > MaxFormatSchema) {
        notes.push_back({0, "the schema of the answer is too large and is left out"});
        return text;
    }
    std::deque<std::string> owned;
    text += " It must be valid against this JSON Schema:\n";
    text += cleanText(format.schemaJson, owned);
    return text;
}

} // namespace

bool wantsThinking(const Reasoning &reasoning)
{
    const bool isOn =
        reasoning.mode == Reasoning::Mode::Budget || reasoning.mode == Reasoning::Mode::Adaptive;
    return isOn && reasoning.effort != "none";
}

std::string upstreamSystemText(const ChatRequest &request, std::string_view toolInstruction,
                               bool withTags, std::vector<NormaliserNote> &notes)
{
    std::deque<std::string> owned;
    std::string text;
    if (!isBlankText(request.system))
        text = cleanText(request.system, owned);
    if (withTags && !hasThinkingTags(text)) {
        notes.push_back({0, "the model is asked to think in the system text"});
        const std::string tags = thinkingTags(request.reasoning, notes);
        text = text.empty() ? tags : tags + '\n' + text;
    }
    const auto add = [&text](std::string_view more) {
        if (!more.empty())
            text.append(text.empty() ? std::string_view() : SystemBlankLine).append(more);
    };
    add(toolInstruction);
    add(formatInstruction(request.format, notes));
    return text;
}

} // namespace kirotray
