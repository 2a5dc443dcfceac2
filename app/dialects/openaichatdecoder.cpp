// SPDX-License-Identifier: MIT
#include "app/dialects/customtool.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/openaichat.h"
#include "app/dialects/openaichatcontent.h"
#include "app/dialects/openaichatmemory.h"
#include "app/dialects/openaichatoptions.h"
#include "app/dialects/openaichattools.h"
#include "app/dialects/packedthinking.h"

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace kirotray {

namespace {

constexpr std::array OpenAiIdleMembers {
    IdleMember {"audio"},
    IdleMember {"frequency_penalty", JsonValue::Type::Number},
    IdleMember {"logit_bias"},
    IdleMember {"logprobs"},
    IdleMember {"min_p"},
    IdleMember {"modalities"},
    IdleMember {"plugins"},
    IdleMember {"prediction"},
    IdleMember {"presence_penalty", JsonValue::Type::Number},
    IdleMember {"repetition_penalty"},
    IdleMember {"seed"},
    IdleMember {"service_tier"},
    IdleMember {"store"},
    IdleMember {"temperature", JsonValue::Type::Number},
    IdleMember {"top_k"},
    IdleMember {"top_logprobs"},
    IdleMember {"top_p", JsonValue::Type::Number},
    IdleMember {"verbosity"},
};

bool isEmptyText(const Part &part)
{
    const auto *text = std::get_if<TextPart>(&part);
    return text != nullptr && text->text.empty();
}

class OpenAiChatDecoder
{
public:
    Result<ChatRequest> decode(const JsonValue &root);

private:
    void readMessages(const JsonValue &messages);
    void readMessage(const JsonValue &message);
    void readSystemMessage(const JsonValue &message);
    void readUserMessage(const JsonValue &message);
    void readAssistantMessage(const JsonValue &message);
    void readToolMessage(const JsonValue &message);
    void readFunctionMessage(const JsonValue &message);
    void readToolCall(const JsonValue &call, Message &out);
    void readLegacyCall(const JsonValue &call, Message &out);
    OpenAiContent readContent(const JsonValue &message, OpenAiContentKinds kinds);
    Message &addMessage(const JsonValue &message, Role role);
    void addToolResult(const JsonValue &message, std::string toolUseId);
    void readReasoning(const JsonValue &message, Message &out);
    void readStop(const JsonValue &stop);
    void readSession(const JsonValue &root);
    void note(const JsonValue &at, std::string_view what) { addNote(m_request.notes, at, what); }

    JsonReader m_reader;
    ChatRequest m_request;
    /// Legacy calls carry no ids: results are matched by name, the oldest open call first.
    /// Ids of calls without a result by name, oldest first.
    std::unordered_map<std::string, std::deque<std::string>> m_openLegacyCalls;
    int m_legacyCalls = 0;
    bool m_lostReasoning = false; ///< noted already
};

Result<ChatRequest> OpenAiChatDecoder::decode(const JsonValue &root)
{
    if (!m_reader.expect(root, JsonValue::Type::Object))
        return m_reader.error();
    m_request.model = readName(m_reader, root, "model");
    readMessages(m_reader.requiredArray(root, "messages"));
    const auto memory = std::make_shared<OpenAiChatMemory>();
    readOpenAiTools(m_reader, root, m_request, *memory);
    readOpenAiOptions(m_reader, root, m_request);
    settleToolChoice(m_request);
    const std::optional<qint64> maxTokens = readPositive(m_reader, root, "max_tokens");
    m_request.maxTokens = readPositive(m_reader, root, "max_completion_tokens");
    if (!m_request.maxTokens)
        m_request.maxTokens = maxTokens;
    readStop(root["stop"]);
    m_request.stream = m_reader.optionalBoolean(root, "stream").value_or(false);
    const JsonValue streamOptions = m_reader.optionalObject(root, "stream_options");
    memory->includeUsage = m_reader.optionalBoolean(streamOptions, "include_usage").value_or(false);
    if (m_reader.optionalInteger(root, "n").value_or(1) != 1)
        m_reader.fail(root["n"], "only one choice is supported");
    readSession(root);
    readIdleMembers(m_reader, root, OpenAiIdleMembers, m_request.notes);
    if (m_reader.failed())
        return m_reader.error();
    if (hasCacheControl(root))
        (m_request.messages.empty() ? m_request.systemCachePoint
                                    : m_request.messages.back().cachePoint) = true;
    m_request.memory = memory;
    return std::move(m_request);
}

void OpenAiChatDecoder::readMessages(const JsonValue &messages)
{
    if (messages.isArray() && messages.size() == 0)
        m_reader.fail(messages, "at least one message is required");
    m_request.messages.reserve(static_cast<std::size_t>(messages.size()));
    for (const JsonValue &message : messages) {
        if (m_reader.expect(message, JsonValue::Type::Object))
            readMessage(message);
        if (m_reader.failed())
            return;
    }
}

void OpenAiChatDecoder::readMessage(const JsonValue &message)
{
    using Read = void (OpenAiChatDecoder::*)(const JsonValue &);
    struct RoleReader
    {
        std::string_view role;
        Read read;
    };
    static constexpr std::array Readers {
        RoleReader {"system", &OpenAiChatDecoder::readSystemMessage},
        RoleReader {"developer", &OpenAiChatDecoder::readSystemMessage},
        RoleReader {"user", &OpenAiChatDecoder::readUserMessage},
        RoleReader {"assistant", &OpenAiChatDecoder::readAssistantMessage},
        RoleReader {"tool", &OpenAiChatDecoder::readToolMessage},
        RoleReader {"function", &OpenAiChatDecoder::readFunctionMessage},
    };
    const std::string role = m_reader.requiredString(message, "role");
    for (const RoleReader &reader : Readers)
        if (reader.role == role)
            return (this->*reader.read)(message);
    m_reader.fail(message["role"], "unknown role " + inQuotes(role));
}

Message &OpenAiChatDecoder::addMessage(const JsonValue &message, Role role)
{
    Message &out = m_request.messages.emplace_back();
    out.role = role;
    out.path = message.path();
    return out;
}

OpenAiContent OpenAiChatDecoder::readContent(const JsonValue &message, OpenAiContentKinds kinds)
{
    OpenAiContent content = readOpenAiContent(m_reader, message["content"], kinds, m_request.notes);
    content.cachePoint = content.cachePoint || hasCacheControl(message);
    return content;
}

void OpenAiChatDecoder::readSystemMessage(const JsonValue &message)
{
    const bool isLeading = m_request.messages.empty();
    OpenAiContent content;
    if (!message["content"].isNull())
        content = readContent(message, OpenAiContentKinds::Text);
    const std::string text = joinedTexts(content.parts, "\n\n");
    if (isLeading) {
        addSystemText(m_request, text);
        m_request.systemCachePoint = m_request.systemCachePoint || content.cachePoint;
    } else if (!text.empty()) {
        Message &out = addMessage(message, Role::User);
        out.parts = systemReminder(text).parts;
        out.cachePoint = content.cachePoint;
    }
}

void OpenAiChatDecoder::readUserMessage(const JsonValue &message)
{
    OpenAiContent content = readContent(message, OpenAiContentKinds::TextAndFiles);
    Message &out = addMessage(message, Role::User);
    out.parts = std::move(content.parts);
    std::erase_if(out.parts, isEmptyText);
    out.cachePoint = content.cachePoint;
}

void OpenAiChatDecoder::readAssistantMessage(const JsonValue &message)
{
    Message &out = addMessage(message, Role::Assistant);
    out.cachePoint = hasCacheControl(message);
    readReasoning(message, out);
    if (!message["content"].isAbsent()) {
        OpenAiContent content = readContent(message, OpenAiContentKinds::Text);
        std::erase_if(content.parts, isEmptyText);
        std::move(content.parts.begin(), content.parts.end(), std::back_inserter(out.parts));
        out.cachePoint = content.cachePoint;
    }
    std::string refusal = m_reader.optionalString(message, "refusal").value_or("");
    if (!refusal.empty())
        out.parts.emplace_back(TextPart {std::move(refusal)});
    for (const JsonValue &call : m_reader.optionalArray(message, "tool_calls"))
        if (m_reader.expect(call, JsonValue::Type::Object))
            readToolCall(call, out);
    const JsonValue legacy = m_reader.optionalObject(message, "function_call");
    if (!legacy.isAbsent())
        readLegacyCall(legacy, out);
}

/// Not OpenAI's, but what clients of reasoning models echo. The upstream takes thoughts back only
/// with its own signature (§1.9), which `reasoning_details` carries.
void OpenAiChatDecoder::readReasoning(const JsonValue &message, Message &out)
{
    const std::size_t before = out.parts.size();
    for (const JsonValue &detail : message["reasoning_details"])
        if (detail["type"].string() == "reasoning.encrypted")
            for (ThinkingPart &part : unpackThinking(detail["data"].string()))
                out.parts.emplace_back(std::move(part));
    const bool isGiven = !message["reasoning_content"].string().empty()
        || !message["reasoning"].string().empty() || message["reasoning_details"].size() > 0;
    if (!isGiven || out.parts.size() > before || std::exchange(m_lostReasoning, true))
        return;
    note(message,
         "reasoning without KiroTray's reasoning_details cannot be sent back and is left out");
}

void OpenAiChatDecoder::readToolCall(const JsonValue &call, Message &out)
{
    const std::string type = m_reader.optionalString(call, "type").value_or("function");
    ToolUsePart part;
    part.id = readName(m_reader, call, "id");
    if (type == "function") {
        const JsonValue function = m_reader.requiredObject(call, "function");
        part.name = readName(m_reader, function, "name");
        part.inputJson = readArguments(m_reader, function["arguments"], m_request.notes);
    } else if (type == "custom") {
        const JsonValue custom = m_reader.requiredObject(call, "custom");
        part.name = readName(m_reader, custom, "name");
        part.inputJson = customToolArguments(m_reader.requiredString(custom, "input"));
    } else {
        m_reader.fail(call["type"], "unknown tool call type " + inQuotes(type));
    }
    out.parts.emplace_back(std::move(part));
}

void OpenAiChatDecoder::readLegacyCall(const JsonValue &call, Message &out)
{
    ToolUsePart part;
    part.name = readName(m_reader, call, "name");
    part.id = "call_function_" + std::to_string(++m_legacyCalls);
    part.inputJson = readArguments(m_reader, call["arguments"], m_request.notes);
    m_openLegacyCalls[part.name].push_back(part.id);
    out.parts.emplace_back(std::move(part));
}

void OpenAiChatDecoder::readToolMessage(const JsonValue &message)
{
    addToolResult(message, readName(m_reader, message, "tool_call_id"));
}

void OpenAiChatDecoder::readFunctionMessage(const JsonValue &message)
{
    const std::string name = readName(m_reader, message, "name");
    std::deque<std::string> &open = m_openLegacyCalls[name];
    std::string id;
    if (open.empty()) {
        id = "call_function_" + std::to_string(++m_legacyCalls);
    } else {
        id = std::move(open.front());
        open.pop_front();
    }
    addToolResult(message, std::move(id));
}

void OpenAiChatDecoder::addToolResult(const JsonValue &message, std::string toolUseId)
{
    OpenAiContent content;
    // A tool that has nothing to say: some clients send null.
    if (!message["content"].isNull())
        content = readContent(message, OpenAiContentKinds::TextAndFiles);
    ToolResultPart result {std::move(toolUseId), {}};
    for (Part &part : content.parts)
        addToResult(result, std::move(part));
    Message &out = addMessage(message, Role::User);
    out.parts.emplace_back(std::move(result));
    out.cachePoint = content.cachePoint || hasCacheControl(message);
}

void OpenAiChatDecoder::readStop(const JsonValue &stop)
{
    if (stop.isAbsent())
        return;
    if (stop.isArray())
        m_request.stopSequences = readStopSequences(m_reader, stop);
    else if (!stop.isString())
        m_reader.fail(stop, "expected a string or an array");
    else if (!stop.string().empty())
        m_request.stopSequences.emplace_back(stop.string());
}

void OpenAiChatDecoder::readSession(const JsonValue &root)
{
    // `user` and `safety_identifier` name a person, whose conversations must not share one key.
    m_request.sessionKey = m_reader.optionalString(root, "prompt_cache_key").value_or("");
}

} // namespace

Result<ChatRequest> decodeOpenAiChat(const JsonDocument &body)
{
    return OpenAiChatDecoder().decode(body.root());
}

} // namespace kirotray
