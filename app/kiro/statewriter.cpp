// SPDX-License-Identifier: MIT
#include "app/kiro/statewriter.h"

#include "app/base/json.h"

namespace kirotray {

namespace {

constexpr std::string_view TurnBlankLine = "\n\n";
constexpr std::string_view SystemAcknowledgement = "I will follow these instructions.";
constexpr std::string_view ResultsIntroduction = "Tool results:"; ///< rule 4
constexpr std::string_view ImagesOnly = "(image attached)"; ///< rule 4
constexpr std::string_view DocumentsOnly = "(document attached)";
constexpr std::string_view CallsOnly = " "; ///< rule 5

std::string joinedTexts(const std::vector<std::string_view> &texts)
{
    std::string joined;
    for (const std::string_view text : texts)
        (joined.empty() ? joined : joined.append(TurnBlankLine)).append(text);
    return joined;
}

/// Writes conversationState in one pass (kiro-protocol §1.4).
class StateWriter
{
public:
    StateWriter(std::string &out, const StateParts &parts, const BuildOptions &options,
                const KiroTables &tables)
        : m_out(out)
        , m_writer(out)
        , m_parts(parts)
        , m_modelId(options.modelId.toStdString())
        , m_origin(tables.client.origin.toStdString())
    {
    }

    std::vector<std::size_t> write(const BuildOptions &options)
    {
        const std::vector<Turn> &turns = m_parts.conversation.turns;
        m_writer.beginObject();
        if (!options.conversationId.empty())
            m_writer.member("conversationId", options.conversationId);
        if (!options.continuationId.empty())
            m_writer.member("agentContinuationId", options.continuationId);
        m_writer.member("agentTaskType", "vibe").member("chatTriggerType", "MANUAL");
        if (!m_parts.system.empty() || turns.size() > 1)
            writeHistory(turns);
        m_starts.push_back(m_out.size());
        m_writer.key("currentMessage").beginObject();
        writeUser(turns.back(), true);
        m_writer.endObject().endObject();
        return std::move(m_starts);
    }

private:
    void writeHistory(const std::vector<Turn> &turns)
    {
        m_writer.key("history").beginArray();
        if (!m_parts.system.empty())
            writeSystem();
        for (std::size_t at = 0; at + 1 < turns.size(); ++at) {
            const Turn &turn = turns[at];
            m_starts.push_back(m_out.size());
            m_writer.beginObject();
            if (turn.role == Role::User)
                writeUser(turn, false);
            else
                writeAssistant(turn);
            m_writer.endObject();
        }
        m_writer.endArray();
    }

    /// There is no system role: a first pair stands for it (§1.5 form A).
    void writeSystem()
    {
        m_writer.beginObject().key("userInputMessage").beginObject();
        m_writer.member("content", m_parts.system);
        writeModel();
        writeCachePoint(m_parts.systemCachePoint);
        m_writer.endObject().endObject();
        m_writer.beginObject().key("assistantResponseMessage").beginObject();
        m_writer.member("content", SystemAcknowledgement).endObject().endObject();
    }

    void writeModel()
    {
        if (!m_modelId.empty())
            m_writer.member("modelId", m_modelId);
        m_writer.member("origin", m_origin);
    }

    void writeContent(const Turn &turn, std::string_view otherwise)
    {
        if (turn.texts.size() <= 1)
            m_writer.member("content", turn.texts.empty() ? otherwise : turn.texts.front());
        else
            m_writer.member("content", joinedTexts(turn.texts));
    }

    void writeUser(const Turn &turn, bool isCurrent)
    {
        m_writer.key("userInputMessage").beginObject();
        const std::string_view otherwise = !turn.results.empty() ? ResultsIntroduction
            : !turn.images.empty()                               ? ImagesOnly
                                                                 : DocumentsOnly;
        writeContent(turn, otherwise);
        writeModel();
        writeAttachments(turn);
        writeCachePoint(turn.cachePoint);
        const bool hasTools = isCurrent && !m_parts.tools.specs.empty();
        if (hasTools || !turn.results.empty()) {
            m_writer.key("userInputMessageContext").beginObject();
            if (!turn.results.empty())
                writeResults(turn);
            if (hasTools)
                writeTools();
            m_writer.endObject();
        }
        m_writer.endObject();
    }

    void writeCachePoint(bool isWanted)
    {
        if (isWanted)
            m_writer.memberRaw("cachePoint", R"({"type":"default"})");
    }

