// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

/// A text in pieces, for what has to read it alike however it is cut.
namespace kirotray {

using TextPieces = std::vector<std::string>;

/// The text as one piece, byte by byte, and cut in two at each place.
inline std::vector<TextPieces> textCuts(const std::string &text)
{
    std::vector<TextPieces> cuts {{text}, {}};
    for (const char byte : text)
        cuts[1].emplace_back(1, byte);
    for (std::size_t at = 0; at <= text.size(); ++at)
        cuts.push_back({text.substr(0, at), text.substr(at)});
    return cuts;
}

/// And cut in three at every two places; for short texts.
inline std::vector<TextPieces> allTextCuts(const std::string &text)
{
    std::vector<TextPieces> cuts = textCuts(text);
    for (std::size_t at = 0; at <= text.size(); ++at)
        for (std::size_t end = at; end <= text.size(); ++end)
            cuts.push_back({text.substr(0, at), text.substr(at, end - at), text.substr(end)});
    return cuts;
}

} // namespace kirotray
