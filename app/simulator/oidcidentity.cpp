// SPDX-License-Identifier: MIT
#include "app/simulator/oidcidentity.h"

#include "app/base/secret.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QRegularExpression>
#include <QUrl>

#include <algorithm>

namespace kirotray {

namespace {

constexpr char DeviceGrant[] = "urn:ietf:params:oauth:grant-type:device_code";
constexpr char CodeGrant[] = "authorization_code";
constexpr qsizetype MaxOidcThings = 1000; ///< of each kind: a script may run for days

QByteArray oidcText(const JsonValue &object, std::string_view key)
{
    const std::string_view text = object[key].string();
    return {text.data(), static_cast<qsizetype>(text.size())};
}

QList<QByteArray> oidcTexts(const JsonValue &array)
{
    QList<QByteArray> texts;
    for (const JsonValue each : array) {
        const std::string_view text = each.string();
        texts.append(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
    }
    return texts;
}

HttpResponse oidcError(int status, std::string_view error, std::string_view description,
                       const QByteArray &errorClass)
{
    std::string body;
    JsonWriter(body)
        .beginObject()
        .member("error", error)
        .member("error_description", description)
        .endObject();
    HttpResponse response = jsonResponse(status, QByteArray::fromStdString(body));
    response.headers.append("x-amzn-errortype", errorClass);
    return response;
}

HttpResponse invalidOidcRequest(std::string_view description)
{
    return oidcError(400, "invalid_request", description, "InvalidRequestException");
}

HttpResponse invalidOidcClient()
{
    return oidcError(401, "invalid_client", "Invalid client provided", "InvalidClientException");
}

HttpResponse invalidOidcGrant()
{
    return oidcError(400, "invalid_grant", "Invalid grant provided", "InvalidGrantException");
}

HttpResponse oidcPage(int status, const QByteArray &text)
{
    HttpResponse response;
    response.status = status;
    response.headers.append("Content-Type", "text/html; charset=utf-8");
    response.body = "<!doctype html><title>Simulator</title><p>" + text + "</p>";
    return response;
}

/// Loopback addresses are compared without their port (§4.4 no. 1).
QByteArray withoutPort(const QByteArray &uri)
{
    QUrl url = QUrl::fromEncoded(uri, QUrl::StrictMode);
    if (url.host() == u"127.0.0.1")
        url.setPort(-1);
    return url.toEncoded();
}

QByteArray challengeOf(const QByteArray &verifier)
{
    return QCryptographicHash::hash(verifier, QCryptographicHash::Sha256)
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray newUserCode()
{
    const QByteArray letters = randomToken(16).toUpper().replace('-', 'X').replace('_', 'Y');
    return letters.left(4) + '-' + letters.mid(4, 4);
}

template <typename Value>
void keepOidcThing(QHash<QByteArray, Value> &things, const QByteArray &key, const Value &value)
{
    if (things.size() >= MaxOidcThings)
        things.clear();
    things.insert(key, value);
}

bool isSignInPath(const QByteArray &path)
{
    static const QList<QByteArray> starts {"/client/register", "/device", "/token", "/authorize",
                                           "/session/device"};
    return std::any_of(starts.begin(), starts.end(),
                       [&path](const QByteArray &start) { return path.startsWith(start); });
}

const QRegularExpression &regionSegment()
{
    static const QRegularExpression form(
        QStringLiteral("^/([a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2})(/.*)$"));
    return form;
}

} // namespace

OidcRules readOidcRules(const JsonValue &value, ScenarioReader &reader)
{
    OidcRules rules;
    if (value.isAbsent()
        || !reader.objectWith(value,
                              {"region", "startUrl", "slowDown", "pending", "outcome", "interval",
                               "expiresIn", "registrationLifetime", "forgetsClients", "session",
                               "failures"}))
        return rules;
    rules.region = reader.bytes(value, "region");
    rules.startUrl = reader.bytes(value, "startUrl");
    rules.slowDown = reader.integer(value, "slowDown", 0, 0);
    rules.pending = reader.integer(value, "pending", 0, 0);
    rules.interval = reader.integer(value, "interval", rules.interval, 0);
    rules.expiresIn = reader.integer(value, "expiresIn", rules.expiresIn, 0);
    rules.registrationLifetime =
        reader.integer(value, "registrationLifetime", rules.registrationLifetime, 0);
    rules.forgetsClients = reader.flag(value, "forgetsClients", false);
    rules.session = reader.bytes(value, "session");
    const std::string outcome = reader.text(value, "outcome");
    if (outcome == "denied")
        rules.outcome = OidcRules::Outcome::Denied;
    else if (outcome == "expired")
        rules.outcome = OidcRules::Outcome::Expired;
    else if (!outcome.empty() && outcome != "grant")
        reader.fail(value["outcome"], "expected grant, denied or expired");
    for (const JsonValue each : reader.optionalArray(value, "failures")) {
        if (!reader.expect(each, JsonValue::Type::Object))
            break;
        OidcRules::Failure failure;
        failure.answer = readHttpFailure(each, reader, {"on", "times"});
        failure.times = reader.integer(each, "times", -1, 1);
        failure.on = reader.text(each, "on");
        if (failure.on != "register" && failure.on != "device" && failure.on != "token"
            && failure.on != "session")
            reader.fail(each["on"], "expected register, device, token or session");
        rules.failures.push_back(failure);
    }
    return rules;
}

void OidcIdentity::setRules(const OidcRules &rules)
{
    m_rules = rules;
    if (rules.forgetsClients)
        m_clients.clear();
}

QByteArray OidcIdentity::pathWithoutRegion(const QByteArray &path)
{
    const auto match = regionSegment().match(QString::fromLatin1(path));
    return match.hasMatch() ? match.captured(2).toLatin1() : path;
}

std::optional<HttpResponse> OidcIdentity::answer(const HttpRequest &request, TokenBook &tokens,
                                                 TokenBook::Clock::time_point now)
{
    const auto match = regionSegment().match(QString::fromLatin1(request.head.path));
    const QByteArray path = pathWithoutRegion(request.head.path);
    if (!isSignInPath(path))
        return std::nullopt;
    const QByteArray region =
        match.hasMatch() ? match.captured(1).toLatin1() : QByteArray("us-east-1");
    const bool isGet = request.head.method == "GET";
    const Result<JsonDocument> document =
        JsonDocument::parse(isGet || request.body.empty() ? std::string("{}") : request.body);
    const Call call {path, region, request, document ? document.value().root() : JsonValue()};
    if (isGet && path == "/authorize")
        return authorize(call);
    if (isGet && path == "/device")
        return oidcPage(200, "Signed in. You can close this page.");
    if ((isGet && path == "/token/whoAmI") || path == "/session/device")
        return portal(call);
    if (request.head.method != "POST")
        return std::nullopt;
    if (path == "/client/register")
        return registerClient(call);
    if (path == "/device_authorization")
        return startDevice(call);
    if (path.startsWith("/device_authorization/"))
        return approve(call);
    if (path != "/token")
        return std::nullopt;
    const QByteArray grantType = oidcText(call.root, "grantType");
    if (grantType == DeviceGrant)
        return deviceToken(call, tokens, now);
    if (grantType == CodeGrant)
        return codeToken(call, tokens, now);
    return std::nullopt;
}

std::optional<HttpResponse> OidcIdentity::scriptedFailure(std::string_view call)
{
    for (OidcRules::Failure &failure : m_rules.failures) {
        if (failure.on != call || failure.times == 0)
            continue;
        if (failure.times > 0)
            --failure.times;
        return render(failure.answer);
    }
    return std::nullopt;
}

bool OidcIdentity::knowsClient(const Call &call, const QByteArray &grantType) const
{
    const auto client = m_clients.constFind(oidcText(call.root, "clientId"));
    return client != m_clients.constEnd() && client->secret == oidcText(call.root, "clientSecret")
        && client->grantTypes.contains(grantType);
}

HttpResponse OidcIdentity::registerClient(const Call &call)
{
    if (const auto failure = scriptedFailure("register"))
        return *failure;
    Client client;
    client.grantTypes = oidcTexts(call.root["grantTypes"]);
    client.redirectUris = oidcTexts(call.root["redirectUris"]);
    if (oidcText(call.root, "clientName").isEmpty()
        || oidcText(call.root, "clientType") != "public")
        return invalidOidcRequest("Invalid client metadata");
    if (client.grantTypes.contains(CodeGrant)
        && (client.redirectUris.isEmpty() || oidcText(call.root, "issuerUrl").isEmpty()))
        return invalidOidcRequest("Invalid redirect uris");
    const QByteArray id = "client-" + randomToken(16);
    client.secret = "secret" + randomToken(48);
    keepOidcThing(m_clients, id, client);
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    std::string body;
    JsonWriter writer(body);
    writer.beginObject().member("clientId", id.toStdString());
    writer.member("clientSecret", client.secret.toStdString());
    writer.memberInteger("clientIdIssuedAt", now);
    writer.memberInteger("clientSecretExpiresAt", now + m_rules.registrationLifetime).endObject();
    return jsonResponse(200, QByteArray::fromStdString(body));
}

HttpResponse OidcIdentity::startDevice(const Call &call)
{
    if (const auto failure = scriptedFailure("device"))
        return *failure;
    if (!knowsClient(call, DeviceGrant))
        return invalidOidcClient();
    const QByteArray startUrl = oidcText(call.root, "startUrl");
    if (startUrl.isEmpty() || (!m_rules.startUrl.isEmpty() && startUrl != m_rules.startUrl)
        || (!m_rules.region.isEmpty() && call.region != m_rules.region))
        return invalidOidcRequest("Invalid start url provided");
    Device device;
    device.clientId = oidcText(call.root, "clientId");
    device.userCode = newUserCode();
    const QByteArray deviceCode = randomToken(48);
    keepOidcThing(m_devices, deviceCode, device);
    const QByteArray page = "http://" + call.request.head.headers.value("Host") + "/device";
    std::string body;
    JsonWriter writer(body);
    writer.beginObject().member("deviceCode", deviceCode.toStdString());
    writer.member("userCode", device.userCode.toStdString());
    writer.member("verificationUri", page.toStdString());
    writer.member("verificationUriComplete",
                  (page + "?user_code=" + device.userCode).toStdString());
    writer.memberInteger("expiresIn", m_rules.expiresIn);
    writer.memberInteger("interval", m_rules.interval).endObject();
    return jsonResponse(200, QByteArray::fromStdString(body));
}

HttpResponse OidcIdentity::deviceToken(const Call &call, TokenBook &tokens,
                                       TokenBook::Clock::time_point now)
{
    if (const auto failure = scriptedFailure("token"))
        return *failure;
    if (!knowsClient(call, DeviceGrant))
        return invalidOidcClient();
    const auto device = m_devices.find(oidcText(call.root, "deviceCode"));
    if (device == m_devices.end() || device->clientId != oidcText(call.root, "clientId")
        || device->used)
        return invalidOidcGrant();
    const int poll = device->polls++;
    if (poll < m_rules.slowDown)
        return oidcError(400, "slow_down", "Slow down", "SlowDownException");
    const bool waits = !m_rules.session.isEmpty() && !device->approved;
    if (waits || poll < m_rules.slowDown + m_rules.pending)
        return oidcError(400, "authorization_pending", "Authorization pending",
                         "AuthorizationPendingException");
    if (m_rules.outcome == OidcRules::Outcome::Denied)
        return oidcError(400, "access_denied", "Access denied", "AccessDeniedException");
    if (m_rules.outcome == OidcRules::Outcome::Expired)
        return oidcError(400, "expired_token", "Expired token", "ExpiredTokenException");
    device->used = true;
    return jsonResponse(200, tokens.grantOidc(now));
}

HttpResponse OidcIdentity::codeToken(const Call &call, TokenBook &tokens,
                                     TokenBook::Clock::time_point now)
{
    if (const auto failure = scriptedFailure("token"))
        return *failure;
    if (!knowsClient(call, CodeGrant))
        return invalidOidcClient();
    const auto code = m_codes.find(oidcText(call.root, "code"));
    if (code == m_codes.end() || code->used || code->clientId != oidcText(call.root, "clientId")
        || code->redirectUri != oidcText(call.root, "redirectUri")
        || code->challenge != challengeOf(oidcText(call.root, "codeVerifier")))
        return invalidOidcGrant();
    code->used = true;
    return jsonResponse(200, tokens.grantOidc(now));
}

HttpResponse OidcIdentity::authorize(const Call &call)
{
    const QByteArray &query = call.request.head.query;
    const QByteArray clientId = queryValue(query, "client_id");
    const QByteArray redirectUri = queryValue(query, "redirect_uri");
    const auto client = m_clients.constFind(clientId);
    if (client == m_clients.constEnd() || !client->grantTypes.contains(CodeGrant))
        return oidcPage(400, "Unknown client.");
    const bool isKnown = std::any_of(
        client->redirectUris.begin(), client->redirectUris.end(),
        [&](const QByteArray &uri) { return withoutPort(uri) == withoutPort(redirectUri); });
    if (!isKnown || queryValue(query, "response_type") != "code"
        || queryValue(query, "code_challenge_method") != "S256"
        || queryValue(query, "scopes").isEmpty()
        || (!m_rules.region.isEmpty() && call.region != m_rules.region))
        return oidcPage(400, "Invalid request.");
    QByteArray location = redirectUri + (redirectUri.contains('?') ? '&' : '?');
    if (m_rules.outcome == OidcRules::Outcome::Denied) {
        location += "error=access_denied&error_description=Access%20denied";
    } else {
        const QByteArray code = randomToken(32);
        keepOidcThing(m_codes, code,
                      Code {clientId, queryValue(query, "code_challenge"), redirectUri});
        location += "code=" + code;
    }
    location += "&state=" + queryValue(query, "state").toPercentEncoding();
    HttpResponse response = oidcPage(302, "Go on.");
    response.headers.append("Location", location);
    return response;
}

HttpResponse OidcIdentity::portal(const Call &call)
{
    if (const auto failure = scriptedFailure("session"))
        return *failure;
    const QByteArray session = TokenBook::bearer(call.request.head.headers);
    if (session.isEmpty() || session != m_rules.session)
        return render(Refusal {401,
                               "UnauthorizedException",
                               {},
                               "Session token not found or "
                               "invalid",
                               "session"});
    if (call.path == "/token/whoAmI")
        return jsonResponse(200, R"({"accountId":"111122223333"})");
    m_userSession = "session-" + randomToken(24);
    return jsonResponse(200, R"({"token":")" + m_userSession + R"("})");
}

HttpResponse OidcIdentity::approve(const Call &call)
{
    const JsonValue &root = call.root;
    if (m_userSession.isEmpty() || oidcText(root, "userSessionId") != m_userSession
        || !call.request.head.headers.contains("Referer"))
        return invalidOidcRequest("Invalid session");
    const bool accepts = call.path.endsWith("/accept_user_code");
    const QByteArray userCode = oidcText(root, "userCode");
    const QByteArray contextId = oidcText(root["deviceContext"], "deviceContextId");
    for (Device &device : m_devices) {
        if (accepts && device.userCode == userCode) {
            std::string body;
            JsonWriter writer(body);
            writer.beginObject().key("deviceContext").beginObject();
            writer.member("deviceContextId", "context-" + device.userCode.toStdString());
            writer.member("clientId", device.clientId.toStdString());
            writer.member("clientType", "public").endObject().endObject();
            return jsonResponse(200, QByteArray::fromStdString(body));
        }
        if (!accepts && contextId == "context-" + device.userCode
            && oidcText(root["deviceContext"], "clientId") == device.clientId) {
            device.approved = true;
            return jsonResponse(200, "{}");
        }
    }
    return invalidOidcRequest("Unknown code");
}

} // namespace kirotray
