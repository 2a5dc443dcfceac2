// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountstore.h"
#include "app/accounts/vault.h"
#include "app/kiro/controlcalls.h"

#include <QObject>

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace kirotray {

/// What became of one account when all were renewed.
struct RefreshOutcome
{
    AccountId id;
    Result<Done> result;
};

/// Gives out access tokens and renews them: one refresh at a time per account, limits::RefreshAhead
/// before the expiry, checked every limits::RefreshCheckInterval with jitter. A rotated refresh
/// token is in the vault before the access token is given out, and before the old one is forgotten.
/// Main thread.
class TokenKeeper : public QObject
{
    Q_OBJECT
public:
    using Clock = std::function<QDateTime()>;
    TokenKeeper(AccountStore &store, Vault &vault, ControlCalls &calls, Clock clock = {},
                QObject *parent = nullptr);
    ~TokenKeeper() override;

    /// Puts the credential of an account (new or signed in again) into the vault, then caches it.
    void store(const AccountId &id, const Credential &credential, QObject *context,
               std::function<void(Result<Done>)> done);
    /// Removes it from vault and cache.
    void forget(const AccountId &id, QObject *context, std::function<void(Result<Done>)> done);

    /// Two accounts turned out to be one user: the credential of `from` becomes that of `to`, then
    /// `from` is removed from the store, the vault and the cache. It is not renewed meanwhile.
    /// Error::Storage: nothing has changed; BadInput: `from` is being renewed, or its credential is
    /// not known yet: ask token() first.
    void handOver(const AccountId &from, const AccountId &to, QObject *context,
                  std::function<void(Result<Done>)> done);

    /// A token that is good for at least a minute. All callers of one account wait for one refresh.
    /// `rejected`: the token that the upstream just refused; a newer one is given at once, else it
    /// is refreshed. Error::Unauthorized: a person must sign in again (the account's note says so).
    void token(const AccountId &id, const Secret &rejected, QObject *context,
               std::function<void(Result<Secret>)> done);

    /// Renews whatever the current token is worth, because a person asks: at once, one refresh at a
    /// time. An account that needs a sign-in is tried again. Error::BadInput for an API key or an
    /// unknown account, else as token().
    void refresh(const AccountId &id, QObject *context, std::function<void(Result<Done>)> done);
    /// The same for all that are enabled and not API keys, limits::RefreshStagger apart. Who asks
    /// while that is under way gets its outcomes.
    void refreshAll(QObject *context,
                    std::function<void(Result<std::vector<RefreshOutcome>>)> done);

    /// One round: renews what expires within limits::RefreshAhead, a little apart; reads the files
    /// of dead imported accounts again; stores again what could not be stored.
    void check();
    /// A check now, every limits::RefreshCheckInterval, when the machine wakes up, and when the
    /// network comes back; not in tests.
    void startTimer();
    /// The timer's heartbeat: a check when limits::WakeGap more has passed since the last one than
    /// it takes (the machine slept, or the clock was put forward) or the clock was put back.
    void noteTime();
    void noteNetwork(); ///< it is back: a check soon, also of what failed for want of it
    /// A refresh, or the storing of its result, is under way. Ending the program now could lose a
    /// token that the upstream has already rotated: wait for settled(), for a while.
    bool isBusy() const;
    /// The credential as it is now, for an export. Error::BadInput: there is none, or no such
    /// account; Error::Storage.
    void credential(const AccountId &id, QObject *context,
                    std::function<void(Result<Credential>)> done);

signals:
    void settled(); ///< isBusy() has become false
    void tokenChanged(const kirotray::AccountId &id);
    void signInNeeded(const kirotray::AccountId &id, const QString &why);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
