// SPDX-License-Identifier: MIT
#include "tests/conversationwriter.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

using Kind = PlannedPart::Kind;

class AnthropicWriter
{
public:
    AnthropicWriter(JsonWriter &json, const ConversationPlan &plan)
        : m_json(json)
        , m_plan(plan)
        , m_hidesThinking(plan.turns.size() % 2 == 0)
    {
    }
    void write()
    {
        m_json.beginObject().member("model", "claude-sonnet-4-5");
        m_json.memberInteger("max_tokens", m_plan.maxTokens.value_or(1000));
        m_json.key("system").beginArray();
        for (const std::string &text : m_plan.system) {
            m_json.beginObject().member("type", "text").memberRaw("text", text);
            writeCacheControl(m_json, m_plan.systemCachePoint);
            m_json.endObject();
        }
        m_json.endArray().key("messages").beginArray();
        for (const PlannedTurn &turn : m_plan.turns)
            writeTurn(turn);
        m_json.endArray();
        writeTools();
        writeOptions();
        m_json.endObject();
    }

private:
    void writeTurn(const PlannedTurn &turn)
    {
        const char *role = turn.role == PlannedRole::User ? "user"
            : turn.role == PlannedRole::System            ? "system"
                                                          : "assistant";
        m_json.beginObject().member("role", role).key("content").beginArray();
        for (const PlannedPart &part : turn.parts)
            writePart(part);
        m_json.endArray().endObject();
    }
    void writePart(const PlannedPart &part)
    {
        m_json.beginObject();
        switch (part.kind) {
        case Kind::Text:
            m_json.member("type", "text").memberRaw("text", part.text);
            break;
        case Kind::Image:
            m_json.member("type", "image");
            writeSource("image/png", part.text);
            break;
        case Kind::Document:
            m_json.member("type", "document").memberRaw("title", part.name);
            writeSource("application/pdf", part.text);
            break;
        case Kind::Thinking:
            writeThinking(part);
            break;
        case Kind::Redacted:
            m_json.member("type", "redacted_thinking").memberRaw("data", part.text);
            break;
        case Kind::Call:
            m_json.member("type", "tool_use").memberRaw("id", part.id).memberRaw("name", part.name);
            m_json.memberRaw("input", part.extra);
            break;
        case Kind::Result:
            writeResult(part);
            break;
        }
        writeCacheControl(m_json, part.isCachePoint);
        m_json.endObject();
    }
    void writeThinking(const PlannedPart &part)
    {
        const std::string packed = m_hidesThinking ? packedThought(part) : std::string();
        m_json.member("type", "thinking");
        if (packed.empty())
            m_json.memberRaw("thinking", part.text).memberRaw("signature", part.extra);
        else
            m_json.member("thinking", "").member("signature", packed);
    }
    void writeResult(const PlannedPart &part)
    {
        m_json.member("type", "tool_result").memberRaw("tool_use_id", part.id);
        m_json.memberBoolean("is_error", part.isError);
        if (part.images.empty()) {
            m_json.memberRaw("content", part.text);
            return;
        }
        m_json.key("content").beginArray();
        writeTextBlock(m_json, "text", part.text);
        for (const std::string &image : part.images) {
            m_json.beginObject().member("type", "image");
            writeSource("image/png", image);
            m_json.endObject();
        }
        m_json.endArray();
    }
    void writeSource(std::string_view type, const std::string &base64)
    {
        m_json.key("source").beginObject().member("type", "base64");
        m_json.member("media_type", type).member("data", base64).endObject();
    }
    void writeTools()
    {
        m_json.key("tools").beginArray();
        for (const PlannedTool &tool : m_plan.tools) {
            m_json.beginObject().memberRaw("name", tool.name);
            if (!tool.description.empty())
                m_json.memberRaw("description", tool.description);
            if (!tool.schema.empty())
                m_json.memberRaw("input_schema", tool.schema);
            writeCacheControl(m_json, tool.isCachePoint);
            m_json.endObject();
        }
        // This API refuses two tools of one name.
        const bool isTaken =
            std::any_of(m_plan.tools.begin(), m_plan.tools.end(),
                        [](const PlannedTool &tool) { return tool.name == R"("web_search")"; });
        if (m_plan.searchesTheWeb && !isTaken)
            m_json.beginObject()
                .member("type", "web_search_20250305")
                .member("name", "web_search")
                .memberInteger("max_uses", 3)
                .endObject();
        m_json.endArray();
    }
    void writeOptions()
    {
        static constexpr std::array Choices {"", "auto", "any", "none", "tool"};
        if (m_plan.toolChoice > 0 && (m_plan.toolChoice < 4 || !m_plan.tools.empty())) {
            m_json.key("tool_choice").beginObject();
            m_json.member("type", Choices.at(static_cast<std::size_t>(m_plan.toolChoice)));
            if (m_plan.toolChoice == 4)
                m_json.memberRaw("name", m_plan.tools.front().name);
            m_json.endObject();
        }
        if (m_plan.reasoning == 1)
            m_json.key("thinking").beginObject().member("type", "disabled").endObject();
        else if (m_plan.reasoning == 2 && m_plan.maxTokens.value_or(0) > 1024)
            m_json.key("thinking")
                .beginObject()
                .member("type", "enabled")
                .memberInteger("budget_tokens", 1024)
                .endObject();
        else if (m_plan.reasoning > 2)
            m_json.key("thinking").beginObject().member("type", "adaptive").endObject();
        writeOutput();
        if (!m_plan.session.empty())
            m_json.key("metadata").beginObject().memberRaw("user_id", m_plan.session).endObject();
    }
    void writeOutput()
    {
        m_json.key("output_config").beginObject();
        if (m_plan.reasoning == 3)
            m_json.member("effort", "low");
        if (!m_plan.formatSchema.empty())
            m_json.key("format")
                .beginObject()
                .member("type", "json_schema")
                .memberRaw("schema", m_plan.formatSchema)
                .endObject();
        m_json.endObject();
    }

    JsonWriter &m_json;
    const ConversationPlan &m_plan;
    bool m_hidesThinking; ///< half of the clients do
};

} // namespace

void writeAnthropicConversation(JsonWriter &json, const ConversationPlan &plan)
{
    AnthropicWriter(json, plan).write();
}

} // namespace kirotray
