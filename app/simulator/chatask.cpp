// SPDX-License-Identifier: MIT
#include "app/simulator/chatask.h"

#include <algorithm>

namespace kirotray {

namespace {

bool asksForTags(std::string_view text)
{
    return text.find("<thinking_mode>enabled") != std::string_view::npos
        || text.find("<thinking_mode>adaptive") != std::string_view::npos;
}

ChatAsk::Thinking thinkingOf(const JsonValue &root, const JsonValue &history,
                             std::string_view current)
{
    const JsonValue fields = root["additionalModelRequestFields"];
    if (const JsonValue effort = fields["reasoning"]["effort"]; effort.isString())
        return effort.string() == "none" ? ChatAsk::Thinking::None : ChatAsk::Thinking::Redacted;
    if (fields["thinking"]["type"].string() == "adaptive")
        return ChatAsk::Thinking::Events;
    // The tags stand at the head of the system text: the first message, or the only one.
    const JsonValue first =
        history.size() > 0 ? (*history.begin())["userInputMessage"]["content"] : JsonValue();
    return asksForTags(current) || asksForTags(first.string()) ? ChatAsk::Thinking::Tags
                                                               : ChatAsk::Thinking::None;
}

std::string_view toolNameOf(const JsonValue &assistant, std::string_view id)
{
    for (const JsonValue use : assistant["toolUses"]) {
        if (use["toolUseId"].string() == id)
            return use["name"].string();
    }
    return {};
}

ChatAsk::ToolOutcome readOutcome(const JsonValue &result, const JsonValue &assistant)
{
    ChatAsk::ToolOutcome outcome;
    outcome.name = toolNameOf(assistant, result["toolUseId"].string());
    outcome.failed = result["status"].string() == "error";
    const JsonValue content = result["content"];
    if (content.size() == 0)
        return outcome;
    const JsonValue piece = *content.begin();
    if (piece["text"].isString())
        outcome.text = piece["text"].string();
    else if (!piece["json"].isMissing())
        outcome.text = piece["json"].raw();
    return outcome;
}

} // namespace

bool ChatAsk::declares(std::string_view tool) const
{
    return std::any_of(tools.begin(), tools.end(),
                       [tool](const Tool &declared) { return declared.name == tool; });
}

ChatAsk readChatAsk(const JsonValue &root)
{
    const JsonValue state = root["conversationState"];
    const JsonValue message = state["currentMessage"]["userInputMessage"];
    const JsonValue context = message["userInputMessageContext"];
    const JsonValue history = state["history"];
    ChatAsk ask;
    ask.model = message["modelId"].string();
    ask.conversationId = state["conversationId"].string();
    ask.lastText = message["content"].string();
    ask.bytes = state.isMissing() ? 0 : static_cast<qint64>(state.raw().size());
    for (const JsonValue tool : context["tools"]) {
        const JsonValue specification = tool["toolSpecification"];
        ask.tools.push_back({specification["name"].string(), specification["description"].string(),
                             specification["inputSchema"]["json"]});
    }
    JsonValue lastAssistant;
    for (const JsonValue past : history) {
        const JsonValue user = past["userInputMessage"];
        ask.texts.push_back(
            past[user.isMissing() ? "assistantResponseMessage" : "userInputMessage"]["content"]
                .string());
        if (user.isMissing())
            lastAssistant = past["assistantResponseMessage"];
        else if (user["userInputMessageContext"]["toolResults"].size() == 0)
            ask.question = user["content"].string();
    }
    ask.texts.push_back(ask.lastText);
    ask.firstText = ask.texts.front();
    for (const JsonValue result : context["toolResults"])
        ask.outcomes.push_back(readOutcome(result, lastAssistant));
    if (ask.outcomes.empty() || ask.question.empty())
        ask.question = ask.lastText;
    ask.thinking = thinkingOf(root, history, ask.lastText);
    return ask;
}

} // namespace kirotray
