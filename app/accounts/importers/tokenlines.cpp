// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"
#include "app/base/limits.h"

#include <QRegularExpression>
#include <QStringDecoder>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr qsizetype SeparatorDashes = 4;

bool startsLikeToken(const QString &text)
{
    return text.startsWith(u"aor") || text.startsWith(u"ksk_");
}

/// §7.3's trap: base64url fields may end in dashes, so of a run of N > 4 the first N−4 belong to
/// the field before. Only an e-mail does not end so: eight dashes after it are an empty password.
QStringList splitAtDashes(const QString &line)
{
    static const QRegularExpression run(u"-{4,}"_s);
    QStringList fields;
    qsizetype from = 0;
    auto matches = run.globalMatch(line);
    while (matches.hasNext()) {
        const QRegularExpressionMatch match = matches.next();
        const qsizetype spare = match.capturedLength() - SeparatorDashes;
        const QString before = line.mid(from, match.capturedStart() - from);
        if (fields.isEmpty() && spare == SeparatorDashes && before.contains(u'@'))
            fields << before << QString();
        else
            fields << before + QString(spare, u'-');
        from = match.capturedEnd();
    }
    fields << line.mid(from);
    return fields;
}

/// Quotes as RFC 4180 has them; line breaks inside are not supported.
QStringList splitAtCommas(const QString &line)
{
    QStringList fields {QString()};
    bool isQuoted = false;
    for (qsizetype i = 0; i < line.size(); ++i) {
        const QChar c = line.at(i);
        const bool isDoubled = isQuoted && c == u'"' && line.mid(i + 1, 1) == u"\"";
        if (isDoubled)
            fields.last() += line.at(++i);
        else if (c == u'"')
            isQuoted = !isQuoted;
        else if (c == u',' && !isQuoted)
            fields << QString();
        else
            fields.last() += c;
    }
    return fields;
}

QStringList splitLine(const QString &line)
{
    static const QRegularExpression spaces(u" {2,}"_s);
    QStringList fields = line.contains(u"----") ? splitAtDashes(line)
        : line.contains(u'\t')                  ? line.split(u'\t')
        : line.contains(u"  ")                  ? line.split(spaces)
        : line.contains(u',')                   ? splitAtCommas(line)
                                                : QStringList {line};
    for (QString &field : fields)
        field = field.trimmed();
    return fields;
}

/// The columns of a first line that names them; empty when it does not.
std::vector<std::string_view> headerColumns(const QString &line)
{
    static constexpr std::array<std::string_view, 11> Names {
        "email",  "accessToken", "refreshToken", "clientId",  "clientSecret", "provider",
        "region", "idp",         "nickname",     "machineId", "startUrl"};
    std::vector<std::string_view> columns;
    bool hasToken = false;
    for (QString field : splitLine(line)) {
        field.remove(u'_').remove(u'-').remove(u' ');
        const auto name = std::find_if(Names.begin(), Names.end(), [&field](std::string_view one) {
            return field.compare(QLatin1StringView(one.data(), static_cast<qsizetype>(one.size())),
                                 Qt::CaseInsensitive)
                == 0;
        });
        columns.push_back(name == Names.end() ? std::string_view() : *name);
        hasToken = hasToken || columns.back() == "refreshToken";
    }
    return hasToken ? columns : std::vector<std::string_view>();
}

/// By place: token; e-mail and token; e-mail, password (dropped), token, client id, client secret,
/// provider. Empty when that cannot be.
std::vector<std::string_view> columnsFor(const QStringList &fields)
{
    static constexpr std::array<std::string_view, 6> All {
        "email", "", "refreshToken", "clientId", "clientSecret", "provider"};
    const auto count = static_cast<std::size_t>(fields.size());
    if (count == 1 && fields.first().startsWith(u"ksk_"))
        return {"kiroApiKey"};
    if (count == 1)
        return {"refreshToken"};
    if (count == 2)
        return {"email", "refreshToken"};
    const bool isOtherOrder = startsLikeToken(fields.at(1));
    return count <= All.size() && !isOtherOrder ? std::vector(All.begin(), All.begin() + count)
                                                : std::vector<std::string_view>();
}

