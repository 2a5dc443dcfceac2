// SPDX-License-Identifier: MIT
#include "app/kiro/thinkingtags.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

constexpr std::string_view OpeningTag = "<thinking>";
constexpr std::string_view ClosingTag = "</thinking>";
/// White space held before the opening tag; a model writes a line break or two.
constexpr std::size_t MaxLeadingSpace = 1024;
/// Blanks between the closing tag and its blank line; a model writes none.
constexpr std::size_t MaxClosingSpace = 64;

// closingLength(): no tag, and more text is needed.
constexpr std::size_t NotClosing = 0;
constexpr std::size_t Undecided = std::string_view::npos;

bool isProperStart(std::string_view text, std::string_view tag)
{
    return text.size() < tag.size() && tag.substr(0, text.size()) == text;
}

void appendText(std::string text, std::vector<ChatEvent> &out)
{
    if (!text.empty())
        out.emplace_back(TextDelta {std::move(text)});
}

void appendThought(std::string text, std::vector<ChatEvent> &out)
{
    if (!text.empty())
        out.emplace_back(ThinkingDelta {std::move(text)});
}

} // namespace

void ThinkingTags::add(std::string_view text, std::vector<ChatEvent> &out)
{
    if (m_place == Place::Text) {
        appendText(std::string(text), out);
        return;
    }
    std::string joined = std::exchange(m_held, {});
    joined += text;
    if (m_place == Place::Start)
        addStart(joined, out);
    else
        addThought(joined, out);
}

void ThinkingTags::close(std::vector<ChatEvent> &out)
{
    std::string held = std::exchange(m_held, {});
    const Place place = std::exchange(m_place, Place::Text);
    if (place == Place::Start)
        appendText(std::move(held), out);
    else if (held.compare(0, ClosingTag.size(), ClosingTag) != 0)
        appendThought(std::move(held), out); // half a tag
}

void ThinkingTags::addStart(std::string_view text, std::vector<ChatEvent> &out)
{
    const std::size_t start = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    const std::string_view rest = text.substr(start);
    if (start <= MaxLeadingSpace && isProperStart(rest, OpeningTag)) {
        m_held = text;
        return;
    }
    if (start > MaxLeadingSpace || rest.substr(0, OpeningTag.size()) != OpeningTag) {
        m_place = Place::Text;
        appendText(std::string(text), out);
        return;
    }
    m_place = Place::Thought;
    m_atFirstByte = true;
    addThought(rest.substr(OpeningTag.size()), out);
}

void ThinkingTags::addThought(std::string_view text, std::vector<ChatEvent> &out)
{
    if (m_atFirstByte && !text.empty()) {
        m_atFirstByte = false;
        if (text.front() == '\n')
            text.remove_prefix(1);
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t length = text[i] == '<' ? closingLength(text.substr(i)) : NotClosing;
        if (length == NotClosing) {
            follow(text[i]);
            continue;
        }
        appendThought(std::string(text.substr(0, i)), out);
        if (length == Undecided) {
            m_held = text.substr(i);
            return;
        }
        m_place = Place::Text;
        appendText(std::string(text.substr(i + length)), out);
        return;
    }
    appendThought(std::string(text), out);
}

/// How much of `text` is the closing tag with its blank line; NotClosing or Undecided.
std::size_t ThinkingTags::closingLength(std::string_view text) const
{
    if (m_inFence || m_previous == '`' || m_previous == '"' || m_previous == '\'')
        return NotClosing;
    if (isProperStart(text, ClosingTag))
        return Undecided;
    if (text.substr(0, ClosingTag.size()) != ClosingTag)
        return NotClosing;
    int breaks = 0;
    for (std::size_t i = ClosingTag.size(); i < text.size(); ++i) {
        if (text[i] == '\n' && ++breaks == 2)
            return i + 1;
        const bool isBlank =
            text[i] == '\n' || text[i] == '\r' || text[i] == ' ' || text[i] == '\t';
        if (!isBlank || i > ClosingTag.size() + MaxClosingSpace)
            return NotClosing;
    }
    return Undecided;
}

/// Three backticks at the start of a line begin a code block, and end it.
void ThinkingTags::follow(char byte)
{
    m_previous = byte;
    if (byte == '\n') {
        m_isIndent = true;
        m_ticks = 0;
    } else if (m_isIndent && byte == '`') {
        if (++m_ticks == 3) {
            m_inFence = !m_inFence;
            m_isIndent = false;
        }
    } else if (byte != ' ' || m_ticks > 0) {
        m_isIndent = false;
    }
}

} // namespace kirotray
