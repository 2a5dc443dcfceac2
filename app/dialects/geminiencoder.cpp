// SPDX-License-Identifier: MIT
#include "app/dialects/carriedthoughts.h"
#include "app/dialects/gemini.h"
#include "app/dialects/geminigrounding.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

std::string_view geminiFinishReason(StopReason reason)
{
    switch (reason) {
    case StopReason::EndTurn:
    case StopReason::ToolUse:
    case StopReason::StopSequence:
    case StopReason::PauseTurn:
        return "STOP";
    case StopReason::MaxTokens:
    case StopReason::ContextWindowExceeded:
        return "MAX_TOKENS";
    case StopReason::Refusal:
        return "SAFETY";
    }
    Q_UNREACHABLE();
}

void writeSignature(JsonWriter &writer, std::string_view signature)
{
    if (!signature.empty())
        writer.member("thoughtSignature", signature);
}

std::string geminiTextPart(std::string_view text, std::string_view signature)
{
    std::string part;
    JsonWriter writer(part);
    writer.beginObject().member("text", text);
    writeSignature(writer, signature);
    writer.endObject();
    return part;
}

std::string geminiThoughtPart(std::string_view text)
{
    std::string part;
    JsonWriter(part).beginObject().member("text", text).memberBoolean("thought", true).endObject();
    return part;
}

std::string geminiCallPart(const AnswerToolCall &call, std::string_view signature)
{
    std::string args = call.inputJson.empty() ? "{}" : call.inputJson;
    // Line breaks between tokens mean nothing to JSON, but end a line of server-sent events.
    std::replace(args.begin(), args.end(), '\n', ' ');
    std::replace(args.begin(), args.end(), '\r', ' ');
    std::string part;
    JsonWriter writer(part);
    writer.beginObject().key("functionCall").beginObject();
    writer.member("id", call.id).member("name", call.name).memberRaw("args", args);
    writer.endObject();
    writeSignature(writer, signature);
    writer.endObject();
    return part;
}

/// `candidates` with the parts given as JSON, parted by commas; `grounding` may be empty.
void writeCandidate(JsonWriter &writer, std::string_view parts, const Finished *finished,
                    std::string_view grounding)
{
    writer.key("candidates").beginArray().beginObject().key("content").beginObject();
    writer.key("parts").beginArray();
    if (!parts.empty())
        writer.raw(parts);
    writer.endArray().member("role", "model").endObject();
    if (finished != nullptr)
        writer.member("finishReason", geminiFinishReason(finished->reason));
    writer.memberInteger("index", 0);
    if (!grounding.empty())
        writer.memberRaw("groundingMetadata", grounding);
    writer.endObject().endArray();
}

void writeGeminiUsage(JsonWriter &writer, const Usage &usage)
{
    writer.key("usageMetadata")
        .beginObject()
        .memberInteger("promptTokenCount", usage.promptTokens())
        .memberInteger("candidatesTokenCount", usage.outputTokens)
        .memberInteger("totalTokenCount", usage.promptTokens() + usage.outputTokens);
    if (usage.cacheReadTokens > 0)
        writer.memberInteger("cachedContentTokenCount", usage.cacheReadTokens);
    writer.endObject();
}

/// A whole response object. `finished` is given with the last one.
std::string geminiResponse(std::string_view model, std::string_view id, std::string_view parts,
                           const Finished *finished, std::string_view grounding)
{
    std::string json;
    JsonWriter writer(json);
    writer.beginObject();
    writeCandidate(writer, parts, finished, grounding);
    if (finished != nullptr)
        writeGeminiUsage(writer, finished->usage);
    writer.member("modelVersion", model).member("responseId", id).endObject();
    return json;
}

/// One response object an event, as server-sent events without names and without `[DONE]`, or as
/// the elements of one JSON array. A call is sent when it is whole, and not before what follows it
/// is known: the last one shares its chunk with the finish reason. A chunk of its own with an empty
/// text would end up in the history of Gemini CLI, which then drops the turn.
class GeminiStreamEncoder final : public StreamEncoder
{
public:
    GeminiStreamEncoder(const ChatRequest &request, const AnswerContext &context)
        : m_model(request.model)
        , m_id(context.id)
        , m_grounding(request.webSearch.has_value())
        , m_isArray(isGeminiArrayStream(request))
        , m_showsThoughts(request.reasoning.isShown)
    {
    }
    void begin(std::string &out) override
    {
        if (m_isArray)
            out += '[';
    }
    void encode(const ChatEvent &event, std::string &out) override
    {
        if (m_hasEnded)
            return;
        if (!std::holds_alternative<TextDelta>(event)
            && !std::holds_alternative<TextCitation>(event))
            m_grounding.endText();
        std::visit([this, &out](const auto &each) { write(each, out); }, event);
    }
    void ping(std::string &out) override
    {
        // Google's SDKs read no SSE comments: the one within Gemini CLI waits behind one for ever,
        // Python's takes it for an error. All skip an empty line; in an array it is white space.
        if (!m_hasEnded)
            out += '\n';
    }

private:
    void write(const TextDelta &event, std::string &out);
    void write(const ThinkingDelta &event, std::string &out);
    void write(const ThinkingSignature &event, std::string &) { m_thoughts.sign(event.signature); }
    void write(const RedactedThinking &event, std::string &) { m_thoughts.addRedacted(event.data); }
    void write(const ToolCallStart &event, std::string &) { m_call = {event.id, event.name, {}}; }
    void write(const ToolCallDelta &event, std::string &) { m_call.inputJson += event.json; }
    void write(const ToolCallEnd &event, std::string &out);
    void write(const WebSearchCall &event, std::string &) { m_grounding.add(event); }
    void write(const WebSearchResult &event, std::string &) { m_grounding.add(event); }
    void write(const TextCitation &event, std::string &) { m_grounding.add(event); }
    void write(const Finished &event, std::string &out);
    void write(const Failed &event, std::string &out);

