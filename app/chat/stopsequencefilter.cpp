// SPDX-License-Identifier: MIT
#include "app/chat/stopsequencefilter.h"

#include "app/chat/utf8.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

std::vector<quint32> bordersOf(const std::string &sequence)
{
    std::vector<quint32> border(sequence.size(), 0);
    for (std::size_t i = 1; i < sequence.size(); ++i) {
        quint32 length = border[i - 1];
        while (length > 0 && sequence[i] != sequence[length])
            length = border[length - 1];
        border[i] = sequence[i] == sequence[length] ? length + 1 : 0;
    }
    return border;
}

} // namespace

StopSequenceFilter::StopSequenceFilter(std::vector<std::string> sequences,
                                       qint64 promptTokensEstimate)
    : m_promptTokens(promptTokensEstimate)
{
    for (std::string &sequence : sequences) {
        if (sequence.empty())
            continue;
        m_isFirstByte[static_cast<unsigned char>(sequence.front())] = true;
        std::vector<quint32> border = bordersOf(sequence);
        m_matchers.push_back({std::move(sequence), std::move(border)});
    }
}

bool StopSequenceFilter::Matcher::advance(char byte)
{
    while (matched > 0 && sequence[matched] != byte)
        matched = border[matched - 1];
    if (sequence[matched] == byte)
        ++matched;
    return matched == sequence.size();
}

bool StopSequenceFilter::add(ChatEvent event, std::vector<ChatEvent> &out)
{
    if (m_matched)
        return false;
    if (m_matchers.empty()) {
        out.push_back(std::move(event));
        return true;
    }
    if (auto *delta = std::get_if<TextDelta>(&event))
        return addText(std::move(*delta), out);
    flush(out);
    countOutput(event);
    out.push_back(std::move(event));
    return true;
}

bool StopSequenceFilter::addText(TextDelta &&delta, std::vector<ChatEvent> &out)
{
    std::string text = std::move(m_held);
    const std::size_t fresh = text.size();
    text += delta.text;
    m_held.clear();
    bool isMatching = undecidedBytes() > 0;
    for (std::size_t i = fresh; i < text.size(); ++i) {
        if (!isMatching && !m_isFirstByte[static_cast<unsigned char>(text[i])]) [[likely]]
            continue;
        const Matcher *found = longestComplete(text[i]);
        isMatching = undecidedBytes() > 0;
        if (found == nullptr)
            continue;
        text.resize(i + 1 - found->sequence.size());
        emitText(std::move(text), out);
        Usage usage;
        usage.inputTokens = m_promptTokens;
        usage.outputTokens = m_output.tokens();
        out.emplace_back(Finished {StopReason::StopSequence, found->sequence, usage});
        m_matched = true;
        return false;
    }
    const std::size_t undecided = std::max(undecidedBytes(), unfinishedCharacter(text));
    m_held = text.substr(text.size() - undecided);
    text.resize(text.size() - undecided);
    emitText(std::move(text), out);
    return true;
}

const StopSequenceFilter::Matcher *StopSequenceFilter::longestComplete(char byte)
{
    const Matcher *longest = nullptr;
    for (Matcher &matcher : m_matchers)
        if (matcher.advance(byte)
            && (longest == nullptr || matcher.sequence.size() > longest->sequence.size()))
            longest = &matcher;
    return longest;
}

std::size_t StopSequenceFilter::undecidedBytes() const
{
    std::size_t bytes = 0;
    for (const Matcher &matcher : m_matchers)
        bytes = std::max(bytes, matcher.matched);
    return bytes;
}

void StopSequenceFilter::emitText(std::string text, std::vector<ChatEvent> &out)
{
    if (text.empty())
        return;
    out.emplace_back(TextDelta {std::move(text)});
    countOutput(out.back());
}

void StopSequenceFilter::flush(std::vector<ChatEvent> &out)
{
    emitText(std::move(m_held), out);
    m_held.clear();
    for (Matcher &matcher : m_matchers)
        matcher.matched = 0;
}

void StopSequenceFilter::countOutput(const ChatEvent &event)
{
    if (const auto *text = std::get_if<TextDelta>(&event))
        m_output.add(text->text);
    else if (const auto *thinking = std::get_if<ThinkingDelta>(&event))
        m_output.add(thinking->text);
    else if (const auto *input = std::get_if<ToolCallDelta>(&event))
        m_output.add(input->json);
}

} // namespace kirotray
