// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/vault.h"
#include "app/kiro/oidccalls.h"

#include <QDateTime>

#include <functional>

namespace kirotray {

/// The OIDC registrations of this program, kept in the vault: one for each region, start URL and
/// kind of grant (kiro-protocol §4.3 no. 1). One that ends within limits::RegistrationWarning is
/// replaced: accounts made with it would have to sign in again soon. Main thread.
class Registrations
{
public:
    using Clock = std::function<QDateTime()>;
    struct Found
    {
        OidcRegistration registration;
        bool isKept = false; ///< from the vault; the service may have forgotten it
    };

    Registrations(Vault &vault, OidcCalls calls, Clock clock);

    /// `done` once, from the event loop, never after `context` is gone. A vault that cannot be read
    /// or written costs a new registration, not the sign-in. Errors: those of
    /// OidcCalls::registerClient().
    void find(const OidcSite &site, OidcGrant grant, QObject *context,
              std::function<void(Result<Found>)> done);
    /// A new one, whatever is kept.
    void renew(const OidcSite &site, OidcGrant grant, QObject *context,
               std::function<void(Result<Found>)> done);

    /// The service no longer knows the one that is kept.
    void forget(const OidcSite &site, OidcGrant grant, QObject *context);

    /// The item in the vault; the start URL is not readable from it.
    static QString key(const OidcSite &site, OidcGrant grant);

private:
    Vault &m_vault;
    OidcCalls m_calls;
    Clock m_clock;
};

} // namespace kirotray
