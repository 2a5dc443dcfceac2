// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importsources.h"
#include "app/base/limits.h"

#include <QFileInfo>
#include <QRegularExpression>

namespace kirotray {

namespace {

/// {clientIdHash}.json of the Kiro IDE: no account, it belongs to one (kiro-protocol §7.1).
bool isRegistrationFile(const QString &name)
{
    static const QRegularExpression pattern(u"^[0-9a-f]{40}\\.json$"_s,
                                            QRegularExpression::CaseInsensitiveOption);
    return pattern.match(name).hasMatch();
}

/// Files of other services lie in the same folders.
bool isOfAnotherKind(const Error &error)
{
    return error.what.endsWith(u"is no credential file of a known format");
}

} // namespace

Result<ImportFinding> findAccountsInFolder(const QDir &folder, const Secret &passphrase)
{
    const QStringList names = folder.entryList({u"*.json"_s}, QDir::Files, QDir::Name);
    if (names.size() > limits::MaxImportFiles)
        return Error {Error::Code::BadInput,
                      u"holds more than %1 files"_s.arg(limits::MaxImportFiles), folder.path()};
    ImportFinding all {u"folder of credential files"_s, {}};
    for (const QString &name : names) {
        if (isRegistrationFile(name))
            continue;
        Result<ImportFinding> found = findAccounts(folder.filePath(name), passphrase);
        if (!found && isOfAnotherKind(found.error()))
            continue;
        if (!found)
            return found.error();
        for (ImportedAccount &imported : std::move(found).value().accounts)
            all.accounts.push_back(std::move(imported));
        if (all.accounts.size() > limits::MaxAccounts)
            return Error {Error::Code::BadInput,
                          u"holds more than %1 accounts"_s.arg(limits::MaxAccounts), folder.path()};
    }
    if (all.accounts.empty())
        return Error {Error::Code::Storage, u"is no file that can be read"_s, folder.path()};
    return all;
}

} // namespace kirotray
