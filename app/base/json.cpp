// SPDX-License-Identifier: MIT
#include "app/base/json.h"

#include "app/base/limits.h"

#include <algorithm>
#include <charconv>
#include <simdjson.h>

namespace kirotray {

namespace ondemand = simdjson::ondemand;

namespace {

Error badJson(const std::string &what, const std::string &path = {})
{
    return {Error::Code::BadInput, QString::fromStdString(what), QString::fromStdString(path)};
}

/// A parser keeps its buffers between calls; a rare huge text must not hold them for ever.
constexpr std::size_t KeptCapacity = 1024 * 1024;

ondemand::parser &threadParser(std::size_t length)
{
    thread_local std::unique_ptr<ondemand::parser> parser;
    if (!parser || (parser->capacity() > KeptCapacity && length <= KeptCapacity))
        parser = std::make_unique<ondemand::parser>();
    return *parser;
}

void appendUtf8(std::string &out, char32_t code)
{
    const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | (code >> 6));
        put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        put(0xE0 | (code >> 12));
        put(0x80 | ((code >> 6) & 0x3F));
        put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | (code >> 18));
        put(0x80 | ((code >> 12) & 0x3F));
        put(0x80 | ((code >> 6) & 0x3F));
        put(0x80 | (code & 0x3F));
    }
}

std::optional<char32_t> hexUnit(std::string_view text, std::size_t at)
{
    if (at + 4 > text.size())
        return std::nullopt;
    unsigned unit = 0;
    const char *first = text.data() + at;
    const auto [end, error] = std::from_chars(first, first + 4, unit, 16);
    if (error != std::errc() || end != first + 4)
        return std::nullopt;
    return static_cast<char32_t>(unit);
}

constexpr char32_t Replacement = 0xFFFD;
constexpr bool isHighSurrogate(char32_t unit)
{
    return unit >= 0xD800 && unit < 0xDC00;
}
constexpr bool isLowSurrogate(char32_t unit)
{
    return unit >= 0xDC00 && unit < 0xE000;
}

/// Reads `\uXXXX` (and its pair) whose four digits start at `at`; moves `at` behind them.
std::optional<char32_t> unicodeEscape(std::string_view text, std::size_t &at)
{
    const std::optional<char32_t> first = hexUnit(text, at);
    if (!first)
        return std::nullopt;
    at += 4;
    if (*first == 0 || isLowSurrogate(*first))
        return Replacement;
    if (!isHighSurrogate(*first))
        return first;
    if (at + 6 <= text.size() && text[at] == '\\' && text[at + 1] == 'u') {
        const std::optional<char32_t> second = hexUnit(text, at + 2);
        if (second && isLowSurrogate(*second)) {
            at += 6;
            return 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00);
        }
    }
    return Replacement;
}

char simpleEscape(char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/// The text between the quotes, unescaped. simdjson's own reader refuses unpaired surrogates, which
/// real clients send when they cut a string in the middle of a character.
bool unescape(std::string_view text, std::string &out)
{
    out.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t backslash = text.find('\\', at);
        if (backslash == std::string_view::npos) {
            out.append(text.substr(at));
            return true;
        }
        out.append(text.substr(at, backslash - at));
        at = backslash + 2;
        if (at > text.size())
            return false;
        const char letter = text[backslash + 1];
        if (letter == 'u') {
            const std::optional<char32_t> code = unicodeEscape(text, at);
            if (!code)
                return false;
            appendUtf8(out, *code);
        } else if (const char plain = simpleEscape(letter)) {
            out.push_back(plain);
        } else {
            return false;
        }
    }
    return true;
}

