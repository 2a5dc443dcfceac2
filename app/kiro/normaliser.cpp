// SPDX-License-Identifier: MIT
#include "app/kiro/normaliser.h"

#include "app/kiro/toolpairing.h"

#include <simdjson.h>

namespace kirotray {

namespace {

std::string countOf(int count, const char *singular, const char *plural)
{
    return std::to_string(count) + ' ' + (count == 1 ? singular : plural);
}

bool hasContent(const Turn &turn)
{
    return !turn.texts.empty() || !turn.uses.empty() || !turn.results.empty()
        || !turn.images.empty() || !turn.documents.empty();
}

template <typename Value>
void appendAll(std::vector<Value> &to, std::vector<Value> &from)
{
    to.insert(to.end(), from.begin(), from.end());
}

/// Messages → turns that are not empty, alternate, and start and end with the user.
class TurnCollector
{
public:
    TurnCollector(const ChatRequest &request, Conversation &conversation,
                  std::vector<NormaliserNote> &notes)
        : m_request(request)
        , m_conversation(conversation)
        , m_notes(notes)
    {
    }

    void collect()
    {
        // Merged before the empty ones go: reasoning may stand in a message of its own.
        std::vector<Turn> merged;
        for (const Message &message : m_request.messages)
            append(merged, turnOf(message));
        std::vector<Turn> &turns = m_conversation.turns;
        for (Turn &turn : merged) {
            if (hasContent(turn)) {
                append(turns, std::move(turn));
                continue;
            }
            ++m_emptyTurns;
            if (!turns.empty())
                turns.back().cachePoint |= turn.cachePoint;
        }
        if (!turns.empty() && turns.front().role == Role::Assistant) {
            turns.erase(turns.begin());
            m_notes.push_back({1, "leading assistant message dropped"});
        }
        if (!turns.empty() && turns.back().role == Role::Assistant) {
            const bool cachePoint = turns.back().cachePoint;
            turns.pop_back();
            if (!turns.empty())
                turns.back().cachePoint |= cachePoint;
            m_notes.push_back({2, "trailing assistant message dropped"});
        }
        writeCounts();
    }

private:
    Turn turnOf(const Message &message)
    {
        Turn turn;
        turn.role = message.role;
        turn.cachePoint = message.cachePoint;
        for (const Part &part : message.parts) {
            const bool isPlaced =
                std::visit([&](const auto &one) { return place(one, turn); }, part);
            m_misplaced += isPlaced ? 0 : 1;
        }
        return turn;
    }

    std::string_view clean(std::string_view text)
    {
        const std::string_view cleaned = cleanText(text, m_conversation.owned);
        m_repaired += cleaned.data() == text.data() ? 0 : 1;
        return cleaned;
    }

    bool place(const TextPart &part, Turn &turn)
    {
        if (!isBlankText(part.text))
            turn.texts.push_back(clean(part.text));
        else if (!part.text.empty())
            ++m_blankTexts;
        return true;
    }

    bool place(const ThinkingPart &part, Turn &turn)
    {
        if (turn.role != Role::Assistant)
            return false;
        if (!part.text.empty() || !part.signature.empty() || !part.redactedData.empty())
            turn.thinking.push_back(&part);
        return true;
    }

    bool place(const ToolUsePart &part, Turn &turn)
    {
        if (turn.role != Role::Assistant)
            return false;
        turn.uses.push_back({clean(part.id), clean(part.name), part.inputJson});
        return true;
    }

    bool place(const ToolResultPart &part, Turn &turn)
    {
        if (turn.role != Role::User)
            return false;
        turn.results.push_back({clean(part.toolUseId), resultText(part), part.isError});
        for (const ImagePart &image : part.images)
            turn.images.push_back({&image});
        for (const DocumentPart &document : part.documents)
            turn.documents.push_back({&document});
        return true;
    }

    /// A result holds text only: what else the tool gave goes beside it.
    std::string_view resultText(const ToolResultPart &part)
    {
        const std::string_view text = clean(part.text);
        if (part.images.empty() && part.documents.empty())
            return text;
        std::string joined(isBlankText(text) ? std::string_view() : text);
        const auto add = [&joined](std::size_t count, const char *what) {
            if (count == 0)
                return;
            joined += joined.empty() ? "(" : "\n(";
            if (count > 1)
                joined += std::to_string(count) + ' ';
            joined += std::string(what) + (count > 1 ? "s" : "") + " attached)";
        };
        add(part.images.size(), "image");
        add(part.documents.size(), "document");
        ++m_attached;
        return m_conversation.owned.emplace_back(std::move(joined));
    }

