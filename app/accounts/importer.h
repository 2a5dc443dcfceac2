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

/// One credential format. Implementations are listed in importer.cpp; adding one is one line there.
class Importer
{
public:
    virtual ~Importer() = default;
    virtual const char *name() const = 0; ///< "Kiro IDE token file"
    virtual bool recognises(const JsonValue &root) const = 0;
    /// `folder` is where the file lies (the Kiro IDE keeps its client registration beside it).
    /// All or nothing: Error::BadInput names the entry and the field, never a value.
    virtual Result<std::vector<ImportedAccount>> read(const JsonValue &root,
                                                      const QDir &folder) const = 0;
};

/// Reads one file of at most limits::MaxImportFile bytes by the first importer that recognises it.
/// Error::Storage: it cannot be read.
Result<std::vector<ImportedAccount>> importFile(const QString &file);

/// The same of a text that lies, or would lie, in `folder`.
Result<std::vector<ImportedAccount>> importText(QByteArray text, const QDir &folder);

/// The account that was made from the same credential before, or that has the same user id or the
/// same e-mail, kind and provider; null when it is a new one. Profile ARNs do not tell: they are
/// shared between users. With an equal fingerprint the stored credential is the newer one, since
/// only we can have rotated it: keep it and take over the other fields.
const Account *sameUser(const std::vector<Account> &accounts, const ImportedAccount &imported);

/// The entry of account.importedFrom, read again as `found`, that continues `account`; null when
/// there is none or more than one that could be it. `others` are all accounts: an entry that
/// belongs to another one is left to that.
const ImportedAccount *successorOf(const Account &account, const std::vector<Account> &others,
                                   const std::vector<ImportedAccount> &found);

} // namespace kirotray
