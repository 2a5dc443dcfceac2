// SPDX-License-Identifier: MIT
#include "tests/conversationwriter.h"

namespace kirotray {

namespace {

using Kind = PlannedPart::Kind;

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
        m_json.member("url", "data:image/png;base64," + base64).endObject().endObject();
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
        const std::string packed = packedThought(part);
        if (!packed.empty())
            m_json.beginObject()
                .member("type", "reasoning.encrypted")
                .member("data", packed)
                .endObject();
        else if (part.kind == Kind::Thinking)
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
        writePlannedCall(m_json, call, isCustom);
        m_json.endObject().endObject();
    }
    void writeTools()
    {
        m_json.key("tools").beginArray();
        for (const PlannedTool &tool : m_plan.tools) {
            const bool isCustom = tool.kind == PlannedTool::Kind::Custom;
            const char *type = isCustom ? "custom" : "function";
            m_json.beginObject().member("type", type).key(type).beginObject();
            writePlannedTool(m_json, tool);
            m_json.endObject();
            writeCacheControl(m_json, tool.isCachePoint);
            m_json.endObject();
        }
        m_json.endArray();
    }
    void writeOptions()
    {
        writePlannedChoice(m_json, m_plan, "function");
        if (m_plan.reasoning == 2)
            m_json.key("reasoning").beginObject().memberInteger("max_tokens", 2000).endObject();
        else if (m_plan.reasoning > 0)
            m_json.member("reasoning_effort", plannedEffort(m_plan));
        if (!m_plan.formatSchema.empty()) {
            m_json.key("response_format").beginObject().member("type", "json_schema");
            m_json.key("json_schema").beginObject();
            writePlannedFormat(m_json, m_plan);
            m_json.endObject().endObject();
        }
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

void writeChatConversation(JsonWriter &json, const ConversationPlan &plan)
{
    ChatWriter(json, plan).write();
}

} // namespace kirotray
