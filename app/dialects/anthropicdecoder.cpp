// SPDX-License-Identifier: MIT
#include "app/dialects/anthropicmessages.h"
#include "app/dialects/dialectparts.h"

#include <array>
#include <utility>

namespace kirotray {

namespace {

/// Claude Code's first system block: it changes between releases, means nothing to the model and
/// spoils the prompt cache (clients.md §1).
constexpr std::string_view BillingHeader = "x-anthropic-billing-header:";
/// Stands in the tool list for tools that Claude Code has not loaded.
constexpr std::string_view DeferredPlaceholder = "DeferredToolPlaceholder";

constexpr std::array AnthropicIdleMembers {
    IdleMember {"container"},
    IdleMember {"context_management", JsonValue::Type::Object},
    IdleMember {"inference_geo"},
    IdleMember {"mcp_servers", JsonValue::Type::Array},
    IdleMember {"output_config", JsonValue::Type::Object},
    IdleMember {"service_tier", JsonValue::Type::String},
    IdleMember {"temperature", JsonValue::Type::Number},
    IdleMember {"thinking", JsonValue::Type::Object},
    IdleMember {"top_k", JsonValue::Type::Number},
    IdleMember {"top_p", JsonValue::Type::Number},
};

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

/// Blocks of tools that run at Anthropic, kept in histories that began there.
bool isServerToolBlock(std::string_view type)
{
    return type == "server_tool_use" || type == "mcp_tool_use" || type == "container_upload"
        || type.ends_with("_tool_result");
}

class AnthropicDecoder
{
public:
    Result<ChatRequest> decode(const JsonValue &root, AnthropicCall call);

private:
    void readSystem(const JsonValue &system);
    void readMessages(const JsonValue &messages);
    void readSystemMessage(const JsonValue &content);
    void readContent(const JsonValue &content, Message &message);
    void readBlock(const JsonValue &block, Message &message);
    bool readAssistantBlock(const JsonValue &block, std::string_view type, Message &message);
    void readDocument(const JsonValue &block, Message &message);
    void readToolResult(const JsonValue &block, Message &message);
    std::string resultText(const JsonValue &block);
    std::string searchResultText(const JsonValue &block);
    void readTools(const JsonValue &tools);
    void readTool(const JsonValue &tool);
    void readToolChoice(const JsonValue &choice);
    void refuseBlock(const JsonValue &block, std::string_view type);
    void note(const JsonValue &at, std::string_view what)
    {
        m_request.notes.push_back(at.path() + ": " + std::string(what));
    }

