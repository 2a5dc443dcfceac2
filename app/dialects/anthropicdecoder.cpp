// SPDX-License-Identifier: MIT
#include "app/dialects/anthropicmessages.h"
#include "app/dialects/anthropicrequest.h"
#include "app/dialects/dialectparts.h"

#include <utility>

namespace kirotray {

namespace {

/// Claude Code's first system block: it changes between releases, means nothing to the model and
/// spoils the prompt cache (clients.md §1).
constexpr std::string_view BillingHeader = "x-anthropic-billing-header:";

/// The session in `metadata.user_id`: a JSON text with `session_id`, or `user_…_session_<uuid>`.
/// Any other id names a person, whose conversations must not share one key.
std::string sessionIn(std::string_view userId)
{
    if (userId.starts_with('{')) {
        const Result<JsonDocument> parsed = JsonDocument::parse(std::string(userId));
        if (parsed) {
            const std::string_view session = parsed.value().root()["session_id"].string();
            if (!session.empty())
                return std::string(session);
        }
    }
    constexpr std::string_view Marker = "_session_";
    if (const std::size_t at = userId.rfind(Marker);
        at != std::string_view::npos && at + Marker.size() < userId.size())
        return std::string(userId.substr(at + Marker.size()));
    return {};
}

/// False for the results of tools alone: they go on with the turn, and do not begin a new one.
bool saysMore(const JsonValue &content)
{
    for (const JsonValue &block : content)
        if (block["type"].string() != "tool_result")
            return true;
    return !content.isArray();
}

class AnthropicDecoder
{
public:
    Result<ChatRequest> decode(const JsonValue &root, AnthropicCall call);

private:
    void readSystem(const JsonValue &system);
    void readSystemBlock(const JsonValue &block);
    void readMessages(const JsonValue &messages);
    void readMessage(const JsonValue &message, bool isOfThisTurn);
    void readSystemMessage(const JsonValue &message, bool isOfThisTurn);
    std::string systemMessageText(const JsonValue &content);

