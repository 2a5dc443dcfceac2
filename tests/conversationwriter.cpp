// SPDX-License-Identifier: MIT
#include "tests/conversationwriter.h"

#include "app/dialects/packedthinking.h"

#include <array>

namespace kirotray {

void writeCacheControl(JsonWriter &json, bool isCachePoint)
{
    if (isCachePoint)
        json.key("cache_control").beginObject().member("type", "ephemeral").endObject();
}

void writeTextBlock(JsonWriter &json, std::string_view type, const std::string &literal)
{
    json.beginObject().member("type", type).memberRaw("text", literal).endObject();
}

std::set<std::string> customToolNames(const ConversationPlan &plan)
{
    std::set<std::string> names;
    for (const PlannedTool &tool : plan.tools)
        if (tool.kind == PlannedTool::Kind::Custom)
            names.insert(tool.name);
    return names;
}

std::string_view plannedEffort(const ConversationPlan &plan)
{
    return plan.reasoning == 1 ? "none" : plan.reasoning == 3 ? "minimal" : "high";
}

void writePlannedCall(JsonWriter &json, const PlannedPart &call, bool isCustom)
{
    json.memberRaw("name", call.name).member(isCustom ? "input" : "arguments", call.extra);
}

void writePlannedTool(JsonWriter &json, const PlannedTool &tool)
{
    json.memberRaw("name", tool.name);
    if (!tool.description.empty())
        json.memberRaw("description", tool.description);
    if (!tool.schema.empty() && tool.kind == PlannedTool::Kind::Function)
        json.memberRaw("parameters", tool.schema);
}

void writePlannedChoice(JsonWriter &json, const ConversationPlan &plan, std::string_view wrapper)
{
    static constexpr std::array Choices {"", "auto", "required", "none"};
    if (plan.toolChoice > 0 && plan.toolChoice < 4)
        json.member("tool_choice", Choices.at(static_cast<std::size_t>(plan.toolChoice)));
    if (plan.toolChoice != 4 || plan.tools.empty())
        return;
    json.key("tool_choice").beginObject().member("type", "function");
    if (!wrapper.empty())
        json.key(wrapper).beginObject();
    json.memberRaw("name", plan.tools.front().name);
    if (!wrapper.empty())
        json.endObject();
    json.endObject();
}

void writePlannedFormat(JsonWriter &json, const ConversationPlan &plan)
{
    json.member("name", "n").memberRaw("schema", plan.formatSchema);
}

ThinkingPart plannedThinking(const PlannedPart &part)
{
    const auto textOf = [](const std::string &literal) {
        const Result<JsonDocument> json = JsonDocument::parse(literal);
        return json ? std::string(json.value().root().string()) : std::string();
    };
    if (part.kind == PlannedPart::Kind::Redacted)
        return {{}, {}, textOf(part.text)};
    return {textOf(part.text), textOf(part.extra), {}};
}

std::string packedThought(const PlannedPart &part)
{
    const ThinkingPart thinking = plannedThinking(part);
    const bool isOurs = !thinking.signature.empty() || !thinking.redactedData.empty();
    return isOurs && !part.isCachePoint ? packThinking({&thinking, 1}) : std::string();
}

WrittenConversation writtenConversation(DialectId id, const ConversationPlan &plan)
{
    WrittenConversation written;
    JsonWriter json(written.body);
    switch (id) {
    case DialectId::AnthropicMessages:
        writeAnthropicConversation(json, plan);
        break;
    case DialectId::OpenAiChat:
        writeChatConversation(json, plan);
        break;
    case DialectId::OpenAiResponses:
        writeResponsesConversation(json, plan);
        break;
    case DialectId::Gemini:
        written.target = {"gemini-2.5-pro", false, true};
        writeGeminiConversation(json, plan);
        break;
    }
    return written;
}

} // namespace kirotray
