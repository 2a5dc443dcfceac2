// SPDX-License-Identifier: MIT
#include "app/chat/jsonanswerfilter.h"

#include "app/base/json.h"
#include "app/chat/utf8.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

/// A sentence and a fence are some hundred bytes; longer text is not what is looked for.
constexpr std::size_t MaxHeldText = 64 * 1024;

bool isJsonBlank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

bool isNamed(std::string_view type, std::string_view name)
{
    return std::equal(type.begin(), type.end(), name.begin(), name.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? char(a - 'A' + 'a') : a) == b; // Gemini's are upper case
    });
}

} // namespace

JsonAnswerFilter::JsonAnswerFilter(const OutputFormat &format)
    : m_accepted(acceptedBy(format))
    , m_isActive(format.kind != OutputFormat::Kind::Text)
{
    restart();
}

JsonAnswerFilter::Accepted JsonAnswerFilter::acceptedBy(const OutputFormat &format)
{
    if (format.kind != OutputFormat::Kind::JsonSchema)
        return {};
    const Result<JsonDocument> schema = JsonDocument::parse(format.schemaJson);
    if (!schema)
        return {};
    const JsonValue type = schema.value().root()["type"];
    if (type.isMissing())
        return {true, true, true};
    Accepted accepted {false, false, false};
    const auto accept = [&accepted](std::string_view name) {
        if (isNamed(name, "object"))
            accepted.object = true;
        else if (isNamed(name, "array"))
            accepted.array = true;
        else
            accepted.scalar = true;
    };
    if (type.isString())
        accept(type.string());
    for (const JsonValue one : type)
        accept(one.string());
    return accepted;
}

bool JsonAnswerFilter::StartFinder::feed(char byte)
{
    const std::size_t at = position++;
    if (opening != 0 && isJsonBlank(byte))
        return false;
    if (opening != 0 && confirms(byte))
        return true;
    opening = 0;
    if (byte == '\n') {
        const bool isScalar = endLine();
        isBlankLine = true;
        return isScalar;
    }
    const bool isFirst = isBlankLine && !isJsonBlank(byte);
    if (isFirst)
        isBlankLine = false;
    const bool isStart =
        (byte == '{' && accepted.object) || (byte == '[' && accepted.array && isFirst);
    if (isStart) {
        opening = byte;
        candidate = at;
        isCandidateFirst = isFirst;
    }
    if (accepted.scalar) {
        if (isFirst && !isStart)
            candidate = at;
        if (!isBlankLine)
            line += byte;
    }
    return false;
}

/// Prose has braces too: what is behind one in JSON is a key or the end, and a value in an array.
bool JsonAnswerFilter::StartFinder::confirms(char byte) const
{
    if (opening == '{')
        return byte == '"' || (byte == '}' && isCandidateFirst);
    return std::string_view("{[\"-0123456789tfn]").find(byte) != std::string_view::npos;
}

bool JsonAnswerFilter::StartFinder::endLine()
{
    while (!line.empty() && isJsonBlank(line.back()))
        line.pop_back();
    const bool isFence = line.compare(0, 3, "```") == 0;
    const bool wasBlank = line.empty();
    if (mayBeScalar && accepted.scalar && !wasBlank && !isFence && line.front() != '{'
        && line.front() != '[' && JsonDocument::parse(line))
        return true;
    mayBeScalar = accepted.scalar && (isFence || (mayBeScalar && wasBlank));
    line.clear();
    return false;
}

void JsonAnswerFilter::add(ChatEvent event, std::vector<ChatEvent> &out)
{
    if (!m_isActive) {
        out.push_back(std::move(event));
        return;
    }
    if (const auto *text = std::get_if<TextDelta>(&event)) {
        addText(text->text, out);
        return;
    }
    if (auto *citation = std::get_if<TextCitation>(&event)) {
        citation->start -= m_stripped;
        citation->end -= m_stripped;
        const bool isOfValue = m_place == Place::Value || m_place == Place::After;
        if (m_place == Place::Passing || (isOfValue && citation->start >= 0))
            out.push_back(std::move(event));
        return;
    }
    const bool goesBy = std::holds_alternative<ThinkingDelta>(event)
        || std::holds_alternative<ThinkingSignature>(event)
        || std::holds_alternative<RedactedThinking>(event)
        || std::holds_alternative<WebSearchCall>(event)
        || std::holds_alternative<WebSearchResult>(event);
    if (goesBy) {
        m_runStart = m_held.size();
        m_stripped = 0;
    } else {
        endText(out);
    }
    out.push_back(std::move(event));
}

