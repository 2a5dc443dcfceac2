// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountstore.h"
#include "app/accounts/importer.h"
#include "app/accounts/tokenkeeper.h"

#include <QObject>

#include <functional>
#include <vector>

namespace kirotray {

/// An account that is about to be taken over, from a file or a sign-in.
struct IntakeEntry
{
    ImportedAccount imported; ///< with the id of the account it continues
    bool isNew = true; ///< false: the same user was there already
    bool keepsCredential = false; ///< ours is newer: only we can have rotated it
    std::size_t foundAt = 0; ///< which of the found accounts it takes
};

/// Pure: gives each entry the identity of the account it continues, if there is one (sameUser()),
/// and keeps what the user settled there: label, order, group, tags, switches, description. Entries
/// of the same user are one.
std::vector<IntakeEntry> planIntake(const std::vector<Account> &known,
                                    std::vector<ImportedAccount> found);

/// Stores accounts with their secrets, all or none: secrets go to the vault first, then the
/// accounts to the store, so that no account is ever without its secret. A failure undoes what was
/// added and puts changed accounts back; the newer token of a known user may stay in the vault, as
/// it is that user's too. Deletes itself when done. Main thread.
class AccountIntake : public QObject
{
    Q_OBJECT
public:
    struct Outcome
    {
        int added = 0;
        int updated = 0;
        std::vector<AccountId> ids; ///< of both
    };
    using Callback = std::function<void(const Result<Outcome> &)>;

    /// `done` once; never after `parent` is gone.
    AccountIntake(AccountStore &store, TokenKeeper &keeper, std::vector<IntakeEntry> entries,
                  QObject *parent, Callback done);
    void start();

private:
    void storeNext();
    void putAccounts();
    void undo(const Error &error);
    void conclude(const Result<Outcome> &outcome);

    AccountStore &m_store;
    TokenKeeper &m_keeper;
    Callback m_done;
    std::vector<IntakeEntry> m_entries;
    std::size_t m_next = 0; ///< entry whose secret is stored next
    std::vector<Account> m_replaced; ///< as they were
};

} // namespace kirotray
