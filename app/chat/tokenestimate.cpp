// SPDX-License-Identifier: MIT
#include "app/chat/tokenestimate.h"

#include "app/chat/imagefacts.h"
#include "app/chat/tokenizer.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

// What a byte adds depends on what it is and on what is before it: a word's first letter costs more
// than its others, a digit behind a letter more than behind a digit. The numbers are fitted (least
// relative squares, none negative) to what the published vocabulary counts in prose, code and data
// of many kinds, and a margin (VocabularyMargin); tests/tst_tokenizer.cpp measures the error.
constexpr qint64 TokenUnits = 48; ///< of the tables below

/// ASCII kinds are 0 to 6; the others have 7 in their low bits, so that these tell the column of
/// the next byte.
enum ByteKind : quint8 {
    LowerCase,
    UpperCase,
    Digit,
    Blank,
    Break, ///< line break, tab and other control characters
    Mark, ///< common punctuation
    Sign, ///< other ASCII
    Continuation = 7, ///< of a character that is counted at its first byte
    LatinLead = 15, ///< Western Europe
    LatinExtendedLead = 23,
    GreekLead = 31,
    CyrillicLead = 39,
    SemiticLead = 47,
    IndicLead = 55, ///< and Thai
    SymbolLead = 63, ///< quotes, arrows, boxes
    KanaLead = 71, ///< and CJK punctuation
    HanLead = 79,
    HangulLead = 87,
    EmojiLead = 95, ///< and rare ideographs
};
constexpr std::size_t KindCount = 96;
constexpr std::size_t GroupCount = 8; ///< of the byte before: seven ASCII kinds, and any other

constexpr ByteKind leadKindOf(unsigned char byte)
{
    if (byte >= 0xF0)
        return EmojiLead;
    if (byte >= 0xEE || (byte >= 0xE4 && byte < 0xEA))
        return HanLead; // with full-width forms
    if (byte >= 0xEA)
        return HangulLead;
    if (byte == 0xE3)
        return KanaLead;
    if (byte == 0xE2)
        return SymbolLead;
    if (byte >= 0xE0)
        return IndicLead;
    if (byte >= 0xD4)
        return SemiticLead;
    if (byte >= 0xD0)
        return CyrillicLead;
    if (byte >= 0xCC)
        return GreekLead;
    return byte >= 0xC4 ? LatinExtendedLead : LatinLead;
}

constexpr ByteKind kindOfByte(unsigned char byte)
{
    if (byte >= 0xC0)
        return leadKindOf(byte);
    if (byte >= 0x80)
        return Continuation;
    if (byte >= 'a' && byte <= 'z')
        return LowerCase;
    if (byte >= 'A' && byte <= 'Z')
        return UpperCase;
    if (byte >= '0' && byte <= '9')
        return Digit;
    if (byte <= ' ')
        return byte == ' ' ? Blank : Break;
    return std::string_view(".,_-/\"'():;").find(static_cast<char>(byte)) != std::string_view::npos
        ? Mark
        : Sign;
}

constexpr std::array<quint8, 256> KindTable = [] {
    std::array<quint8, 256> table {};
    for (std::size_t byte = 0; byte < table.size(); ++byte)
        table[byte] = kindOfByte(static_cast<unsigned char>(byte));
    return table;
}();

/// Rows: the byte before; columns: an ASCII byte, in the order of ByteKind.
constexpr std::array<std::array<quint8, 7>, GroupCount> AsciiUnits {{
    {6, 37, 47, 39, 55, 29, 25}, // a small letter
    {23, 20, 104, 4, 125, 22, 125}, // a capital
    {125, 53, 4, 10, 48, 35, 45}, // a digit
    {0, 4, 24, 1, 4, 4, 7}, // a blank
    {59, 100, 4, 4, 4, 34, 50}, // a line break
    {51, 33, 93, 47, 87, 8, 4}, // a common mark
    {42, 28, 40, 54, 68, 4, 36}, // another sign
    {56, 15, 29, 17, 4, 4, 56}, // any other script
}};

