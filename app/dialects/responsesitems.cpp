// SPDX-License-Identifier: MIT
#include "app/dialects/responsesitems.h"

#include "app/base/jsoncopy.h"
#include "app/dialects/customtool.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/packedthinking.h"
#include "app/dialects/responsesjson.h"
#include "app/dialects/responsesparts.h"

#include <array>

namespace kirotray {

namespace {

using ItemToolKind = ResponsesToolForm::Kind;

/// `action` without the members that say nothing to the model.
std::string shellInput(const JsonValue &action)
{
    std::string json;
    JsonWriter writer(json);
    writer.beginObject();
    for (const JsonValue &member : action)
        if (!member.isNull() && member.key() != "type") {
            writer.key(member.key());
            copyJson(writer, member, false);
        }
    writer.endObject();
    return json;
}

std::string shellOutcome(const JsonValue &outcome)
{
    if (outcome["type"].string() == "timeout")
        return "(timed out)";
    if (const std::optional<qint64> code = outcome["exit_code"].integer())
        return "(exit code " + std::to_string(*code) + ')';
    return {};
}

/// The answer whose item this is, by the ids KiroTray gives (`msg_<answer>_<number>`); empty when
/// it is none of KiroTray's.
std::string_view answerOfItem(std::string_view itemId)
{
    constexpr std::size_t AnswerIdLength = 24; // AnswerContext::id
    const std::size_t start = itemId.find('_') + 1;
    const std::size_t end = itemId.rfind('_');
    if (start == 0 || end == std::string_view::npos || end < start || end - start != AnswerIdLength)
        return {};
    return itemId.substr(start, end - start);
}

bool isItemReference(const JsonValue &item)
{
    const JsonValue type = item["type"];
    return type.string() == "item_reference"
        || (type.isAbsent() && !item["role"].isString() && item["id"].isString());
}

void addResultLine(std::string &text, std::string_view line)
{
    if (line.empty())
        return;
    if (!text.empty() && !text.ends_with('\n'))
        text += '\n';
    text += line;
}

} // namespace

std::vector<JsonValue> ResponsesItemReader::read(const JsonValue &items)
{
    for (const JsonValue &item : items)
        if (!isItemReference(item) && item["id"].isString())
            m_ids.insert(item["id"].string());
    const std::string kept = keptAnswer(items);
    std::vector<JsonValue> read;
    bool isNew = kept.empty();
    for (const JsonValue &item : items) {
        if (!m_reader.expect(item, JsonValue::Type::Object))
            break;
        const bool isReference = isItemReference(item);
        if (!kept.empty() && isReference && answerOfItem(item["id"].string()) == kept) {
            isNew = true;
            continue;
        }
        if (!isNew)
            continue;
        readItem(item);
        if (m_reader.failed())
            break;
        if (!isReference)
            read.push_back(item);
    }
    if (!kept.empty() && !m_reader.failed())
        continueFrom(kept, items);
    return read;
}

void ResponsesItemReader::continueFrom(const std::string &answer, const JsonValue &items)
{
    m_request.state.previousId = "resp_" + answer;
    m_request.state.hasAnswers = false;
    note(items,
         "refers to " + m_request.state.previousId + ", which stands for all that was before it");
}

/// A client that knows its answers to be kept sends the whole conversation with references in
/// their places. What came before the last of them is kept with it.
std::string ResponsesItemReader::keptAnswer(const JsonValue &items) const
{
    std::string_view answer;
    if (m_request.state.previousId.empty())
        for (const JsonValue &item : items)
            if (isItemReference(item) && !m_ids.contains(item["id"].string()))
                answer = answerOfItem(item["id"].string());
    return std::string(answer);
}

void ResponsesItemReader::readItem(const JsonValue &item)
{
    using Self = ResponsesItemReader;
    struct Row
    {
        std::string_view type;
        void (Self::*read)(const JsonValue &);
    };
    static constexpr std::array Rows {
        Row {"message", &Self::readMessage},
        Row {"agent_message", &Self::readAgentMessage},
        Row {"reasoning", &Self::readReasoning},
        Row {"function_call", &Self::readFunctionCall},
        Row {"function_call_output", &Self::readOutput},
        Row {"custom_tool_call", &Self::readCustomCall},
        Row {"custom_tool_call_output", &Self::readOutput},
        Row {"local_shell_call", &Self::readLocalShellCall},
        Row {"local_shell_call_output", &Self::readOutput},
        Row {"shell_call", &Self::readShellCall},
        Row {"shell_call_output", &Self::readShellOutput},
        Row {"apply_patch_call", &Self::readApplyPatchCall},
        Row {"apply_patch_call_output", &Self::readApplyPatchOutput},
        Row {"tool_search_call", &Self::readToolSearchCall},
        Row {"tool_search_output", &Self::readToolSearchOutput},
        Row {"item_reference", &Self::readReference},
        Row {"additional_tools", &Self::skip}, // read with the tools
    };
    std::string type = m_reader.optionalString(item, "type").value_or("");
    if (type.empty())
        type = item["role"].isString() ? "message" : "item_reference";
    for (const Row &row : Rows)
        if (row.type == type)
            return (this->*row.read)(item);
    note(item, "an item of type " + inQuotes(type) + " says nothing to the model and is dropped");
}

void ResponsesItemReader::readMessage(const JsonValue &item)
{
    const std::string role = m_reader.requiredString(item, "role");
    if (role == "system" || role == "developer")
        return readSystemText(item);
    if (role != "user" && role != "assistant") {
        m_reader.fail(item["role"], "unknown role " + inQuotes(role));
        return;
    }
    std::vector<Part> parts = readResponsesContent(m_reader, item["content"]);
    if (role == "user") {
        m_request.messages.push_back({Role::User, std::move(parts), false, item.path()});
        return;
    }
    Message &message = assistantMessage(item);
    for (Part &part : parts)
        message.parts.push_back(std::move(part));
}

/// What another agent of the client says to this one (Codex). It is not the model's own, and a
/// user message must not look like the user's.
void ResponsesItemReader::readAgentMessage(const JsonValue &item)
{
    std::string text;
    for (const JsonValue &part : m_reader.requiredArray(item, "content")) {
        if (part["type"].string() == "encrypted_content")
            note(part, "only OpenAI can read it; it is dropped");
        else
            addResultLine(text, m_reader.requiredString(part, "text"));
    }
    if (text.empty())
        return;
    const std::string author = m_reader.optionalString(item, "author").value_or("another agent");
    m_request.messages.push_back(
        {Role::User, {TextPart {"Message from " + author + ":\n" + text}}, false, item.path()});
}

void ResponsesItemReader::readSystemText(const JsonValue &item)
{
    const std::vector<Part> parts = readResponsesContent(m_reader, item["content"]);
    const std::string text = joinedTexts(parts, "\n\n");
    for (const Part &part : parts)
        if (!std::holds_alternative<TextPart>(part))
            m_reader.fail(item["content"], "a system or developer message holds text only");
    if (m_request.messages.empty()) {
        addSystemText(m_request, text);
        std::string &kept = m_request.state.systemText;
        kept.append(kept.empty() || text.empty() ? "" : "\n\n").append(text);
    } else if (!text.empty()) {
        m_request.messages.push_back(systemReminder(text));
        m_request.messages.back().path = item.path();
    }
}

Message &ResponsesItemReader::assistantMessage(const JsonValue &item)
{
    m_request.state.hasAnswers = true;
    if (m_request.messages.empty() || m_request.messages.back().role != Role::Assistant)
        m_request.messages.push_back({Role::Assistant, {}, false, item.path()});
    return m_request.messages.back();
}

/// A local_shell_call_output has its call's id in `id`.
std::string ResponsesItemReader::callId(const JsonValue &item)
{
    if (item["call_id"].isAbsent() && !item["id"].isAbsent())
        return readName(m_reader, item, "id");
    return readName(m_reader, item, "call_id");
}

void ResponsesItemReader::addCall(const JsonValue &item, const ResponsesToolForm &form,
                                  std::string inputJson)
{
    ToolUsePart part {callId(item), m_memory.toolName(form), std::move(inputJson)};
    assistantMessage(item).parts.emplace_back(std::move(part));
}

void ResponsesItemReader::readFunctionCall(const JsonValue &item)
{
    std::string input = readArguments(m_reader, item["arguments"], m_request.notes);
    addCall(item,
            {ItemToolKind::Function, readName(m_reader, item, "name"),
             m_reader.optionalString(item, "namespace").value_or("")},
            std::move(input));
}

void ResponsesItemReader::readCustomCall(const JsonValue &item)
{
    std::string input = customToolArguments(m_reader.requiredString(item, "input"));
    addCall(item,
            {ItemToolKind::Custom, readName(m_reader, item, "name"),
             m_reader.optionalString(item, "namespace").value_or("")},
            std::move(input));
}

void ResponsesItemReader::readLocalShellCall(const JsonValue &item)
{
    addCall(item, {ItemToolKind::LocalShell, "local_shell", {}},
            shellInput(m_reader.requiredObject(item, "action")));
}

void ResponsesItemReader::readShellCall(const JsonValue &item)
{
    addCall(item, {ItemToolKind::Shell, "shell", {}},
            shellInput(m_reader.requiredObject(item, "action")));
}

void ResponsesItemReader::readApplyPatchCall(const JsonValue &item)
{
    std::string input;
    JsonWriter writer(input);
    writer.beginObject().key("operation");
    copyJson(writer, m_reader.requiredObject(item, "operation"), false);
    writer.endObject();
    addCall(item, {ItemToolKind::ApplyPatch, "apply_patch", {}}, std::move(input));
}

void ResponsesItemReader::readToolSearchCall(const JsonValue &item)
{
    if (item["call_id"].isAbsent()) {
        note(item, "a search of tools that the server ran is dropped");
        return;
    }
    addCall(item, {ItemToolKind::ToolSearch, "tool_search", {}},
            readArguments(m_reader, item["arguments"], m_request.notes));
}

void ResponsesItemReader::addResult(const JsonValue &item, ToolResultPart part)
{
    part.toolUseId = callId(item);
    m_request.messages.push_back({Role::User, {std::move(part)}, false, item.path()});
}

void ResponsesItemReader::readOutput(const JsonValue &item)
{
    ToolResultPart result;
    // A tool that has nothing to say: some clients send null.
    if (!item["output"].isNull())
        for (Part &part : readResponsesContent(m_reader, item["output"]))
            addToResult(result, std::move(part));
    addResult(item, std::move(result));
}

void ResponsesItemReader::readShellOutput(const JsonValue &item)
{
    ToolResultPart result;
    if (item["output"].isString()) {
        result.text = item["output"].string();
    } else {
        for (const JsonValue &each : m_reader.requiredArray(item, "output")) {
            addResultLine(result.text, m_reader.optionalString(each, "stdout").value_or(""));
            addResultLine(result.text, m_reader.optionalString(each, "stderr").value_or(""));
            addResultLine(result.text, shellOutcome(each["outcome"]));
        }
    }
    addResult(item, std::move(result));
}

void ResponsesItemReader::readApplyPatchOutput(const JsonValue &item)
{
    ToolResultPart result;
    const std::string status = m_reader.optionalString(item, "status").value_or("completed");
    result.isError = status == "failed";
    result.text = m_reader.optionalString(item, "output").value_or("");
    if (result.text.empty())
        result.text = status;
    addResult(item, std::move(result));
}

/// The tools themselves were read with all others; the model learns under which names.
void ResponsesItemReader::readToolSearchOutput(const JsonValue &item)
{
    if (item["call_id"].isAbsent()) {
        note(item, "a search of tools that the server ran is dropped");
        return;
    }
    ToolResultPart result;
    for (const JsonValue &tool : m_reader.optionalArray(item, "tools")) {
        const std::string name(tool["name"].string());
        if (tool["type"].string() != "namespace") {
            addResultLine(result.text, m_memory.toolName({ItemToolKind::Function, name, {}}));
            continue;
        }
        for (const JsonValue &inner : tool["tools"])
            addResultLine(result.text,
                          m_memory.toolName(
                              {ItemToolKind::Function, std::string(inner["name"].string()), name}));
    }
    result.text = result.text.empty() ? "No tools were found."
                                      : "These tools can be used now:\n" + result.text;
    addResult(item, std::move(result));
}

void ResponsesItemReader::readReasoning(const JsonValue &item)
{
    const std::optional<std::string> packed = m_reader.optionalString(item, "encrypted_content");
    if (!packed || packed->empty()) {
        note(item, "reasoning without encrypted_content cannot be continued and is dropped");
        return;
    }
    std::vector<ThinkingPart> parts = unpackThinking(*packed);
    if (parts.empty()) {
        note(item, "reasoning of another service is dropped");
        return;
    }
    Message &message = assistantMessage(item);
    for (ThinkingPart &part : parts)
        message.parts.emplace_back(std::move(part));
}

void ResponsesItemReader::readReference(const JsonValue &item)
{
    const std::string id = readName(m_reader, item, "id");
    if (m_ids.contains(id))
        return;
    if (m_request.state.previousId.empty())
        m_reader.fail(item,
                      "the item " + inQuotes(id) + " is not in the input; send the item itself");
    else
        note(item, "the answers before previous_response_id are there already");
}

} // namespace kirotray
