// SPDX-License-Identifier: MIT
#include "tests/conversationwriter.h"

#include <array>

namespace kirotray {

namespace {

using Kind = PlannedPart::Kind;

class GeminiWriter
{
public:
    GeminiWriter(JsonWriter &json, const ConversationPlan &plan)
        : m_json(json)
        , m_plan(plan)
    {
    }
    void write()
    {
        m_json.beginObject();
        m_json.key("systemInstruction").beginObject().key("parts").beginArray();
        for (const std::string &text : m_plan.system)
            writeText(text);
        m_json.endArray().endObject().key("contents").beginArray();
        for (const PlannedTurn &turn : m_plan.turns)
            writeTurn(turn);
        m_json.endArray();
        writeTools();
        writeConfig();
        m_json.endObject();
    }

private:
    void writeText(const std::string &literal)
    {
        m_json.beginObject().memberRaw("text", literal).endObject();
    }
    void writeTurn(const PlannedTurn &turn)
    {
        m_json.beginObject();
        m_json.member("role", turn.role == PlannedRole::Assistant ? "model" : "user");
        m_json.key("parts").beginArray();
        for (const PlannedPart &part : turn.parts)
            writePart(part);
        m_json.endArray().endObject();
    }
    void writePart(const PlannedPart &part)
    {
        m_json.beginObject();
        switch (part.kind) {
        case Kind::Text:
            m_json.memberRaw("text", part.text);
            break;
        case Kind::Image:
            writeBlob("image/png", part.text);
            break;
        case Kind::Document:
            writeBlob("application/pdf", part.text);
            break;
        case Kind::Thinking:
            m_json.memberRaw("text", part.text).memberBoolean("thought", true);
            writeSignature(part, part.extra);
            break;
        case Kind::Redacted:
            writeSignature(part, part.text);
            break;
        case Kind::Call:
            m_json.key("functionCall").beginObject();
            writeId(part);
            m_json.memberRaw("name", part.name).memberRaw("args", part.extra).endObject();
            break;
        case Kind::Result:
            writeResult(part);
            break;
        }
        m_json.endObject();
    }
    void writeSignature(const PlannedPart &part, const std::string &literal)
    {
        const std::string packed = packedThought(part);
        if (packed.empty())
            m_json.memberRaw("thoughtSignature", literal);
        else
            m_json.member("thoughtSignature", packed);
    }
    /// Half of the clients know no ids.
    void writeId(const PlannedPart &part)
    {
        if (m_plan.turns.size() % 2 == 0)
            m_json.memberRaw("id", part.id);
    }
    void writeBlob(std::string_view type, const std::string &base64)
    {
        m_json.key("inlineData").beginObject();
        m_json.member("mimeType", type).member("data", base64).endObject();
    }
    void writeResult(const PlannedPart &part)
    {
        m_json.key("functionResponse").beginObject();
        writeId(part);
        m_json.memberRaw("name", part.name).key("response").beginObject();
        m_json.memberRaw(part.isError ? "error" : "output", part.text).endObject();
        m_json.key("parts").beginArray();
        for (const std::string &image : part.images) {
            m_json.beginObject();
            writeBlob("image/png", image);
            m_json.endObject();
        }
        m_json.endArray().endObject();
    }
    void writeTools()
    {
        m_json.key("tools").beginArray().beginObject();
        m_json.key("functionDeclarations").beginArray();
        for (const PlannedTool &tool : m_plan.tools) {
            m_json.beginObject().memberRaw("name", tool.name);
            if (!tool.description.empty())
                m_json.memberRaw("description", tool.description);
            if (!tool.schema.empty())
                m_json.memberRaw(tool.isCachePoint ? "parameters" : "parametersJsonSchema",
                                 tool.schema);
            m_json.endObject();
        }
        m_json.endArray();
        if (m_plan.searchesTheWeb)
            m_json.key("googleSearch").beginObject().endObject();
        m_json.endObject().endArray();
        writeToolConfig();
    }
    void writeToolConfig()
    {
        static constexpr std::array Modes {"", "AUTO", "ANY", "NONE", "ANY"};
        if (m_plan.toolChoice == 0)
            return;
        m_json.key("toolConfig").beginObject().key("functionCallingConfig").beginObject();
        m_json.member("mode", Modes.at(static_cast<std::size_t>(m_plan.toolChoice)));
        if (m_plan.toolChoice == 4 && !m_plan.tools.empty()) {
            m_json.key("allowedFunctionNames").beginArray();
            m_json.raw(m_plan.tools.front().name).endArray();
        }
        m_json.endObject().endObject();
    }
    void writeConfig()
    {
        m_json.key("generationConfig").beginObject();
        if (m_plan.maxTokens)
            m_json.memberInteger("maxOutputTokens", *m_plan.maxTokens);
        if (m_plan.reasoning > 0) {
            m_json.key("thinkingConfig").beginObject().memberBoolean("includeThoughts", true);
            if (m_plan.reasoning < 3)
                m_json.memberInteger("thinkingBudget", m_plan.reasoning == 1 ? 0 : 2048);
            else
                m_json.member("thinkingLevel", m_plan.reasoning == 3 ? "LOW" : "HIGH");
            m_json.endObject();
        }
        if (!m_plan.formatSchema.empty())
            m_json.member("responseMimeType", "application/json")
                .memberRaw("responseJsonSchema", m_plan.formatSchema);
        m_json.endObject();
    }

    JsonWriter &m_json;
    const ConversationPlan &m_plan;
};

} // namespace

void writeGeminiConversation(JsonWriter &json, const ConversationPlan &plan)
{
    GeminiWriter(json, plan).write();
}

} // namespace kirotray