    void sendHeldCall(std::string &out);
    void sendPart(std::string_view part, std::string &out);
    void sendResponse(std::string_view json, std::string &out);

    std::string m_model;
    std::string m_id;
    GeminiGrounding m_grounding;
    CarriedThoughts m_thoughts;
    AnswerToolCall m_call; ///< the one that grows
    std::string m_heldCall; ///< a whole one, as a part
    bool m_isArray = false;
    bool m_showsThoughts = false;
    bool m_isFirst = true;
    bool m_hasEnded = false;
};

void GeminiStreamEncoder::write(const TextDelta &event, std::string &out)
{
    if (event.text.empty())
        return;
    m_grounding.addText(event.text);
    sendHeldCall(out);
    sendPart(geminiTextPart(event.text, m_thoughts.take()), out);
}

void GeminiStreamEncoder::write(const ThinkingDelta &event, std::string &out)
{
    m_thoughts.addText(event.text);
    if (!m_showsThoughts || event.text.empty())
        return;
    sendHeldCall(out);
    sendPart(geminiThoughtPart(event.text), out);
}

/// A cut call is left out: the whole one before it stays the last.
void GeminiStreamEncoder::write(const ToolCallEnd &event, std::string &out)
{
    const AnswerToolCall call = std::exchange(m_call, {});
    if (!event.complete)
        return;
    sendHeldCall(out);
    m_heldCall = geminiCallPart(call, m_thoughts.take());
}

void GeminiStreamEncoder::write(const Finished &event, std::string &out)
{
    const std::string last =
        m_heldCall.empty() ? geminiTextPart({}, m_thoughts.take()) : std::exchange(m_heldCall, {});
    sendResponse(geminiResponse(m_model, m_id, last, &event, m_grounding.json()), out);
    m_hasEnded = true;
    if (m_isArray)
        out += "\n]";
}

/// A call that is still held goes down with the answer: nobody should run it.
void GeminiStreamEncoder::write(const Failed &event, std::string &out)
{
    sendResponse(geminiErrorReply(event.error).body, out);
    m_hasEnded = true;
    if (m_isArray)
        out += "\n]";
}

void GeminiStreamEncoder::sendHeldCall(std::string &out)
{
    if (!m_heldCall.empty())
        sendPart(std::exchange(m_heldCall, {}), out);
}

void GeminiStreamEncoder::sendPart(std::string_view part, std::string &out)
{
    sendResponse(geminiResponse(m_model, m_id, part, nullptr, {}), out);
}

void GeminiStreamEncoder::sendResponse(std::string_view json, std::string &out)
{
    const bool isFirst = std::exchange(m_isFirst, false);
    if (!m_isArray)
        out += "data: ";
    else if (!isFirst)
        out += "\n,\r\n";
    out += json;
    if (!m_isArray)
        out += "\n\n";
}

/// The parts of a whole answer. Texts around a search are one part: clients see no search.
class GeminiParts
{
public:
    explicit GeminiParts(const ChatRequest &request)
        : m_grounding(request.webSearch.has_value())
        , m_showsThoughts(request.reasoning.isShown)
    {
    }
    void add(const AnswerText &block)
    {
        if (m_text.empty())
            m_textSignature = m_thoughts.take();
        m_text += block.text;
        m_grounding.endText();
        m_grounding.addText(block.text);
        for (const TextCitation &citation : block.citations)
            m_grounding.add(citation);
    }
    void add(const AnswerThinking &block);
    void add(const AnswerToolCall &block)
    {
        endText();
        append(geminiCallPart(block, m_thoughts.take()));
    }
    void add(const AnswerWebSearch &block)
    {
        m_grounding.add(block.call);
        m_grounding.add(block.result);
    }
    std::string finished();
    std::string grounding() const { return m_grounding.json(); }

private:
    void endText()
    {
        if (!m_text.empty())
            append(geminiTextPart(std::exchange(m_text, {}), std::exchange(m_textSignature, {})));
    }
    void append(std::string_view part)
    {
        if (!m_parts.empty())
            m_parts += ',';
        m_parts += part;
    }

    GeminiGrounding m_grounding;
    CarriedThoughts m_thoughts;
    std::string m_text;
    std::string m_textSignature;
    std::string m_parts;
    bool m_showsThoughts = false;
};

void GeminiParts::add(const AnswerThinking &block)
{
    endText();
    if (!block.redactedData.empty()) {
        m_thoughts.addRedacted(block.redactedData);
        return;
    }
    m_thoughts.addText(block.text);
    m_thoughts.sign(block.signature);
    if (m_showsThoughts && !block.text.empty())
        append(geminiThoughtPart(block.text));
}

std::string GeminiParts::finished()
{
    endText();
    const std::string signature = m_thoughts.take();
    if (m_parts.empty() || !signature.empty())
        append(geminiTextPart({}, signature));
    return std::move(m_parts);
}

} // namespace

std::unique_ptr<StreamEncoder> geminiStreamEncoder(const ChatRequest &request,
                                                   const AnswerContext &context)
{
    return std::make_unique<GeminiStreamEncoder>(request, context);
}

std::string encodeGeminiAnswer(const ChatRequest &request, const ChatAnswer &answer,
                               const AnswerContext &context)
{
    GeminiParts parts(request);
    for (const AnswerBlock &block : answer.blocks)
        std::visit([&parts](const auto &each) { parts.add(each); }, block);
    const std::string json = parts.finished();
    return geminiResponse(request.model, context.id, json, &answer.finished, parts.grounding());
}

} // namespace kirotray
