// SPDX-License-Identifier: MIT
#include "app/kiro/requestbuilder.h"

#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/kiro/normaliser.h"
#include "app/kiro/toolspecs.h"

#include <QCryptographicHash>
#include <QUuid>

namespace kirotray {

namespace {

constexpr std::string_view BlankLine = "\n\n";
constexpr std::string_view SystemAcknowledgement = "I will follow these instructions.";
constexpr std::string_view ResultsIntroduction = "Tool results:"; ///< rule 4
constexpr std::string_view CallsOnly = " "; ///< rule 5

std::string joinedTexts(const std::vector<std::string_view> &texts)
{
    std::string joined;
    for (const std::string_view text : texts)
        (joined.empty() ? joined : joined.append(BlankLine)).append(text);
    return joined;
}

/// Writes conversationState in one pass (kiro-protocol §1.4).
class StateWriter
{
public:
    StateWriter(std::string &out, const BuildOptions &options, const KiroTables &tables,
                const ToolPlan &tools)
        : m_writer(out)
        , m_modelId(options.modelId.toStdString())
        , m_origin(tables.client.origin.toStdString())
        , m_tools(tools)
    {
    }

    void write(const Conversation &conversation, const std::string &system,
               const BuildOptions &options)
    {
        m_writer.beginObject();
        if (!options.conversationId.empty())
            m_writer.member("conversationId", options.conversationId);
        if (!options.continuationId.empty())
            m_writer.member("agentContinuationId", options.continuationId);
        m_writer.member("agentTaskType", "vibe").member("chatTriggerType", "MANUAL");
        if (!system.empty() || conversation.turns.size() > 1)
            writeHistory(conversation, system);
        m_writer.key("currentMessage").beginObject();
        writeUser(conversation.turns.back(), true);
        m_writer.endObject().endObject();
    }

private:
    void writeHistory(const Conversation &conversation, const std::string &system)
    {
        m_writer.key("history").beginArray();
        if (!system.empty())
            writeSystem(system);
        for (std::size_t at = 0; at + 1 < conversation.turns.size(); ++at) {
            const Turn &turn = conversation.turns[at];
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
    void writeSystem(const std::string &system)
    {
        m_writer.beginObject().key("userInputMessage").beginObject();
        m_writer.member("content", system);
        writeModel();
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
        writeContent(turn, ResultsIntroduction);
        writeModel();
        const bool hasTools = isCurrent && !m_tools.specs.empty();
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
        for (const ToolSpec &spec : m_tools.specs) {
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
        if (!turn.uses.empty()) {
            m_writer.key("toolUses").beginArray();
            for (const TurnToolUse &use : turn.uses) {
                m_writer.beginObject().member("toolUseId", use.id);
                m_writer.member("name", m_tools.upstreamNames.at(use.name));
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

    JsonWriter m_writer;
    std::string m_modelId;
    std::string m_origin;
    const ToolPlan &m_tools;
};

std::string systemText(const ChatRequest &request, const ToolPlan &tools)
{
    std::deque<std::string> owned;
    std::string text;
    if (!isBlankText(request.system))
        text = cleanText(request.system, owned);
    if (!tools.instruction.empty())
        text.append(text.empty() ? std::string_view() : BlankLine).append(tools.instruction);
    return text;
}

/// About what the encoded conversation takes, so that it is not moved while it grows.
std::size_t expectedSize(const Conversation &conversation, const ToolPlan &tools,
                         std::size_t systemSize)
{
    std::size_t text = systemSize;
    std::size_t items = 1;
    for (const Turn &turn : conversation.turns) {
        for (const std::string_view piece : turn.texts)
            text += piece.size();
        for (const TurnToolUse &use : turn.uses)
            text += use.inputJson.size();
        for (const TurnToolResult &result : turn.results)
            text += result.text.size();
        items += 1 + turn.uses.size() + turn.results.size();
    }
    for (const ToolSpec &spec : tools.specs)
        text += spec.description.size() + spec.schemaJson.size();
    items += tools.specs.size();
    return text + text / 8 + items * 256; // escapes; keys, ids and names
}

} // namespace

Result<BuiltRequest> buildRequest(const ChatRequest &request, const BuildOptions &options,
                                  const KiroTables &tables)
{
    BuiltRequest built;
    const Result<Conversation> conversation =
        repairConversation(request, options.keepThinking, built.notes);
    if (!conversation)
        return conversation.error();
    const SchemaLevel level = options.strictSchemas ? SchemaLevel::Strict : SchemaLevel::Safe;
    ToolPlan tools = planTools(request, conversation.value(), level, built.notes);
    const std::string system = systemText(request, tools);
    built.conversationState.reserve(expectedSize(conversation.value(), tools, system.size()));
    StateWriter(built.conversationState, options, tables, tools)
        .write(conversation.value(), system, options);
    built.hasTools = !tools.specs.empty();
    built.toolNames = std::move(tools.clientNames);
    return built;
}

QByteArray requestBody(const BuiltRequest &built, const QString &profileArn)
{
    static constexpr std::string_view start = R"({"conversationState":)";
    static constexpr std::string_view arnKey = R"(,"profileArn":)";
    std::string tail;
    if (!profileArn.isEmpty()) {
        tail = arnKey;
        appendJsonString(tail, profileArn.toStdString());
    }
    tail.push_back('}');
    QByteArray body;
    body.reserve(
        static_cast<qsizetype>(start.size() + built.conversationState.size() + tail.size()));
    for (const std::string_view piece :
         {start, std::string_view(built.conversationState), std::string_view(tail)})
        body.append(piece.data(), static_cast<qsizetype>(piece.size()));
    return body;
}

std::string conversationIdFor(const ChatRequest &request)
{
    // Any fixed namespace will do; this one is ours.
    static const QUuid conversations(u"{7c0d3f52-9a1e-5d0b-8b64-2f7f0a5b9e31}"_s);
    const auto start = [](std::string_view text) {
        const std::string_view kept = text.substr(0, std::size_t(limits::ConversationKeyBytes));
        return QByteArray(kept.data(), static_cast<qsizetype>(kept.size()));
    };
    QByteArray key = "session\n" + start(request.sessionKey);
    if (request.sessionKey.empty()) {
        key = "start\n" + start(request.system) + '\0';
        for (const Message &message : request.messages) {
            if (message.role != Role::User)
                continue;
            for (const Part &part : message.parts)
                if (const auto *text = std::get_if<TextPart>(&part))
                    key += start(text->text) + '\0';
            break;
        }
    }
    return QUuid::createUuidV5(conversations, key).toString(QUuid::WithoutBraces).toStdString();
}

} // namespace kirotray
