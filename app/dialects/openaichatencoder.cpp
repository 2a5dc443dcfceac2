// SPDX-License-Identifier: MIT
#include "app/dialects/customtool.h"
#include "app/dialects/openaichat.h"
#include "app/dialects/openaichatmemory.h"
#include "app/dialects/openaienvelope.h"

namespace kirotray {

namespace {

std::string_view openAiFinishReason(StopReason reason, bool legacyFunctions)
{
    switch (reason) {
    case StopReason::EndTurn:
    case StopReason::StopSequence:
    case StopReason::PauseTurn:
        return "stop";
    case StopReason::ToolUse:
        return legacyFunctions ? "function_call" : "tool_calls";
    case StopReason::MaxTokens:
    case StopReason::ContextWindowExceeded:
        return "length";
    case StopReason::Refusal:
        return "content_filter";
    }
    Q_UNREACHABLE();
}

void writeOpenAiUsage(JsonWriter &writer, const Usage &usage)
{
    writer.key("usage")
        .beginObject()
        .memberInteger("prompt_tokens", usage.promptTokens())
        .memberInteger("completion_tokens", usage.outputTokens)
        .memberInteger("total_tokens", usage.promptTokens() + usage.outputTokens);
    writer.key("prompt_tokens_details")
        .beginObject()
        .memberInteger("cached_tokens", usage.cacheReadTokens)
        .endObject();
    writer.endObject();
}

void writeAnnotation(JsonWriter &writer, const TextCitation &citation)
{
    writer.beginObject().member("type", "url_citation").key("url_citation");
    writer.beginObject()
        .memberInteger("start_index", citation.start)
        .memberInteger("end_index", citation.end)
        .member("title", citation.title)
        .member("url", citation.url)
        .endObject();
    writer.endObject();
}

/// `"function":{"name":…,"arguments":…}`, or `function_call` where the client asked in that way.
void writeFunction(JsonWriter &writer, std::string_view member, std::string_view name,
                   std::string_view arguments)
{
    writer.key(member)
        .beginObject()
        .member("name", name)
        .member("arguments", arguments)
        .endObject();
}

/// The opening of a chunk, up to the value of its `choices`.
std::string chunkHead(const ChatRequest &request, const AnswerContext &context)
{
    std::string head = "data: ";
    JsonWriter(head)
        .beginObject()
        .member("id", "chatcmpl-" + context.id)
        .member("object", "chat.completion.chunk")
        .memberInteger("created", context.created)
        .member("model", request.model)
        .key("choices");
    return head;
}

/// `"custom":{"name":…,"input":…}`.
void writeCustom(JsonWriter &writer, std::string_view name, std::string_view input)
{
    writer.key("custom").beginObject().member("name", name).member("input", input).endObject();
}

/// Chunks without event names; `[DONE]` only after a whole answer, so that a failure cannot be
/// taken for one. Chat has no place for thinking signatures, redacted thinking and web searches:
/// they are left out. The call of a custom tool is sent when it is whole: half of a free text
/// cannot be told from all of it.
class OpenAiChatStreamEncoder final : public StreamEncoder
{
public:
    OpenAiChatStreamEncoder(const ChatRequest &request, const AnswerContext &context);

    void begin(std::string &out) override
    {
        // The role has to be in the first chunk (clients.md §0 no. 7).
        appendChunk(R"({"role":"assistant","content":"","refusal":null})", out);
    }
    void encode(const ChatEvent &event, std::string &out) override
    {
        if (!m_ended)
            std::visit([this, &out](const auto &each) { write(each, out); }, event);
    }
    void ping(std::string &out) override
    {
        if (!m_ended)
            out += ": ping\n\n";
    }

private:
    void write(const TextDelta &event, std::string &out)
    {
        appendDelta(m_textStart, event.text, "}", out);
    }
    void write(const ThinkingDelta &event, std::string &out)
    {
        if (m_isThinkingShown)
            appendDelta(m_thinkingStart, event.text, "}", out);
    }
    void write(const ThinkingSignature &, std::string &) { }
    void write(const RedactedThinking &, std::string &) { }
    void write(const ToolCallStart &event, std::string &out);
    void write(const ToolCallDelta &event, std::string &out);
    void write(const ToolCallEnd &event, std::string &out);
    void write(const WebSearchCall &, std::string &) { }
    void write(const WebSearchResult &, std::string &) { }
    void write(const TextCitation &event, std::string &out);
    void write(const Finished &event, std::string &out);
    void write(const Failed &event, std::string &out);

