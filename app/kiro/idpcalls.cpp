// SPDX-License-Identifier: MIT
#include "app/kiro/idpcalls.h"

#include "app/kiro/controlfetch.h"
#include "app/kiro/tokenreply.h"

#include <QHostAddress>

#include <algorithm>

namespace kirotray {

namespace {

using controlfetch::Caller;
using FormFields = std::vector<std::pair<QString, QString>>;

constexpr QLatin1StringView DiscoveryPath {"/.well-known/openid-configuration"};

Error untrusted(const QString &what)
{
    return {Error::Code::BadInput, what};
}

bool isSameOrigin(const QUrl &url, const QUrl &origin)
{
    return url.scheme() == origin.scheme() && url.host() == origin.host()
        && url.port() == origin.port();
}

bool isPlainAddress(const QUrl &url)
{
    return url.isValid() && !url.host().isEmpty() && url.userInfo().isEmpty() && !url.hasFragment();
}

bool isAtKnownProvider(const KiroTables &tables, const QUrl &url)
{
    return isPlainAddress(url)
        && std::ranges::any_of(tables.endpoints.identityProviders, [&url](const QString &origin) {
               return isSameOrigin(url, QUrl(origin, QUrl::StrictMode));
           });
}

/// An organisation's issuer may have any name, but it is a name, and https: nothing on this machine
/// or in its network that an address would reach.
bool isPublicAddress(const QUrl &url)
{
    return isPlainAddress(url) && url.scheme() == "https"_L1 && url.host().contains(u'.')
        && QHostAddress(url.host()).isNull() && !url.host().endsWith(".localhost"_L1);
}

/// application/x-www-form-urlencoded: what is not unreserved is percent-encoded, spaces too.
QByteArray formOf(const FormFields &fields)
{
    return controlfetch::queryOf(fields).mid(1).toLatin1();
}

QString revealed(const Secret &secret)
{
    return QString::fromUtf8(secret.reveal());
}

Result<IdentityProvider> providerOf(const KiroTables &tables, const HttpReply &reply)
{
    if (reply.status != 200)
        return Error {
            Error::Code::Upstream,
            u"the identity provider's addresses were refused with status %1"_s.arg(reply.status),
            {},
            reply.status};
    if (reply.body.size() > limits::MaxDiscoveryDocument)
        return controlfetch::badReply(u"the discovery document is too large"_s);
    const Result<JsonDocument> document = JsonDocument::parse(reply.body.toStdString());
    if (!document || !document.value().root().isObject())
        return controlfetch::badReply(u"the discovery document is no JSON object"_s);
    const JsonValue root = document.value().root();
    JsonReader reader;
    IdentityProvider provider;
    provider.authorizationEndpoint =
        QUrl(controlfetch::textOf(reader.requiredString(root, "authorization_endpoint")),
             QUrl::StrictMode);
    provider.tokenEndpoint = controlfetch::textOf(reader.requiredString(root, "token_endpoint"));
    if (reader.failed())
        return controlfetch::badReply(describe(reader.error()));
    const QUrl &page = provider.authorizationEndpoint;
    if (!isPublicAddress(page) && !isAtKnownProvider(tables, page))
        return untrusted(u"the identity provider's sign-in page is no https address"_s);
    if (!isKnownTokenEndpoint(tables, provider.tokenEndpoint))
        return untrusted(u"the identity provider is not among those that are trusted with tokens; "
                         "identityProviders of endpoints.json lists them"_s);
    return provider;
}

} // namespace

bool isKnownTokenEndpoint(const KiroTables &tables, const QString &url)
{
    return isAtKnownProvider(tables, QUrl(url, QUrl::StrictMode));
}

QString idpScopes(const QString &scopes)
{
    QStringList list =
        QString(scopes).replace(u',', u' ').simplified().split(u' ', Qt::SkipEmptyParts);
    list.append(u"offline_access"_s);
    list.removeDuplicates();
    return list.join(u' ');
}

IdpCalls::IdpCalls(HttpClient &http, KiroTablesPtr tables, ProxyChoice generalProxy,
                   KiroIdentity asking)
    : m_http(http)
    , m_tables(std::move(tables))
    , m_generalProxy(std::move(generalProxy))
    , m_asking(std::move(asking))
{
}

void IdpCalls::discover(const QString &issuerUrl, QObject *context,
                        std::function<void(Result<IdentityProvider>)> done) const
{
    QString base = issuerUrl.trimmed();
    while (base.endsWith(u'/'))
        base.chop(1);
    const QUrl issuer(base, QUrl::StrictMode);
    if (issuer.hasQuery() || (!isPublicAddress(issuer) && !isAtKnownProvider(*m_tables, issuer)))
        return controlfetch::failLater<IdentityProvider>(
            context, done, untrusted(u"the issuer is no https address of a host"_s));
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    OutboundRequest request = controlfetch::requestAt(caller, {base, DiscoveryPath},
                                                      KiroCallKind::SocialAuth, QByteArray());
    request.headers = {{"Accept", "application/json"}};
    controlfetch::fetchFirst(
        caller, {request},
        [tables = m_tables, done = std::move(done)](const Result<HttpReply> &reply) {
            if (reply)
                done(providerOf(*tables, reply.value()));
            else
                done(reply.error());
        });
}

QUrl IdpCalls::authorizeUrl(const IdentityProvider &provider, const IdpLink &link)
{
    QUrl url = provider.authorizationEndpoint;
    QString query =
        controlfetch::queryOf({{u"client_id"_s, link.clientId},
                               {u"response_type"_s, u"code"_s},
                               {u"redirect_uri"_s, link.redirectUri},
                               {u"scope"_s, link.scopes},
                               {u"state"_s, QString::fromLatin1(link.state)},
                               {u"code_challenge"_s, QString::fromLatin1(link.challenge)},
                               {u"code_challenge_method"_s, u"S256"_s},
                               {u"login_hint"_s, link.loginHint},
                               {u"audience"_s, link.audience}})
            .mid(1);
    if (url.hasQuery())
        query.prepend(url.query(QUrl::FullyEncoded) + u'&');
    url.setQuery(query, QUrl::StrictMode);
    return url;
}

void IdpCalls::exchange(const IdpExchange &exchange, QObject *context,
                        std::function<void(Result<TokenGrant>)> done) const
{
    const QByteArray form = formOf({{u"grant_type"_s, u"authorization_code"_s},
                                    {u"client_id"_s, exchange.clientId},
                                    {u"code"_s, revealed(exchange.code)},
                                    {u"redirect_uri"_s, exchange.redirectUri},
                                    {u"code_verifier"_s, revealed(exchange.verifier)}});
    askTokens(exchange.tokenEndpoint, form, u"sign-in"_s, context, std::move(done));
}

void IdpCalls::refresh(const RefreshInput &input, QObject *context,
                       std::function<void(Result<TokenGrant>)> done) const
{
    const QByteArray form = formOf({{u"grant_type"_s, u"refresh_token"_s},
                                    {u"client_id"_s, input.clientId},
                                    {u"refresh_token"_s, revealed(input.refreshToken)},
                                    {u"scope"_s, idpScopes(input.scopes)}});
    askTokens(input.tokenEndpoint, form, u"refresh"_s, context, std::move(done));
}

void IdpCalls::askTokens(const QString &endpoint, const QByteArray &form, const QString &call,
                         QObject *context, std::function<void(Result<TokenGrant>)> done) const
{
    if (!isKnownTokenEndpoint(*m_tables, endpoint))
        return controlfetch::failLater<TokenGrant>(
            context, done, untrusted(u"the token endpoint is not one of a known provider"_s));
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    OutboundRequest request =
        controlfetch::requestAt(caller, {endpoint, QString()}, KiroCallKind::SocialAuth, form);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                       {"Accept", "application/json"}};
    controlfetch::fetchFirst(caller, {request},
                             [call, done = std::move(done)](const Result<HttpReply> &reply) {
                                 if (reply)
                                     done(tokenreply::standardGrantOf(reply.value(), call));
                                 else
                                     done(reply.error());
                             });
}

} // namespace kirotray
