// SPDX-License-Identifier: MIT
#include "app/chat/searchtext.h"
#include "app/dialects/anthropicmessages.h"
#include "app/dialects/anthropicparts.h"
#include "app/dialects/packedthinking.h"

#include <utility>

namespace kirotray {

namespace {

constexpr std::string_view DeltaEnd = "}}\n\n";

/// The grammar is strict: message_start, then blocks with contiguous indexes that never overlap,
/// then message_delta and message_stop, or an error event instead.
class AnthropicStreamEncoder final : public StreamEncoder
{
public:
    AnthropicStreamEncoder(const ChatRequest &request, AnswerContext context)
        : m_model(request.model)
        , m_context(std::move(context))
        , m_isThinkingShown(request.reasoning.isShown)
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
    enum class Block { None, Text, Thinking, ToolUse, Search };

    void write(const TextDelta &event, std::string &out);
    void write(const ThinkingDelta &event, std::string &out);
    void write(const ThinkingSignature &event, std::string &out);
    void write(const RedactedThinking &event, std::string &out);
    void write(const ToolCallStart &event, std::string &out);
    void write(const ToolCallDelta &event, std::string &out);
    void write(const ToolCallEnd &event, std::string &out);
    void write(const WebSearchCall &event, std::string &out);
    void write(const WebSearchResult &event, std::string &out);
    void write(const TextCitation &event, std::string &out);
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
    bool m_isThinkingShown;
    std::string m_hiddenText; ///< of the open thinking block
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
    Usage usage;
    usage.inputTokens = m_context.promptTokensEstimate;
    if (m_context.promptUsage) {
        usage = *m_context.promptUsage;
        usage.outputTokens = 0;
        usage.webSearches = 0;
    }
    writeAnthropicUsage(writer, usage);
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
    if (m_isThinkingShown)
        appendDelta(event.text, out);
    else if (m_hiddenText.size() <= MaxCarriedThinking)
        m_hiddenText += event.text;
}

void AnthropicStreamEncoder::write(const ThinkingSignature &event, std::string &out)
{
    openThinking(out);
    out += deltaStart(R"({"type":"signature_delta","signature":)");
    appendJsonString(out,
                     anthropicSignature({std::exchange(m_hiddenText, {}), event.signature, {}},
                                        m_isThinkingShown));
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

/// A cut call ends like Anthropic's own: the block is closed, its JSON is unfinished, and the
/// answer's stop_reason max_tokens keeps clients from running it (the SDK's tool runner goes by
/// tool_use).
void AnthropicStreamEncoder::write(const ToolCallEnd &event, std::string &out)
{
    if (m_block != Block::ToolUse)
        return;
    // Clients join the pieces and parse them: no piece at all is not JSON.
    if (event.complete && !m_callHasInput)
        appendDelta("{}", out);
    close(out);
}

void AnthropicStreamEncoder::write(const WebSearchCall &event, std::string &out)
{
    std::string content;
    JsonWriter writer(content);
    writeAnthropicSearchCall(writer, event, "{}");
    open(Block::Search, content, R"({"type":"input_json_delta","partial_json":)", out);
    appendDelta(searchInput(event), out);
    close(out);
}

void AnthropicStreamEncoder::write(const WebSearchResult &event, std::string &out)
{
    std::string content;
    JsonWriter writer(content);
    writeAnthropicSearchResult(writer, event);
    open(Block::Search, content, {}, out);
    close(out);
}

void AnthropicStreamEncoder::write(const TextCitation &event, std::string &out)
{
    if (m_block != Block::Text)
        return;
    std::string citation;
    JsonWriter writer(citation);
    writeAnthropicCitation(writer, event);
    out += deltaStart(R"({"type":"citations_delta","citation":)");
    out += citation;
    out += DeltaEnd;
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
    out += anthropicErrorReply(event.error, m_context.requestId).body;
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
    m_hiddenText.clear();
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

} // namespace

std::unique_ptr<StreamEncoder> anthropicStreamEncoder(const ChatRequest &request,
                                                      const AnswerContext &context)
{
    return std::make_unique<AnthropicStreamEncoder>(request, context);
}

} // namespace kirotray
