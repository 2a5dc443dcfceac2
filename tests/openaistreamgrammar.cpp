// SPDX-License-Identifier: MIT
#include "app/chat/utf8.h"
#include "tests/dialectcase.h"
#include "tests/streamcheck.h"

#include <map>
#include <set>
#include <utility>

namespace kirotray {

namespace {

using dialectcase::SentEvent;

/// From `start` to one before `end`, in code points.
std::string charactersOf(std::string_view text, qint64 start, qint64 end)
{
    std::string out;
    qint64 at = -1;
    for (const char byte : text) {
        at += startsCharacter(byte) ? 1 : 0;
        if (start <= at && at < end)
            out += byte;
    }
    return out;
}

/// The free text of a custom tool's call; of an empty object: none. A model that did not keep to
/// the schema: nothing is guessed.
std::string customText(const std::string &inputJson)
{
    const Result<JsonDocument> object = JsonDocument::parse(inputJson);
    if (object && object.value().root().isObject() && object.value().root().size() == 0)
        return {};
    const JsonValue text = object ? object.value().root()["input"] : JsonValue();
    return std::string(text.isString() ? text.string() : std::string_view(inputJson));
}

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
            m_legacyName += delta["function_call"]["name"].string();
            m_legacyArguments += delta["function_call"]["arguments"].string();
            for (const JsonValue &annotation : delta["annotations"])
                takeAnnotation(annotation);
        }
    }
    void takeAnnotation(const JsonValue &annotation)
    {
        m_annotations.emplace_back(annotation.raw());
        const qint64 start = annotation["url_citation"]["start_index"].integer().value_or(-1);
        const qint64 end = annotation["url_citation"]["end_index"].integer().value_or(-1);
        m_check.must(0 <= start && start <= end && end <= codePoints(m_content),
                     "an annotation is not within the text so far");
        m_named.push_back(charactersOf(m_content, start, end));
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
    void compareWithWhole()
    {
        if (!m_check.whole.answer())
            return;
        m_check.must(m_content == wholeText(m_check.whole), "the text is another one");
        const Result<JsonDocument> whole = JsonDocument::parse(m_check.wholeJson);
        if (!m_check.must(bool(whole), "the whole answer is no JSON"))
            return;
        const JsonValue message = messageOf(whole.value());
        compareAnnotations(message["annotations"]);
        m_check.must(m_legacyName == message["function_call"]["name"].string() || m_check.isCallCut,
                     "the function is another one");
        if (!message["function_call"].isMissing())
            m_check.must(m_legacyArguments == wholeInputs(m_check.whole).front()
                             && m_legacyArguments == message["function_call"]["arguments"].string(),
                         "the arguments of the function are other ones");
        else
            compareCalls();
    }
    static JsonValue messageOf(const JsonDocument &document)
    {
        for (const JsonValue &choice : document.root()["choices"])
            return choice["message"];
        return {};
    }
    /// They count in the whole text, the citations in the running text each.
    void compareAnnotations(const JsonValue &annotations)
    {
        std::vector<std::string> whole;
        for (const JsonValue &annotation : annotations)
            whole.emplace_back(annotation.raw());
        std::vector<std::string> named;
        for (const AnswerBlock &block : m_check.whole.answer()->blocks)
            if (const auto *text = std::get_if<AnswerText>(&block))
                for (const TextCitation &each : text->citations)
                    named.push_back(charactersOf(text->text, each.start, each.end));
        m_check.must(m_annotations == whole, "the annotations are other ones");
        m_check.must(m_named == named, "an annotation stands at another text");
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
    std::map<qint64, std::string> m_arguments;
    std::map<qint64, std::string> m_kinds;
    std::string m_legacyName;
    std::string m_legacyArguments;
    std::vector<std::string> m_annotations; ///< JSON
    std::vector<std::string> m_named; ///< the text they stand at
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
            m_check.must(root["arguments"].string() == m_pieces[index],
                         "other arguments when done");
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

} // namespace

void checkChatStream(StreamCheck &check)
{
    ChatGrammar(check).run();
}

void checkResponsesStream(StreamCheck &check)
{
    ResponsesGrammar(check).run();
}

} // namespace kirotray
