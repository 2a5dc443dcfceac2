// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/account.h"
#include "app/accounts/pendinganswer.h"

#include <optional>
#include <vector>

namespace kirotray {

/// What TokenKeeper knows of one account: the credential, who is waiting for it, what is under way.
/// Decides who is served with what; makes no calls.
struct TokenEntry
{
    struct Waiter
    {
        Secret rejected;
        PendingAnswer<Secret> answer;
    };

    Credential credential;
    bool known = false; ///< credential is what the vault holds, or newer
    bool unsaved = false; ///< newer, and the vault has not taken it yet
    bool refused = false; ///< the upstream refused the access token
    bool dead = false; ///< so was the refresh token: a person must sign in
    quint64 flight = 0; ///< the load or refresh under way; 0: none
    int storing = 0; ///< sign-ins on their way to the vault
    std::optional<Credential> held; ///< renewed meanwhile; used only if the sign-in is not stored
    QString triedFingerprint; ///< of the token in importedFrom that was tried last
    QDateTime pausedUntil; ///< no refresh that nobody is waiting for before
    std::vector<Waiter> waiters;

    /// The access token is there, not refused, and lasts beyond `until`.
    bool lastsBeyond(const QDateTime &until) const;
    /// Takes a credential as the current one, with a clean record.
    void adopt(const Credential &newer);
    /// Notes whether the current token is among the refused ones, then serves all whom it suits.
    void serve(const QDateTime &until, bool neverExpires);
    /// Ends all: with the current token whom it suits until `until`, with `error` the others.
    void fail(const Error &error, const QDateTime &until);
    /// Ends all after a renewal, however short the new token lives.
    void serveRenewed();
};

} // namespace kirotray