    void writeAttachments(const Turn &turn)
    {
        if (!turn.images.empty()) {
            m_writer.key("images").beginArray();
            for (const TurnImage &image : turn.images)
                writeSource(image.format, image.base64, {});
            m_writer.endArray();
        }
        if (turn.documents.empty())
            return;
        m_writer.key("documents").beginArray();
        for (const TurnDocument &document : turn.documents)
            writeSource(document.format, document.base64, document.name);
        m_writer.endArray();
    }

    /// Base64 needs no escapes.
    void writeSource(std::string_view format, std::string_view base64, std::string_view name)
    {
        m_writer.beginObject();
        if (!name.empty())
            m_writer.member("name", name);
        m_writer.member("format", format).key("source").beginObject();
        m_writer.memberRaw("bytes", "\"");
        m_out.append(base64).push_back('"');
        m_writer.endObject().endObject();
    }

    void writeResults(const Turn &turn)
    {
        m_writer.key("toolResults").beginArray();
        for (const TurnToolResult &result : turn.results) {
            m_writer.beginObject().member("toolUseId", result.toolUseId);
            m_writer.key("content").beginArray().beginObject();
            m_writer.member("text", result.text).endObject().endArray();
            m_writer.member("status", result.isError ? "error" : "success").endObject();
        }
        m_writer.endArray();
    }

    void writeTools()
    {
        m_writer.key("tools").beginArray();
        for (const ToolSpec &spec : m_parts.tools.specs) {
            m_writer.beginObject().key("toolSpecification").beginObject();
            m_writer.member("name", spec.name).member("description", spec.description);
            m_writer.key("inputSchema").beginObject().memberRaw("json", spec.schemaJson);
            m_writer.endObject().endObject().endObject();
        }
        m_writer.endArray();
    }

    void writeAssistant(const Turn &turn)
    {
        m_writer.key("assistantResponseMessage").beginObject();
        writeContent(turn, CallsOnly);
        for (const ThinkingPart *part : turn.thinking)
            writeThinking(*part);
        writeCachePoint(turn.cachePoint);
        if (!turn.uses.empty()) {
            m_writer.key("toolUses").beginArray();
            for (const TurnToolUse &use : turn.uses) {
                m_writer.beginObject().member("toolUseId", use.id);
                m_writer.member("name", m_parts.tools.upstreamNames.at(use.name));
                m_writer.memberRaw("input", use.inputJson).endObject();
            }
            m_writer.endArray();
        }
        m_writer.endObject();
    }

    void writeThinking(const ThinkingPart &part)
    {
        m_writer.key("reasoningContent").beginObject();
        if (!part.redactedData.empty()) {
            m_writer.member("redactedContent", part.redactedData);
        } else {
            m_writer.key("reasoningText").beginObject().member("text", part.text);
            m_writer.member("signature", part.signature).endObject();
        }
        m_writer.endObject();
    }

    std::string &m_out;
    JsonWriter m_writer;
    const StateParts &m_parts;
    std::string m_modelId;
    std::string m_origin;
    std::vector<std::size_t> m_starts;
};

/// About what the encoded conversation takes, so that it is not moved while it grows.
std::size_t expectedSize(const StateParts &parts)
{
    std::size_t text = parts.system.size();
    std::size_t items = 1;
    std::size_t attached = 0;
    for (const Turn &turn : parts.conversation.turns) {
        for (const std::string_view piece : turn.texts)
            text += piece.size();
        for (const TurnToolUse &use : turn.uses)
            text += use.inputJson.size();
        for (const TurnToolResult &result : turn.results)
            text += result.text.size();
        for (const TurnImage &image : turn.images)
            attached += image.base64.size() + 64;
        for (const TurnDocument &document : turn.documents)
            attached += document.base64.size() + 512;
        items += 1 + turn.uses.size() + turn.results.size();
    }
    for (const ToolSpec &spec : parts.tools.specs)
        text += spec.description.size() + spec.schemaJson.size();
    items += parts.tools.specs.size();
    return attached + text + text / 8 + items * 256; // escapes; keys, ids and names
}

} // namespace

std::vector<std::size_t> writeState(std::string &out, const StateParts &parts,
                                    const BuildOptions &options, const KiroTables &tables)
{
    out.reserve(expectedSize(parts));
    return StateWriter(out, parts, options, tables).write(options);
}

} // namespace kirotray
