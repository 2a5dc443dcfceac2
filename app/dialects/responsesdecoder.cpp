// SPDX-License-Identifier: MIT
#include "app/base/jsoncopy.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/openairesponses.h"
#include "app/dialects/responsesitems.h"
#include "app/dialects/responsesjson.h"
#include "app/dialects/responsesmemory.h"
#include "app/dialects/responsestools.h"

#include <array>
#include <vector>

namespace kirotray {

namespace {

constexpr std::array ResponsesIdleMembers {
    IdleMember {"context_management"},
    IdleMember {"max_tool_calls"},
    IdleMember {"moderation"},
    IdleMember {"prompt_cache_options"},
    IdleMember {"prompt_cache_retention"},
    IdleMember {"service_tier"},
    IdleMember {"temperature", JsonValue::Type::Number},
    IdleMember {"top_logprobs"},
    IdleMember {"top_p", JsonValue::Type::Number},
    IdleMember {"truncation"},
};

/// What the response object repeats as it is. The rest of its members is KiroTray's to say.
constexpr std::array EchoedMembers {
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt_cache_key",
    "safety_identifier",
    "store",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
};

class ResponsesDecoder
{
public:
    Result<ChatRequest> decode(const JsonValue &root, bool needsInput);

private:
    void refuseWhatNeedsOpenAi(const JsonValue &root);
    void readInput(const JsonValue &root, bool needsInput);
    void readAllTools(const JsonValue &root);
    void readReasoning(const JsonValue &reasoning);
    void readText(const JsonValue &text);
    void readInclude(const JsonValue &include);
    void readSession(const JsonValue &root);
    void rememberEcho(const JsonValue &root);
    void echo(std::string_view name, std::string json);

