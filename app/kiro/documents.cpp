// SPDX-License-Identifier: MIT
#include "app/kiro/documents.h"

#include "app/base/limits.h"
#include "app/chat/imagefacts.h"

#include <algorithm>
#include <array>
#include <set>

namespace kirotray {

namespace {

struct DocumentFormat
{
    std::string_view format;
    std::string_view mediaType;
};

/// In the order of kiro-protocol §1.4; a format may have several media types.
constexpr std::array<DocumentFormat, 13> DocumentFormats {{
    {"pdf", "application/pdf"},
    {"csv", "text/csv"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"html", "text/html"},
    {"txt", "text/plain"},
    {"md", "text/markdown"},
    {"md", "text/x-markdown"},
    {"pdf", "application/x-pdf"},
    {"csv", "application/csv"},
    {"html", "application/xhtml+xml"},
}};

std::string lowerAscii(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return lower;
}

/// By the media type; by the name's ending for one that says nothing.
std::string_view documentFormatOf(const DocumentPart &part)
{
    std::string type = lowerAscii(part.mediaType.substr(0, part.mediaType.find(';')));
    type.erase(type.find_last_not_of(' ') + 1);
    for (const DocumentFormat &row : DocumentFormats)
        if (row.mediaType == type)
            return row.format;
    if (!type.empty() && type != "application/octet-stream")
        return {};
    const std::size_t dot = part.name.rfind('.');
    if (dot == std::string::npos)
        return {};
    const std::string ending = lowerAscii(std::string_view(part.name).substr(dot + 1));
    for (const DocumentFormat &row : DocumentFormats)
        if (row.format == ending)
            return row.format;
    return {};
}

/// Letters and digits of ASCII, single blanks, hyphens and brackets: the upstream is said to take
/// no others. The ending goes: `format` tells it.
std::string plainName(std::string_view name, std::string_view format)
{
    if (lowerAscii(name).ends_with('.' + std::string(format)))
        name.remove_suffix(format.size() + 1);
    std::string plain;
    for (const char c : name) {
        const bool isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool isKept = isLetter || (c >= '0' && c <= '9')
            || std::string_view("-()[]").find(c) != std::string_view::npos;
        const bool isContinuation = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
        if (isContinuation)
            continue;
        const char sign = isKept ? c : c == ' ' ? ' ' : '-';
        if (isKept || plain.empty() || plain.back() != sign)
            plain.push_back(sign);
    }
    plain.resize(std::min(plain.size(), std::size_t(limits::MaxDocumentName)));
    const std::size_t start = plain.find_first_not_of(" -");
    if (start == std::string::npos)
        return "document";
    return plain.substr(start, plain.find_last_not_of(" -") - start + 1);
}

class DocumentSettling
{
public:
    DocumentSettling(Conversation &conversation, std::vector<NormaliserNote> &notes)
        : m_conversation(conversation)
        , m_notes(notes)
    {
    }

    std::optional<Error> run()
    {
        std::vector<Turn> &turns = m_conversation.turns;
        // From the newest: the oldest are those too many. Names are given from the oldest, so that
        // they stay the same while the conversation grows.
        for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn) {
            std::vector<TurnDocument> &documents = turn->documents;
            for (auto one = documents.rbegin(); one != documents.rend(); ++one) {
                const QString problem = problemOf(*one);
                if (problem.isEmpty())
                    continue;
                if (turn == turns.rbegin())
                    return Error {Error::Code::BadInput, problem,
                                  QString::fromStdString(one->part->path)};
                one->format = {};
                if (++m_leftOut == 1)
                    m_firstProblem = problem;
            }
        }
        for (Turn &turn : turns)
            settleTurn(turn);
        if (m_leftOut > 0)
            m_notes.push_back({0,
                               std::to_string(m_leftOut)
                                   + " document(s) of earlier messages left out, the newest: "
                                   + m_firstProblem.toStdString()});
        if (m_renamed > 0)
            m_notes.push_back(
                {0, std::to_string(m_renamed) + " document(s) sent by a plainer name"});
        return std::nullopt;
    }

private:
    /// Empty for a document that can be sent.
    QString problemOf(TurnDocument &document)
    {
        const DocumentPart &part = *document.part;
        document.format = documentFormatOf(part);
        if (document.format.empty()) {
            const QString type = QString::fromStdString(part.mediaType).left(100);
            return u"documents of type '%1' cannot be sent; PDF, CSV, Word, Excel, HTML, Markdown "
                   u"and plain text can"_s.arg(type);
        }
        const auto base64 = normalBase64(part.data, m_conversation.owned);
        if (!base64)
            return u"not valid base64"_s;
        document.base64 = *base64;
        if (base64->size() > std::size_t(limits::MaxDocumentBase64))
            return u"the document takes %1 bytes of base64; at most %2 are allowed"_s
                .arg(base64->size())
                .arg(limits::MaxDocumentBase64);
        if (++m_count > limits::MaxDocuments)
            return u"too many documents; at most %1 are allowed"_s.arg(limits::MaxDocuments);
        return {};
    }

    void settleTurn(Turn &turn)
    {
        const std::size_t lost = std::erase_if(
            turn.documents, [](const TurnDocument &one) { return one.format.empty(); });
        if (lost > 0)
            turn.texts.push_back(lost == 1 ? "(a document was left out)"
                                           : "(some documents were left out)");
        for (TurnDocument &document : turn.documents) {
            document.name = uniqueName(plainName(document.part->name, document.format));
            m_renamed += document.name == document.part->name ? 0 : 1;
        }
    }

    std::string_view uniqueName(const std::string &name)
    {
        std::string candidate = name;
        for (int number = 2; !m_names.insert(candidate).second; ++number) {
            const std::string tail = " (" + std::to_string(number) + ')';
            const std::size_t kept = std::size_t(limits::MaxDocumentName) - tail.size();
            candidate = name.substr(0, kept) + tail;
        }
        return m_conversation.owned.emplace_back(std::move(candidate));
    }

    Conversation &m_conversation;
    std::vector<NormaliserNote> &m_notes;
    std::set<std::string> m_names;
    int m_count = 0;
    int m_renamed = 0;
    int m_leftOut = 0;
    QString m_firstProblem;
};

} // namespace

std::optional<Error> settleDocuments(Conversation &conversation, std::vector<NormaliserNote> &notes)
{
    return DocumentSettling(conversation, notes).run();
}

} // namespace kirotray
