// SPDX-License-Identifier: MIT
#include "app/kiro/socialcalls.h"

#include "app/kiro/controlfetch.h"
#include "app/kiro/tokenreply.h"

namespace kirotray {

namespace {

using controlfetch::Caller;

QUrl linkAt(const QStringList &bases, const QString &path,
            const std::vector<std::pair<QString, QString>> &query)
{
    if (bases.isEmpty())
        return {};
    return QUrl::fromEncoded((bases.first() + path + controlfetch::queryOf(query)).toUtf8(),
                             QUrl::StrictMode);
}

} // namespace

SocialCalls::SocialCalls(HttpClient &http, KiroTablesPtr tables, ProxyChoice generalProxy,
                         KiroIdentity asking)
    : m_http(http)
    , m_tables(std::move(tables))
    , m_generalProxy(std::move(generalProxy))
    , m_asking(std::move(asking))
{
}

QUrl SocialCalls::loginUrl(const QString &idp, const QString &redirectUri, const QByteArray &state,
                           const QByteArray &challenge) const
{
    return linkAt(m_tables->endpoints.socialAuth, u"/login"_s,
                  {{u"idp"_s, idp},
                   {u"redirect_uri"_s, redirectUri},
                   {u"code_challenge"_s, QString::fromLatin1(challenge)},
                   {u"code_challenge_method"_s, u"S256"_s},
                   {u"state"_s, QString::fromLatin1(state)},
                   {u"prompt"_s, u"select_account"_s}});
}

QUrl SocialCalls::portalUrl(const QString &origin, const QByteArray &state,
                            const QByteArray &challenge) const
{
    return linkAt(m_tables->endpoints.portal, u"/signin"_s,
                  {{u"state"_s, QString::fromLatin1(state)},
                   {u"code_challenge"_s, QString::fromLatin1(challenge)},
                   {u"code_challenge_method"_s, u"S256"_s},
                   {u"redirect_uri"_s, origin},
                   {u"redirect_from"_s, u"KiroIDE"_s}});
}

void SocialCalls::exchange(const SocialExchange &exchange, QObject *context,
                           std::function<void(Result<TokenGrant>)> done) const
{
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    const QByteArray body = tokenreply::body({{"code", exchange.code.reveal()},
                                              {"code_verifier", exchange.verifier.reveal()},
                                              {"redirect_uri", exchange.redirectUri.toUtf8()}});
    std::vector<OutboundRequest> requests;
    if (const QStringList &bases = m_tables->endpoints.socialAuth; !bases.isEmpty())
        requests.push_back(controlfetch::requestAt(caller, {bases.first(), u"/oauth/token"_s},
                                                   KiroCallKind::SocialAuth, body));
    controlfetch::fetchFirst(caller, std::move(requests),
                             [done = std::move(done)](const Result<HttpReply> &reply) {
                                 if (reply)
                                     done(tokenreply::grantOf(reply.value(), u"sign-in"_s));
                                 else
                                     done(reply.error());
                             });
}

} // namespace kirotray
