// SPDX-License-Identifier: MIT
#include "app/accounts/accountimport.h"

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
    Result<std::vector<ImportedAccount>> found = importFile(m_files.first());
    if (!found) {
        conclude(found.error());
        return;
    }
    auto *intake = new AccountIntake(
        m_store, m_keeper, planIntake(m_store.accounts(), std::move(found).value()), this,
        [this](const Result<AccountIntake::Outcome> &result) { conclude(result); });
    intake->start();
}

void AccountImport::conclude(const Result<AccountIntake::Outcome> &result)
{
    ImportOutcome outcome;
    outcome.file = m_files.takeFirst();
    if (result) {
        outcome.added = result.value().added;
        outcome.updated = result.value().updated;
    } else {
        outcome.error = result.error();
    }
    m_outcomes.push_back(outcome);
    nextFile();
}

} // namespace kirotray
