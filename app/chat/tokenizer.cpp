// SPDX-License-Identifier: MIT
#include "app/chat/tokenizer.h"

#include "app/base/json.h"
#include "app/chat/tokenestimate.h"

#include <QByteArray>
#include <QChar>
#include <QFile>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

// Outside a namespace, as Qt asks.
static void initTokenTable()
{
    Q_INIT_RESOURCE(tokentable);
}

namespace kirotray {

namespace {

constexpr std::size_t MaxPiece = 128;
constexpr std::size_t MaxTokens = 100'000; ///< the vocabulary has 65 thousand
constexpr std::size_t SlotCount = std::size_t(1) << 18; ///< a power of two, a quarter full
constexpr quint32 NoRank = std::numeric_limits<quint32>::max();

enum class CharKind : quint8 { Space, Letter, Digit, Other };

CharKind kindOfPoint(char32_t point)
{
    if (QChar::isLetter(point))
        return CharKind::Letter;
    if (QChar::isNumber(point))
        return CharKind::Digit;
    return QChar::isSpace(point) ? CharKind::Space : CharKind::Other;
}

constexpr std::array<CharKind, 128> AsciiKinds = [] {
    std::array<CharKind, 128> kinds {};
    for (unsigned char c = 0; c < 128; ++c) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            kinds[c] = CharKind::Letter;
        else if (c >= '0' && c <= '9')
            kinds[c] = CharKind::Digit;
        else if (c == ' ' || (c >= '\t' && c <= '\r'))
            kinds[c] = CharKind::Space;
        else
            kinds[c] = CharKind::Other;
    }
    return kinds;
}();

struct TextCharacter
{
    CharKind kind = CharKind::Other;
    std::size_t size = 1;
};

/// The character at `at`; a byte that is not UTF-8 is one of its own.
TextCharacter characterAt(std::string_view text, std::size_t at)
{
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80)
        return {AsciiKinds[first], 1};
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (size == 1 || at + size > text.size())
        return {};
    char32_t point = first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i)
        point = (point << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    return {kindOfPoint(point), size};
}

/// Behind the run of one kind that starts at `at`, or behind MaxPiece bytes of it.
std::size_t runEnd(std::string_view text, std::size_t at, CharKind kind)
{
    const std::size_t limit = std::min(text.size(), at + MaxPiece);
    while (at < limit) {
        const TextCharacter character = characterAt(text, at);
        if (character.kind != kind)
            break;
        at += character.size;
    }
    return at;
}

std::size_t contractionSize(std::string_view text, std::size_t at)
{
    const std::string_view rest = text.substr(at + 1, 2);
    for (const std::string_view two : {"re", "ve", "ll"})
        if (rest == two)
            return 3;
    const bool isOne = !rest.empty() && std::string_view("stmd").find(rest[0]) != rest.npos;
    return isOne ? 2 : 0;
}

/// The vocabulary's own rule for where words begin: contractions; a run of letters, digits or other
/// signs with the blank before it; white space without the last blank, which goes with what
/// follows.
std::size_t pieceEnd(std::string_view text, std::size_t at)
{
    if (text[at] == '\'')
        if (const std::size_t size = contractionSize(text, at); size > 0)
            return at + size;
    const TextCharacter first = characterAt(text, at);
    if (first.kind != CharKind::Space)
        return runEnd(text, at, first.kind);
    if (text[at] == ' ' && at + 1 < text.size()) {
        const CharKind next = characterAt(text, at + 1).kind;
        if (next != CharKind::Space)
            return runEnd(text, at + 1, next);
    }
    std::size_t end = at;
    std::size_t last = at; // the white space before `end`
    while (end < text.size() && end < at + MaxPiece) {
        const TextCharacter character = characterAt(text, end);
        if (character.kind != CharKind::Space)
            return last > at ? last : end;
        last = end;
        end += character.size;
    }
    return end;
}

/// Tokens are short: their first and last bytes and their length tell them apart well.
std::size_t slotOf(std::string_view bytes)
{
    quint64 first = 0;
    quint64 last = 0;
    const std::size_t size = std::min<std::size_t>(bytes.size(), 8);
    std::memcpy(&first, bytes.data(), size);
    std::memcpy(&last, bytes.data() + bytes.size() - size, size);
    quint64 hash = (first ^ (last * 0x9E3779B97F4A7C15U)) + bytes.size();
    hash *= 0xD6E8FEB86659FD93U;
    return static_cast<std::size_t>(hash >> 40U) & (SlotCount - 1);
}

} // namespace

