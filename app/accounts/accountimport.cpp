// SPDX-License-Identifier: MIT
#include "app/accounts/accountimport.h"

#include <QPointer>

#include <memory>

namespace kirotray {

AccountImport::AccountImport(AccountStore &store, TokenKeeper &keeper, QStringList files,
                             QObject *parent, Callback done)
    : QObject(parent)
    , m_store(store)
    , m_keeper(keeper)
    , m_done(std::move(done))
    , m_files(std::move(files))
{
}

void AccountImport::start()
{
    nextFile();
}

void AccountImport::nextFile()
{
    if (m_files.isEmpty()) {
        deleteLater();
        m_done(m_outcomes);
        return;
    }
    m_outcome = {};
    m_outcome.file = m_files.first();
    m_entries.clear();
    m_next = 0;
    Result<std::vector<ImportedAccount>> found = importFile(m_outcome.file);
    if (!found) {
        conclude(found.error());
        return;
    }
    plan(std::move(found).value());
    storeNext();
}

void AccountImport::conclude(std::optional<Error> error)
{
    if (error)
        m_outcome.added = m_outcome.updated = 0;
    m_outcome.error = std::move(error);
    m_outcomes.push_back(m_outcome);
    m_files.removeFirst();
    nextFile();
}

/// Gives each entry the identity of the account it continues, if there is one.
void AccountImport::plan(std::vector<ImportedAccount> found)
{
    for (ImportedAccount &imported : found) {
        Entry entry {std::move(imported)};
        if (const Account *known = sameUser(m_store.accounts(), entry.imported)) {
            Account &account = entry.imported.account;
            entry.isNew = false;
            entry.keepsCredential = known->fingerprint == account.fingerprint;
            account.id = known->id;
            account.machineId = known->machineId;
            account.createdAt = known->createdAt;
            account.enabled = known->enabled;
            account.group = known->group;
            account.tags = known->tags;
            if (entry.keepsCredential) {
                account.problem = known->problem;
                account.note = known->note;
            }
        }
        m_entries.push_back(std::move(entry));
    }
}

void AccountImport::storeNext()
{
    while (m_next < m_entries.size() && m_entries[m_next].keepsCredential)
        ++m_next;
    if (m_next == m_entries.size()) {
        putAccounts();
        return;
    }
    const Entry &entry = m_entries[m_next];
    m_keeper.store(entry.imported.account.id, entry.imported.credential, this,
                   [this](const Result<Done> &stored) {
                       if (!stored) {
                           undo(stored.error());
                           return;
                       }
                       m_entries[m_next++].isStored = true;
                       storeNext();
                   });
}

void AccountImport::putAccounts()
{
    for (const Entry &entry : m_entries) {
        if (const Result<Done> put = m_store.put(entry.imported.account); !put) {
            undo(put.error());
            return;
        }
        ++(entry.isNew ? m_outcome.added : m_outcome.updated);
    }
    conclude(std::nullopt);
}

void AccountImport::undo(const Error &error)
{
    // The last one to give up its reference concludes, so that nothing is left behind when the
    // program ends right after.
    const std::shared_ptr<void> last(nullptr, [this, guard = QPointer(this), error](void *) {
        if (guard)
            conclude(error);
    });
    for (const Entry &entry : m_entries) {
        if (!entry.isNew || !entry.isStored)
            continue;
        const AccountId id = entry.imported.account.id;
        if (m_store.find(id) != nullptr)
            (void)m_store.remove(id); // the first error is the one to report
        m_keeper.forget(id, this, [last](const Result<Done> &) {});
    }
}

} // namespace kirotray
