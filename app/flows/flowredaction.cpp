// SPDX-License-Identifier: MIT
#include "app/flows/flowredaction.h"

#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/base/secret.h"

#include <algorithm>

namespace kirotray {

namespace {

// The patterns of redacted() look back and forth in a text: short pieces keep them quick and below
// the stack of the regular expressions.
constexpr qsizetype RedactionPiece = 4096;
constexpr qsizetype OpaqueRun = 200; // no word, path or address is that long
constexpr qsizetype ShortestSecret = 8;
constexpr qsizetype MaxKnownTexts = 2000;
const QByteArray EventField = "data:";

bool isRunLetter(QChar c)
{
    return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9')
        || c == u'+' || c == u'/' || c == u'=' || c == u'_' || c == u'-';
}

bool isOpaque(QStringView run)
{
    return run.size() >= OpaqueRun
        && std::any_of(run.begin(), run.end(), [](QChar c) { return c.isLetterOrNumber(); });
}

QString withoutOpaqueRuns(const QString &text)
{
    QString out;
    qsizetype at = 0;
    while (at < text.size()) {
        qsizetype end = at;
        while (end < text.size() && isRunLetter(text[end]))
            ++end;
        const QStringView run = QStringView(text).sliced(at, end - at);
        if (isOpaque(run))
            out += u"***"_s;
        else
            out += run;
        if (end < text.size())
            out += text[end++];
        at = end;
    }
    return out;
}

/// Where a piece that starts at `from` ends: behind a sign that stands between members, else behind
/// white space, so that no credential is torn.
qsizetype pieceEnd(const QString &text, qsizetype from)
{
    const qsizetype most = from + RedactionPiece;
    if (most >= text.size())
        return text.size();
    qsizetype space = -1;
    for (qsizetype at = most - 1; at > from + RedactionPiece / 2; --at) {
        const QChar c = text[at];
        if (c == u'\n' || c == u',' || c == u'}')
            return at + 1;
        if (space < 0 && c.isSpace())
            space = at + 1;
    }
    return space > 0 ? space : most;
}

QString redactedLongText(const QString &text)
{
    if (text.size() < ShortestSecret)
        return text;
    const QString clean = withoutOpaqueRuns(text);
    QString out;
    for (qsizetype at = 0; at < clean.size();) {
        const qsizetype end = pieceEnd(clean, at);
        out += redacted(clean.sliced(at, end - at));
        at = end;
    }
    return out;
}

class BodyRedaction
{
public:
    QByteArray text(const QByteArray &body)
    {
        if (std::optional<QByteArray> whole = json(body))
            return *whole;
        QByteArray out;
        QByteArray plain; // lines that are no JSON, together
        for (qsizetype at = 0; at < body.size();) {
            const qsizetype feed = body.indexOf('\n', at);
            const qsizetype end = feed < 0 ? body.size() : feed + 1;
            line(body.sliced(at, end - at), out, plain);
            at = end;
        }
        return out + plainText(plain);
    }

private:
    static QByteArray plainText(const QByteArray &plain)
    {
        return redactedLongText(QString::fromUtf8(plain)).toUtf8();
    }

    void line(const QByteArray &line, QByteArray &out, QByteArray &plain)
    {
        const qsizetype field = line.startsWith(EventField) ? EventField.size() : 0;
        const std::optional<QByteArray> document = json(line.sliced(field));
        if (!document) {
            plain += line;
            return;
        }
        out += plainText(plain);
        plain.clear();
        out += line.first(field) + *document;
    }

    /// With the white space around it; nullopt: no JSON.
    std::optional<QByteArray> json(const QByteArray &text)
    {
        const QByteArrayView trimmed = QByteArrayView(text).trimmed();
        if (trimmed.isEmpty() || (trimmed.front() != '{' && trimmed.front() != '['))
            return std::nullopt;
        const Result<JsonDocument> document = JsonDocument::parse(text.toStdString());
        if (!document)
            return std::nullopt;
        std::string out;
        JsonWriter writer(out);
        copy(writer, document.value().root(), false);
        const qsizetype begin = trimmed.data() - text.constData();
        return text.first(begin) + QByteArray::fromStdString(out)
            + text.sliced(begin + trimmed.size());
    }

