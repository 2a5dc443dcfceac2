// SPDX-License-Identifier: MIT
#include "app/dialects/anthropicmessages.h"

#include <utility>

namespace kirotray {

namespace {

std::string_view anthropicStopReason(StopReason reason)
{
    switch (reason) {
    case StopReason::EndTurn:
        return "end_turn";
    case StopReason::ToolUse:
        return "tool_use";
    case StopReason::MaxTokens:
        return "max_tokens";
    case StopReason::StopSequence:
        return "stop_sequence";
    case StopReason::Refusal:
        return "refusal";
    case StopReason::PauseTurn:
        return "pause_turn";
    case StopReason::ContextWindowExceeded:
        return "model_context_window_exceeded";
    }
    Q_UNREACHABLE();
}

void writeAnthropicUsage(JsonWriter &writer, const Usage &usage)
{
    writer.key("usage")
        .beginObject()
        .memberInteger("input_tokens", usage.inputTokens)
        .memberInteger("cache_creation_input_tokens", usage.cacheWriteTokens)
        .memberInteger("cache_read_input_tokens", usage.cacheReadTokens)
        .memberInteger("output_tokens", usage.outputTokens)
        .endObject();
}

void writeAnthropicStop(JsonWriter &writer, const Finished &finished)
{
    writer.member("stop_reason", anthropicStopReason(finished.reason));
    if (finished.reason == StopReason::StopSequence)
        writer.member("stop_sequence", finished.stopSequence);
    else
        writer.memberNull("stop_sequence");
}

constexpr std::string_view DeltaEnd = "}}\n\n";

/// The grammar is strict: message_start, then blocks with contiguous indexes that never overlap,
/// then message_delta and message_stop, or an error event instead.
class AnthropicStreamEncoder final : public StreamEncoder
{
public:
    AnthropicStreamEncoder(const ChatRequest &request, AnswerContext context)
        : m_model(request.model)
        , m_context(std::move(context))
    {
    }

    void begin(std::string &out) override;
    void encode(const ChatEvent &event, std::string &out) override
    {
        if (!m_ended)
            std::visit([this, &out](const auto &each) { write(each, out); }, event);
    }
    void ping(std::string &out) override
    {
        if (!m_ended)
            out += "event: ping\ndata: {\"type\":\"ping\"}\n\n";
    }

private:
    enum class Block { None, Text, Thinking, ToolUse };

    void write(const TextDelta &event, std::string &out);
    void write(const ThinkingDelta &event, std::string &out);
    void write(const ThinkingSignature &event, std::string &out);
    void write(const RedactedThinking &event, std::string &out);
    void write(const ToolCallStart &event, std::string &out);
    void write(const ToolCallDelta &event, std::string &out);
    void write(const ToolCallEnd &event, std::string &out);
    void write(const WebSearchCall &, std::string &) { }
    void write(const WebSearchResult &, std::string &) { }
    void write(const TextCitation &, std::string &) { }
    void write(const Finished &event, std::string &out);
    void write(const Failed &event, std::string &out);

    void openText(std::string &out);
    void openThinking(std::string &out);
    /// content_block_start with `content` as its block; the deltas that follow are of kind `delta`.
    void open(Block block, std::string_view content, std::string_view delta, std::string &out);
    void close(std::string &out);
    void appendDelta(std::string_view text, std::string &out);
    std::string deltaStart(std::string_view delta) const;

