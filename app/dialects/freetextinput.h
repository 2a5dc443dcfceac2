// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace kirotray {

/// Unwraps the text of a free-form tool call while the model writes it: upstream it is the JSON
/// `{"input":"…"}`. Pieces may be cut anywhere, within an escape too. No thread affinity.
class FreeTextInput
{
public:
    /// The text that `json` adds; appended to `out`.
    void add(std::string_view json, std::string &out);
    /// After the last piece: what is still to come. Of JSON in another form this is the value of
    /// its `input`, or else all of it as it is.
    void finish(std::string &out);
    /// Everything that came out.
    const std::string &text() const { return m_text; }

private:
    enum class State { Opening, Text, Escape, Unicode, Done, OtherForm };

    void addOpening(char c);
    void addText(char c);
    void addEscape(char c);
    void addUnicode(char c);
    void endUnit(char32_t unit);
    void dropHighSurrogate();

    State m_state = State::Opening;
    std::string m_raw; ///< all JSON so far, while it may be of another form
    std::string m_text;
    std::size_t m_matched = 0; ///< characters of the opening
    int m_digits = 0; ///< of a \u escape
    char32_t m_unit = 0;
    char32_t m_high = 0; ///< a surrogate that waits for its other half
};

} // namespace kirotray
