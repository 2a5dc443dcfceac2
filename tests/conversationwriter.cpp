// SPDX-License-Identifier: MIT
#include "tests/conversationwriter.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

using Kind = PlannedPart::Kind;

std::string pngDataUrl(const std::string &base64)
{
    return "data:image/png;base64," + base64;
}

void writeCacheControl(JsonWriter &json, bool isCachePoint)
{
    if (isCachePoint)
        json.key("cache_control").beginObject().member("type", "ephemeral").endObject();
}

void writeTextBlock(JsonWriter &json, std::string_view type, const std::string &literal)
{
    json.beginObject().member("type", type).memberRaw("text", literal).endObject();
}

class AnthropicWriter
{
public:
    AnthropicWriter(JsonWriter &json, const ConversationPlan &plan)
        : m_json(json)
        , m_plan(plan)
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
            m_json.member("type", "thinking").memberRaw("thinking", part.text);
            m_json.memberRaw("signature", part.extra);
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
};

class ChatWriter
{
public:
    ChatWriter(JsonWriter &json, const ConversationPlan &plan)
        : m_json(json)
        , m_plan(plan)
        , m_customTools(customToolNames(plan))
    {
    }
    void write()
    {
        m_json.beginObject().member("model", "gpt-5.5").key("messages").beginArray();
        for (const std::string &text : m_plan.system) {
            m_json.beginObject().member("role", "system").memberRaw("content", text);
            writeCacheControl(m_json, m_plan.systemCachePoint);
            m_json.endObject();
        }
        for (const PlannedTurn &turn : m_plan.turns)
            turn.role == PlannedRole::Assistant ? writeAssistant(turn) : writeOther(turn);
        m_json.endArray();
        writeTools();
        writeOptions();
        m_json.endObject();
    }

private:
    /// Results are messages of their own here.
    void writeOther(const PlannedTurn &turn)
    {
        for (const PlannedPart &part : turn.parts)
            if (part.kind == Kind::Result)
                writeResult(part);
        m_json.beginObject();
        m_json.member("role", turn.role == PlannedRole::User ? "user" : "developer");
        m_json.key("content").beginArray();
        for (const PlannedPart &part : turn.parts)
            if (part.kind != Kind::Result)
                writePart(part);
        m_json.endArray().endObject();
    }
    void writeResult(const PlannedPart &part)
    {
        m_json.beginObject().member("role", "tool").memberRaw("tool_call_id", part.id);
        m_json.key("content").beginArray();
        writeTextBlock(m_json, "text", part.text);
        for (const std::string &image : part.images)
            writeImage(image);
        m_json.endArray();
        writeCacheControl(m_json, part.isCachePoint);
        m_json.endObject();
    }
    void writeImage(const std::string &base64)
    {
        m_json.beginObject().member("type", "image_url").key("image_url").beginObject();
        m_json.member("url", pngDataUrl(base64)).endObject().endObject();
    }
    void writePart(const PlannedPart &part)
    {
        if (part.kind == Kind::Image)
            return writeImage(part.text);
        m_json.beginObject();
        if (part.kind == Kind::Document) {
            m_json.member("type", "file").key("file").beginObject();
            m_json.memberRaw("filename", part.name);
            m_json.member("file_data", "data:application/pdf;base64," + part.text).endObject();
        } else {
            m_json.member("type", "text").memberRaw("text", part.text);
            writeCacheControl(m_json, part.isCachePoint);
        }
        m_json.endObject();
    }
    void writeAssistant(const PlannedTurn &turn)
    {
        m_json.beginObject().member("role", "assistant");
        m_json.key("content").beginArray();
        for (const PlannedPart &part : turn.parts)
            if (part.kind == Kind::Text)
                writePart(part);
        m_json.endArray().key("reasoning_details").beginArray();
        for (const PlannedPart &part : turn.parts)
            writeReasoning(part);
        m_json.endArray().key("tool_calls").beginArray();
        for (const PlannedPart &part : turn.parts)
            if (part.kind == Kind::Call)
                writeCall(part);
        m_json.endArray().endObject();
    }
    void writeReasoning(const PlannedPart &part)
    {
        if (part.kind == Kind::Thinking)
            m_json.beginObject()
                .member("type", "reasoning.text")
                .memberRaw("text", part.text)
                .memberRaw("signature", part.extra)
                .endObject();
        else if (part.kind == Kind::Redacted)
            m_json.beginObject()
                .member("type", "reasoning.encrypted")
                .memberRaw("data", part.text)
                .endObject();
    }
    void writeCall(const PlannedPart &call)
    {
        const bool isCustom = m_customTools.contains(call.name);
        const char *type = isCustom ? "custom" : "function";
        m_json.beginObject().memberRaw("id", call.id).member("type", type).key(type).beginObject();
        m_json.memberRaw("name", call.name);
        m_json.member(isCustom ? "input" : "arguments", call.extra).endObject().endObject();
    }
    void writeTools()
    {
        m_json.key("tools").beginArray();
        for (const PlannedTool &tool : m_plan.tools) {
            const bool isCustom = tool.kind == PlannedTool::Kind::Custom;
            const char *type = isCustom ? "custom" : "function";
            m_json.beginObject().member("type", type).key(type).beginObject();
            m_json.memberRaw("name", tool.name);
            if (!tool.description.empty())
                m_json.memberRaw("description", tool.description);
            if (!tool.schema.empty() && !isCustom)
                m_json.memberRaw("parameters", tool.schema);
            m_json.endObject();
            writeCacheControl(m_json, tool.isCachePoint);
            m_json.endObject();
        }
        m_json.endArray();
    }
    void writeOptions()
    {
        static constexpr std::array Choices {"", "auto", "required", "none"};
        if (m_plan.toolChoice == 4 && !m_plan.tools.empty())
            m_json.key("tool_choice")
                .beginObject()
                .member("type", "function")
                .key("function")
                .beginObject()
                .memberRaw("name", m_plan.tools.front().name)
                .endObject()
                .endObject();
        else if (m_plan.toolChoice > 0 && m_plan.toolChoice < 4)
            m_json.member("tool_choice", Choices.at(static_cast<std::size_t>(m_plan.toolChoice)));
        if (m_plan.reasoning == 2)
            m_json.key("reasoning").beginObject().memberInteger("max_tokens", 2000).endObject();
        else if (m_plan.reasoning > 0)
            m_json.member("reasoning_effort", plannedEffort(m_plan));
        if (!m_plan.formatSchema.empty())
            m_json.key("response_format")
                .beginObject()
                .member("type", "json_schema")
                .key("json_schema")
                .beginObject()
                .member("name", "n")
                .memberRaw("schema", m_plan.formatSchema)
                .endObject()
                .endObject();
        if (m_plan.searchesTheWeb)
            m_json.key("web_search_options").beginObject().endObject();
        if (m_plan.maxTokens)
            m_json.memberInteger("max_completion_tokens", *m_plan.maxTokens);
        if (!m_plan.session.empty())
            m_json.memberRaw("prompt_cache_key", m_plan.session);
    }

    JsonWriter &m_json;
    const ConversationPlan &m_plan;
    std::set<std::string> m_customTools;
};

} // namespace

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

WrittenConversation writtenConversation(DialectId id, const ConversationPlan &plan)
{
    WrittenConversation written;
    JsonWriter json(written.body);
    switch (id) {
    case DialectId::AnthropicMessages:
        AnthropicWriter(json, plan).write();
        break;
    case DialectId::OpenAiChat:
        ChatWriter(json, plan).write();
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
