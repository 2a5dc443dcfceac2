// SPDX-License-Identifier: MIT
#include "app/chat/tokenestimate.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

// Twelfths of a token, so that both a quarter and two thirds are whole.
constexpr qint64 TokenUnits = 12;

constexpr qint64 BaseTokens = 4;
constexpr qint64 MessageTokens = 4; ///< role and separators
constexpr qint64 ToolUseTokens = 8; ///< tags and the pairing of call and result

/// What a byte adds: a character is counted at its first byte.
constexpr quint8 unitsOf(unsigned char byte)
{
    if (byte < 0x80)
        return 3; // four to a token
    if (byte < 0xC0)
        return 0; // continuation
    if (byte < 0xE0)
        return 6; // accents, Greek, Cyrillic, Arabic: two to a token
    if (byte < 0xF0)
        return 8; // CJK and other scripts: 1.5 to a token
    return 24; // emoji and rare ideographs are several tokens each
}

constexpr std::array<quint8, 256> UnitTable = [] {
    std::array<quint8, 256> table {};
    for (std::size_t byte = 0; byte < table.size(); ++byte)
        table[byte] = unitsOf(static_cast<unsigned char>(byte));
    return table;
}();

constexpr qint64 ImageTokens = 1600; ///< the vendor's own most (kiro-protocol §10)
constexpr qint64 DocumentTokens = 6000; ///< a few pages

struct PartTokens
{
    qint64 operator()(const TextPart &part) const { return estimateTokens(part.text); }
    qint64 operator()(const ThinkingPart &part) const
    {
        return estimateTokens(part.text) + estimateTokens(part.redactedData);
    }
    qint64 operator()(const ToolUsePart &part) const
    {
        return ToolUseTokens + estimateTokens(part.id) + estimateTokens(part.name)
            + estimateTokens(part.inputJson);
    }
    qint64 operator()(const ToolResultPart &part) const
    {
        return ToolUseTokens + estimateTokens(part.toolUseId) + estimateTokens(part.text)
            + qint64(part.images.size()) * ImageTokens
            + qint64(part.documents.size()) * DocumentTokens;
    }
    qint64 operator()(const ImagePart &) const { return ImageTokens; }
    qint64 operator()(const DocumentPart &) const { return DocumentTokens; }
};

/// What a tool list costs beyond its texts (kiro-protocol §10). The source's steps fall from five
/// tools to six; a longer list must not cost less.
qint64 toolListTokens(qint64 count)
{
    if (count == 0)
        return 0;
    if (count == 1)
        return 320;
    const qint64 shortList = 100 + 120 * std::min<qint64>(count, 5);
    return std::max(shortList, 180 + 60 * count);
}

} // namespace

void TokenCounter::add(std::string_view text)
{
    // Four sums at once: one sum would wait for itself at every byte.
    std::array<quint64, 4> sums {};
    std::size_t i = 0;
    for (; i + 4 <= text.size(); i += 4)
        for (std::size_t lane = 0; lane < 4; ++lane)
            sums[lane] += UnitTable[static_cast<unsigned char>(text[i + lane])];
    for (; i < text.size(); ++i)
        sums[0] += UnitTable[static_cast<unsigned char>(text[i])];
    m_units += static_cast<qint64>(sums[0] + sums[1] + sums[2] + sums[3]);
}

qint64 TokenCounter::tokens() const
{
    return (m_units + TokenUnits - 1) / TokenUnits;
}

qint64 estimateTokens(std::string_view text)
{
    TokenCounter counter;
    counter.add(text);
    return counter.tokens();
}

qint64 estimatePromptTokens(const ChatRequest &request)
{
    qint64 tokens = BaseTokens + estimateTokens(request.system);
    for (const Message &message : request.messages) {
        tokens += MessageTokens;
        for (const Part &part : message.parts)
            tokens += std::visit(PartTokens {}, part);
    }
    tokens += toolListTokens(static_cast<qint64>(request.tools.size()));
    for (const Tool &tool : request.tools)
        tokens += estimateTokens(tool.name) + estimateTokens(tool.description)
            + estimateTokens(tool.inputSchemaJson);
    return tokens;
}

} // namespace kirotray
