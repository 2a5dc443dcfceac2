// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/controlcalls.h"

#include <QUrl>

namespace kirotray {

/// What the end of a social sign-in is exchanged with (kiro-protocol §4.2 no. 4).
struct SocialExchange
{
    Secret code;
    Secret verifier; ///< of PKCE
    /// Exactly the one of the link; for the portal with its query, without code and state (§4.6).
    QString redirectUri;
};

/// Links and the exchange of the Kiro sign-in service (§4.2, §4.6). Lives on one thread, with its
/// HttpClient.
class SocialCalls
{
public:
    /// `asking`: accountId as the lane, machineId and proxy; nothing else is used.
    SocialCalls(HttpClient &http, KiroTablesPtr tables, ProxyChoice generalProxy,
                KiroIdentity asking);

    /// `idp` as the service spells it: Google, Github. Invalid without a host in the table.
    QUrl loginUrl(const QString &idp, const QString &redirectUri, const QByteArray &state,
                  const QByteArray &challenge) const;
    /// `origin`: "http://localhost:3128".
    QUrl portalUrl(const QString &origin, const QByteArray &state,
                   const QByteArray &challenge) const;

    /// `done` once, from the event loop, never after `context` is gone. Error::Unauthorized: the
    /// code is used, expired or not for this verifier; Network, Timeout, RateLimited, Upstream. A
    /// code is presented to one host only.
    void exchange(const SocialExchange &exchange, QObject *context,
                  std::function<void(Result<TokenGrant>)> done) const;

private:
    HttpClient &m_http;
    KiroTablesPtr m_tables;
    ProxyChoice m_generalProxy;
    KiroIdentity m_asking;
};

} // namespace kirotray