    AnthropicReading m_reading;
    JsonReader &m_reader = m_reading.reader;
};

Result<ChatRequest> AnthropicDecoder::decode(const JsonValue &root, AnthropicCall call)
{
    if (!m_reader.expect(root, JsonValue::Type::Object))
        return m_reader.error();
    ChatRequest &chat = m_reading.chat;
    chat.model = readName(m_reader, root, "model");
    chat.maxTokens = readPositive(m_reader, root, "max_tokens");
    readSystem(root["system"]);
    readAnthropicTools(m_reading, m_reader.optionalArray(root, "tools"));
    readAnthropicOptions(m_reading, root);
    readMessages(m_reader.requiredArray(root, "messages"));
    settleAnthropicTools(m_reading, root["tools"]);
    readAnthropicToolChoice(m_reading, m_reader.optionalObject(root, "tool_choice"));
    if (!chat.maxTokens && call == AnthropicCall::Messages)
        m_reader.fail(root["max_tokens"], "is required");
    chat.stopSequences =
        readStopSequences(m_reader, m_reader.optionalArray(root, "stop_sequences"));
    chat.stream = m_reader.optionalBoolean(root, "stream").value_or(false);
    const JsonValue metadata = m_reader.optionalObject(root, "metadata");
    chat.sessionKey = sessionIn(m_reader.optionalString(metadata, "user_id").value_or(""));
    if (hasAnthropicCachePoint(m_reading, root) && !chat.messages.empty())
        chat.messages.back().cachePoint = true;
    if (m_reader.failed())
        return m_reader.error();
    return std::move(chat);
}

void AnthropicDecoder::readSystem(const JsonValue &system)
{
    if (system.isAbsent())
        return;
    if (system.isString()) {
        addSystemText(m_reading.chat, system.string());
        return;
    }
    if (!system.isArray()) {
        m_reader.fail(system, "expected a string or an array");
        return;
    }
    for (const JsonValue &block : system) {
        readSystemBlock(block);
        if (m_reader.failed())
            return;
    }
}

void AnthropicDecoder::readSystemBlock(const JsonValue &block)
{
    if (!m_reader.expect(block, JsonValue::Type::Object))
        return;
    const std::string type = m_reader.requiredString(block, "type");
    if (type != "text") {
        m_reader.fail(block["type"], "only text is allowed here, not " + inQuotes(type));
        return;
    }
    if (hasAnthropicCachePoint(m_reading, block))
        m_reading.chat.systemCachePoint = true;
    const std::string text = m_reader.requiredString(block, "text");
    if (text.starts_with(BillingHeader))
        m_reading.note(block, "the billing header is dropped");
    else
        addSystemText(m_reading.chat, text);
}

void AnthropicDecoder::readMessages(const JsonValue &messages)
{
    if (messages.isArray() && messages.size() == 0)
        m_reader.fail(messages, "at least one message is required");
    m_reading.chat.messages.reserve(static_cast<std::size_t>(messages.size()));
    int lastOfUser = 0;
    int index = 0;
    for (const JsonValue &each : messages) {
        if (each["role"].string() == "user" && saysMore(each["content"]))
            lastOfUser = index;
        ++index;
    }
    index = 0;
    for (const JsonValue &each : messages) {
        readMessage(each, index++ > lastOfUser);
        if (m_reader.failed())
            return;
    }
}

void AnthropicDecoder::readMessage(const JsonValue &message, bool isOfThisTurn)
{
    if (!m_reader.expect(message, JsonValue::Type::Object))
        return;
    const std::string role = m_reader.requiredString(message, "role");
    if (role == "system")
        readSystemMessage(message, isOfThisTurn);
    else if (role == "user" || role == "assistant")
        readAnthropicMessage(m_reading, message, role == "user" ? Role::User : Role::Assistant);
    else
        m_reader.fail(message["role"], "expected 'user', 'assistant' or 'system'");
}

/// Newer clients put such messages between the others, with settings of one turn: those of earlier
/// turns have done their work.
void AnthropicDecoder::readSystemMessage(const JsonValue &message, bool isOfThisTurn)
{
    const JsonValue config = m_reader.optionalObject(message, "output_config");
    if (isOfThisTurn)
        readAnthropicEffort(m_reading, config);
    const std::string text = systemMessageText(message["content"]);
    if (m_reader.optionalString(message, "clear_at") == "next_user_message" && !isOfThisTurn)
        return;
    if (text.empty())
        return;
    Message reminder = systemReminder(text);
    reminder.path = message.path();
    for (const JsonValue &block : message["content"])
        reminder.cachePoint |= hasAnthropicCachePoint(m_reading, block);
    m_reading.chat.messages.push_back(std::move(reminder));
}

/// Only text and tools concern the model; what else a future release adds must not stop it.
std::string AnthropicDecoder::systemMessageText(const JsonValue &content)
{
    if (content.isString())
        return std::string(content.string());
    if (!content.isAbsent() && !content.isArray())
        m_reader.fail(content, "expected a string or an array");
    std::string text;
    for (const JsonValue &block : content) {
        if (!m_reader.expect(block, JsonValue::Type::Object))
            return {};
        const std::string_view type = block["type"].string();
        if (type == "tool_addition" || type == "tool_removal") {
            readAnthropicToolChange(m_reading, block);
        } else if (type != "text") {
            m_reading.note(block, "only text and tools are taken from a system message");
        } else {
            text += text.empty() ? "" : "\n\n";
            text += m_reader.requiredString(block, "text");
        }
    }
    return text;
}

} // namespace

bool hasAnthropicCachePoint(AnthropicReading &reading, const JsonValue &block)
{
    return !reading.reader.optionalObject(block, "cache_control").isAbsent();
}

Result<ChatRequest> decodeAnthropic(const JsonDocument &body, AnthropicCall call)
{
    return AnthropicDecoder().decode(body.root(), call);
}

} // namespace kirotray