Tokenizer::Tokenizer()
{
    initTokenTable();
    QFile file(QStringLiteral(":/tokens/claude.json"));
    if (!file.open(QIODevice::ReadOnly))
        return;
    const Result<JsonDocument> table = JsonDocument::parse(file.readAll().toStdString());
    if (!table)
        return;
    m_starts.push_back(0);
    m_slots.resize(SlotCount);
    if (!addTokens(table.value().root()["bpe_ranks"].string()))
        m_slots.clear();
}

/// Lines of "! <rank of the first> <token> <token> …", tokens in base64 and in the order of their
/// ranks. Only the order matters, so ranks are counted from 0.
bool Tokenizer::addTokens(std::string_view lines)
{
    std::size_t field = 0;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find_first_of(" \n"), lines.size());
        const bool isLast = end == lines.size() || lines[end] == '\n';
        if (field >= 2 && !addToken(lines.substr(0, end)))
            return false;
        field = isLast ? 0 : field + 1;
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return m_starts.size() > 1;
}

bool Tokenizer::addToken(std::string_view base64)
{
    const QByteArray token = QByteArray::fromBase64(
        QByteArray::fromRawData(base64.data(), static_cast<qsizetype>(base64.size())));
    if (token.isEmpty() || m_starts.size() > MaxTokens)
        return false;
    m_bytes.append(token.constData(), static_cast<std::size_t>(token.size()));
    std::size_t slot = slotOf({token.constData(), static_cast<std::size_t>(token.size())});
    while (m_slots[slot] != 0)
        slot = (slot + 1) & (SlotCount - 1);
    m_slots[slot] = static_cast<quint32>(m_starts.size());
    m_starts.push_back(static_cast<quint32>(m_bytes.size()));
    return true;
}

quint32 Tokenizer::rankOf(std::string_view bytes) const
{
    for (std::size_t slot = slotOf(bytes); m_slots[slot] != 0;
         slot = (slot + 1) & (SlotCount - 1)) {
        const quint32 rank = m_slots[slot] - 1;
        const std::size_t size = m_starts[rank + 1] - m_starts[rank];
        if (size == bytes.size()
            && std::memcmp(m_bytes.data() + m_starts[rank], bytes.data(), size) == 0)
            return rank;
    }
    return NoRank;
}

qint64 Tokenizer::count(std::string_view text) const
{
    qint64 tokens = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = pieceEnd(text, at);
        tokens += countPiece(text.substr(at, end - at));
        at = end;
    }
    return tokens;
}

/// Joins the two neighbours whose token comes first in the vocabulary until none is a token.
qint64 Tokenizer::countPiece(std::string_view piece) const
{
    if (piece.size() == 1 || rankOf(piece) != NoRank)
        return 1;
    std::array<Part, MaxPiece + 8> parts;
    std::size_t count = piece.size();
    const auto joined = [&](std::size_t i) {
        if (i + 1 >= count)
            return NoRank;
        const std::size_t end = i + 2 < count ? parts[i + 2].start : piece.size();
        return rankOf(piece.substr(parts[i].start, end - parts[i].start));
    };
    for (std::size_t i = 0; i < count; ++i)
        parts[i].start = static_cast<quint32>(i);
    for (std::size_t i = 0; i < count; ++i)
        parts[i].rank = joined(i);
    while (count > 1) {
        std::size_t best = 0;
        for (std::size_t i = 1; i < count; ++i)
            if (parts[i].rank < parts[best].rank)
                best = i;
        if (parts[best].rank == NoRank)
            break;
        std::memmove(&parts[best + 1], &parts[best + 2], (count - best - 2) * sizeof(Part));
        --count;
        parts[best].rank = joined(best);
        if (best > 0)
            parts[best - 1].rank = joined(best - 1);
    }
    return static_cast<qint64>(count);
}

qint64 countTokens(std::string_view text)
{
    const Tokenizer tokenizer;
    return tokenizer.isValid() ? tokenizer.count(text) : estimateTokens(text);
}

} // namespace kirotray
