// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountstore.h"
#include "app/accounts/tokenentry.h"
#include "app/accounts/vault.h"
#include "app/kiro/controlcalls.h"

#include <QTimer>

#include <functional>
#include <map>

namespace kirotray {

/// The working part of TokenKeeper. Whatever is asked of an account goes through proceed(): load,
/// serve, refresh, save, serve; one flight at a time. The number of a flight tells a late answer
/// from a wanted one. Main thread.
class TokenRenewal : public QObject
{
    Q_OBJECT
public:
    TokenRenewal(AccountStore &store, Vault &vault, ControlCalls &calls,
                 std::function<QDateTime()> clock);
    ~TokenRenewal() override;

    void store(const AccountId &id, const Credential &credential, PendingAnswer<Done> done);
    void forget(const AccountId &id); ///< not the vault's item
    void handOver(const AccountId &from, const AccountId &to, PendingAnswer<Done> done);
    void ask(const AccountId &id, const Secret &rejected, PendingAnswer<Secret> answer);
    /// A renewal whatever the current token is worth; joins one that is under way. An account that
    /// needs a sign-in is tried again. Error::BadInput for an API key.
    void renew(const AccountId &id, PendingAnswer<Secret> answer);
    /// Nobody waits: renews what expires soon; a dead account only if its file has a newer token.
    void renewIfDue(const AccountId &id);
    bool isDue(const AccountId &id) const; ///< not loaded yet, or expires soon
    void storeUnsaved();
    void endNetworkPauses(); ///< the network is back
    QDateTime now() const; ///< UTC; moves all times when the clock was put back
    bool isBusy() const;
    void read(const AccountId &id, PendingAnswer<Credential> answer); ///< as it is now

signals:
    void tokenChanged(const kirotray::AccountId &id);
    void signInNeeded(const kirotray::AccountId &id, const QString &why);
    void settled();

private:
    /// A credential to renew, or a renewed one.
    struct Renewal
    {
        Credential credential;
        QString profileArn; ///< as the grant named it
        QString fingerprint; ///< of the file's token it descends from; empty when from none
        Secret replaced = {}; ///< the refresh token that it was renewed with
    };

    void proceed(const AccountId &wanted);
    void load(const AccountId &id, TokenEntry &entry);
    void loaded(const AccountId &id, TokenEntry &entry, const Result<Secret> &text);
    void refresh(const Account &account, TokenEntry &entry, const Credential &from,
                 const QString &fingerprint);
    void refreshed(const AccountId &id, TokenEntry &entry, const Renewal &base,
                   const Result<TokenGrant> &grant);
    void save(const AccountId &id, const Renewal &renewal);
    void saved(const AccountId &id, TokenEntry &entry, const Renewal &renewal,
               const Result<Done> &result);
    void stored(const AccountId &id, const Credential &credential, const Result<Done> &result);
    void handedOver(const AccountId &from, const Result<Done> &result);
    void readFileAgain(const AccountId &id, TokenEntry &entry, const QString &why);
    bool continueFromFile(const Account &account, TokenEntry &entry);
    void declareDead(const AccountId &id, TokenEntry &entry, const QString &why);
    void postpone(TokenEntry &entry, const Error &error);
    void updateAccount(const AccountId &id, const Renewal &renewal);
    bool isWrittenBack(const AccountId &id, const Renewal &renewal) const;
    bool isWanted(const Account &account, const TokenEntry &entry) const;
    TokenEntry *inFlight(const AccountId &id, quint64 flight);
    void endFlight(TokenEntry &entry);

    AccountStore &m_store;
    Vault &m_vault;
    ControlCalls &m_calls;
    std::function<QDateTime()> m_clock;
    mutable std::map<AccountId, TokenEntry> m_entries;
    mutable QDateTime m_latest; ///< what the clock has shown at most since it was put back last
    quint64 m_lastFlight = 0;
    QTimer m_retry; ///< storeUnsaved()
};

} // namespace kirotray
