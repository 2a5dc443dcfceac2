// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountstore.h"
#include "app/accounts/peerexport.h"
#include "app/accounts/tokenkeeper.h"

#include <QObject>
#include <QStringList>

#include <functional>
#include <vector>

namespace kirotray {

/// What a person must say before secrets are written in plain text.
inline constexpr char PlainExportConfirmation[] =
    "I know that this file holds secrets in plain text";

struct ExportRequest
{
    std::vector<AccountId> accounts; ///< empty: all
    bool plain = false; ///< sealed with the passphrase otherwise
    Secret passphrase; ///< limits::MinExportPassphrase characters at least
    QString confirmation; ///< plain: PlainExportConfirmation
    ExportForm form = ExportForm::KiroTray; ///< sealed: only this one
    QString file; ///< replaced whole, readable by its owner only; plain: required
};

struct ExportOutcome
{
    int accounts = 0;
    QStringList leftOut; ///< "label: why", of those that have no token or no place in the form
    QByteArray sealed; ///< when no file was asked for
    QString file;
};

/// Writes accounts with their secrets: gathers them from the vault, seals or lays them out, and
/// writes the file at once or not at all. A token that is being renewed is waited for. Deletes
/// itself when done. Main thread.
class AccountExport : public QObject
{
    Q_OBJECT
public:
    using Callback = std::function<void(const Result<ExportOutcome> &)>;

    /// `done` once, from the event loop; never after `parent` is gone. Error::BadInput: the request
    /// lacks something (the path names the member); Error::Storage: vault or file failed.
    AccountExport(AccountStore &store, TokenKeeper &keeper, ExportRequest request, QObject *parent,
                  Callback done);
    void start();

private:
    void begin();
    void gatherNext();
    void gathered(const Account &account, const Result<Credential> &credential);
    void finish();
    void conclude(const Result<ExportOutcome> &result);

    AccountStore &m_store;
    TokenKeeper &m_keeper;
    ExportRequest m_request;
    Callback m_done;
    bool m_isGathering = false;
    std::size_t m_next = 0; ///< of m_request.accounts
    std::vector<ImportedAccount> m_accounts; ///< with their secrets
    ExportOutcome m_outcome;
};

} // namespace kirotray
