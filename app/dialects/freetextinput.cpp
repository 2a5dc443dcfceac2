// SPDX-License-Identifier: MIT
#include "app/dialects/freetextinput.h"

#include "app/base/json.h"

namespace kirotray {

namespace {

constexpr std::string_view FreeTextOpening = R"x({"input":")x";
constexpr char32_t FreeTextReplacement = 0xFFFD;

bool isBetweenFreeTextTokens(std::size_t matched)
{
    return matched == 0 || matched == 1 || matched == FreeTextOpening.size() - 2
        || matched == FreeTextOpening.size() - 1;
}

void appendFreeTextCodePoint(std::string &out, char32_t c)
{
    const auto tail = [&out, c](unsigned shift) {
        out += static_cast<char>(0x80U | ((c >> shift) & 0x3FU));
    };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0U | (c >> 6U));
        tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0U | (c >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | (c >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

int freeTextHexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 0;
}

} // namespace

void FreeTextInput::add(std::string_view json, std::string &out)
{
    const std::size_t before = m_text.size();
    for (const char c : json) {
        switch (m_state) {
        case State::Opening:
            addOpening(c);
            break;
        case State::Text:
            addText(c);
            break;
        case State::Escape:
            addEscape(c);
            break;
        case State::Unicode:
            addUnicode(c);
            break;
        case State::Done:
            break;
        case State::OtherForm:
            m_raw += c;
            break;
        }
    }
    out.append(m_text, before);
}

void FreeTextInput::finish(std::string &out)
{
    const std::size_t before = m_text.size();
    dropHighSurrogate();
    if (m_state == State::Opening || m_state == State::OtherForm) {
        const Result<JsonDocument> parsed = JsonDocument::parse(m_raw);
        const bool isObject = parsed && parsed.value().root().isObject();
        if (isObject && parsed.value().root()["input"].isString())
            m_text += parsed.value().root()["input"].string();
        else if (!isObject || parsed.value().root().size() > 0)
            m_text += m_raw;
        m_raw.clear();
    }
    m_state = State::Done;
    out.append(m_text, before);
}

void FreeTextInput::addOpening(char c)
{
    m_raw += c;
    const bool isSpace = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (isSpace && isBetweenFreeTextTokens(m_matched))
        return;
    if (c != FreeTextOpening[m_matched]) {
        m_state = State::OtherForm;
        return;
    }
    if (++m_matched == FreeTextOpening.size()) {
        m_raw.clear();
        m_state = State::Text;
    }
}

void FreeTextInput::addText(char c)
{
    if (c == '\\') {
        m_state = State::Escape;
        return;
    }
    dropHighSurrogate();
    if (c == '"')
        m_state = State::Done;
    else
        m_text += c;
}

void FreeTextInput::addEscape(char c)
{
    m_state = State::Text;
    if (c == 'u') {
        m_state = State::Unicode;
        m_digits = 0;
        m_unit = 0;
        return;
    }
    dropHighSurrogate();
    switch (c) {
    case 'n':
        m_text += '\n';
        break;
    case 't':
        m_text += '\t';
        break;
    case 'r':
        m_text += '\r';
        break;
    case 'b':
        m_text += '\b';
        break;
    case 'f':
        m_text += '\f';
        break;
    default:
        m_text += c;
    }
}

void FreeTextInput::addUnicode(char c)
{
    m_unit = m_unit * 16 + static_cast<char32_t>(freeTextHexDigit(c));
    if (++m_digits < 4)
        return;
    m_state = State::Text;
    endUnit(m_unit);
}

void FreeTextInput::endUnit(char32_t unit)
{
    const bool isLow = unit >= 0xDC00 && unit <= 0xDFFF;
    if (m_high != 0 && isLow) {
        appendFreeTextCodePoint(m_text, 0x10000 + ((m_high - 0xD800) << 10U) + (unit - 0xDC00));
        m_high = 0;
        return;
    }
    dropHighSurrogate();
    if (unit >= 0xD800 && unit <= 0xDBFF)
        m_high = unit;
    else
        appendFreeTextCodePoint(m_text, isLow || unit == 0 ? FreeTextReplacement : unit);
}

void FreeTextInput::dropHighSurrogate()
{
    if (m_high == 0)
        return;
    appendFreeTextCodePoint(m_text, FreeTextReplacement);
    m_high = 0;
}

} // namespace kirotray
