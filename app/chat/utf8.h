// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <algorithm>
#include <string_view>

/// Small questions about UTF-8 text that arrives in pieces. Pure.
namespace kirotray {

/// Bytes at the end of `text` that begin a character without finishing it.
inline std::size_t unfinishedCharacter(std::string_view text)
{
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte < 0x80)
            return 0;
        if (byte < 0xC0)
            continue;
        const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        return back < length ? back : 0;
    }
    return 0;
}

inline bool startsCharacter(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// Characters that begin in `text`: the sum over pieces does not depend on where they were cut.
inline qint64 codePoints(std::string_view text)
{
    return std::count_if(text.begin(), text.end(), startsCharacter);
}

} // namespace kirotray
