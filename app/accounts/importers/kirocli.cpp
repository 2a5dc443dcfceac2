// SPDX-License-Identifier: MIT
#include "app/accounts/importers/kirocli.h"

#include "app/accounts/importers/importedfields.h"
#include "app/accounts/importers/importsources.h"
#include "app/accounts/importers/sqlitefile.h"
#include "app/base/limits.h"

#include <array>

namespace kirotray {

namespace {

constexpr std::array KeyPrefixes {"kirocli:"_L1, "codewhisperer:"_L1};

struct TokenKind
{
    QLatin1StringView key;
    QLatin1StringView method;
};
constexpr std::array TokenKinds {TokenKind {"social:token"_L1, "social"_L1},
                                 TokenKind {"odic:token"_L1, "idc"_L1},
                                 TokenKind {"external-idp:token"_L1, "external_idp"_L1}};

/// What the rows of one account hold.
struct CliRows
{
    QByteArray token;
    QByteArray registration;
    QByteArray more; ///< made here: what the key and the table `state` tell
};

Error inRow(const QString &key, const Error &error)
{
    return {error.code, key + u": "_s + describe(error)};
}

/// Empty: no such row. A value that no token can be is not loaded.
Result<QByteArray> valueOf(SqliteFile &file, const QString &table, const QString &key)
{
    const QString sql = u"SELECT CASE WHEN length(value) <= ? THEN value ELSE 'too long' END "
                        u"FROM %1 WHERE key = ?"_s.arg(table);
    const auto value = file.firstValue(sql, {qlonglong(limits::MaxSecretItem * 2), key});
    if (!value)
        return value.error();
    return value.value().value_or(QByteArray());
}

/// A text of the table `state`, which older files lack; what is damaged there is left out.
QByteArray stateText(SqliteFile &file, const char *key)
{
    const Result<QByteArray> value = valueOf(file, u"state"_s, QString::fromLatin1(key));
    return value ? value.value() : QByteArray();
}

std::string stateString(SqliteFile &file, const char *key)
{
    const Result<JsonDocument> document = JsonDocument::parse(stateText(file, key).toStdString());
    return document ? std::string(document.value().root().string()) : std::string();
}

std::string stateProfile(SqliteFile &file)
{
    const Result<JsonDocument> document =
        JsonDocument::parse(stateText(file, "api.codewhisperer.profile").toStdString());
    return document ? std::string(document.value().root()["arn"].string()) : std::string();
}

QByteArray moreOf(SqliteFile &file, QLatin1StringView method)
{
    std::string text;
    JsonWriter writer(text);
    writer.beginObject();
    writer.member("authMethod", method.data());
    if (method != "social"_L1)
        writer.member("profileArn", stateProfile(file));
    if (method == "idc"_L1) {
        writer.member("startUrl", stateString(file, "auth.idc.start-url"));
        writer.member("region", stateString(file, "auth.idc.region"));
    }
    writer.endObject();
    return QByteArray::fromStdString(text);
}

Result<ImportedAccount> accountOfRows(const CliRows &rows, const QDir &folder)
{
    std::vector<JsonDocument> documents;
    for (const QByteArray &text : {rows.token, rows.registration, rows.more}) {
        if (text.isEmpty())
            continue;
        Result<JsonDocument> document = JsonDocument::parse(text.toStdString());
        if (!document)
            return document.error();
        documents.push_back(std::move(document).value());
    }
    std::vector<JsonValue> objects;
    for (const JsonDocument &document : documents)
        objects.push_back(document.root());
    JsonReader reader;
    ImportedAccount found = readFlatCredential(reader, std::move(objects), folder);
    if (reader.failed())
        return reader.error();
    return found;
}

/// The account of one kind of token under the first prefix that has one; empty when none has.
Result<std::optional<ImportedAccount>> accountOfKind(SqliteFile &file, const TokenKind &kind,
                                                     const QDir &folder)
{
    for (const QLatin1StringView prefix : KeyPrefixes) {
        const QString key = prefix + kind.key;
        const Result<QByteArray> token = valueOf(file, u"auth_kv"_s, key);
        if (!token)
            return token.error();
        if (token.value().isEmpty())
            continue;
        CliRows rows {token.value(), {}, moreOf(file, kind.method)};
        if (kind.method == "idc"_L1) {
            const QString registrationKey = prefix + "odic:device-registration"_L1;
            const auto registration = valueOf(file, u"auth_kv"_s, registrationKey);
            if (!registration)
                return registration.error();
            if (registration.value().isEmpty())
                return Error {Error::Code::BadInput, u"is missing"_s, registrationKey};
            rows.registration = registration.value();
        }
        Result<ImportedAccount> found = accountOfRows(rows, folder);
        if (!found)
            return inRow(key, found.error());
        return std::optional(std::move(found).value());
    }
    return std::optional<ImportedAccount>();
}

/// data.sqlite3 of kiro-cli and of the Amazon Q CLI before it (kiro-protocol §7.2). Read only.
class KiroCliImporter final : public Importer
{
public:
    const char *name() const override { return "Kiro CLI database"; }

    bool recognises(const ImportSource &source) const override
    {
        return !source.file.isEmpty() && isSqliteFile(source.bytes);
    }

    Result<std::vector<ImportedAccount>> read(const ImportSource &source) const override
    {
        auto opened = SqliteFile::open(source.file, SqliteFile::Access::ReadOnly);
        if (!opened)
            return Error {opened.error().code, opened.error().what};
        std::vector<ImportedAccount> accounts;
        for (const TokenKind &kind : TokenKinds) {
            auto found = accountOfKind(*opened.value(), kind, source.folder);
            if (!found)
                return found.error();
            if (std::optional<ImportedAccount> account = std::move(found).value())
                accounts.push_back(std::move(*account));
        }
        if (accounts.empty())
            return Error {Error::Code::BadInput, u"nobody is signed in there"_s};
        return accounts;
    }
};

} // namespace

QStringList kiroCliTokenKeys()
{
    QStringList keys;
    for (const TokenKind &kind : TokenKinds) {
        for (const QLatin1StringView prefix : KeyPrefixes)
            keys.append(prefix + kind.key);
    }
    return keys;
}

bool isSqliteFile(const QByteArray &bytes)
{
    static const QByteArray start("SQLite format 3\0", 16);
    return bytes.startsWith(start);
}

const Importer &kiroCliImporter()
{
    static const KiroCliImporter importer;
    return importer;
}

} // namespace kirotray
