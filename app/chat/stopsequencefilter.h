// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/chat/tokenestimate.h"

#include <array>
#include <string>
#include <vector>

namespace kirotray {

/// Ends an answer at the client's stop sequences, which the upstream ignores (kiro-protocol §1.5).
/// Only answer text is searched, never thinking or tool input. A text end that may be the start of
/// a sequence is held back until it is decided, at the latest by the next event of another kind.
/// The sequence that is complete first wins; of several that end together, the longest. What comes
/// out does not depend on where the deltas were cut. No thread affinity.
class StopSequenceFilter
{
public:
    /// Empty sequences are ignored. The estimate (tokens) becomes the input usage of an answer that
    /// is cut, since the upstream's own numbers come after the cut.
    explicit StopSequenceFilter(std::vector<std::string> sequences,
                                qint64 promptTokensEstimate = 0);

    /// Appends what may go on to `out`. False after a match: `out` then ends with Finished and
    /// nothing follows; the caller stops reading the upstream.
    bool add(ChatEvent event, std::vector<ChatEvent> &out);

private:
    /// One sequence and how much of it the text read so far ends with (Knuth, Morris, Pratt: each
    /// byte is looked at once, however long the sequence).
    struct Matcher
    {
        std::string sequence;
        std::vector<quint32> border; ///< of each prefix: its longest proper prefix and suffix
        std::size_t matched = 0;

        bool advance(char byte); ///< true: complete
    };

    bool addText(TextDelta &&delta, std::vector<ChatEvent> &out);
    const Matcher *longestComplete(char byte);
    std::size_t undecidedBytes() const;
    void emitText(std::string text, std::vector<ChatEvent> &out);
    void flush(std::vector<ChatEvent> &out);
    void countOutput(const ChatEvent &event);

    std::vector<Matcher> m_matchers;
    std::array<bool, 256> m_isFirstByte {}; ///< of any sequence
    std::string m_held;
    qint64 m_promptTokens = 0;
    TokenCounter m_output;
    bool m_matched = false;
};

} // namespace kirotray
