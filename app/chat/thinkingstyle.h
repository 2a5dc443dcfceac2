// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"

#include <optional>
#include <string_view>
#include <vector>

namespace kirotray {

/// How a client sees the model's thoughts (THK-03, THK-04). Native is the API's own form: thinking
/// blocks, `reasoning_content`, reasoning items, thought parts.
enum class ThinkingStyle { Native, ThinkingTags, ThinkTags, Text };

/// As in the settings: native, thinking-tags, think-tags or text.
const char *thinkingStyleName(ThinkingStyle style);
std::optional<ThinkingStyle> thinkingStyleNamed(std::string_view name);

/// Writes thoughts into the answer's text in every style but Native, which passes everything.
/// Signatures and opaque blocks have no place there and go. Stands behind StopSequenceFilter and
/// JsonAnswerFilter: they look at the answer only. The places of citations are moved along. What
/// comes out does not depend on where the deltas were cut. No thread affinity.
class ThinkingStyleFilter
{
public:
    /// `isShown`: Reasoning::isShown. False leaves thoughts out in every style but Native, whose
    /// dialects have a form of their own for that.
    explicit ThinkingStyleFilter(ThinkingStyle style, bool isShown = true);

    void add(ChatEvent event, std::vector<ChatEvent> &out);

private:
    void addThought(const ThinkingDelta &thought, std::vector<ChatEvent> &out);
    void addText(TextDelta &&text, std::vector<ChatEvent> &out);
    void interruptText();
    void endThought(std::vector<ChatEvent> &out);
    void write(std::string text, std::vector<ChatEvent> &out);
    void separate(std::vector<ChatEvent> &out);

    ThinkingStyle m_style;
    bool m_isShown;
    bool m_inThought = false;
    bool m_isSeparated = true; ///< what is written next may touch the running text
    int m_breaks = 0; ///< line breaks at the end of the running text
    qint64 m_written = 0; ///< code points of the running text
    qint64 m_textStart = 0; ///< where the text whose citations come stands within them
    bool m_inText = false; ///< that text goes on
};

} // namespace kirotray
