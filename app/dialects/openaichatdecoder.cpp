// SPDX-License-Identifier: MIT
#include "app/dialects/dialectparts.h"
#include "app/dialects/openaichat.h"
#include "app/dialects/openaichattools.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kirotray {

namespace {

constexpr std::array OpenAiIdleMembers {
    IdleMember {"audio"},
    IdleMember {"frequency_penalty", JsonValue::Type::Number},
    IdleMember {"logit_bias"},
    IdleMember {"logprobs"},
    IdleMember {"modalities"},
    IdleMember {"prediction"},
    IdleMember {"presence_penalty", JsonValue::Type::Number},
    IdleMember {"reasoning"},
    IdleMember {"reasoning_effort"},
    IdleMember {"response_format", JsonValue::Type::Object},
    IdleMember {"seed"},
    IdleMember {"service_tier"},
    IdleMember {"store"},
    IdleMember {"temperature", JsonValue::Type::Number},
    IdleMember {"thinking"},
    IdleMember {"top_k"},
    IdleMember {"top_logprobs"},
    IdleMember {"top_p", JsonValue::Type::Number},
    IdleMember {"verbosity"},
    IdleMember {"web_search_options"},
};

bool isBlankText(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
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
    std::vector<TextPart> readTexts(const JsonValue &content);
    TextPart readPart(const JsonValue &part);
    std::string joinedText(const JsonValue &content, std::string_view separator);
    std::string argumentsJson(const JsonValue &arguments);
    void readStop(const JsonValue &stop);
    void readSession(const JsonValue &root);
    void note(const JsonValue &at, std::string_view what)
    {
        m_request.notes.push_back(at.path() + ": " + std::string(what));
    }

    JsonReader m_reader;
    ChatRequest m_request;
    /// Legacy calls carry no ids: results are matched by name, the oldest open call first.
    struct OpenCall
    {
        std::string name;
        std::string id;
    };
    std::vector<OpenCall> m_openLegacyCalls;
    int m_legacyCalls = 0;
};

Result<ChatRequest> OpenAiChatDecoder::decode(const JsonValue &root)
{
    if (!m_reader.expect(root, JsonValue::Type::Object))
        return m_reader.error();
    m_request.model = readName(m_reader, root, "model");
    readMessages(m_reader.requiredArray(root, "messages"));
    readOpenAiTools(m_reader, root, m_request);
    const std::optional<qint64> maxTokens = readPositive(m_reader, root, "max_tokens");
    m_request.maxTokens = readPositive(m_reader, root, "max_completion_tokens");
    if (!m_request.maxTokens)
        m_request.maxTokens = maxTokens;
    readStop(root["stop"]);
    m_request.stream = m_reader.optionalBoolean(root, "stream").value_or(false);
    const JsonValue streamOptions = m_reader.optionalObject(root, "stream_options");
    m_request.includeUsage =
        m_reader.optionalBoolean(streamOptions, "include_usage").value_or(false);
    if (m_reader.optionalInteger(root, "n").value_or(1) != 1)
        m_reader.fail(root["n"], "only one choice is supported");
    readSession(root);
    readIdleMembers(m_reader, root, OpenAiIdleMembers, m_request.notes);
    if (m_reader.failed())
        return m_reader.error();
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
    m_reader.fail(message["role"], "unknown role " + quoted(role));
}

void OpenAiChatDecoder::readSystemMessage(const JsonValue &message)
{
    const std::string text = joinedText(message["content"], "\n\n");
    if (m_request.messages.empty())
        addSystemText(m_request, text);
    else if (!text.empty())
        m_request.messages.push_back(systemReminder(text));
}

void OpenAiChatDecoder::readUserMessage(const JsonValue &message)
{
    Message &out = m_request.messages.emplace_back();
    for (TextPart &text : readTexts(message["content"]))
        if (!text.text.empty())
            out.parts.emplace_back(std::move(text));
}

void OpenAiChatDecoder::readAssistantMessage(const JsonValue &message)
{
    Message &out = m_request.messages.emplace_back();
    out.role = Role::Assistant;
    // Not OpenAI's, but what clients of reasoning models echo.
    if (const JsonValue thinking = message["reasoning_content"]; !thinking.string().empty())
        out.parts.emplace_back(ThinkingPart {std::string(thinking.string()), {}, {}});
    if (const JsonValue content = message["content"]; !content.isAbsent())
        for (TextPart &text : readTexts(content))
            if (!text.text.empty())
                out.parts.emplace_back(std::move(text));
    std::string refusal = m_reader.optionalString(message, "refusal").value_or("");
    if (!refusal.empty())
        out.parts.emplace_back(TextPart {std::move(refusal)});
    for (const JsonValue &call : m_reader.optionalArray(message, "tool_calls"))
        if (m_reader.expect(call, JsonValue::Type::Object))
            readToolCall(call, out);
    const JsonValue legacy = m_reader.optionalObject(message, "function_call");
    if (!legacy.isMissing())
        readLegacyCall(legacy, out);
}

void OpenAiChatDecoder::readToolCall(const JsonValue &call, Message &out)
{
    const std::string type = m_reader.optionalString(call, "type").value_or("function");
    ToolUsePart part;
    part.id = readName(m_reader, call, "id");
    if (type == "function") {
        const JsonValue function = m_reader.requiredObject(call, "function");
        part.name = readName(m_reader, function, "name");
        part.inputJson = argumentsJson(function["arguments"]);
    } else if (type == "custom") {
        const JsonValue custom = m_reader.requiredObject(call, "custom");
        part.name = readName(m_reader, custom, "name");
        JsonWriter(part.inputJson)
            .beginObject()
            .member("input", m_reader.requiredString(custom, "input"))
            .endObject();
    } else {
        m_reader.fail(call["type"], "unknown tool call type " + quoted(type));
    }
    out.parts.emplace_back(std::move(part));
}

void OpenAiChatDecoder::readLegacyCall(const JsonValue &call, Message &out)
{
    ToolUsePart part;
    part.name = readName(m_reader, call, "name");
    part.id = "call_function_" + std::to_string(++m_legacyCalls);
    part.inputJson = argumentsJson(call["arguments"]);
    m_openLegacyCalls.push_back({part.name, part.id});
    out.parts.emplace_back(std::move(part));
}

void OpenAiChatDecoder::readToolMessage(const JsonValue &message)
{
    ToolResultPart part;
    part.toolUseId = readName(m_reader, message, "tool_call_id");
    part.text = joinedText(message["content"], "\n");
    m_request.messages.push_back({Role::User, {std::move(part)}});
}

void OpenAiChatDecoder::readFunctionMessage(const JsonValue &message)
{
    const std::string name = readName(m_reader, message, "name");
    const auto open = std::find_if(m_openLegacyCalls.begin(), m_openLegacyCalls.end(),
                                   [&name](const OpenCall &call) { return call.name == name; });
    ToolResultPart part;
    if (open == m_openLegacyCalls.end()) {
        part.toolUseId = "call_function_" + std::to_string(++m_legacyCalls);
    } else {
        part.toolUseId = std::move(open->id);
        m_openLegacyCalls.erase(open);
    }
    part.text = joinedText(message["content"], "\n");
    m_request.messages.push_back({Role::User, {std::move(part)}});
}

std::vector<TextPart> OpenAiChatDecoder::readTexts(const JsonValue &content)
{
    std::vector<TextPart> texts;
    if (content.isString()) {
        texts.push_back({std::string(content.string())});
    } else if (content.isArray()) {
        for (const JsonValue &part : content)
            if (m_reader.expect(part, JsonValue::Type::Object))
                texts.push_back(readPart(part));
    } else {
        m_reader.fail(content,
                      content.isMissing() ? "is required" : "expected a string or an array");
    }
    return texts;
}

TextPart OpenAiChatDecoder::readPart(const JsonValue &part)
{
    const std::string type = m_reader.requiredString(part, "type");
    if (type == "text" || type == "refusal")
        return {m_reader.requiredString(part, type)};
    if (type == "image_url" || type == "input_audio" || type == "file")
        m_reader.fail(part, type + " content is not supported yet");
    else
        m_reader.fail(part["type"], "unknown content part type " + quoted(type));
    return {};
}

std::string OpenAiChatDecoder::joinedText(const JsonValue &content, std::string_view separator)
{
    std::string joined;
    // A tool that has nothing to say: some clients send null.
    if (content.isNull())
        return joined;
    bool isFirst = true;
    for (const TextPart &text : readTexts(content)) {
        if (!std::exchange(isFirst, false))
            joined += separator;
        joined += text.text;
    }
    return joined;
}

/// The input must be a JSON object upstream, and a model may have written anything: what is no
/// object goes along as the text it is.
std::string OpenAiChatDecoder::argumentsJson(const JsonValue &arguments)
{
    if (arguments.isObject())
        return std::string(arguments.raw());
    if (arguments.isAbsent() || (arguments.isString() && isBlankText(arguments.string())))
        return "{}";
    if (!m_reader.expect(arguments, JsonValue::Type::String))
        return {};
    const Result<JsonDocument> parsed = JsonDocument::parse(std::string(arguments.string()));
    if (parsed && parsed.value().root().isObject())
        return std::string(parsed.value().root().raw());
    note(arguments, "is no JSON object and is sent as a text");
    std::string wrapped;
    JsonWriter(wrapped).beginObject().member("arguments", arguments.string()).endObject();
    return wrapped;
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
