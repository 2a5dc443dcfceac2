// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountintake.h"

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
/// recognised in the second. A file is taken whole or not at all (AccountIntake). Deletes itself
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
    void nextFile();
    void conclude(const Result<AccountIntake::Outcome> &result);

    AccountStore &m_store;
    TokenKeeper &m_keeper;
    Callback m_done;
    QStringList m_files; ///< still to do; the first one is at work
    std::vector<ImportOutcome> m_outcomes;
};

} // namespace kirotray