Result<ImportedAccount> accountOfLine(const QStringList &fields,
                                      const std::vector<std::string_view> &columns,
                                      const QDir &folder)
{
    if (columns.empty() || static_cast<std::size_t>(fields.size()) > columns.size())
        return Error {Error::Code::BadInput,
                      u"holds other columns than are known: a first line can name them"_s};
    std::string text;
    JsonWriter writer(text);
    writer.beginObject();
    for (std::size_t i = 0; i < static_cast<std::size_t>(fields.size()); ++i) {
        if (!columns[i].empty())
            writer.member(columns[i], fields.at(static_cast<qsizetype>(i)).toStdString());
    }
    writer.endObject();
    const Result<JsonDocument> document = JsonDocument::parse(text);
    if (!document)
        return document.error();
    const JsonValue root = document.value().root();
    JsonReader reader;
    ImportedAccount found = readFlatCredential(reader, {root}, folder);
    if (reader.failed())
        return reader.error();
    return found;
}

struct NumberedLine
{
    int number = 0;
    QString text;
};

/// Without the empty ones and those that start with #; nothing when it is no UTF-8 text.
std::vector<NumberedLine> linesOf(const QByteArray &bytes)
{
    QStringDecoder decoder(QStringConverter::Utf8);
    const QString text = decoder(bytes);
    if (decoder.hasError() || bytes.contains('\0'))
        return {};
    std::vector<NumberedLine> lines;
    int number = 0;
    for (const QString &line : text.split(u'\n')) {
        ++number;
        const QString trimmed = line.endsWith(u'\r') ? line.chopped(1) : line;
        if (!trimmed.trimmed().isEmpty() && !trimmed.startsWith(u'#'))
            lines.push_back({number, trimmed});
    }
    return lines;
}

/// One account a line: "card keys", tokens alone, or a table with or without a header
/// (kiro-protocol §7.3).
class TokenLinesImporter final : public Importer
{
public:
    const char *name() const override { return "list of tokens"; }
    bool isLiveFile() const override { return false; }

    /// The first line decides: a token alone, a header, or an e-mail and a token.
    bool recognises(const ImportSource &source) const override
    {
        if (!source.root.isMissing() || isSqliteFile(source.bytes))
            return false;
        const std::vector<NumberedLine> lines = linesOf(source.bytes);
        if (lines.empty())
            return false;
        const QStringList fields = splitLine(lines.front().text);
        if (fields.size() == 1)
            return startsLikeToken(fields.first());
        return fields.first().contains(u'@') || !headerColumns(lines.front().text).empty();
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        std::vector<NumberedLine> lines = linesOf(source.bytes);
        const std::vector<std::string_view> header = headerColumns(lines.front().text);
        if (!header.empty())
            lines.erase(lines.begin());
        if (lines.empty() || lines.size() > limits::MaxAccounts)
            return Error {Error::Code::BadInput,
                          lines.empty()
                              ? u"holds no account"_s
                              : u"holds more than %1 accounts"_s.arg(limits::MaxAccounts)};
        std::vector<ImportedAccount> accounts;
        for (const NumberedLine &line : lines) {
            const QStringList fields = splitLine(line.text);
            Result<ImportedAccount> found =
                accountOfLine(fields, header.empty() ? columnsFor(fields) : header, source.folder);
            if (!found)
                return Error {Error::Code::BadInput,
                              u"line %1: "_s.arg(line.number) + describe(found.error())};
            accounts.push_back(std::move(found).value());
        }
        return accounts;
    }
};

} // namespace

const Importer &tokenLinesImporter()
{
    static const TokenLinesImporter importer;
    return importer;
}

} // namespace kirotray
