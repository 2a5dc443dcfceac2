// SPDX-License-Identifier: MIT
#include "tests/streamgrammar.h"

#include "tests/streamcheck.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

using dialectcase::SentEvent;

/// Contiguous blocks with their start and stop, between message_start and message_stop.
class AnthropicGrammar
{
public:
    explicit AnthropicGrammar(StreamCheck &check)
        : m_check(check)
    {
    }
    void run()
    {
        for (const SentEvent &event : dialectcase::sentEvents(m_check.stream))
            if (const std::optional<JsonDocument> payload = m_check.parsed(event.payload))
                take(event.name.toStdString(), payload->root());
        m_check.must(m_last == "message_stop" || m_last == "error", "ends with " + m_last);
        if (m_check.whole.answer())
            m_check.must(m_text == wholeText(m_check.whole), "the text is another one");
        compareInputs(m_check, m_inputs);
    }

private:
    void take(const std::string &name, const JsonValue &root)
    {
        m_check.must(root["type"].string() == name, "event: is not data.type of " + name);
        m_check.must(m_last.empty() == (name == "message_start"), "message_start is not first");
        m_check.must(m_last != "message_stop" && m_last != "error", name + " behind the end");
        if (name.starts_with("content_block"))
            m_check.must(root["index"].integer() == m_next, "index of " + name);
        if (name == "content_block_start") {
            m_check.must(!std::exchange(m_isOpen, true), "a block in a block");
            m_type = root["content_block"]["type"].string();
            if (m_type == "tool_use")
                m_inputs.emplace_back();
        } else if (name == "content_block_delta") {
            m_check.must(m_isOpen, "a delta outside a block");
            takeDelta(root["delta"]);
        }
        if (name == "content_block_stop") {
            m_check.must(std::exchange(m_isOpen, false), "a stop without a start");
            ++m_next;
        }
        if (name.starts_with("message_"))
            m_check.must(!m_isOpen, name + " in a block");
        m_last = name;
    }
    void takeDelta(const JsonValue &delta)
    {
        const std::string kind(delta["type"].string());
        const bool isInput = kind == "input_json_delta";
        const bool isOfText = kind == "text_delta" || kind == "citations_delta";
        if (isInput)
            m_check.must(m_type == "tool_use" || m_type == "server_tool_use", "input of " + m_type);
        else
            m_check.must(m_type == (isOfText ? "text" : "thinking"), kind + " in " + m_type);
        m_text += delta["text"].string();
        if (m_type == "tool_use")
            m_inputs.back() += delta["partial_json"].string();
    }

    StreamCheck &m_check;
    qint64 m_next = 0;
    bool m_isOpen = false;
    std::string m_type; ///< of the last block
    std::string m_last;
    std::string m_text;
    std::vector<std::string> m_inputs;
};

/// Chunks without names and without [DONE]; the last one says why it is the last.
class GeminiGrammar
{
public:
    explicit GeminiGrammar(StreamCheck &check)
        : m_check(check)
    {
    }
    void run()
    {
        if (m_check.isEventStream) {
            for (const SentEvent &event : dialectcase::sentEvents(m_check.stream)) {
                m_check.must(event.name.isEmpty(), "a chunk has a name");
                if (const std::optional<JsonDocument> payload = m_check.parsed(event.payload))
                    take(payload->root());
            }
        } else if (const std::optional<JsonDocument> array =
                       m_check.parsed(QByteArray::fromStdString(m_check.stream))) {
            m_check.must(array->root().isArray(), "no array");
            for (const JsonValue &chunk : array->root())
                take(chunk);
        }
        m_check.must(m_isEnded, "the end gives no reason");
        if (m_check.whole.answer())
            m_check.must(m_text == wholeText(m_check.whole), "the text is another one");
        compareCalls();
    }

private:
    void take(const JsonValue &root)
    {
        m_check.must(!m_isEnded, "a chunk behind the end");
        m_isEnded = root["error"].isObject();
        for (const JsonValue &candidate : root["candidates"]) {
            m_isEnded = m_isEnded || candidate["finishReason"].isString();
            for (const JsonValue &part : candidate["content"]["parts"])
                takePart(part);
        }
    }
    void takePart(const JsonValue &part)
    {
        if (!part["thought"].boolean())
            m_text += part["text"].string();
        if (part["functionCall"].isObject())
            m_inputs.emplace_back(part["functionCall"]["args"].raw());
    }
    /// A cut call is left out here.
    void compareCalls()
    {
        if (!m_check.whole.answer())
            return;
        std::vector<std::string> inputs = wholeInputs(m_check.whole);
        // Line breaks between tokens would end a line of the stream.
        for (std::string &input : inputs)
            std::replace_if(
                input.begin(), input.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
        m_check.must(m_inputs == inputs, "the calls are other ones");
    }

    StreamCheck &m_check;
    std::string m_text;
    std::vector<std::string> m_inputs;
    bool m_isEnded = false;
};

} // namespace

std::vector<std::string> brokenStreamRules(DialectId id, const ChatRequest &request,
                                           const std::vector<ScriptStep> &steps)
{
    const Dialect &api = dialect(id);
    StreamCheck check;
    check.stream = dialectcase::streamOf(api, request, steps).bytes;
    check.whole = dialectcase::assembledFrom(steps);
    if (check.whole.answer())
        check.wholeJson = api.encodeAnswer(request, *check.whole.answer(), dialectcase::context());
    check.isCallCut = std::any_of(steps.begin(), steps.end(), [](const ScriptStep &step) {
        const auto *event = std::get_if<ChatEvent>(&step);
        const auto *end = event != nullptr ? std::get_if<ToolCallEnd>(event) : nullptr;
        return end != nullptr && !end->complete;
    });
    check.isEventStream =
        std::string_view(api.streamContentType(request)).starts_with("text/event-stream");
    switch (id) {
    case DialectId::AnthropicMessages:
        AnthropicGrammar(check).run();
        break;
    case DialectId::OpenAiChat:
        checkChatStream(check);
        break;
    case DialectId::OpenAiResponses:
        checkResponsesStream(check);
        break;
    case DialectId::Gemini:
        GeminiGrammar(check).run();
        break;
    }
    return check.broken;
}

} // namespace kirotray
