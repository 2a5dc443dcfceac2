// SPDX-License-Identifier: MIT
#include "app/accounts/writeback.h"

#include "app/accounts/importers/importsources.h"
#include "app/accounts/importers/kirocli.h"
#include "app/accounts/importers/sqlitefile.h"
#include "app/accounts/privatefile.h"
#include "app/base/limits.h"

#include <QFileInfo>
#include <QSaveFile>

#include <algorithm>
#include <vector>

namespace kirotray {

namespace {

Error cannotWriteBack(Error::Code code, const QString &what)
{
    return {code, what};
}

/// A piece of the text and what takes its place.
struct Splice
{
    qsizetype at = 0;
    qsizetype size = 0;
    QByteArray replacement;
};

JsonValue eitherSpelling(const JsonValue &object, std::string_view camel, std::string_view snake)
{
    const JsonValue value = object[camel];
    return value.isMissing() ? object[snake] : value;
}

/// The objects whose refresh token is `token`, wherever they stand.
void collectHolders(const JsonValue &value, std::string_view token, std::vector<JsonValue> &holders)
{
    if (value.isObject()
        && eitherSpelling(value, "refreshToken", "refresh_token").string() == token)
        holders.push_back(value);
    for (const JsonValue child : value)
        collectHolders(child, token, holders);
}

std::string quoted(const QByteArray &text)
{
    std::string out;
    appendJsonString(out, std::string_view(text.constData(), std::size_t(text.size())));
    return out;
}

/// In the form that stands there: a text, seconds or milliseconds.
std::string timeLike(const JsonValue &old, const QDateTime &time)
{
    constexpr double FirstMilliseconds = 1e11;
    const std::optional<double> number = old.number();
    if (!number)
        return quoted(time.toUTC().toString(Qt::ISODateWithMs).toLatin1());
    return std::to_string(*number < FirstMilliseconds ? time.toSecsSinceEpoch()
                                                      : time.toMSecsSinceEpoch());
}

/// Once: what is there now may be ours already the next time.
Result<Done> keepBackup(const QString &file, const QByteArray &bytes)
{
    const QString name = file + u".kirotray-backup"_s;
    if (QFileInfo::exists(name))
        return Done {};
    if (!writePrivateFile(name, bytes))
        return cannotWriteBack(Error::Code::Storage, u"no backup can be written beside it"_s);
    return Done {};
}

Result<Done> writeBackToJson(const QString &file, const QByteArray &before, const Secret &replaced,
                             const Credential &renewed)
{
    const Result<QByteArray> after = withRenewedTokens(before, replaced, renewed);
    if (!after)
        return after.error();
    if (const Result<Done> kept = keepBackup(file, before); !kept)
        return kept;
    QSaveFile target(file);
    const bool isWritten = target.open(QIODevice::WriteOnly)
        && target.write(after.value()) == after.value().size() && target.flush()
        && target.commit(); // see writePrivateFile()
    if (!isWritten)
        return cannotWriteBack(Error::Code::Storage, u"cannot be written"_s);
    return Done {};
}

/// The row that holds the replaced token, and its text.
struct TokenRow
{
    QString key;
    QByteArray text;
    QByteArray renewed;
};

Result<TokenRow> rowToChange(SqliteFile &database, const Secret &replaced,
                             const Credential &renewed)
{
    for (const QString &key : kiroCliTokenKeys()) {
        const auto value = database.firstValue(u"SELECT value FROM auth_kv WHERE key = ?"_s, {key});
        if (!value)
            return value.error();
        const QByteArray text = value.value().value_or(QByteArray());
        if (const auto after = withRenewedTokens(text, replaced, renewed))
            return TokenRow {key, text, after.value()};
    }
    return cannotWriteBack(Error::Code::BadInput, u"holds another token by now"_s);
}

Result<Done> changeRow(SqliteFile &database, const QString &file, const Secret &replaced,
                       const Credential &renewed)
{
    const Result<TokenRow> row = rowToChange(database, replaced, renewed);
    if (!row)
        return row.error();
    std::string backup;
    JsonWriter writer(backup);
    writer.beginObject();
    writer.member(row.value().key.toStdString(), row.value().text.toStdString());
    writer.endObject();
    if (const auto kept = keepBackup(file, QByteArray::fromStdString(backup)); !kept)
        return kept;
    const auto changed = database.change(u"UPDATE auth_kv SET value = ? WHERE key = ?"_s,
                                         {QString::fromUtf8(row.value().renewed), row.value().key});
    if (!changed)
        return changed.error();
    if (changed.value() != 1)
        return cannotWriteBack(Error::Code::Storage, u"has not taken the change"_s);
    return Done {};
}

Result<Done> writeBackToDatabase(const QString &file, const Secret &replaced,
                                 const Credential &renewed)
{
    const auto opened = SqliteFile::open(file, SqliteFile::Access::ReadWrite);
    if (!opened)
        return opened.error();
    SqliteFile &database = *opened.value();
    if (const auto begun = database.change(u"BEGIN IMMEDIATE"_s); !begun)
        return begun.error();
    const Result<Done> changed = changeRow(database, file, replaced, renewed);
    const auto ended = database.change(changed ? u"COMMIT"_s : u"ROLLBACK"_s);
    if (!changed)
        return changed;
    if (!ended)
        return ended.error();
    return Done {};
}

} // namespace

Result<QByteArray> withRenewedTokens(const QByteArray &text, const Secret &replaced,
                                     const Credential &renewed)
{
    // Some editors put a byte order mark before it.
    const qsizetype mark = text.startsWith("\xEF\xBB\xBF") ? 3 : 0;
    const Result<JsonDocument> document = JsonDocument::parse(text.sliced(mark).toStdString());
    if (!document)
        return document.error();
    const JsonValue root = document.value().root();
    const std::string token = replaced.reveal().toStdString();
    std::vector<JsonValue> holders;
    if (!token.empty())
        collectHolders(root, token, holders);
    if (holders.size() != 1)
        return cannotWriteBack(Error::Code::BadInput,
                               holders.empty() ? u"holds another token by now"_s
                                               : u"holds the token more than once"_s);
    const std::string_view whole = root.raw();
    const qsizetype start = text.indexOf(QByteArrayView(whole.data(), qsizetype(whole.size())));
    std::vector<Splice> splices;
    const auto replace = [&](const JsonValue &value, const std::string &replacement) {
        if (value.isAbsent())
            return;
        splices.push_back({start + (value.raw().data() - whole.data()),
                           static_cast<qsizetype>(value.raw().size()),
                           QByteArray::fromStdString(replacement)});
    };
    const JsonValue &holder = holders.front();
    replace(eitherSpelling(holder, "refreshToken", "refresh_token"),
            quoted(renewed.refreshToken.reveal()));
    replace(eitherSpelling(holder, "accessToken", "access_token"),
            quoted(renewed.accessToken.reveal()));
    const JsonValue end = eitherSpelling(holder, "expiresAt", "expires_at");
    if (renewed.expiresAt.isValid())
        replace(end, timeLike(end, renewed.expiresAt));
    std::sort(splices.begin(), splices.end(),
              [](const Splice &a, const Splice &b) { return a.at > b.at; });
    QByteArray out = text;
    for (const Splice &splice : splices)
        out.replace(splice.at, splice.size, splice.replacement);
    return out;
}

Result<Done> writeBack(const QString &file, const Secret &replaced, const Credential &renewed)
{
    QFile source(file);
    if (!QFileInfo(file).isFile() || !source.open(QIODevice::ReadOnly))
        return cannotWriteBack(Error::Code::Storage, u"is no file that can be read"_s);
    if (isSqliteFile(source.peek(16))) {
        source.close();
        return writeBackToDatabase(file, replaced, renewed);
    }
    const QByteArray before = source.read(limits::MaxImportFile + 1);
    source.close();
    if (before.size() > limits::MaxImportFile)
        return cannotWriteBack(Error::Code::BadInput, u"is too large"_s);
    return writeBackToJson(file, before, replaced, renewed);
}

} // namespace kirotray