    void copy(JsonWriter &writer, const JsonValue &value, bool isSecret)
    {
        switch (value.type()) {
        case JsonValue::Type::Object:
            writer.beginObject();
            for (const JsonValue &member : value) {
                writer.key(member.key());
                copy(writer, member, isSecretMember(member.key()));
            }
            writer.endObject();
            return;
        case JsonValue::Type::Array:
            writer.beginArray();
            for (const JsonValue &element : value)
                copy(writer, element, isSecret);
            writer.endArray();
            return;
        case JsonValue::Type::String:
            copyString(writer, value.string(), isSecret);
            return;
        case JsonValue::Type::Missing:
            writer.null();
            return;
        case JsonValue::Type::Null:
        case JsonValue::Type::Boolean:
        case JsonValue::Type::Number:
            writer.raw(value.raw());
            return;
        }
    }

    static void copyString(JsonWriter &writer, std::string_view text, bool isSecret)
    {
        if (isSecret && !text.empty())
            writer.string("***");
        else if (static_cast<qsizetype>(text.size()) < ShortestSecret)
            writer.string(text);
        else
            writer.string(redactedLongText(
                              QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())))
                              .toStdString());
    }

    bool isSecretMember(std::string_view key)
    {
        const QByteArray name(key.data(), static_cast<qsizetype>(key.size()));
        const auto known = m_names.constFind(name);
        if (known != m_names.constEnd())
            return *known;
        return *m_names.insert(name, isSecretName(QString::fromUtf8(name)));
    }

    QHash<QByteArray, bool> m_names; // of this body
};

} // namespace

bool isSecretName(const QString &name)
{
    if (name.size() > OpaqueRun)
        return false;
    const QString member = u"\"%1\":\"plain\""_s.arg(name);
    return redacted(member) != member;
}

std::vector<std::pair<QByteArray, QByteArray>>
redactedHeaders(const std::vector<std::pair<QByteArray, QByteArray>> &headers)
{
    std::vector<std::pair<QByteArray, QByteArray>> out = headers;
    for (auto &[name, value] : out) {
        const bool isSecret = isSecretName(QString::fromLatin1(name));
        value = isSecret ? QByteArray("***") : redactedLongText(QString::fromUtf8(value)).toUtf8();
    }
    return out;
}

QByteArray redactedBody(const QByteArray &body)
{
    return BodyRedaction().text(body);
}

FlowBodies redactedBodies(const FlowBodies &bodies)
{
    FlowBodies out = bodies;
    for (QByteArray *view :
         {&out.clientRequest, &out.upstreamRequest, &out.upstreamEvents, &out.clientAnswer})
        *view = redactedBody(*view);
    return out;
}

QString RedactedTexts::of(const QString &text)
{
    if (text.size() < ShortestSecret)
        return text;
    const auto known = m_known.constFind(text);
    if (known != m_known.constEnd())
        return *known;
    if (m_known.size() >= MaxKnownTexts)
        m_known.clear();
    return *m_known.insert(text, redactedLongText(text));
}

FlowRecord redactedRecord(const FlowRecord &record, RedactedTexts &texts)
{
    FlowRecord out = record;
    for (QString *text : {&out.route, &out.modelAsked, &out.modelUsed, &out.client, &out.clientKey,
                          &out.accountReason, &out.outcome})
        *text = texts.of(*text);
    for (FlowAttempt &attempt : out.tries)
        attempt.what = texts.of(attempt.what);
    for (QString &change : out.changes)
        change = texts.of(change);
    return out;
}

} // namespace kirotray