    void appendChunk(std::string_view delta, std::string &out);
    /// A chunk with `text` between `start`, which begins the chunk too, and `end`.
    void appendDelta(std::string_view start, std::string_view text, std::string_view end,
                     std::string &out);
    void appendArguments(std::string_view json, std::string &out);
    void appendCustomCall(const AnswerToolCall &call, std::string &out);

    std::string m_head;
    std::string m_deltaStart; ///< a chunk up to the value of its delta
    std::string m_deltaEnd; ///< a chunk from behind its delta
    std::string m_textStart;
    std::string m_thinkingStart;
    std::string m_argumentsStart; ///< of the open call; empty: none is open
    std::optional<AnswerToolCall> m_customCall; ///< of a custom tool, not whole yet
    OpenAiChatMemory m_memory;
    int m_calls = 0;
    bool m_isThinkingShown = true;
    bool m_callHasInput = false;
    bool m_ended = false;
};

OpenAiChatStreamEncoder::OpenAiChatStreamEncoder(const ChatRequest &request,
                                                 const AnswerContext &context)
    : m_head(chunkHead(request, context))
    , m_deltaStart(m_head + R"([{"index":0,"delta":)")
    , m_textStart(m_deltaStart + R"({"content":)")
    , m_thinkingStart(m_deltaStart + R"({"reasoning_content":)")
    , m_memory(openAiChatMemory(request))
    , m_isThinkingShown(request.reasoning.isShown)
{
    m_deltaEnd = R"(,"logprobs":null,"finish_reason":null}])";
    m_deltaEnd += m_memory.includeUsage ? ",\"usage\":null}\n\n" : "}\n\n";
}

void OpenAiChatStreamEncoder::write(const ToolCallStart &event, std::string &out)
{
    m_callHasInput = false;
    m_argumentsStart.clear();
    m_customCall.reset();
    if (m_memory.customTools.contains(event.name)) {
        m_customCall = AnswerToolCall {event.id, event.name, {}};
        return;
    }
    const int index = m_calls++;
    // One answer has room for one legacy call.
    if (m_memory.legacyFunctions && index > 0)
        return;
    std::string delta;
    JsonWriter writer(delta);
    writer.beginObject();
    m_argumentsStart = m_deltaStart;
    if (m_memory.legacyFunctions) {
        writeFunction(writer, "function_call", event.name, {});
        m_argumentsStart += R"({"function_call":{"arguments":)";
    } else {
        writer.key("tool_calls").beginArray().beginObject().memberInteger("index", index);
        writer.member("id", event.id).member("type", "function");
        writeFunction(writer, "function", event.name, {});
        writer.endObject().endArray();
        m_argumentsStart +=
            R"({"tool_calls":[{"index":)" + std::to_string(index) + R"(,"function":{"arguments":)";
    }
    writer.endObject();
    appendChunk(delta, out);
}

void OpenAiChatStreamEncoder::write(const ToolCallDelta &event, std::string &out)
{
    if (m_customCall) {
        m_customCall->inputJson += event.json;
        return;
    }
    m_callHasInput = m_callHasInput || !event.json.empty();
    appendArguments(event.json, out);
}

void OpenAiChatStreamEncoder::write(const ToolCallEnd &event, std::string &out)
{
    if (m_customCall && event.complete)
        appendCustomCall(*m_customCall, out);
    m_customCall.reset();
    // Clients parse the joined arguments: nothing at all is not JSON.
    if (event.complete && !m_callHasInput)
        appendArguments("{}", out);
    m_argumentsStart.clear();
}

void OpenAiChatStreamEncoder::appendCustomCall(const AnswerToolCall &call, std::string &out)
{
    const int index = m_calls++;
    std::string delta;
    JsonWriter writer(delta);
    writer.beginObject().key("tool_calls").beginArray().beginObject();
    writer.memberInteger("index", index).member("id", call.id).member("type", "custom");
    writeCustom(writer, call.name, {});
    writer.endObject().endArray().endObject();
    appendChunk(delta, out);
    appendDelta(m_deltaStart + R"({"tool_calls":[{"index":)" + std::to_string(index)
                    + R"(,"custom":{"input":)",
                customToolInput(call.inputJson), "}}]}", out);
}

void OpenAiChatStreamEncoder::write(const TextCitation &event, std::string &out)
{
    std::string delta;
    JsonWriter writer(delta);
    writer.beginObject().key("annotations").beginArray();
    writeAnnotation(writer, event);
    writer.endArray().endObject();
    appendChunk(delta, out);
}

void OpenAiChatStreamEncoder::write(const Finished &event, std::string &out)
{
    m_ended = true;
    out += m_deltaStart;
    out += R"({},"logprobs":null,"finish_reason":")";
    out += openAiFinishReason(event.reason, m_memory.legacyFunctions);
    out += "\"}]";
    if (m_memory.includeUsage) {
        out += ",\"usage\":null}\n\n";
        out += m_head;
        out += "[],";
        JsonWriter writer(out);
        writeOpenAiUsage(writer, event.usage);
    }
    out += "}\n\ndata: [DONE]\n\n";
}

void OpenAiChatStreamEncoder::write(const Failed &event, std::string &out)
{
    m_ended = true;
    out += "data: ";
    out += openAiErrorReply(event.error).body;
    out += "\n\n";
}

void OpenAiChatStreamEncoder::appendChunk(std::string_view delta, std::string &out)
{
    out += m_deltaStart;
    out += delta;
    out += m_deltaEnd;
}

void OpenAiChatStreamEncoder::appendDelta(std::string_view start, std::string_view text,
                                          std::string_view end, std::string &out)
{
    if (text.empty())
        return;
    out += start;
    appendJsonString(out, text);
    out += end;
    out += m_deltaEnd;
}

void OpenAiChatStreamEncoder::appendArguments(std::string_view json, std::string &out)
{
    if (!m_argumentsStart.empty())
        appendDelta(m_argumentsStart, json, m_memory.legacyFunctions ? "}}" : "}}]}", out);
}

/// The blocks of an answer sorted into the members of one message.
struct OpenAiMessage
{
    std::string text;
    std::string thinking;
    std::vector<const AnswerToolCall *> calls;
    std::vector<const TextCitation *> citations;

