// SPDX-License-Identifier: MIT
#include "tests/streamgrammar.h"

#include <QList>
#include <QString>

#include <map>
#include <set>
#include <utility>

namespace kirotray {

namespace {

using dialectcase::SentEvent;

/// What is looked at by every check.
struct StreamCheck
{
    std::string stream;
    ChatAssembler whole; ///< the same answer without a stream
    std::string wholeJson; ///< the same in the API's JSON; empty: it failed
    bool isCallCut = false; ///< the stream may show the beginning of one that the whole leaves out
    bool isEventStream = true; ///< false: one JSON array
    std::vector<std::string> broken;

    bool must(bool isKept, std::string rule)
    {
        if (!isKept)
            broken.push_back(std::move(rule));
        return isKept;
    }
    /// The payload as JSON; broken when it is none.
    std::optional<JsonDocument> parsed(const QByteArray &payload)
    {
        Result<JsonDocument> document = JsonDocument::parse(payload.toStdString());
        if (!must(bool(document), "no JSON: " + payload.toStdString()))
            return std::nullopt;
        return std::move(document).value();
    }
};

std::string wholeText(const ChatAssembler &assembler)
{
    std::string text;
    if (assembler.answer())
        for (const AnswerBlock &block : assembler.answer()->blocks)
            if (const auto *each = std::get_if<AnswerText>(&block))
                text += each->text;
    return text;
}

std::vector<std::string> wholeInputs(const ChatAssembler &assembler)
{
    std::vector<std::string> inputs;
    if (assembler.answer())
        for (const AnswerBlock &block : assembler.answer()->blocks)
            if (const auto *each = std::get_if<AnswerToolCall>(&block))
                inputs.push_back(each->inputJson);
    return inputs;
}

/// Code points, as citations count them.
QList<uint> cutText(const std::string &text, qint64 start, qint64 end)
{
    return QString::fromStdString(text).toUcs4().mid(start, end - start);
}

/// What the citations point at, each in its own text.
std::vector<QList<uint>> wholeCitations(const ChatAssembler &assembler)
{
    std::vector<QList<uint>> cited;
    if (assembler.answer())
        for (const AnswerBlock &block : assembler.answer()->blocks)
            if (const auto *each = std::get_if<AnswerText>(&block))
                for (const TextCitation &citation : each->citations)
                    cited.push_back(cutText(each->text, citation.start, citation.end));
    return cited;
}

void compareInputs(StreamCheck &check, const std::vector<std::string> &streamed)
{
    if (!check.whole.answer())
        return;
    const std::vector<std::string> inputs = wholeInputs(check.whole);
    const std::size_t more = check.isCallCut ? 1 : 0;
    if (check.must(streamed.size() == inputs.size() || streamed.size() == inputs.size() + more,
                   "the calls are not as many"))
        for (std::size_t i = 0; i < inputs.size(); ++i)
            check.must(streamed[i] == inputs[i], "the input is another one: " + streamed[i]);
}

/// The free text of a custom tool's call. A model that did not keep to the schema: nothing is
/// guessed.
std::string customText(const std::string &inputJson)
{
    const Result<JsonDocument> object = JsonDocument::parse(inputJson);
    const JsonValue text = object ? object.value().root()["input"] : JsonValue();
    return std::string(text.isString() ? text.string() : std::string_view(inputJson));
}

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

/// Chunks without names; the role first, id and name with the first piece of a call, [DONE] only
/// after a whole answer.
class ChatGrammar
{
public:
    explicit ChatGrammar(StreamCheck &check)
        : m_check(check)
    {
    }
    void run()
    {
        for (const SentEvent &event : dialectcase::sentEvents(m_check.stream)) {
            m_check.must(event.name.isEmpty(), "a chunk has a name");
            m_check.must(!m_isDone && !m_hasFailed, "a chunk behind the end");
            if (event.payload == "[DONE]")
                m_isDone = true;
            else if (const std::optional<JsonDocument> payload = m_check.parsed(event.payload))
                take(payload->root());
        }
        m_check.must(m_isDone != m_hasFailed, "neither done nor failed");
        compareWithWhole();
    }

private:
    void take(const JsonValue &root)
    {
        m_hasFailed = root["error"].isObject();
        for (const JsonValue &choice : root["choices"]) {
            const JsonValue delta = choice["delta"];
            m_check.must((delta["role"].string() == "assistant") == std::exchange(m_isFirst, false),
                         "the role is not in the first chunk alone");
            m_content += delta["content"].string();
            for (const JsonValue &call : delta["tool_calls"])
                takeCall(call);
            for (const JsonValue &each : delta["annotations"])
                takeAnnotation(each["url_citation"]);
        }
    }
    void takeCall(const JsonValue &call)
    {
        const qint64 index = call["index"].integer().value_or(-1);
        const bool isFirst = !m_arguments.contains(index);
        m_check.must(call["id"].isString() == isFirst, "id of a call");
        if (isFirst) {
            m_check.must(index == static_cast<qint64>(m_arguments.size()), "index of a call");
            m_kinds[index] = call["type"].string();
        }
        const std::string kind = m_kinds[index];
        m_check.must(kind == "function" || kind == "custom", "type of a call");
        m_check.must(call[kind]["name"].isString() == isFirst, "name of a call");
        m_arguments[index] += call[kind][kind == "custom" ? "input" : "arguments"].string();
    }
    void takeAnnotation(const JsonValue &citation)
    {
        m_cited.push_back(cutText(m_content, citation["start_index"].integer().value_or(-1),
                                  citation["end_index"].integer().value_or(-1)));
    }
    void compareWithWhole()
    {
        if (!m_check.whole.answer())
            return;
        m_check.must(m_content == wholeText(m_check.whole), "the text is another one");
        const Result<JsonDocument> whole = JsonDocument::parse(m_check.wholeJson);
        if (!m_check.must(bool(whole), "the whole answer is no JSON"))
            return;
        const JsonValue message = whole.value().root()["choices"].at(0)["message"];
        compareAnnotations(message["annotations"]);
        m_check.must(m_legacyName == message["function_call"]["name"].string()
                         || m_check.isCallCut,
                     "the function is another one");
        if (!message["function_call"].isMissing())
            m_check.must(m_legacyArguments == wholeInputs(m_check.whole).front()
                             && m_legacyArguments
                                 == message["function_call"]["arguments"].string(),
                         "the arguments of the function are other ones");
        else
            compareCalls();
    }
    void compareAnnotations(const JsonValue &annotations)
    {
        std::vector<std::string> whole;
        for (const JsonValue &annotation : annotations)
            whole.emplace_back(annotation.raw());
        m_check.must(m_annotations == whole, "the annotations are other ones");
    }
    void compareCalls()
    {
        std::vector<std::string> inputs = wholeInputs(m_check.whole);
        const std::size_t more = m_check.isCallCut ? 1 : 0;
        m_check.must(m_arguments.size() == inputs.size()
                         || m_arguments.size() == inputs.size() + more,
                     "the calls are not as many");
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const auto index = static_cast<qint64>(i);
            if (m_kinds[index] == "custom")
                inputs[i] = customText(inputs[i]);
            m_check.must(m_arguments[index] == inputs[i], "the input of a call is another one");
        }
    }

