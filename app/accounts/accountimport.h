// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountstore.h"
#include "app/accounts/importer.h"
#include "app/accounts/tokenkeeper.h"

#include <QObject>
#include <QStringList>

#include <functional>
#include <optional>
#include <vector>

namespace kirotray {

struct ImportOutcome
{
    QString file;
    int added = 0;
    int updated = 0; ///< the same user was there already
    std::optional<Error> error; ///< then nothing of this file was taken
};

/// Takes over the accounts of files, one file after the other, so that a user who stands in two is
/// recognised in the second. Secrets go to the vault first, then the accounts to the store: no
/// account is ever without its secret. A failure undoes what its file had added. Deletes itself
/// when done. Main thread.
class AccountImport : public QObject
{
    Q_OBJECT
public:
    using Callback = std::function<void(const std::vector<ImportOutcome> &)>;

    /// `done` gets one outcome a file, once; never after `parent` is gone.
    AccountImport(AccountStore &store, TokenKeeper &keeper, QStringList files, QObject *parent,
                  Callback done);
    void start();

private:
    struct Entry
    {
        ImportedAccount imported;
        bool isNew = true;
        bool keepsCredential = false; ///< ours is newer: only we can have rotated it
        bool isStored = false; ///< its secret is in the vault
    };
    void nextFile();
    void plan(std::vector<ImportedAccount> found);
    void storeNext();
    void putAccounts();
    void undo(const Error &error);
    void conclude(std::optional<Error> error);

    AccountStore &m_store;
    TokenKeeper &m_keeper;
    Callback m_done;
    QStringList m_files; ///< still to do; the first one is at work
    std::vector<ImportOutcome> m_outcomes;
    ImportOutcome m_outcome; ///< of the file at work
    std::vector<Entry> m_entries; ///< of the file at work
    std::size_t m_next = 0; ///< entry whose secret is stored next
};

} // namespace kirotray