constexpr std::array<quint8, GroupCount *KindCount> UnitTable = [] {
    constexpr std::array<quint8, 11> Leads {105, 125, 68, 31, 60, 81, 53, 56, 64, 77, 110};
    std::array<quint8, GroupCount * KindCount> table {};
    for (std::size_t group = 0; group < GroupCount; ++group) {
        for (std::size_t kind = 0; kind < 7; ++kind)
            table[group * KindCount + kind] = AsciiUnits[group][kind];
        for (std::size_t lead = 0; lead < Leads.size(); ++lead)
            table[group * KindCount + LatinLead + 8 * lead] = Leads[lead];
    }
    return table;
}();

// The vocabularies of Claude 3 and later are not public. Measured against the vendor's counts,
// texts have about 1.18 times the tokens of o200k_base with models up to 4.6, and 1.53 times with
// Opus 4.7 and all later ones. The published vocabulary lies 1 to 20 % above o200k_base in Latin
// letters and more in other scripts.
constexpr qint64 VocabularyMargin = 115; ///< %
constexpr qint64 LaterModels = 130; ///< %, of the models before

constexpr qint64 BaseTokens = 4;
constexpr qint64 MessageTokens = 4; ///< role and separators
constexpr qint64 ToolUseTokens = 8; ///< tags and the pairing of call and result

constexpr qint64 ImageTokens = 1600; ///< the vendor's own most (kiro-protocol §10)
constexpr qint64 PixelsPerToken = 750;
/// Base64 of a picture in which its size is looked for; behind longer metadata it is not found.
constexpr std::size_t ImageHeadBytes = 64 * 1024;
constexpr qint64 DocumentTokens = 6000; ///< a few pages

qint64 imageTokens(const ImagePart &part)
{
    std::deque<std::string> owned;
    const std::string_view head = std::string_view(part.data).substr(0, ImageHeadBytes);
    const std::optional<std::string_view> base64 = normalBase64(head, owned);
    const std::optional<ImageFacts> facts =
        base64 ? imageFactsOfBase64(*base64) : std::optional<ImageFacts>();
    if (!facts)
        return ImageTokens;
    const qint64 pixels = qint64(facts->width) * facts->height;
    return std::clamp<qint64>(pixels / PixelsPerToken + 1, 1, ImageTokens);
}

/// Adds up a prompt: texts by `count`, the rest by rule.
template <typename CountText>
class PromptSum
{
public:
    explicit PromptSum(const CountText &count)
        : m_count(count)
    {
    }

    void add(const ChatRequest &request);
    void add(std::span<const Message> messages);
    qint64 textTokens() const { return m_text; }
    qint64 otherTokens() const { return m_other; }

    void operator()(const TextPart &part) { addText(part.text); }
    void operator()(const ThinkingPart &part)
    {
        addText(part.text);
        addText(part.redactedData);
    }
    void operator()(const ToolUsePart &part)
    {
        m_other += ToolUseTokens;
        addText(part.id);
        addText(part.name);
        addText(part.inputJson);
    }
    void operator()(const ToolResultPart &part)
    {
        m_other += ToolUseTokens;
        addText(part.toolUseId);
        addText(part.text);
        for (const ImagePart &image : part.images)
            (*this)(image);
        for (const DocumentPart &document : part.documents)
            (*this)(document);
    }
    void operator()(const ImagePart &part) { m_other += imageTokens(part); }
    void operator()(const DocumentPart &) { m_other += DocumentTokens; }

private:
    void addText(std::string_view text) { m_text += m_count(text); }