    JsonReader m_reader;
    ChatRequest m_request;
};

Result<ChatRequest> AnthropicDecoder::decode(const JsonValue &root, AnthropicCall call)
{
    if (!m_reader.expect(root, JsonValue::Type::Object))
        return m_reader.error();
    m_request.model = readName(m_reader, root, "model");
    readSystem(root["system"]);
    readMessages(m_reader.requiredArray(root, "messages"));
    readTools(m_reader.optionalArray(root, "tools"));
    readToolChoice(m_reader.optionalObject(root, "tool_choice"));
    m_request.maxTokens = readPositive(m_reader, root, "max_tokens");
    if (!m_request.maxTokens && call == AnthropicCall::Messages)
        m_reader.fail(root["max_tokens"], "is required");
    m_request.stopSequences =
        readStopSequences(m_reader, m_reader.optionalArray(root, "stop_sequences"));
    m_request.stream = m_reader.optionalBoolean(root, "stream").value_or(false);
    const JsonValue metadata = m_reader.optionalObject(root, "metadata");
    m_request.sessionKey = sessionIn(m_reader.optionalString(metadata, "user_id").value_or(""));
    readIdleMembers(m_reader, root, AnthropicIdleMembers, m_request.notes);
    if (m_reader.failed())
        return m_reader.error();
    return std::move(m_request);
}

void AnthropicDecoder::readSystem(const JsonValue &system)
{
    if (system.isAbsent())
        return;
    if (system.isString()) {
        addSystemText(m_request, system.string());
        return;
    }
    if (!system.isArray()) {
        m_reader.fail(system, "expected a string or an array");
        return;
    }
    for (const JsonValue &block : system) {
        if (!m_reader.expect(block, JsonValue::Type::Object))
            return;
        const std::string type = m_reader.requiredString(block, "type");
        if (type != "text") {
            refuseBlock(block, type);
            return;
        }
        const JsonValue text = block["text"];
        if (!m_reader.expect(text, JsonValue::Type::String))
            return;
        if (text.string().starts_with(BillingHeader))
            note(block, "the billing header is dropped");
        else
            addSystemText(m_request, text.string());
    }
}

void AnthropicDecoder::readMessages(const JsonValue &messages)
{
    if (messages.isArray() && messages.size() == 0)
        m_reader.fail(messages, "at least one message is required");
    m_request.messages.reserve(static_cast<std::size_t>(messages.size()));
    for (const JsonValue &each : messages) {
        if (!m_reader.expect(each, JsonValue::Type::Object))
            return;
        const std::string role = m_reader.requiredString(each, "role");
        const JsonValue content = each["content"];
        if (role == "system") {
            readSystemMessage(content);
        } else if (role == "user" || role == "assistant") {
            Message &message = m_request.messages.emplace_back();
            message.role = role == "user" ? Role::User : Role::Assistant;
            readContent(content, message);
        } else {
            m_reader.fail(each["role"], "expected 'user', 'assistant' or 'system'");
        }
        if (m_reader.failed())
            return;
    }
}

/// Newer clients put such messages between the others. Only their text concerns the model; what
/// else a future release adds there must not stop it.
void AnthropicDecoder::readSystemMessage(const JsonValue &content)
{
    std::string text;
    if (content.isString()) {
        text = content.string();
    } else if (!content.isArray()) {
        m_reader.fail(content, "expected a string or an array");
        return;
    }
    for (const JsonValue &block : content) {
        if (!m_reader.expect(block, JsonValue::Type::Object))
            return;
        if (block["type"].string() != "text") {
            note(block, "only text is taken from a system message");
            continue;
        }
        if (!text.empty())
            text += "\n\n";
        text += m_reader.requiredString(block, "text");
    }
    if (!text.empty())
        m_request.messages.push_back(systemReminder(text));
}

void AnthropicDecoder::readContent(const JsonValue &content, Message &message)
{
    if (content.isString()) {
        if (!content.string().empty())
            message.parts.emplace_back(TextPart {std::string(content.string())});
        return;
    }
    if (!content.isArray()) {
        m_reader.fail(content,
                      content.isMissing() ? "is required" : "expected a string or an array");
        return;
    }
    message.parts.reserve(static_cast<std::size_t>(content.size()));
    for (const JsonValue &block : content) {
        if (!m_reader.expect(block, JsonValue::Type::Object))
            return;
        readBlock(block, message);
        if (m_reader.failed())
            return;
    }
}

void AnthropicDecoder::readBlock(const JsonValue &block, Message &message)
{
    const std::string type = m_reader.requiredString(block, "type");
    if (type == "text") {
        std::string text = m_reader.requiredString(block, "text");
        if (!text.empty())
            message.parts.emplace_back(TextPart {std::move(text)});
    } else if (type == "tool_result" && message.role == Role::User) {
        readToolResult(block, message);
    } else if (type == "document" && message.role == Role::User) {
        readDocument(block, message);
    } else if (type == "search_result" && message.role == Role::User) {
        message.parts.emplace_back(TextPart {searchResultText(block)});
    } else if (type != "tool_result" && isServerToolBlock(type)) {
        note(block, "a block of a server tool is dropped");
    } else if (message.role != Role::Assistant || !readAssistantBlock(block, type, message)) {
        refuseBlock(block, type);
    }
}

bool AnthropicDecoder::readAssistantBlock(const JsonValue &block, std::string_view type,
                                          Message &message)
{
    if (type == "tool_use") {
        ToolUsePart part {readName(m_reader, block, "id"), readName(m_reader, block, "name"), {}};
        part.inputJson = m_reader.requiredObject(block, "input").raw();
        message.parts.emplace_back(std::move(part));
    } else if (type == "thinking") {
        ThinkingPart part;
        part.text = m_reader.requiredString(block, "thinking");
        part.signature = m_reader.optionalString(block, "signature").value_or("");
        if (!part.text.empty() || !part.signature.empty())
            message.parts.emplace_back(std::move(part));
    } else if (type == "redacted_thinking") {
        message.parts.emplace_back(ThinkingPart {{}, {}, readName(m_reader, block, "data")});
    } else {
        return false;
    }
    return true;
}

void AnthropicDecoder::readDocument(const JsonValue &block, Message &message)
{
    const JsonValue source = m_reader.requiredObject(block, "source");
    if (source["type"].string() != "text") {
        m_reader.fail(block, "document content is not supported yet");
        return;
    }
    std::string text = m_reader.optionalString(block, "title").value_or("");
    text += text.empty() ? "" : "\n";
    text += m_reader.requiredString(source, "data");
    message.parts.emplace_back(TextPart {std::move(text)});
}

void AnthropicDecoder::readToolResult(const JsonValue &block, Message &message)
{
    ToolResultPart part;
    part.toolUseId = readName(m_reader, block, "tool_use_id");
    part.isError = m_reader.optionalBoolean(block, "is_error").value_or(false);
    const JsonValue content = block["content"];
    if (content.isString()) {
        part.text = content.string();
    } else if (!content.isAbsent() && !content.isArray()) {
        m_reader.fail(content, "expected a string or an array");
    }
    bool isFirst = true;
    for (const JsonValue &each : content) {
        if (!m_reader.expect(each, JsonValue::Type::Object))
            return;
        if (!std::exchange(isFirst, false))
            part.text += '\n';
        part.text += resultText(each);
    }
    message.parts.emplace_back(std::move(part));
}

std::string AnthropicDecoder::resultText(const JsonValue &block)
{
    const std::string type = m_reader.requiredString(block, "type");
    if (type == "text")
        return m_reader.requiredString(block, "text");
    if (type == "search_result")
        return searchResultText(block);
    if (type == "tool_reference")
        return "The tool " + readName(m_reader, block, "tool_name") + " is available now.";
    refuseBlock(block, type);
    return {};
}

std::string AnthropicDecoder::searchResultText(const JsonValue &block)
{
    std::string text = m_reader.optionalString(block, "title").value_or("");
    text += '\n' + m_reader.optionalString(block, "source").value_or("");
    for (const JsonValue &each : m_reader.optionalArray(block, "content"))
        text += '\n' + m_reader.requiredString(each, "text");
    return text;
}

void AnthropicDecoder::refuseBlock(const JsonValue &block, std::string_view type)
{
    if (type == "image" || type == "document")
        m_reader.fail(block, std::string(type) + " content is not supported yet");
    else if (type == "tool_result" || type == "tool_use" || type == "thinking"
             || type == "redacted_thinking")
        m_reader.fail(block["type"], quoted(type) + " is not allowed here");
    else
        m_reader.fail(block["type"], "unknown content block type " + quoted(type));
}

void AnthropicDecoder::readTools(const JsonValue &tools)
{
    m_request.tools.reserve(static_cast<std::size_t>(tools.size()));
    for (const JsonValue &tool : tools)
        if (m_reader.expect(tool, JsonValue::Type::Object))
            readTool(tool);
}

void AnthropicDecoder::readTool(const JsonValue &tool)
{
    const std::string type = m_reader.optionalString(tool, "type").value_or("custom");
    if (type != "custom") {
        note(tool, "a tool of type " + quoted(type) + " is not supported and is dropped");
        return;
    }
    Tool offered;
    offered.name = readName(m_reader, tool, "name");
    if (offered.name == DeferredPlaceholder && tool["defer_loading"].boolean()) {
        note(tool, "a placeholder is dropped");
        return;
    }
    offered.description = m_reader.optionalString(tool, "description").value_or("");
    offered.inputSchemaJson = m_reader.optionalObject(tool, "input_schema").raw();
    m_request.tools.push_back(std::move(offered));
}

void AnthropicDecoder::readToolChoice(const JsonValue &choice)
{
    if (choice.isMissing())
        return;
    ToolChoice &wanted = m_request.toolChoice;
    const std::string type = m_reader.requiredString(choice, "type");
    if (type == "any")
        wanted.mode = ToolChoice::Mode::Any;
    else if (type == "none")
        wanted.mode = ToolChoice::Mode::None;
    else if (type == "tool")
        wanted = {ToolChoice::Mode::Named, readName(m_reader, choice, "name")};
    else if (type != "auto")
        m_reader.fail(choice["type"], "expected 'auto', 'any', 'tool' or 'none'");
    wanted.parallel =
        !m_reader.optionalBoolean(choice, "disable_parallel_tool_use").value_or(false);
    settleToolChoice(m_request);
}

} // namespace

Result<ChatRequest> decodeAnthropic(const JsonDocument &body, AnthropicCall call)
{
    return AnthropicDecoder().decode(body.root(), call);
}

} // namespace kirotray
