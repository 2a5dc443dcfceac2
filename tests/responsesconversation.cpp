// SPDX-License-Identifier: MIT
#include "tests/conversationwriter.h"

namespace kirotray {

namespace {

using Kind = PlannedPart::Kind;

class ResponsesWriter
{
public:
    ResponsesWriter(JsonWriter &json, const ConversationPlan &plan)
        : m_json(json)
        , m_plan(plan)
        , m_customTools(customToolNames(plan))
    {
    }
    void write()
    {
        m_json.beginObject().member("model", "gpt-5.5").memberBoolean("store", false);
        if (!m_plan.system.empty())
            m_json.memberRaw("instructions", m_plan.system.front());
        m_json.key("input").beginArray();
        for (const std::string &text : m_plan.system)
            writeMessage("developer", "input_text", text);
        for (const PlannedTurn &turn : m_plan.turns)
            for (const PlannedPart &part : turn.parts)
                writeItem(turn.role, part);
        m_json.endArray();
        writeTools();
        writeOptions();
        m_json.endObject();
    }

private:
    void writeMessage(std::string_view role, std::string_view type, const std::string &literal)
    {
        m_json.beginObject().member("type", "message").member("role", role);
        m_json.key("content").beginArray();
        writeTextBlock(m_json, type, literal);
        m_json.endArray().endObject();
    }
    void writeItem(PlannedRole role, const PlannedPart &part)
    {
        switch (part.kind) {
        case Kind::Text:
            if (role == PlannedRole::Assistant)
                return writeMessage("assistant", "output_text", part.text);
            return writeMessage(role == PlannedRole::User ? "user" : "developer", "input_text",
                                part.text);
        case Kind::Image:
        case Kind::Document:
            m_json.beginObject().member("role", "user").key("content").beginArray();
            part.kind == Kind::Image ? writeImage(part.text) : writeFile(part);
            m_json.endArray().endObject();
            return;
        case Kind::Thinking:
        case Kind::Redacted:
            m_json.beginObject().member("type", "reasoning").member("id", "rs_1");
            m_json.key("summary").beginArray().endArray();
            writeThought(part);
            m_json.endObject();
            return;
        case Kind::Call:
            return writeCall(part);
        case Kind::Result:
            return writeResult(part);
        }
    }
    void writeThought(const PlannedPart &part)
    {
        const std::string packed = packedThought(part);
        if (packed.empty())
            m_json.memberRaw("encrypted_content",
                             part.kind == Kind::Redacted ? part.text : part.extra);
        else
            m_json.member("encrypted_content", packed);
    }
    void writeImage(const std::string &base64)
    {
        m_json.beginObject().member("type", "input_image");
        m_json.member("image_url", "data:image/png;base64," + base64).endObject();
    }
    void writeFile(const PlannedPart &part)
    {
        m_json.beginObject().member("type", "input_file").memberRaw("filename", part.name);
        m_json.member("file_data", "data:application/pdf;base64," + part.text).endObject();
    }
    void writeCall(const PlannedPart &call)
    {
        const bool isCustom = m_customTools.contains(call.name);
        m_json.beginObject().member("type", isCustom ? "custom_tool_call" : "function_call");
        m_json.memberRaw("call_id", call.id);
        writePlannedCall(m_json, call, isCustom);
        m_json.endObject();
    }
    void writeResult(const PlannedPart &part)
    {
        const bool isCustom = m_customTools.contains(part.name);
        m_json.beginObject();
        m_json.member("type", isCustom ? "custom_tool_call_output" : "function_call_output");
        m_json.memberRaw("call_id", part.id);
        if (part.images.empty()) {
            m_json.memberRaw("output", part.text);
        } else {
            m_json.key("output").beginArray();
            writeTextBlock(m_json, "input_text", part.text);
            for (const std::string &image : part.images)
                writeImage(image);
            m_json.endArray();
        }
        m_json.endObject();
    }
    void writeTools()
    {
        m_json.key("tools").beginArray();
        for (const PlannedTool &tool : m_plan.tools) {
            // A tool with a cache point stands in a namespace here, for variety.
            if (tool.isCachePoint)
                m_json.beginObject()
                    .member("type", "namespace")
                    .member("name", "space")
                    .key("tools")
                    .beginArray();
            writeTool(tool);
            if (tool.isCachePoint)
                m_json.endArray().endObject();
        }
        if (m_plan.searchesTheWeb)
            m_json.beginObject().member("type", "web_search").endObject();
        m_json.endArray();
    }
    void writeTool(const PlannedTool &tool)
    {
        const bool isCustom = tool.kind == PlannedTool::Kind::Custom;
        m_json.beginObject().member("type", isCustom ? "custom" : "function");
        writePlannedTool(m_json, tool);
        m_json.endObject();
    }
    void writeOptions()
    {
        writePlannedChoice(m_json, m_plan, {});
        if (m_plan.reasoning > 0)
            m_json.key("reasoning")
                .beginObject()
                .member("effort", plannedEffort(m_plan))
                .endObject();
        if (!m_plan.formatSchema.empty()) {
            m_json.key("text").beginObject().key("format").beginObject();
            m_json.member("type", "json_schema");
            writePlannedFormat(m_json, m_plan);
            m_json.endObject().endObject();
        }
        if (m_plan.maxTokens)
            m_json.memberInteger("max_output_tokens", *m_plan.maxTokens);
        if (!m_plan.session.empty())
            m_json.memberRaw("prompt_cache_key", m_plan.session);
    }

    JsonWriter &m_json;
    const ConversationPlan &m_plan;
    std::set<std::string> m_customTools;
};

} // namespace

void writeResponsesConversation(JsonWriter &json, const ConversationPlan &plan)
{
    ResponsesWriter(json, plan).write();
}

} // namespace kirotray