    JsonReader m_reader;
    ChatRequest m_request;
    std::shared_ptr<ResponsesMemory> m_memory = std::make_shared<ResponsesMemory>();
};

Result<ChatRequest> ResponsesDecoder::decode(const JsonValue &root, bool needsInput)
{
    if (!m_reader.expect(root, JsonValue::Type::Object))
        return m_reader.error();
    m_request.model = readName(m_reader, root, "model");
    refuseWhatNeedsOpenAi(root);
    m_request.state.previousId = m_reader.optionalString(root, "previous_response_id").value_or("");
    m_request.state.store = m_reader.optionalBoolean(root, "store").value_or(true);
    readAllTools(root);
    addSystemText(m_request, m_reader.optionalString(root, "instructions").value_or(""));
    readInput(root, needsInput);
    readReasoning(m_reader.optionalObject(root, "reasoning"));
    readText(m_reader.optionalObject(root, "text"));
    readInclude(m_reader.optionalArray(root, "include"));
    m_request.maxTokens = readPositive(m_reader, root, "max_output_tokens");
    m_request.stream = m_reader.optionalBoolean(root, "stream").value_or(false);
    readSession(root);
    readIdleMembers(m_reader, root, ResponsesIdleMembers, m_request.notes);
    if (m_reader.failed())
        return m_reader.error();
    rememberEcho(root);
    m_request.memory = std::move(m_memory);
    return std::move(m_request);
}

void ResponsesDecoder::refuseWhatNeedsOpenAi(const JsonValue &root)
{
    if (m_reader.optionalBoolean(root, "background").value_or(false))
        m_reader.fail(root["background"], "answers are not made in the background here");
    if (!root["conversation"].isAbsent())
        m_reader.fail(root["conversation"],
                      "conversations are not kept here; send the items, or previous_response_id");
    if (!root["prompt"].isAbsent())
        m_reader.fail(root["prompt"],
                      "prompt templates are not kept here; send instructions and "
                      "input");
}

void ResponsesDecoder::readAllTools(const JsonValue &root)
{
    ResponsesToolReader tools(m_reader, m_request, *m_memory);
    tools.readTools(m_reader.optionalArray(root, "tools"));
    for (const JsonValue &item : root["input"]) {
        const std::string_view type = item["type"].string();
        if (type == "additional_tools" || type == "tool_search_output")
            tools.readTools(m_reader.optionalArray(item, "tools"));
    }
    tools.readChoice(root);
}

void ResponsesDecoder::readInput(const JsonValue &root, bool needsInput)
{
    const JsonValue input = root["input"];
    std::vector<JsonValue> items;
    if (input.isString()) {
        m_request.messages.push_back(
            {Role::User, {TextPart {std::string(input.string())}}, false, input.path()});
    } else if (input.isArray()) {
        items = ResponsesItemReader(m_reader, m_request, *m_memory).read(input);
    } else if (!input.isAbsent()) {
        m_reader.fail(input, "expected a string or an array");
    }
    const bool isEmpty = input.isAbsent() || (input.isArray() && input.size() == 0);
    if (isEmpty && needsInput && m_request.state.previousId.empty())
        m_reader.fail(input, input.isArray() ? "at least one item is required" : "is required");
    if (m_request.state.store || !m_request.state.previousId.empty())
        m_request.state.inputItems =
            input.isString() ? listedInputText(input) : listedInputItems(items);
}

void ResponsesDecoder::readReasoning(const JsonValue &reasoning)
{
    Reasoning &out = m_request.reasoning;
    out.effort = m_reader.optionalString(reasoning, "effort").value_or("");
    if (out.effort == "none")
        out.mode = Reasoning::Mode::Off;
    else if (!out.effort.empty())
        out.mode = Reasoning::Mode::Adaptive;
    std::string summary = m_reader.optionalString(reasoning, "summary").value_or("");
    if (summary.empty())
        summary = m_reader.optionalString(reasoning, "generate_summary").value_or("none");
    out.isShown = summary != "none";
}

void ResponsesDecoder::readText(const JsonValue &text)
{
    const JsonValue format = m_reader.optionalObject(text, "format");
    const std::string type = m_reader.optionalString(format, "type").value_or("text");
    if (type == "json_object") {
        m_request.format.kind = OutputFormat::Kind::JsonObject;
    } else if (type == "json_schema") {
        m_request.format.kind = OutputFormat::Kind::JsonSchema;
        m_request.format.schemaJson = m_reader.requiredObject(format, "schema").raw();
    } else if (type != "text") {
        m_reader.fail(format["type"], "expected 'text', 'json_object' or 'json_schema'");
    }
    if (m_reader.optionalString(text, "verbosity"))
        addNote(m_request.notes, "text.verbosity has no effect");
}

void ResponsesDecoder::readInclude(const JsonValue &include)
{
    for (const JsonValue &each : include) {
        if (!m_reader.expect(each, JsonValue::Type::String))
            return;
        if (each.string() == "reasoning.encrypted_content")
            m_memory->wantsEncryptedReasoning = true;
        else if (each.string() == "web_search_call.action.sources")
            m_memory->wantsSearchSources = true;
        else
            addNote(m_request.notes, each, inQuotes(each.string()) + " is not included");
    }
}

void ResponsesDecoder::readSession(const JsonValue &root)
{
    // `user` and `safety_identifier` name a person, whose conversations must not share one key.
    m_request.sessionKey = m_reader.optionalString(root, "prompt_cache_key").value_or("");
    if (m_request.sessionKey.empty())
        m_request.sessionKey = root["client_metadata"]["session_id"].string();
}

void ResponsesDecoder::echo(std::string_view name, std::string json)
{
    for (auto &[each, value] : m_memory->echo)
        if (each == name) {
            value = std::move(json);
            return;
        }
}

void ResponsesDecoder::rememberEcho(const JsonValue &root)
{
    for (const char *name : EchoedMembers)
        if (!root[name].isAbsent())
            echo(name, jsonOnOneLine(root[name]));
    if (const JsonValue reasoning = root["reasoning"]; reasoning.isObject()) {
        std::string json;
        JsonWriter writer(json);
        writer.beginObject().key("effort");
        copyJson(writer, reasoning["effort"], false);
        writer.key("summary");
        copyJson(writer, reasoning["summary"], false);
        writer.endObject();
        echo("reasoning", std::move(json));
    }
    if (const JsonValue text = root["text"]; text.isObject()) {
        std::string json;
        JsonWriter writer(json);
        writer.beginObject().key("format");
        if (text["format"].isObject())
            copyJson(writer, text["format"], false);
        else
            writer.raw(R"({"type":"text"})");
        if (text["verbosity"].isString())
            writer.member("verbosity", text["verbosity"].string());
        writer.endObject();
        echo("text", std::move(json));
    }
}

} // namespace

Result<ChatRequest> decodeOpenAiResponses(const JsonDocument &body)
{
    return ResponsesDecoder().decode(body.root(), true);
}

Result<ChatRequest> decodeOpenAiResponsesCount(const JsonDocument &body)
{
    return ResponsesDecoder().decode(body.root(), false);
}

} // namespace kirotray
