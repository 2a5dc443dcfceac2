// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"
#include "app/base/result.h"

#include <QObject>

#include <vector>

namespace kirotray {

/// The list of accounts in accounts.json, without secrets, saved by atomic replace after each
/// change. Main thread.
class AccountStore : public QObject
{
    Q_OBJECT
public:
    explicit AccountStore(QString file, QObject *parent = nullptr);

    /// A missing file is an empty list. A file that is no valid list is Error::BadInput with path,
    /// one that cannot be read Error::Storage; it is left as it is, and the next change moves it to
    /// accounts.json.broken-<time> first, so that nothing is lost.
    Result<Done> load();

    const std::vector<Account> &accounts() const { return m_accounts; }
    const Account *
    find(const AccountId &id) const; ///< null when unknown; valid until the next change

    /// Adds, or replaces the account of the same id. Error::Storage when it cannot be written,
    /// Error::BadInput without an id or beyond limits::MaxAccounts; the list then stays as it was.
    Result<Done> put(const Account &account);
    Result<Done> remove(const AccountId &id); ///< removing what is not there succeeds

signals:
    void changed();

private:
    Result<Done> save(std::vector<Account> accounts);
    Result<Done> putBrokenFileAside();

    QString m_file;
    std::vector<Account> m_accounts; ///< by priority, then age
    bool m_fileIsBroken = false;
};

} // namespace kirotray