constexpr bool isSpace(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::string_view withoutTrailingSpace(std::string_view text)
{
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

} // namespace

/// Walks the text once with simdjson's on-demand parser, which validates it, and writes down the
/// tree.
class JsonTreeBuilder
{
public:
    explicit JsonTreeBuilder(JsonDocument &document)
        : m_document(document)
    {
    }

    std::optional<Error> build(std::string &text)
    {
        text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
        ondemand::parser &parser = threadParser(text.size());
        ondemand::document parsed;
        if (const auto error =
                parser.iterate(text.data(), text.size(), text.capacity()).get(parsed))
            return refusal(error, -1);
        m_document.m_nodes.reserve(text.size() / 32 + 8);
        if (auto error = buildRoot(parsed))
            return error;
        const char *behind = node(0).raw.data() + node(0).raw.size();
        const char *end = text.data() + text.size();
        if (!std::all_of(behind, end, isSpace))
            return badJson("unexpected text after the JSON value");
        return std::nullopt;
    }

private:
    using Node = JsonDocument::Node;

    Node &node(int index) { return m_document.m_nodes[static_cast<std::size_t>(index)]; }

    Error refusal(simdjson::error_code error, int at)
    {
        return badJson(std::string("invalid JSON: ") + simdjson::error_message(error),
                       at < 0 ? std::string() : JsonValue(&m_document, at).path());
    }

    std::optional<Error> buildRoot(ondemand::document &parsed)
    {
        bool isScalar = false;
        if (const auto error = parsed.is_scalar().get(isScalar))
            return refusal(error, -1);
        if (isScalar)
            return scalarRoot(parsed);
        ondemand::value root;
        if (const auto error = parsed.get_value().get(root))
            return refusal(error, -1);
        return add(root, -1, {}, 0);
    }

    /// A document that is one number, string or literal has no ondemand::value.
    std::optional<Error> scalarRoot(ondemand::document &parsed)
    {
        std::string_view token;
        if (const auto error = parsed.raw_json_token().get(token))
            return refusal(error, -1);
        const int index = append(-1, {}, withoutTrailingSpace(token));
        double number = 0;
        if (auto error = setScalar(index))
            return error;
        if (node(index).type == JsonValue::Type::Number)
            if (const auto error = parsed.get_double().get(number))
                return refusal(error, -1);
        return std::nullopt;
    }

    int append(int parent, std::string_view key, std::string_view raw)
    {
        const int index = static_cast<int>(m_document.m_nodes.size());
        Node &added = m_document.m_nodes.emplace_back();
        added.parent = parent;
        added.key = key;
        added.raw = raw;
        return index;
    }

    /// Type and text of a scalar from its raw bytes. A number's digits are checked by the caller.
    std::optional<Error> setScalar(int index)
    {
        Node &scalar = node(index);
        const std::string_view raw = scalar.raw;
        if (raw.starts_with('"')) {
            scalar.type = JsonValue::Type::String;
            return setText(raw, scalar.text, index);
        }
        if (raw == "true" || raw == "false") {
            scalar.type = JsonValue::Type::Boolean;
        } else if (raw == "null") {
            scalar.type = JsonValue::Type::Null;
        } else if (raw.starts_with('-')
                   || (!raw.empty() && raw.front() >= '0' && raw.front() <= '9')) {
            scalar.type = JsonValue::Type::Number;
        } else {
            return refusal(simdjson::TAPE_ERROR, index);
        }
        return std::nullopt;
    }

    std::optional<Error> setText(std::string_view quoted, std::string_view &text, int at)
    {
        if (quoted.size() < 2 || quoted.back() != '"')
            return refusal(simdjson::STRING_ERROR, at);
        const std::string_view inner = quoted.substr(1, quoted.size() - 2);
        if (inner.find('\\') == std::string_view::npos) {
            text = inner;
            return std::nullopt;
        }
        std::string &out = m_document.m_unescaped.emplace_back();
        if (!unescape(inner, out))
            return refusal(simdjson::STRING_ERROR, at);
        text = out;
        return std::nullopt;
    }

    std::optional<Error> add(ondemand::value value, int parent, std::string_view key, int depth)
    {
        const std::string_view token = value.raw_json_token();
        const int index = append(parent, key, withoutTrailingSpace(token));
        link(parent, index);
        if (depth >= limits::MaxJsonDepth)
            return badJson("nested too deeply", JsonValue(&m_document, index).path());
        if (token.starts_with('{'))
            return addMembers(value, index, depth);
        if (token.starts_with('['))
            return addElements(value, index, depth);
        if (auto error = setScalar(index))
            return error;
        double number = 0;
        if (node(index).type == JsonValue::Type::Number)
            if (const auto error = value.get_double().get(number))
                return refusal(error, index);
        return std::nullopt;
    }

    void link(int parent, int index)
    {
        m_lastChild.resize(static_cast<std::size_t>(index) + 1, -1);
        if (parent < 0)
            return;
        int &last = m_lastChild[static_cast<std::size_t>(parent)];
        (last < 0 ? node(parent).firstChild : node(last).next) = index;
        last = index;
        node(index).index = node(parent).childCount++;
    }

    std::optional<Error> addMembers(ondemand::value &value, int index, int depth)
    {
        node(index).type = JsonValue::Type::Object;
        ondemand::object object;
        if (const auto error = value.get_object().get(object))
            return refusal(error, index);
        for (auto entry : object) {
            ondemand::field field;
            if (const auto error = std::move(entry).get(field))
                return refusal(error, index);
            std::string_view key;
            if (auto error = setText(quotedKey(field.key().raw()), key, index))
                return error;
            if (auto error = add(field.value(), index, key, depth + 1))
                return error;
        }
        closeContainer(index);
        return std::nullopt;
    }

    std::optional<Error> addElements(ondemand::value &value, int index, int depth)
    {
        node(index).type = JsonValue::Type::Array;
        ondemand::array array;
        if (const auto error = value.get_array().get(array))
            return refusal(error, index);
        for (auto entry : array) {
            ondemand::value element;
            if (const auto error = std::move(entry).get(element))
                return refusal(error, index);
            if (auto error = add(element, index, {}, depth + 1))
                return error;
        }
        closeContainer(index);
        return std::nullopt;
    }

    /// The key with its quotes; simdjson gives the byte behind the opening one. Stage 1 has checked
    /// that the string is closed.
    static std::string_view quotedKey(const char *behindQuote)
    {
        const char *at = behindQuote;
        while (*at != '"')
            at += *at == '\\' ? 2 : 1;
        return {behindQuote - 1, static_cast<std::size_t>(at + 1 - (behindQuote - 1))};
    }

    /// Extends the raw text from the opening bracket to the closing one, which follows the last
    /// child.
    void closeContainer(int index)
    {
        const int last = m_lastChild[static_cast<std::size_t>(index)];
        const char *open = node(index).raw.data();
        const char *at = last < 0 ? open + 1 : node(last).raw.data() + node(last).raw.size();
        while (isSpace(*at))
            ++at;
        node(index).raw = {open, static_cast<std::size_t>(at + 1 - open)};
    }

    JsonDocument &m_document;
    std::vector<int> m_lastChild;
};

Result<JsonDocument> JsonDocument::parse(std::string text)
{
    JsonDocument document;
    document.m_text = std::make_unique<std::string>(std::move(text));
    if (auto error = JsonTreeBuilder(document).build(*document.m_text))
        return std::move(*error);
    return document;
}

} // namespace kirotray
