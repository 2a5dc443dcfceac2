// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/kiro/identity.h"

#include <QDateTime>
#include <QString>
#include <QStringList>

namespace kirotray {

struct AccountId
{
    QString value; ///< UUID without braces
    bool operator==(const AccountId &) const = default;
    bool operator<(const AccountId &other) const { return value < other.value; }
};

/// Why an account is not used although nothing is wrong with the program.
enum class AccountProblem {
    None,
    SignInNeeded, ///< its refresh token is dead, or its registration has ended
    Suspended, ///< locked by the vendor; only a person lets it be used again
};
QString toString(AccountProblem problem); ///< empty, sign-in-needed, suspended: as stored

/// An account without its secrets, as it stands in accounts.json (design §7).
struct Account
{
    AccountId id;
    QString label;
    AccountKind kind = AccountKind::Social;
    QString provider; ///< Google, Github, BuilderId, Enterprise, …: as the source names it
    QString ssoRegion;
    QString apiRegion;
    QString profileArn;
    QString profileSource; ///< how the ARN was found: import, login, list, user
    QString startUrl; ///< Identity Center
    QString machineId; ///< 64 hex digits; set once, never derived anew (§8)
    int priority = 0; ///< lower first
    QString group;
    QStringList tags;
    QString proxy; ///< see ProxyChoice::parse()
    bool enabled = true;
    AccountProblem problem = AccountProblem::None;
    QString note; ///< the problem in a sentence, English; empty when all is well
    QString email; ///< as the service or the source told it; empty: not known
    QString userId; ///< the service's own id of the user; with the provider it tells users apart
    QString description; ///< the user's own words
    QString importedFrom; ///< another program's file, re-read before the token is declared dead
    bool writesBack = false; ///< a renewed token is also written to importedFrom
    bool stopsBeforeOverage = true; ///< not used once paid overage would begin
    QDateTime registrationEndsAt; ///< UTC; the OIDC client's: then a sign-in is needed
    QString tokenEndpoint; ///< external IdP only
    QString issuerUrl; ///< external IdP only
    QString scopes; ///< external IdP only; separated by spaces
    /// fingerprintOf() the credential as it was last taken from a file or a sign-in; it does not
    /// follow rotation, so that importing the same file again finds this account.
    QString fingerprint;
    QDateTime createdAt; ///< UTC
    bool operator==(const Account &) const = default;
};

/// The secrets of one account; in the vault only.
struct Credential
{
    Secret accessToken;
    Secret refreshToken;
    QDateTime expiresAt; ///< UTC, of the access token; invalid: unknown, refresh before use
    QString clientId; ///< OIDC registration
    Secret clientSecret;
    QDateTime clientSecretExpiresAt; ///< UTC
    bool operator==(const Credential &) const = default;
};

/// The first 16 hex digits of SHA-256 over the refresh token, or over the access token where there
/// is no refresh token (an API key). A hash of a random value: no secret. Empty without a token.
QString fingerprintOf(const Credential &credential);

/// The name of an account's item in the vault.
QString vaultKey(const AccountId &id);

/// JSON for the vault and back. Error::BadInput names the field.
Secret serialise(const Credential &credential);
Result<Credential> parseCredential(const Secret &text);

/// Enabled, and without a problem.
bool isUsable(const Account &account);

KiroIdentity identityOf(const Account &account, const Secret &accessToken);

} // namespace kirotray