    explicit OpenAiMessage(const ChatAnswer &answer)
    {
        for (const AnswerBlock &block : answer.blocks)
            std::visit([this](const auto &each) { add(each); }, block);
    }
    void add(const AnswerText &block)
    {
        text += block.text;
        for (const TextCitation &citation : block.citations)
            citations.push_back(&citation);
    }
    void add(const AnswerThinking &block) { thinking += block.text; }
    void add(const AnswerToolCall &block) { calls.push_back(&block); }
    void add(const AnswerWebSearch &) { }
};

void writeCalls(JsonWriter &writer, const OpenAiMessage &message, const OpenAiChatMemory &memory)
{
    if (message.calls.empty())
        return;
    if (memory.legacyFunctions) {
        const AnswerToolCall &call = *message.calls.front();
        writeFunction(writer, "function_call", call.name, call.inputJson);
        return;
    }
    writer.key("tool_calls").beginArray();
    for (const AnswerToolCall *call : message.calls) {
        const bool isCustom = memory.customTools.contains(call->name);
        writer.beginObject().member("id", call->id);
        writer.member("type", isCustom ? "custom" : "function");
        if (isCustom)
            writeCustom(writer, call->name, customToolInput(call->inputJson));
        else
            writeFunction(writer, "function", call->name, call->inputJson);
        writer.endObject();
    }
    writer.endArray();
}

void writeAnnotations(JsonWriter &writer, const OpenAiMessage &message)
{
    if (message.citations.empty())
        return;
    writer.key("annotations").beginArray();
    for (const TextCitation *citation : message.citations)
        writeAnnotation(writer, *citation);
    writer.endArray();
}

} // namespace

std::unique_ptr<StreamEncoder> openAiChatStreamEncoder(const ChatRequest &request,
                                                       const AnswerContext &context)
{
    return std::make_unique<OpenAiChatStreamEncoder>(request, context);
}

std::string encodeOpenAiChatAnswer(const ChatRequest &request, const ChatAnswer &answer,
                                   const AnswerContext &context)
{
    const OpenAiMessage message(answer);
    const OpenAiChatMemory &memory = openAiChatMemory(request);
    std::string out;
    JsonWriter writer(out);
    writer.beginObject()
        .member("id", "chatcmpl-" + context.id)
        .member("object", "chat.completion")
        .memberInteger("created", context.created)
        .member("model", request.model);
    writer.key("choices").beginArray().beginObject().memberInteger("index", 0);
    writer.key("message").beginObject().member("role", "assistant");
    if (message.text.empty() && !message.calls.empty())
        writer.memberNull("content");
    else
        writer.member("content", message.text);
    writer.memberNull("refusal");
    if (!message.thinking.empty() && request.reasoning.isShown)
        writer.member("reasoning_content", message.thinking);
    writeAnnotations(writer, message);
    writeCalls(writer, message, memory);
    writer.endObject().memberNull("logprobs");
    writer.member("finish_reason",
                  openAiFinishReason(answer.finished.reason, memory.legacyFunctions));
    writer.endObject().endArray();
    writeOpenAiUsage(writer, answer.finished.usage);
    writer.endObject();
    return out;
}

} // namespace kirotray