void JsonAnswerFilter::addText(std::string_view text, std::vector<ChatEvent> &out)
{
    while (!text.empty()) {
        std::size_t used = text.size();
        if (m_place == Place::Before)
            used = addBefore(text, out);
        else if (m_place == Place::Value)
            used = addValue(text, out);
        else if (m_place == Place::After)
            used = addAfter(text, out);
        else
            out.emplace_back(TextDelta {std::string(text)});
        text.remove_prefix(used);
    }
}

std::size_t JsonAnswerFilter::addBefore(std::string_view text, std::vector<ChatEvent> &out)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        m_held += text[i];
        if (m_finder.feed(text[i])) {
            begin(out);
            return i + 1;
        }
        if (m_held.size() > MaxHeldText) {
            passHeld(out);
            return i + 1;
        }
    }
    return text.size();
}

/// The value starts within m_held: what is before it goes, what is of it goes on.
void JsonAnswerFilter::begin(std::vector<ChatEvent> &out)
{
    const std::string_view held = m_held;
    const std::size_t start = m_finder.candidate;
    if (start > m_runStart)
        m_stripped = codePoints(held.substr(m_runStart, start - m_runStart));
    const bool isScalar = m_finder.opening == 0;
    std::string value(isScalar ? std::string_view(m_finder.line) : held.substr(start));
    if (!isScalar)
        for (const char byte : value)
            endsValue(byte);
    m_place = m_depth > 0 ? Place::Value : Place::After;
    m_held.clear();
    m_runStart = 0;
    m_finder = {};
    m_finder.accepted = {m_accepted.object, m_accepted.array, false};
    out.emplace_back(TextDelta {std::move(value)});
}

bool JsonAnswerFilter::endsValue(char byte)
{
    if (m_inString) {
        if (m_isEscaped)
            m_isEscaped = false;
        else if (byte == '\\')
            m_isEscaped = true;
        else if (byte == '"')
            m_inString = false;
        return false;
    }
    if (byte == '"')
        m_inString = true;
    else if (byte == '{' || byte == '[')
        ++m_depth;
    else if (byte == '}' || byte == ']')
        return --m_depth == 0;
    return false;
}

std::size_t JsonAnswerFilter::addValue(std::string_view text, std::vector<ChatEvent> &out)
{
    std::size_t used = 0;
    while (used < text.size() && m_place == Place::Value)
        if (endsValue(text[used++]))
            m_place = Place::After;
    out.emplace_back(TextDelta {std::string(text.substr(0, used))});
    return used;
}

std::size_t JsonAnswerFilter::addAfter(std::string_view text, std::vector<ChatEvent> &out)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        m_held += text[i];
        if (m_finder.feed(text[i]) || m_held.size() > MaxHeldText) {
            passHeld(out);
            return i + 1;
        }
    }
    return text.size();
}

void JsonAnswerFilter::passHeld(std::vector<ChatEvent> &out)
{
    m_place = Place::Passing;
    if (!m_held.empty())
        out.emplace_back(TextDelta {std::exchange(m_held, {})});
}

void JsonAnswerFilter::endText(std::vector<ChatEvent> &out)
{
    if (m_place == Place::Before) {
        if (m_finder.opening == 0 && m_finder.endLine())
            begin(out); // a scalar without a line break
        else
            passHeld(out);
    }
    restart();
}

void JsonAnswerFilter::restart()
{
    m_place = Place::Before;
    m_finder = {};
    m_finder.accepted = m_accepted;
    m_finder.mayBeScalar = m_accepted.scalar;
    m_held.clear();
    m_runStart = 0;
    m_stripped = 0;
    m_depth = 0;
    m_inString = false;
    m_isEscaped = false;
}

} // namespace kirotray
