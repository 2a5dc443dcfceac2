// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"
#include "app/base/json.h"

#include <QDir>

#include <vector>

namespace kirotray {

struct ImportedAccount
{
    Account account; ///< with a fresh id and machine id
    Credential credential;
};

/// What an importer is offered. Lives as long as the call.
struct ImportSource
{
    QByteArray bytes; ///< UTF-8 without byte order mark; of a SQLite file the first bytes only
    JsonValue root; ///< missing when the bytes are no JSON
    QDir folder; ///< where the file lies (the Kiro IDE keeps its client registration beside it)
    QString file = {}; ///< absolute; empty for a text
    Secret passphrase = {}; ///< of a sealed export
    bool mayRefer = true; ///< false: another file has named this one, so it must not name more
};

/// One credential format. Implementations are listed in importer.cpp; adding one is one line there.
class Importer
{
public:
    virtual ~Importer() = default;
    virtual const char *name() const = 0; ///< "Kiro IDE token file"
    virtual bool recognises(const ImportSource &source) const = 0;
    /// All or nothing: Error::BadInput names the entry and the field, never a value.
    virtual Result<std::vector<ImportedAccount>> read(const ImportSource &source) const = 0;
    /// Another program keeps the file up to date, so that an account made of it follows it
    /// (Account::importedFrom). False for exports and lists.
    virtual bool isLiveFile() const { return true; }
};

/// What a file or a text holds.
struct ImportFinding
{
    QString format; ///< Importer::name()
    std::vector<ImportedAccount> accounts;
};

/// Reads a file of at most limits::MaxImportFile bytes (a database: limits::MaxImportDatabase, an
/// export of ours: limits::MaxExportFile) by the first importer that recognises it. A folder: all
/// the credential files in it, limits::MaxImportFiles at most; one that is damaged refuses all.
/// Error::Storage: it cannot be read; Error::BadInput: its content is not what it should be.
Result<ImportFinding> findAccounts(const QString &path, const Secret &passphrase = {});

/// The same of a text that lies, or would lie, in `folder`.
Result<ImportFinding> findAccountsIn(const QByteArray &text, const QDir &folder,
                                     const Secret &passphrase = {});

/// The accounts alone.
Result<std::vector<ImportedAccount>> importFile(const QString &file, const Secret &passphrase = {});
Result<std::vector<ImportedAccount>> importText(const QByteArray &text, const QDir &folder,
                                                const Secret &passphrase = {});

/// The value of `KIRO_AUTH_TOKEN`: a JSON text, or the path of a file (kiro-protocol §7.5).
Result<std::vector<ImportedAccount>> importTokenValue(const QString &value);

/// A file that another file names, such as KiroProxy's `token_path`. It must not name more.
Result<ImportFinding> findReferredAccounts(const QString &path);

/// The file or the text is an export of ours that a passphrase opens.
bool isSealedExport(const QString &file);
bool isSealedExportText(const QByteArray &text);

/// The account that was made from the same credential before, or that has the same id (an export of
/// ours), the same user id, or the same e-mail, kind and provider; null when it is a new one.
/// Profile ARNs do not tell: they are shared between users. With an equal fingerprint the stored
/// credential is the newer one, since only we can have rotated it: keep it and take over the other
/// fields.
const Account *sameUser(const std::vector<Account> &accounts, const ImportedAccount &imported);

/// The entry of account.importedFrom, read again as `found`, that continues `account`; null when
/// there is none or more than one that could be it. `others` are all accounts: an entry that
/// belongs to another one is left to that.
const ImportedAccount *successorOf(const Account &account, const std::vector<Account> &others,
                                   const std::vector<ImportedAccount> &found);

} // namespace kirotray
