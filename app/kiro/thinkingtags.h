// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"

#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// Finds the thoughts of a model that was asked for them in words, and writes them as
/// `<thinking>…</thinking>` at the start of its text (kiro-protocol §2.4). A tag that stands
/// elsewhere, in quotes, in backticks or in a code block is text. What comes out does not depend on
/// where the text was cut; only what may be part of a tag is held back. No thread affinity.
class ThinkingTags
{
public:
    /// The next piece of the answer's text; appends TextDelta and ThinkingDelta.
    void add(std::string_view text, std::vector<ChatEvent> &out);
    /// The text is over or interrupted by something else (a call, real reasoning): appends what was
    /// held. A thought that is still open ends here; from now on every tag is text.
    void close(std::vector<ChatEvent> &out);
    bool isHolding() const { return !m_held.empty(); } ///< text that add() has not let out

private:
    enum class Place { Start, Thought, Text };

    void addStart(std::string_view text, std::vector<ChatEvent> &out);
    void addThought(std::string_view text, std::vector<ChatEvent> &out);
    std::size_t closingLength(std::string_view text) const;
    void follow(char byte);

    Place m_place = Place::Start;
    std::string m_held;
    bool m_atFirstByte = false; ///< of the thought: one line break there belongs to the tag
    // Where in the thought's Markdown we are.
    char m_previous = '\n';
    bool m_inFence = false; ///< a code block
    bool m_isIndent = true; ///< only blanks and backticks on this line so far
    int m_ticks = 0; ///< backticks in a row at the start of this line
};

} // namespace kirotray