    const CountText &m_count;
    qint64 m_text = 0;
    qint64 m_other = 0;
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

template <typename CountText>
void PromptSum<CountText>::add(const ChatRequest &request)
{
    m_other += BaseTokens;
    addText(request.system);
    add(std::span<const Message>(request.messages));
    m_other += toolListTokens(static_cast<qint64>(request.tools.size()));
    for (const Tool &tool : request.tools) {
        addText(tool.name);
        addText(tool.description);
        addText(tool.inputSchemaJson);
    }
}

template <typename CountText>
void PromptSum<CountText>::add(std::span<const Message> messages)
{
    for (const Message &message : messages) {
        m_other += MessageTokens;
        for (const Part &part : message.parts)
            std::visit(*this, part);
    }
}

/// The number at the start of `text`, at most two digits; -1 for none and for a date.
int versionAt(std::string_view text)
{
    int number = -1;
    for (std::size_t i = 0; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        if (i == 2)
            return -1;
        number = std::max(number, 0) * 10 + (text[i] - '0');
    }
    return number;
}

/// claude-opus-4.7 and all that came after it; a family without a version is its newest.
bool hasLaterVocabulary(std::string_view model)
{
    for (const std::string_view family : {"opus", "sonnet", "haiku", "fable"}) {
        const std::size_t at = model.find(family);
        if (at == std::string_view::npos)
            continue;
        const std::string_view rest = model.substr(at + family.size());
        if (rest.size() < 2 || versionAt(rest.substr(1)) < 0)
            return model.find("claude-3") == std::string_view::npos;
        const std::string_view version = rest.substr(1);
        const int major = versionAt(version);
        const std::size_t end = version.find_first_not_of("0123456789");
        const int minor = end == std::string_view::npos ? -1 : versionAt(version.substr(end + 1));
        return major > 4 || (major == 4 && minor >= 7);
    }
    return false;
}

qint64 scaledUp(qint64 tokens, qint64 percent)
{
    return (tokens * percent + 99) / 100;
}

qint64 forModel(qint64 textTokens, std::string_view model)
{
    return hasLaterVocabulary(model) ? scaledUp(textTokens, LaterModels) : textTokens;
}

} // namespace

void TokenCounter::add(std::string_view text)
{
    // Two sums at once: one would wait for itself at every byte.
    std::array<quint64, 2> sums {};
    std::size_t row = m_row;
    std::size_t i = 0;
    for (; i + 2 <= text.size(); i += 2) {
        const std::size_t first = KindTable[static_cast<unsigned char>(text[i])];
        const std::size_t second = KindTable[static_cast<unsigned char>(text[i + 1])];
        sums[0] += UnitTable[row + first];
        sums[1] += UnitTable[(first & 7U) * KindCount + second];
        row = (second & 7U) * KindCount;
    }
    if (i < text.size()) {
        const std::size_t last = KindTable[static_cast<unsigned char>(text[i])];
        sums[0] += UnitTable[row + last];
        row = (last & 7U) * KindCount;
    }
    m_row = static_cast<quint16>(row);
    m_units += static_cast<qint64>(sums[0] + sums[1]);
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
    const auto count = [](std::string_view text) { return estimateTokens(text); };
    PromptSum sum(count);
    sum.add(request);
    return forModel(sum.textTokens(), request.model) + sum.otherTokens();
}

qint64 estimateMessageTokens(std::span<const Message> messages, std::string_view model)
{
    const auto count = [](std::string_view text) { return estimateTokens(text); };
    PromptSum sum(count);
    sum.add(messages);
    return forModel(sum.textTokens(), model) + sum.otherTokens();
}

qint64 countPromptTokens(const ChatRequest &request)
{
    const Tokenizer tokenizer;
    if (!tokenizer.isValid())
        return estimatePromptTokens(request);
    const auto count = [&tokenizer](std::string_view text) { return tokenizer.count(text); };
    PromptSum sum(count);
    sum.add(request);
    const qint64 text = scaledUp(sum.textTokens(), VocabularyMargin);
    return forModel(text, request.model) + sum.otherTokens();
}

} // namespace kirotray
