// SPDX-License-Identifier: MIT
#include "app/chat/thinkingstyle.h"

#include "app/chat/utf8.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace kirotray {

namespace {

struct StyleForm
{
    ThinkingStyle style;
    const char *name;
    const char *opening;
    const char *closing;
};
constexpr std::array StyleForms {
    StyleForm {ThinkingStyle::Native, "native", "", ""},
    StyleForm {ThinkingStyle::ThinkingTags, "thinking-tags", "<thinking>\n", "</thinking>"},
    StyleForm {ThinkingStyle::ThinkTags, "think-tags", "<think>\n", "</think>"},
    StyleForm {ThinkingStyle::Text, "text", "", ""},
};

const StyleForm &formOf(ThinkingStyle style)
{
    return StyleForms.at(static_cast<std::size_t>(style));
}

} // namespace

const char *thinkingStyleName(ThinkingStyle style)
{
    return formOf(style).name;
}

std::optional<ThinkingStyle> thinkingStyleNamed(std::string_view name)
{
    for (const StyleForm &form : StyleForms)
        if (name == form.name)
            return form.style;
    return std::nullopt;
}

ThinkingStyleFilter::ThinkingStyleFilter(ThinkingStyle style, bool isShown)
    : m_style(style)
    , m_isShown(isShown)
{
}

void ThinkingStyleFilter::add(ChatEvent event, std::vector<ChatEvent> &out)
{
    if (m_style == ThinkingStyle::Native) {
        out.push_back(std::move(event));
        return;
    }
    if (const auto *thought = std::get_if<ThinkingDelta>(&event)) {
        addThought(*thought, out);
        return;
    }
    if (auto *text = std::get_if<TextDelta>(&event)) {
        addText(std::move(*text), out);
        return;
    }
    if (auto *citation = std::get_if<TextCitation>(&event)) {
        citation->start += m_textStart;
        citation->end += m_textStart;
        out.push_back(std::move(event));
        return;
    }
    endThought(out);
    if (std::holds_alternative<ThinkingSignature>(event)
        || std::holds_alternative<RedactedThinking>(event)) {
        interruptText();
        return;
    }
    out.push_back(std::move(event));
    *this = ThinkingStyleFilter(m_style, m_isShown); // a new running text
}

void ThinkingStyleFilter::addThought(const ThinkingDelta &thought, std::vector<ChatEvent> &out)
{
    interruptText();
    if (thought.text.empty() || !m_isShown)
        return;
    if (!std::exchange(m_inThought, true)) {
        separate(out);
        write(formOf(m_style).opening, out);
    }
    write(thought.text, out);
}

void ThinkingStyleFilter::addText(TextDelta &&text, std::vector<ChatEvent> &out)
{
    if (text.text.empty())
        return;
    endThought(out);
    if (!std::exchange(m_inText, true)) {
        separate(out);
        m_textStart = m_written;
    }
    write(std::move(text.text), out);
}

/// Texts on both sides of a thought are not one text, whether it is seen or not.
void ThinkingStyleFilter::interruptText()
{
    if (std::exchange(m_inText, false))
        m_isSeparated = false;
}

void ThinkingStyleFilter::endThought(std::vector<ChatEvent> &out)
{
    if (!std::exchange(m_inThought, false))
        return;
    const std::string closing = formOf(m_style).closing;
    if (!closing.empty())
        write(m_breaks > 0 ? closing : '\n' + closing, out);
    m_isSeparated = false;
}

/// A blank line, only once something follows.
void ThinkingStyleFilter::separate(std::vector<ChatEvent> &out)
{
    if (!std::exchange(m_isSeparated, true))
        write(std::string(static_cast<std::size_t>(2 - m_breaks), '\n'), out);
}

void ThinkingStyleFilter::write(std::string text, std::vector<ChatEvent> &out)
{
    if (text.empty())
        return;
    const std::size_t last = text.find_last_not_of('\n');
    const std::size_t breaks = last == std::string::npos
        ? text.size() + static_cast<std::size_t>(m_breaks)
        : text.size() - last - 1;
    m_breaks = static_cast<int>(std::min<std::size_t>(breaks, 2));
    m_written += codePoints(text);
    out.emplace_back(TextDelta {std::move(text)});
}

} // namespace kirotray
