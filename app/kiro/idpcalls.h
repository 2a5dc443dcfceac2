// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/controlcalls.h"

#include <QUrl>

namespace kirotray {

/// An organisation's own identity provider, as its discovery document names it (kiro-protocol §4.6,
/// OpenID Connect Discovery 1.0 §3).
struct IdentityProvider
{
    QUrl authorizationEndpoint;
    QString tokenEndpoint; ///< isKnownTokenEndpoint() holds
};

/// What the link to an identity provider is made of.
struct IdpLink
{
    QString clientId;
    QString scopes; ///< separated by spaces
    QString redirectUri;
    QByteArray state;
    QByteArray challenge;
    QString loginHint = {}; ///< may be empty
    QString audience = {}; ///< may be empty
};

struct IdpExchange
{
    QString tokenEndpoint;
    QString clientId;
    Secret code;
    Secret verifier;
    QString redirectUri; ///< exactly the one of the link
};

/// True for an address at one of the table's identity providers: nobody else gets a refresh token
/// (§4.7). No user, no fragment.
bool isKnownTokenEndpoint(const KiroTables &tables, const QString &url);
/// `scopes` with what a renewable sign-in needs, each once, separated by spaces; commas count as
/// spaces.
QString idpScopes(const QString &scopes);

/// The calls to an organisation's identity provider (§4.6, §4.7). Each `done` is called once, from
/// the event loop, never after `context` is gone. Errors: BadInput: the address is not one that is
/// trusted; Unauthorized: what was presented is dead; Network, Timeout, RateLimited, Upstream. No
/// secret in any of them. Lives on one thread, with its HttpClient.
class IdpCalls
{
public:
    /// `asking`: accountId as the lane and proxy; nothing else is used.
    IdpCalls(HttpClient &http, KiroTablesPtr tables, ProxyChoice generalProxy, KiroIdentity asking);

    /// GET {issuer}/.well-known/openid-configuration, at most limits::MaxDiscoveryDocument.
    void discover(const QString &issuerUrl, QObject *context,
                  std::function<void(Result<IdentityProvider>)> done) const;
    static QUrl authorizeUrl(const IdentityProvider &provider, const IdpLink &link);
    void exchange(const IdpExchange &exchange, QObject *context,
                  std::function<void(Result<TokenGrant>)> done) const;
    /// Renews by input.tokenEndpoint, clientId, refreshToken and scopes.
    void refresh(const RefreshInput &input, QObject *context,
                 std::function<void(Result<TokenGrant>)> done) const;

private:
    void askTokens(const QString &endpoint, const QByteArray &form, const QString &call,
                   QObject *context, std::function<void(Result<TokenGrant>)> done) const;

    HttpClient &m_http;
    KiroTablesPtr m_tables;
    ProxyChoice m_generalProxy;
    KiroIdentity m_asking;
};

} // namespace kirotray