    bool place(const ImagePart &part, Turn &turn)
    {
        if (turn.role != Role::User)
            return false;
        turn.images.push_back({&part});
        return true;
    }

    bool place(const DocumentPart &part, Turn &turn)
    {
        if (turn.role != Role::User)
            return false;
        turn.documents.push_back({&part});
        return true;
    }

    void append(std::vector<Turn> &turns, Turn turn)
    {
        if (turns.empty() || turns.back().role != turn.role) {
            turns.push_back(std::move(turn));
            return;
        }
        Turn &last = turns.back();
        appendAll(last.texts, turn.texts);
        appendAll(last.uses, turn.uses);
        appendAll(last.results, turn.results);
        appendAll(last.thinking, turn.thinking);
        appendAll(last.images, turn.images);
        appendAll(last.documents, turn.documents);
        last.cachePoint |= turn.cachePoint;
        ++m_merged;
    }

    void writeCounts()
    {
        if (m_merged > 0)
            m_notes.push_back({3,
                               countOf(m_merged, "message", "messages")
                                   + " merged into the one before, of the same role"});
        if (m_blankTexts > 0)
            m_notes.push_back({4, countOf(m_blankTexts, "blank text", "blank texts") + " dropped"});
        if (m_emptyTurns > 0)
            m_notes.push_back(
                {5, countOf(m_emptyTurns, "empty message", "empty messages") + " dropped"});
        if (m_repaired > 0)
            m_notes.push_back({19,
                               countOf(m_repaired, "text", "texts")
                                   + " of invalid Unicode or with U+0000 repaired"});
        if (m_attached > 0)
            m_notes.push_back({16,
                               "attachments of "
                                   + countOf(m_attached, "tool result", "tool results")
                                   + " moved to the message"});
        if (m_misplaced > 0)
            m_notes.push_back({6,
                               countOf(m_misplaced, "part", "parts")
                                   + " dropped from a message of the wrong role"});
    }

    const ChatRequest &m_request;
    Conversation &m_conversation;
    std::vector<NormaliserNote> &m_notes;
    int m_merged = 0;
    int m_blankTexts = 0;
    int m_emptyTurns = 0;
    int m_misplaced = 0;
    int m_repaired = 0;
    int m_attached = 0;
};

bool isCleanText(std::string_view text)
{
    return text.find('\0') == std::string_view::npos
        && simdjson::validate_utf8(text.data(), text.size());
}

/// A signature holds for the very bytes: text that would have to be repaired is of no use.
bool isFitForReplay(const ThinkingPart &part)
{
    if (!part.redactedData.empty())
        return isCleanText(part.redactedData);
    return !part.signature.empty() && isCleanText(part.signature) && isCleanText(part.text);
}

/// The upstream holds one reasoning block a message, and a turn's blocks stand or fall together
/// (kiro-protocol §1.9).
void settleThinking(Conversation &conversation, ThinkingReplay replay,
                    std::vector<NormaliserNote> &notes)
{
    int stripped = 0;
    int unsigned_ = 0;
    int several = 0;
    for (Turn &turn : conversation.turns) {
        if (turn.thinking.empty())
            continue;
        const bool isOne = turn.thinking.size() == 1;
        const bool isFit = isOne && isFitForReplay(*turn.thinking.front());
        const bool isKept = replay == ThinkingReplay::Keep;
        if (isKept && isFit)
            continue;
        ++(!isKept ? stripped : isOne ? unsigned_ : several);
        turn.thinking.clear();
    }
    const auto note = [&notes](int turns, const char *why) {
        if (turns > 0)
            notes.push_back(
                {0, "reasoning of " + countOf(turns, "message", "messages") + " dropped: " + why});
    };
    note(stripped,
         replay == ThinkingReplay::DropForModel ? "this model takes none back"
                                                : "a retry without reasoning");
    note(unsigned_, "no sound signature");
    note(several, "several blocks in one message");
}

} // namespace

bool isBlankText(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

std::string_view cleanText(std::string_view text, std::deque<std::string> &owned)
{
    if (isCleanText(text))
        return text;
    QString repaired = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
    repaired.replace(QChar(u'\0'), QChar(QChar::ReplacementCharacter));
    return owned.emplace_back(repaired.toStdString());
}

Result<Conversation> repairConversation(const ChatRequest &request, ThinkingReplay replay,
                                        std::vector<NormaliserNote> &notes)
{
    Conversation conversation;
    TurnCollector(request, conversation, notes).collect();
    if (conversation.turns.empty())
        return Error {Error::Code::BadInput, u"no user message with content is left"_s,
                      u"messages"_s};
    pairTools(conversation, notes);
    settleThinking(conversation, replay, notes);
    return conversation;
}

} // namespace kirotray
