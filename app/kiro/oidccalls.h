// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/controlcalls.h"

#include <QDateTime>
#include <QUrl>

#include <chrono>
#include <functional>

namespace kirotray {

/// This program as AWS SSO OIDC knows it (kiro-protocol §4.3 no. 1). A refresh token works only
/// with the registration it was made with.
struct OidcRegistration
{
    QString clientId;
    Secret clientSecret;
    QDateTime endsAt; ///< UTC; invalid: not told
    bool operator==(const OidcRegistration &) const = default;
};

enum class OidcGrant { DeviceCode, AuthorizationCode };

/// Where a person signs in: an Identity Center, or Builder ID.
struct OidcSite
{
    QString region; ///< AWS region of the OIDC host; see isAwsRegion()
    QString startUrl; ///< as cleanStartUrl() gives it
    bool operator==(const OidcSite &) const = default;
};

/// A device code and how to ask for its tokens (RFC 8628 §3.2).
struct DeviceAuthorization
{
    Secret deviceCode;
    QString userCode;
    QUrl verificationUri;
    QUrl verificationUriComplete; ///< with the code; the plain one where none was told
    std::chrono::seconds lifetime {600};
    std::chrono::seconds interval {5};
};

/// What POST /token said.
struct OidcTokenReply
{
    enum class Verdict {
        Granted,
        Pending, ///< the user has not answered yet
        SlowDown, ///< the same; ask less often
        Expired, ///< the code's time is over
        Denied, ///< the user said no
        InvalidClient, ///< the registration is gone
        Refused, ///< for good, for another reason
        Failed, ///< no answer, or one that says nothing about the code: ask again later
    };
    Verdict verdict = Verdict::Failed;
    TokenGrant grant = {}; ///< Granted
    Error error = {}; ///< otherwise
};

struct OidcCodeExchange
{
    Secret code;
    Secret verifier; ///< of PKCE
    QString redirectUri; ///< equal to the one of the authorize link
};

/// Which client a device code belongs to, while a session approves it (§4.5 no. 4).
struct OidcDeviceContext
{
    QString id;
    QString clientId;
    QString clientType;
};

/// Builder ID's own start page.
QString builderIdStartUrl();
/// Trimmed, without fragment and trailing slash (§4.4), https put before a bare host. Error:
/// BadInput, no https address.
Result<QString> cleanStartUrl(const QString &text);
/// Host names are made of it: nobody may choose where tokens are sent.
bool isAwsRegion(const QString &text);
/// The scopes the IDE asks for (§4.3).
const QStringList &oidcScopes();

/// The calls of a sign-in at AWS SSO OIDC (§4.3, §4.4), and those of the portal that approve a code
/// with a session (§4.5). Each `done` is called once, from the event loop, never after `context` is
/// gone. Errors: Unauthorized: the registration or the session is refused; BadInput: the service
/// refuses what was asked (a wrong region, a wrong start URL); Network, Timeout, RateLimited,
/// Upstream. No secret in any of them. Lives on one thread, with its HttpClient.
class OidcCalls
{
public:
    /// `asking`: accountId as the lane, machineId and proxy; nothing else is used.
    OidcCalls(HttpClient &http, KiroTablesPtr tables, ProxyChoice generalProxy,
              KiroIdentity asking);

    void registerClient(const OidcSite &site, OidcGrant grant, QObject *context,
                        std::function<void(Result<OidcRegistration>)> done) const;
    void startDevice(const OidcSite &site, const OidcRegistration &registration, QObject *context,
                     std::function<void(Result<DeviceAuthorization>)> done) const;
    void askDeviceToken(const OidcSite &site, const OidcRegistration &registration,
                        const Secret &deviceCode, QObject *context,
                        std::function<void(OidcTokenReply)> done) const;
    void exchangeCode(const OidcSite &site, const OidcRegistration &registration,
                      const OidcCodeExchange &exchange, QObject *context,
                      std::function<void(OidcTokenReply)> done) const;
    /// The link of the authorization code flow (§4.4 no. 2); invalid without a host in the table.
    QUrl authorizeUrl(const OidcSite &site, const OidcRegistration &registration,
                      const QString &redirectUri, const QByteArray &state,
                      const QByteArray &challenge) const;

    void checkSession(const OidcSite &site, const Secret &session, QObject *context,
                      std::function<void(Result<Done>)> done) const;
    /// The id under which the session approves a device.
    void startDeviceSession(const OidcSite &site, const Secret &session, QObject *context,
                            std::function<void(Result<Secret>)> done) const;
    void acceptUserCode(const OidcSite &site, const QString &userCode, const Secret &userSession,
                        QObject *context,
                        std::function<void(Result<OidcDeviceContext>)> done) const;
    void associateToken(const OidcSite &site, const OidcDeviceContext &device,
                        const Secret &userSession, QObject *context,
                        std::function<void(Result<Done>)> done) const;

private:
    HttpClient &m_http;
    KiroTablesPtr m_tables;
    ProxyChoice m_generalProxy;
    KiroIdentity m_asking;
};

} // namespace kirotray
