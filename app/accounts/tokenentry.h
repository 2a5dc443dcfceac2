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
        bool wantsNew = false; ///< a person asked for a renewal: the current token does not do
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
    bool isNetworkPause = false; ///< the pause is for want of a network
    std::vector<Waiter> waiters;

    /// The access token is there, not refused, and lasts beyond `until`. An end that is farther
    /// away than any token lives was set by a clock that was ahead, and is none.
    bool lastsBeyond(const QDateTime &until) const;
    bool isForced() const; ///< somebody wants a new token
    /// The clock was put back by -`ms`: ends and pauses go with it.
    void moveTimes(qint64 ms);
    /// Takes a credential as the current one, with a clean record.
    void adopt(const Credential &newer);
    /// Notes whether the current token is among the refused ones, then serves all whom it suits.
    void serve(const QDateTime &until, bool neverExpires);
    /// Ends all: with the current token whom it suits until `until`, with `error` the others, and
    /// those who want a new one.
    void fail(const Error &error, const QDateTime &until);
    /// Ends all after a renewal, however short the new token lives.
    void serveRenewed();
};

} // namespace kirotray