    std::string m_model;
    AnswerContext m_context;
    std::string m_deltaStart; ///< everything before the text of the open block's deltas
    int m_index = 0; ///< of the open block, or of the next one
    Block m_block = Block::None;
    bool m_callHasInput = false;
    bool m_ended = false;
};

void AnthropicStreamEncoder::begin(std::string &out)
{
    out += "event: message_start\ndata: ";
    JsonWriter writer(out);
    writer.beginObject().member("type", "message_start").key("message").beginObject();
    writer.member("id", "msg_" + m_context.id)
        .member("type", "message")
        .member("role", "assistant")
        .member("model", m_model);
    writer.key("content").beginArray().endArray();
    writer.memberNull("stop_reason").memberNull("stop_sequence");
    Usage estimate;
    estimate.inputTokens = m_context.promptTokensEstimate;
    writeAnthropicUsage(writer, estimate);
    writer.endObject().endObject();
    out += "\n\n";
}

void AnthropicStreamEncoder::write(const TextDelta &event, std::string &out)
{
    if (event.text.empty())
        return;
    openText(out);
    appendDelta(event.text, out);
}

void AnthropicStreamEncoder::write(const ThinkingDelta &event, std::string &out)
{
    if (event.text.empty())
        return;
    openThinking(out);
    appendDelta(event.text, out);
}

void AnthropicStreamEncoder::write(const ThinkingSignature &event, std::string &out)
{
    openThinking(out);
    out += deltaStart(R"({"type":"signature_delta","signature":)");
    appendJsonString(out, event.signature);
    out += DeltaEnd;
    close(out);
}

void AnthropicStreamEncoder::write(const RedactedThinking &event, std::string &out)
{
    std::string content;
    JsonWriter(content)
        .beginObject()
        .member("type", "redacted_thinking")
        .member("data", event.data)
        .endObject();
    open(Block::Thinking, content, {}, out);
    close(out);
}

void AnthropicStreamEncoder::write(const ToolCallStart &event, std::string &out)
{
    std::string content;
    JsonWriter(content)
        .beginObject()
        .member("type", "tool_use")
        .member("id", event.id)
        .member("name", event.name)
        .memberRaw("input", "{}")
        .endObject();
    open(Block::ToolUse, content, R"({"type":"input_json_delta","partial_json":)", out);
    m_callHasInput = false;
}

void AnthropicStreamEncoder::write(const ToolCallDelta &event, std::string &out)
{
    if (m_block != Block::ToolUse || event.json.empty())
        return;
    m_callHasInput = true;
    appendDelta(event.json, out);
}

void AnthropicStreamEncoder::write(const ToolCallEnd &event, std::string &out)
{
    if (m_block != Block::ToolUse)
        return;
    // Clients join the pieces and parse them: no piece at all is not JSON.
    if (event.complete && !m_callHasInput)
        appendDelta("{}", out);
    close(out);
}

void AnthropicStreamEncoder::write(const Finished &event, std::string &out)
{
    close(out);
    m_ended = true;
    out += "event: message_delta\ndata: ";
    JsonWriter writer(out);
    writer.beginObject().member("type", "message_delta").key("delta").beginObject();
    writeAnthropicStop(writer, event);
    writer.endObject();
    writeAnthropicUsage(writer, event.usage);
    writer.endObject();
    out += "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

void AnthropicStreamEncoder::write(const Failed &event, std::string &out)
{
    // The open block stays open: a stop would let half a tool input look whole.
    m_ended = true;
    out += "event: error\ndata: ";
    out += anthropicErrorReply(event.error).body;
    out += "\n\n";
}

void AnthropicStreamEncoder::openText(std::string &out)
{
    if (m_block != Block::Text)
        open(Block::Text, R"({"type":"text","text":""})", R"({"type":"text_delta","text":)", out);
}

void AnthropicStreamEncoder::openThinking(std::string &out)
{
    if (m_block != Block::Thinking)
        open(Block::Thinking, R"({"type":"thinking","thinking":"","signature":""})",
             R"({"type":"thinking_delta","thinking":)", out);
}

void AnthropicStreamEncoder::open(Block block, std::string_view content, std::string_view delta,
                                  std::string &out)
{
    close(out);
    m_block = block;
    m_deltaStart = deltaStart(delta);
    out += R"(event: content_block_start
data: {"type":"content_block_start","index":)";
    out += std::to_string(m_index);
    out += R"(,"content_block":)";
    out += content;
    out += "}\n\n";
}

void AnthropicStreamEncoder::close(std::string &out)
{
    if (m_block == Block::None)
        return;
    m_block = Block::None;
    out += R"(event: content_block_stop
data: {"type":"content_block_stop","index":)";
    out += std::to_string(m_index++);
    out += "}\n\n";
}

std::string AnthropicStreamEncoder::deltaStart(std::string_view delta) const
{
    std::string start = R"(event: content_block_delta
data: {"type":"content_block_delta","index":)";
    start += std::to_string(m_index);
    start += R"(,"delta":)";
    start += delta;
    return start;
}

void AnthropicStreamEncoder::appendDelta(std::string_view text, std::string &out)
{
    out += m_deltaStart;
    appendJsonString(out, text);
    out += DeltaEnd;
}

struct AnthropicBlockWriter
{
    JsonWriter &writer;

    void operator()(const AnswerText &block) const
    {
        writer.beginObject().member("type", "text").member("text", block.text).endObject();
    }
    void operator()(const AnswerThinking &block) const
    {
        if (!block.redactedData.empty())
            writer.beginObject()
                .member("type", "redacted_thinking")
                .member("data", block.redactedData)
                .endObject();
        else
            writer.beginObject()
                .member("type", "thinking")
                .member("thinking", block.text)
                .member("signature", block.signature)
                .endObject();
    }
    void operator()(const AnswerToolCall &block) const
    {
        writer.beginObject()
            .member("type", "tool_use")
            .member("id", block.id)
            .member("name", block.name)
            .memberRaw("input", block.inputJson)
            .endObject();
    }
    void operator()(const AnswerWebSearch &) const { }
};

} // namespace

std::unique_ptr<StreamEncoder> anthropicStreamEncoder(const ChatRequest &request,
                                                      const AnswerContext &context)
{
    return std::make_unique<AnthropicStreamEncoder>(request, context);
}

std::string encodeAnthropicAnswer(const ChatRequest &request, const ChatAnswer &answer,
                                  const AnswerContext &context)
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject()
        .member("id", "msg_" + context.id)
        .member("type", "message")
        .member("role", "assistant")
        .member("model", request.model);
    writer.key("content").beginArray();
    for (const AnswerBlock &block : answer.blocks)
        std::visit(AnthropicBlockWriter {writer}, block);
    writer.endArray();
    writeAnthropicStop(writer, answer.finished);
    writeAnthropicUsage(writer, answer.finished.usage);
    writer.endObject();
    return out;
}

} // namespace kirotray
