// SPDX-License-Identifier: MIT
#include "app/accounts/importer.h"

#include "app/accounts/importers/importsources.h"
#include "app/accounts/importers/localpath.h"
#include "app/base/limits.h"

#include <QFileInfo>
#include <QStringDecoder>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

using ImporterSource = const Importer &(*)();

/// The first that recognises a file reads it: the particular ones before the general ones.
constexpr std::array<ImporterSource, 13> Importers {
    sealedExportImporter,       plainExportImporter, kiroCliImporter,     kiroProxyImporter,
    kiroAccountManagerImporter, kiroGoImporter,      accountListImporter, kiro2apiImporter,
    cliProxyImporter,           aiClientImporter,    kiroRsImporter,      kiroIdeImporter,
    tokenLinesImporter};

Error inFile(const QString &file, const Error &error)
{
    return {error.code, describe(error), file};
}

Error unreadable(const QString &file)
{
    return {Error::Code::Storage, u"is no file that can be read"_s, file};
}

/// Windows editors put a byte order mark there, and its consoles write UTF-16.
QByteArray withoutMark(QByteArray text)
{
    if (text.startsWith("\xEF\xBB\xBF"))
        return text.sliced(3);
    const auto encoding = text.startsWith("\xFF\xFE") ? QStringConverter::Utf16LE
        : text.startsWith("\xFE\xFF")                 ? QStringConverter::Utf16BE
                                                      : QStringConverter::Utf8;
    if (encoding == QStringConverter::Utf8)
        return text;
    QStringDecoder decoder(encoding);
    const QString decoded = decoder(QByteArrayView(text).sliced(2));
    return decoded.toUtf8();
}

Result<ImportFinding> findInSource(const ImportSource &source)
{
    const auto reader = std::find_if(Importers.begin(), Importers.end(), [&source](auto importer) {
        return importer().recognises(source);
    });
    if (reader == Importers.end())
        return Error {Error::Code::BadInput, u"is no credential file of a known format"_s};
    const Importer &importer = (*reader)();
    Result<std::vector<ImportedAccount>> found = importer.read(source);
    if (!found)
        return found.error();
    ImportFinding finding {QString::fromLatin1(importer.name()), std::move(found).value()};
    if (finding.accounts.size() > limits::MaxAccounts)
        return Error {Error::Code::BadInput,
                      u"holds more than %1 accounts"_s.arg(limits::MaxAccounts)};
    for (ImportedAccount &imported : finding.accounts) {
        if (importer.isLiveFile() && imported.account.importedFrom.isEmpty())
            imported.account.importedFrom = source.file;
    }
    return finding;
}

/// Parses the bytes where they look like JSON: a damaged list must not pass for lines of text.
Result<ImportFinding> findInBytes(ImportSource source)
{
    const QByteArray start = source.bytes.left(64).trimmed();
    const bool isText = isSqliteFile(source.bytes)
        || !(start.isEmpty() || start.startsWith('{') || start.startsWith('['));
    if (isText)
        return findInSource(source);
    const Result<JsonDocument> document = JsonDocument::parse(source.bytes.toStdString());
    if (!document)
        return document.error();
    source.root = document.value().root();
    return findInSource(source);
}

qsizetype sizeLimitOf(const QByteArray &start)
{
    if (isSqliteFile(start))
        return limits::MaxImportDatabase;
    return start.startsWith("{\"format\":\"kirotray-") ? limits::MaxExportFile
                                                       : limits::MaxImportFile;
}

Result<ImportFinding> findInFile(const QString &path, const Secret &passphrase, bool mayRefer)
{
    const QFileInfo place(path);
    if (place.isDir() && mayRefer)
        return findAccountsInFolder(QDir(place.absoluteFilePath()), passphrase);
    QFile source(path);
    // Not a pipe that would never end.
    if (!place.isFile() || !source.open(QIODevice::ReadOnly))
        return unreadable(path);
    QByteArray bytes = source.peek(64);
    const qsizetype limit = sizeLimitOf(bytes);
    if (source.size() > limit)
        return Error {Error::Code::BadInput, u"is too large"_s, path};
    if (!isSqliteFile(bytes))
        bytes = source.read(limit + 1);
    if (bytes.size() > limit)
        return Error {Error::Code::BadInput, u"is too large"_s, path};
    Result<ImportFinding> found = findInBytes({withoutMark(bytes),
                                               {},
                                               place.absoluteDir(),
                                               place.absoluteFilePath(),
                                               passphrase,
                                               mayRefer});
    if (!found)
        return inFile(path, found.error());
    return found;
}

Result<std::vector<ImportedAccount>> accountsOf(Result<ImportFinding> found)
{
    if (!found)
        return found.error();
    return std::move(found).value().accounts;
}

} // namespace

Result<ImportFinding> findAccounts(const QString &path, const Secret &passphrase)
{
    return findInFile(path, passphrase, true);
}

Result<ImportFinding> findReferredAccounts(const QString &path)
{
    return findInFile(path, {}, false);
}

Result<ImportFinding> findAccountsIn(const QByteArray &text, const QDir &folder,
                                     const Secret &passphrase)
{
    if (text.size() > sizeLimitOf(text.first(std::min<qsizetype>(text.size(), 64))))
        return Error {Error::Code::BadInput, u"is too large"_s};
    if (isSqliteFile(text))
        return Error {Error::Code::BadInput, u"a database is read from its file"_s};
    return findInBytes({withoutMark(text), {}, folder, {}, passphrase});
}

Result<std::vector<ImportedAccount>> importFile(const QString &file, const Secret &passphrase)
{
    return accountsOf(findAccounts(file, passphrase));
}

Result<std::vector<ImportedAccount>> importText(const QByteArray &text, const QDir &folder,
                                                const Secret &passphrase)
{
    return accountsOf(findAccountsIn(text, folder, passphrase));
}

Result<std::vector<ImportedAccount>> importTokenValue(const QString &value)
{
    const QString text = value.trimmed();
    if (text.startsWith(u'[') || text.startsWith(u'{'))
        return importText(text.toUtf8(), QDir());
    return importFile(localPathOf(text));
}

bool isSealedExportText(const QByteArray &text)
{
    return text.startsWith("{\"format\":\"kirotray-sealed-accounts\"");
}

bool isSealedExport(const QString &file)
{
    QFile source(file);
    return QFileInfo(file).isFile() && source.open(QIODevice::ReadOnly)
        && isSealedExportText(source.peek(64));
}

} // namespace kirotray
