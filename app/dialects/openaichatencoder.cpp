// SPDX-License-Identifier: MIT
#include "app/dialects/carriedthoughts.h"
#include "app/dialects/customtool.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/openaichat.h"
#include "app/dialects/openaichatmemory.h"
#include "app/dialects/openaichatparts.h"
#include "app/dialects/openaienvelope.h"

#include <utility>

namespace kirotray {

namespace {

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

bool isOfThinking(const ChatEvent &event)
{
    return std::holds_alternative<ThinkingDelta>(event)
        || std::holds_alternative<ThinkingSignature>(event)
        || std::holds_alternative<RedactedThinking>(event);
}

/// Chunks without event names; `[DONE]` only after a whole answer, so that a failure cannot be
/// taken for one. Chat has no place for web searches: they are left out. The call of a custom tool
/// is sent when it is whole: half of a free text cannot be told from all of it.
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
        if (m_ended)
            return;
        if (!std::holds_alternative<TextDelta>(event)
            && !std::holds_alternative<TextCitation>(event))
            m_places.endText();
        if (!isOfThinking(event))
            m_thoughts.take(); // ended without a signature: nothing to carry
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
        m_places.addText(event.text);
        appendDelta(m_textStart, event.text, "}", out);
    }
    void write(const ThinkingDelta &event, std::string &out)
    {
        m_thoughts.addText(event.text);
        if (m_isThinkingShown)
            appendDelta(m_thinkingStart, event.text, "}", out);
    }
    void write(const ThinkingSignature &event, std::string &out)
    {
        m_thoughts.sign(event.signature);
        appendThoughts(out);
    }
    void write(const RedactedThinking &event, std::string &out)
    {
        m_thoughts.addRedacted(event.data);
        appendThoughts(out);
    }
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
    void appendThoughts(std::string &out);
    void appendArguments(std::string_view json, std::string &out);
    void appendCustomCall(const AnswerToolCall &call, std::string &out);

    std::string m_head;
    std::string m_deltaStart; ///< a chunk up to the value of its delta
    std::string m_deltaEnd; ///< a chunk from behind its delta
    std::string m_textStart;
    std::string m_thinkingStart;
    std::string m_argumentsStart; ///< of the open call; empty: none is open
    std::optional<AnswerToolCall> m_customCall; ///< of a custom tool, not whole yet
    std::shared_ptr<const OpenAiChatMemory> m_memory;
    OpenAiCitationPlaces m_places;
    CarriedThoughts m_thoughts;
    int m_sentThoughts = 0;
    int m_calls = 0; ///< in tool_calls
    bool m_hasLegacyCall = false;
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
    , m_memory(memoryOf<OpenAiChatMemory>(request))
    , m_isThinkingShown(request.reasoning.isShown)
{
    m_deltaEnd = R"(,"logprobs":null,"finish_reason":null}])";
    m_deltaEnd += m_memory->includeUsage ? ",\"usage\":null}\n\n" : "}\n\n";
}

void OpenAiChatStreamEncoder::write(const ToolCallStart &event, std::string &out)
{
    m_callHasInput = false;
    m_argumentsStart.clear();
    m_customCall.reset();
    if (m_memory->customTools.contains(event.name)) {
        m_customCall = AnswerToolCall {event.id, event.name, {}};
        return;
    }
    // One answer has room for one legacy call.
    if (m_memory->legacyFunctions && std::exchange(m_hasLegacyCall, true))
        return;
    std::string delta;
    JsonWriter writer(delta);
    writer.beginObject();
    m_argumentsStart = m_deltaStart;
    if (m_memory->legacyFunctions) {
        writeOpenAiFunction(writer, "function_call", event.name, {});
        m_argumentsStart += R"({"function_call":{"arguments":)";
    } else {
        const int index = m_calls++;
        writer.key("tool_calls").beginArray().beginObject().memberInteger("index", index);
        writer.member("id", event.id).member("type", "function");
        writeOpenAiFunction(writer, "function", event.name, {});
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
    writeOpenAiCustom(writer, call.name, {});
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
    writeOpenAiAnnotation(writer, m_places.placed(event));
    writer.endArray().endObject();
    appendChunk(delta, out);
}

void OpenAiChatStreamEncoder::write(const Finished &event, std::string &out)
{
    m_ended = true;
    out += m_deltaStart;
    out += R"({},"logprobs":null,"finish_reason":")";
    const bool isLegacy = m_memory->legacyFunctions && (m_hasLegacyCall || m_calls == 0);
    out += openAiFinishReason(event.reason, isLegacy);
    out += "\"}]";
    if (m_memory->includeUsage) {
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

void OpenAiChatStreamEncoder::appendThoughts(std::string &out)
{
    const std::string packed = m_thoughts.take();
    if (packed.empty() || !m_isThinkingShown)
        return;
    std::string delta;
    JsonWriter writer(delta);
    writer.beginObject().key("reasoning_details").beginArray();
    writeOpenAiThought(writer, packed, m_sentThoughts++);
    writer.endArray().endObject();
    appendChunk(delta, out);
}

void OpenAiChatStreamEncoder::appendArguments(std::string_view json, std::string &out)
{
    if (!m_argumentsStart.empty())
        appendDelta(m_argumentsStart, json, m_memory->legacyFunctions ? "}}" : "}}]}", out);
}

} // namespace

std::unique_ptr<StreamEncoder> openAiChatStreamEncoder(const ChatRequest &request,
                                                       const AnswerContext &context)
{
    return std::make_unique<OpenAiChatStreamEncoder>(request, context);
}

} // namespace kirotray