    StreamCheck &m_check;
    std::string m_content;
    std::vector<QList<uint>> m_cited; ///< what the annotations point at
    std::map<qint64, std::string> m_arguments;
    std::map<qint64, std::string> m_kinds;
    std::string m_legacyName;
    std::string m_legacyArguments;
    std::vector<std::string> m_annotations;
    bool m_isFirst = true;
    bool m_isDone = false;
    bool m_hasFailed = false;
};

/// Numbered events; every item is added before its pieces and done once, and the last event holds
/// all of them.
class ResponsesGrammar
{
public:
    explicit ResponsesGrammar(StreamCheck &check)
        : m_check(check)
    {
    }
    void run()
    {
        for (const SentEvent &event : dialectcase::sentEvents(m_check.stream))
            if (const std::optional<JsonDocument> payload = m_check.parsed(event.payload))
                take(event.name.toStdString(), payload->root());
        const bool isEnded = isEnd(m_last);
        m_check.must(isEnded, "ends with " + m_last);
        if (m_check.whole.answer())
            m_check.must(m_text == wholeText(m_check.whole), "the text is another one");
        compareCalls();
    }

private:
    static bool isEnd(const std::string &name)
    {
        return name == "response.completed" || name == "response.incomplete"
            || name == "response.failed" || name == "error";
    }
    void take(const std::string &name, const JsonValue &root)
    {
        m_check.must(root["type"].string() == name, "event: is not data.type of " + name);
        m_check.must(root["sequence_number"].integer() == m_next++, "number of " + name);
        m_check.must(m_last.empty() == (name == "response.created"),
                     "response.created is not first");
        m_check.must(!isEnd(m_last), name + " behind the end");
        m_last = name;
        const qint64 index = root["output_index"].integer().value_or(-1);
        if (name == "response.output_item.added") {
            m_check.must(index == static_cast<qint64>(m_items.size()), "index of an item");
            m_items.insert(index);
            m_open.insert(index);
        } else if (name == "response.output_item.done") {
            m_check.must(m_open.erase(index) == 1, "an item is done that is not open");
            takeItem(root["item"], index);
        } else if (!root["output_index"].isMissing()) {
            m_check.must(m_open.contains(index), name + " outside its item");
        }
        if (name == "response.content_part.added")
            m_check.must(
                m_parts.insert({index, root["content_index"].integer().value_or(-1)}).second,
                "a content part is added twice");
        if (name == "response.output_text.delta") {
            m_check.must(m_parts.contains({index, root["content_index"].integer().value_or(-1)}),
                         "text before its content part");
            m_text += root["delta"].string();
        }
        if (name == "response.function_call_arguments.delta"
            || name == "response.custom_tool_call_input.delta")
            m_pieces[index] += root["delta"].string();
        if (name == "response.function_call_arguments.done")
            m_check.must(root["arguments"].string() == m_pieces[index], "other arguments when done");
        if (name == "response.custom_tool_call_input.done")
            m_check.must(root["input"].string() == m_pieces[index], "another input when done");
        // A call that the upstream cut stays open and is not held.
        const bool isCut = name == "response.incomplete" && m_open.size() == 1;
        if (name == "response.completed" || name == "response.incomplete")
            m_check.must(root["response"]["output"].size() == int(m_items.size() - m_open.size())
                             && (m_open.empty() || isCut),
                         "the last event does not hold the items");
    }
    void takeItem(const JsonValue &item, qint64 index)
    {
        const std::string_view type = item["type"].string();
        if (type == "web_search_call" || !item["call_id"].isString())
            return;
        // OpenAI's own tools have no pieces: their item holds the whole action.
        if (type == "function_call" || type == "custom_tool_call")
            m_check.must(item[type == "function_call" ? "arguments" : "input"].string()
                             == m_pieces[index],
                         "an item with another input than its pieces");
        m_calls.push_back({std::string(type), m_pieces[index]});
    }
    void compareCalls()
    {
        if (!m_check.whole.answer())
            return;
        const std::vector<std::string> inputs = wholeInputs(m_check.whole);
        if (!m_check.must(m_calls.size() == inputs.size(), "the calls are not as many"))
            return;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const auto &[type, input] = m_calls[i];
            if (type == "function_call")
                m_check.must(input == inputs[i], "the arguments are other ones");
            else if (type == "custom_tool_call")
                m_check.must(input == customText(inputs[i]), "the free text is another one");
        }
    }

    StreamCheck &m_check;
    qint64 m_next = 0;
    std::string m_last;
    std::string m_text;
    std::set<qint64> m_items;
    std::set<qint64> m_open;
    std::set<std::pair<qint64, qint64>> m_parts;
    std::map<qint64, std::string> m_pieces; ///< of a call's input, by output_index
    std::vector<std::pair<std::string, std::string>> m_calls; ///< type and input
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
        ChatGrammar(check).run();
        break;
    case DialectId::OpenAiResponses:
        ResponsesGrammar(check).run();
        break;
    case DialectId::Gemini:
        GeminiGrammar(check).run();
        break;
    }
    return check.broken;
}

} // namespace kirotray
