// SPDX-License-Identifier: MIT
#include "app/kiro/oidccalls.h"

#include "app/kiro/controlfetch.h"
#include "app/kiro/oidcreplies.h"
#include "app/kiro/tokenreply.h"

#include <QRegularExpression>

namespace kirotray {

namespace {

using controlfetch::Caller;

std::vector<OutboundRequest> oidcRequests(const Caller &caller, const QStringList &bases,
                                          const OidcSite &site, const QString &path,
                                          const QByteArray &body)
{
    std::vector<OutboundRequest> requests;
    if (!isAwsRegion(site.region))
        return requests;
    for (const QString &base : bases)
        requests.push_back(controlfetch::requestAt(
            caller, {QString(base).replace("{region}"_L1, site.region), path}, KiroCallKind::Oidc,
            body));
    return requests;
}

/// Reads the object of a reply with `read`, which gets a reader and the root.
template <typename Value, typename Read>
controlfetch::OnReply readingReply(const QString &call, std::function<void(Result<Value>)> done,
                                   Read read)
{
    return [call, done = std::move(done), read](const Result<HttpReply> &reply) {
        const Result<JsonDocument> document = oidcreplies::objectOf(reply, call);
        if (!document)
            return done(document.error());
        JsonReader reader;
        Value value = read(reader, document.value().root());
        if (reader.failed())
            return done(controlfetch::badReply(call + u": "_s + describe(reader.error())));
        done(std::move(value));
    };
}

/// As the person's own browser would send it.
void addReferer(std::vector<OutboundRequest> &requests, const OidcSite &site)
{
    QUrl origin(site.startUrl);
    origin.setPath(u"/"_s);
    origin.setQuery(QString());
    for (OutboundRequest &request : requests)
        request.headers.emplace_back("Referer", origin.toEncoded());
}

void addBearer(std::vector<OutboundRequest> &requests, const Secret &session)
{
    for (OutboundRequest &request : requests)
        request.headers.emplace_back("Authorization", "Bearer " + session.reveal());
}

/// For replies whose body says nothing.
controlfetch::OnReply readingStatus(const QString &call, std::function<void(Result<Done>)> done)
{
    return [call, done = std::move(done)](const Result<HttpReply> &reply) {
        if (!reply)
            done(reply.error());
        else if (reply.value().status != 200)
            done(oidcreplies::refusal(reply.value(), call));
        else
            done(Done {});
    };
}

} // namespace

QString builderIdStartUrl()
{
    return u"https://view.awsapps.com/start"_s;
}

Result<QString> cleanStartUrl(const QString &text)
{
    QString cleaned = text.trimmed().section(u'#', 0, 0).trimmed();
    while (cleaned.endsWith(u'/'))
        cleaned.chop(1);
    if (!cleaned.isEmpty() && !cleaned.contains("://"_L1))
        cleaned.prepend("https://"_L1);
    const QUrl url(cleaned, QUrl::StrictMode);
    if (!url.isValid() || url.scheme() != "https"_L1 || !url.host().contains(u'.')
        || !url.userInfo().isEmpty())
        return Error {Error::Code::BadInput,
                      u"is no start URL: expected https://….awsapps.com/start"_s, u"startUrl"_s};
    return cleaned;
}

bool isAwsRegion(const QString &text)
{
    static const QRegularExpression form(uR"(\A[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}\z)"_s);
    return form.match(text).hasMatch();
}

const QStringList &oidcScopes()
{
    static const QStringList scopes {u"codewhisperer:completions"_s, u"codewhisperer:analysis"_s,
                                     u"codewhisperer:conversations"_s,
                                     u"codewhisperer:transformations"_s,
                                     u"codewhisperer:taskassist"_s};
    return scopes;
}

OidcCalls::OidcCalls(HttpClient &http, KiroTablesPtr tables, ProxyChoice generalProxy,
                     KiroIdentity asking)
    : m_http(http)
    , m_tables(std::move(tables))
    , m_generalProxy(std::move(generalProxy))
    , m_asking(std::move(asking))
{
}

void OidcCalls::registerClient(const OidcSite &site, OidcGrant grant, QObject *context,
                               std::function<void(Result<OidcRegistration>)> done) const
{
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    controlfetch::fetchFirst(
        caller,
        oidcRequests(caller, m_tables->endpoints.oidc, site, u"/client/register"_s,
                     oidcreplies::registrationBody(site, grant)),
        readingReply<OidcRegistration>(u"client registration"_s, std::move(done),
                                       oidcreplies::registration));
}

void OidcCalls::startDevice(const OidcSite &site, const OidcRegistration &registration,
                            QObject *context,
                            std::function<void(Result<DeviceAuthorization>)> done) const
{
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    const QByteArray body = tokenreply::body({{"clientId", registration.clientId.toUtf8()},
                                              {"clientSecret", registration.clientSecret.reveal()},
                                              {"startUrl", site.startUrl.toUtf8()}});
    controlfetch::fetchFirst(
        caller,
        oidcRequests(caller, m_tables->endpoints.oidc, site, u"/device_authorization"_s, body),
        readingReply<DeviceAuthorization>(u"device authorization"_s, std::move(done),
                                          oidcreplies::device));
}

void OidcCalls::askDeviceToken(const OidcSite &site, const OidcRegistration &registration,
                               const Secret &deviceCode, QObject *context,
                               std::function<void(OidcTokenReply)> done) const
{
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    const QByteArray body = tokenreply::body({{"clientId", registration.clientId.toUtf8()},
                                              {"clientSecret", registration.clientSecret.reveal()},
                                              {"grantType", oidcreplies::DeviceGrantType},
                                              {"deviceCode", deviceCode.reveal()}});
    controlfetch::fetchFirst(
        caller, oidcRequests(caller, m_tables->endpoints.oidc, site, u"/token"_s, body),
        [done = std::move(done)](const Result<HttpReply> &reply) {
            done(oidcreplies::tokenReply(reply));
        });
}

void OidcCalls::exchangeCode(const OidcSite &site, const OidcRegistration &registration,
                             const OidcCodeExchange &exchange, QObject *context,
                             std::function<void(OidcTokenReply)> done) const
{
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    const QByteArray body = tokenreply::body({{"clientId", registration.clientId.toUtf8()},
                                              {"clientSecret", registration.clientSecret.reveal()},
                                              {"grantType", "authorization_code"},
                                              {"redirectUri", exchange.redirectUri.toUtf8()},
                                              {"code", exchange.code.reveal()},
                                              {"codeVerifier", exchange.verifier.reveal()}});
    controlfetch::fetchFirst(
        caller, oidcRequests(caller, m_tables->endpoints.oidc, site, u"/token"_s, body),
        [done = std::move(done)](const Result<HttpReply> &reply) {
            done(oidcreplies::tokenReply(reply));
        });
}

QUrl OidcCalls::authorizeUrl(const OidcSite &site, const OidcRegistration &registration,
                             const QString &redirectUri, const QByteArray &state,
                             const QByteArray &challenge) const
{
    if (m_tables->endpoints.oidc.isEmpty() || !isAwsRegion(site.region))
        return {};
    const QString base =
        QString(m_tables->endpoints.oidc.first()).replace("{region}"_L1, site.region);
    const QString query =
        controlfetch::queryOf({{u"response_type"_s, u"code"_s},
                               {u"client_id"_s, registration.clientId},
                               {u"redirect_uri"_s, redirectUri},
                               {u"scopes"_s, oidcScopes().join(u',')},
                               {u"state"_s, QString::fromLatin1(state)},
                               {u"code_challenge"_s, QString::fromLatin1(challenge)},
                               {u"code_challenge_method"_s, u"S256"_s}});
    return QUrl::fromEncoded((base + u"/authorize"_s + query).toUtf8(), QUrl::StrictMode);
}

void OidcCalls::checkSession(const OidcSite &site, const Secret &session, QObject *context,
                             std::function<void(Result<Done>)> done) const
{
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    std::vector<OutboundRequest> requests =
        oidcRequests(caller, m_tables->endpoints.ssoPortal, site, u"/token/whoAmI"_s, QByteArray());
    addBearer(requests, session);
    controlfetch::fetchFirst(caller, std::move(requests),
                             readingStatus(u"session check"_s, std::move(done)));
}

void OidcCalls::startDeviceSession(const OidcSite &site, const Secret &session, QObject *context,
                                   std::function<void(Result<Secret>)> done) const
{
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    std::vector<OutboundRequest> requests =
        oidcRequests(caller, m_tables->endpoints.ssoPortal, site, u"/session/device"_s, "{}");
    addBearer(requests, session);
    controlfetch::fetchFirst(
        caller, std::move(requests),
        readingReply<Secret>(u"device session"_s, std::move(done),
                             [](JsonReader &reader, const JsonValue &root) {
                                 return Secret(oidcreplies::text(reader, root, "token").toUtf8());
                             }));
}

void OidcCalls::acceptUserCode(const OidcSite &site, const QString &userCode,
                               const Secret &userSession, QObject *context,
                               std::function<void(Result<OidcDeviceContext>)> done) const
{
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    const QByteArray body = tokenreply::body(
        {{"userCode", userCode.toUtf8()}, {"userSessionId", userSession.reveal()}});
    std::vector<OutboundRequest> requests = oidcRequests(
        caller, m_tables->endpoints.oidc, site, u"/device_authorization/accept_user_code"_s, body);
    addReferer(requests, site);
    controlfetch::fetchFirst(
        caller, std::move(requests),
        readingReply<OidcDeviceContext>(
            u"code approval"_s, std::move(done), [](JsonReader &reader, const JsonValue &root) {
                const JsonValue device = reader.requiredObject(root, "deviceContext");
                return OidcDeviceContext {
                    oidcreplies::text(reader, device, "deviceContextId"),
                    oidcreplies::text(reader, device, "clientId"),
                    QString::fromStdString(
                        reader.optionalString(device, "clientType").value_or("public"))};
            }));
}

void OidcCalls::associateToken(const OidcSite &site, const OidcDeviceContext &device,
                               const Secret &userSession, QObject *context,
                               std::function<void(Result<Done>)> done) const
{
    const Caller caller {&m_http, m_tables, m_asking, m_generalProxy, context};
    std::string body;
    JsonWriter writer(body);
    writer.beginObject().key("deviceContext").beginObject();
    writer.member("deviceContextId", device.id.toStdString());
    writer.member("clientId", device.clientId.toStdString());
    writer.member("clientType", device.clientType.toStdString()).endObject();
    writer.member("userSessionId", userSession.reveal().toStdString()).endObject();
    std::vector<OutboundRequest> requests =
        oidcRequests(caller, m_tables->endpoints.oidc, site,
                     u"/device_authorization/associate_token"_s, QByteArray::fromStdString(body));
    addReferer(requests, site);
    controlfetch::fetchFirst(caller, std::move(requests),
                             readingStatus(u"session approval"_s, std::move(done)));
}

} // namespace kirotray
