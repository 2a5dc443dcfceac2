// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// Byte-pair encoding with the one vocabulary that Anthropic has published (resources/tokens: that
/// of Claude 2; later ones are not public, see countPromptTokens()). Takes some milliseconds to
/// load and about 2 MB, so it lives only as long as something is counted. Texts are not normalised:
/// full-width punctuation counts a little more than by the published program. Reads only; one
/// thread.
class Tokenizer
{
public:
    Tokenizer(); ///< reads the vocabulary
    bool isValid() const { return !m_slots.empty(); } ///< false: the resource is damaged
    /// Tokens of a UTF-8 text. Runs of one kind (letters, digits, …) are cut every 128 bytes, so
    /// that no text takes more than linear time.
    qint64 count(std::string_view text) const;

private:
    struct Part
    {
        quint32 start = 0; ///< within the piece
        quint32 rank = 0; ///< of this part joined with the next
    };

    bool addTokens(std::string_view lines);
    bool addToken(std::string_view base64);
    quint32 rankOf(std::string_view bytes) const;
    qint64 countPiece(std::string_view piece) const;

    std::string m_bytes; ///< of all tokens, by rank
    std::vector<quint32> m_starts; ///< in m_bytes, and one end
    std::vector<quint32> m_slots; ///< hash table: rank + 1, 0 for empty
};

/// With a tokenizer that is loaded for this call. Any thread.
qint64 countTokens(std::string_view text);

} // namespace kirotray
