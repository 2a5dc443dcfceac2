// SPDX-License-Identifier: MIT
#include "app/kiro/oidcreplies.h"

#include "app/kiro/controlfetch.h"
#include "app/kiro/tokenreply.h"

#include <QHostAddress>

#include <algorithm>
#include <array>

namespace kirotray::oidcreplies {

namespace {

using Verdict = OidcTokenReply::Verdict;

/// Shown on the consent page (§4.3).
constexpr std::string_view OidcClientName {"Kiro IDE"};
/// The port is not compared (§4.4 no. 1).
constexpr QLatin1StringView OidcRedirectUri {"http://127.0.0.1/oauth/callback"};
constexpr qint64 LongestDeviceLife = 3600; ///< seconds; real ones live ten minutes
constexpr qint64 LongestPollInterval = 60; ///< seconds

void writeStrings(JsonWriter &writer, std::string_view key, const QStringList &texts)
{
    writer.key(key).beginArray();
    for (const QString &text : texts)
        writer.string(text.toStdString());
    writer.endArray();
}

/// A person opens it: nothing but a web address, and plain http on this machine only.
QUrl pageUrl(JsonReader &reader, const JsonValue &root, std::string_view key)
{
    const QUrl url(QString::fromStdString(reader.optionalString(root, key).value_or("")),
                   QUrl::StrictMode);
    if (url.isEmpty())
        return {};
    const bool isLocal = url.scheme() == "http"_L1 && QHostAddress(url.host()).isLoopback();
    if (url.isValid() && !url.host().isEmpty() && (url.scheme() == "https"_L1 || isLocal))
        return url;
    reader.fail(root[key], "is no web address");
    return {};
}

std::chrono::seconds secondsOf(JsonReader &reader, const JsonValue &root, std::string_view key,
                               std::chrono::seconds usual, qint64 most)
{
    const std::optional<qint64> told = reader.optionalInteger(root, key);
    return told && *told >= 0 ? std::chrono::seconds(std::min(*told, most)) : usual;
}

/// The member "error" of a refusal, else the name of the exception (§4.3 no. 3).
Verdict verdictOf(const HttpReply &reply)
{
    struct Sign
    {
        std::string_view error;
        std::string_view exception;
        Verdict verdict;
    };
    static constexpr std::array<Sign, 9> Signs {{
        {"authorization_pending", "AuthorizationPendingException", Verdict::Pending},
        {"slow_down", "SlowDownException", Verdict::SlowDown},
        {"expired_token", "ExpiredTokenException", Verdict::Expired},
        {"access_denied", "AccessDeniedException", Verdict::Denied},
        {"invalid_client", "InvalidClientException", Verdict::InvalidClient},
        {"unauthorized_client", "UnauthorizedClientException", Verdict::InvalidClient},
        {"invalid_grant", "InvalidGrantException", Verdict::Refused},
        {"invalid_request", "InvalidRequestException", Verdict::Refused},
        {"unsupported_grant_type", "UnsupportedGrantTypeException", Verdict::Refused},
    }};
    if (reply.status >= 500 || reply.status == 429)
        return Verdict::Failed;
    const Result<JsonDocument> document = JsonDocument::parse(reply.body.toStdString());
    const std::string_view error =
        document ? document.value().root()["error"].string() : std::string_view();
    const UpstreamRefusal refusal =
        parseRefusal(reply.status, reply.body, reply.header("x-amzn-errortype"), {});
    const std::string exception = refusal.errorClass.toStdString();
    for (const Sign &sign : Signs)
        if (error.empty() ? exception == sign.exception : error == sign.error)
            return sign.verdict;
    return reply.status == 400 || reply.status == 401 || reply.status == 403 ? Verdict::Refused
                                                                             : Verdict::Failed;
}

} // namespace

/// The error of a call that is not about a token: what the service calls an invalid request is the
/// user's to put right (a wrong region, §4.4).
Error refusal(const HttpReply &reply, const QString &call)
{
    Error error = tokenreply::refusal(reply, call);
    if (error.code == Error::Code::Upstream && reply.status == 400)
        error.code = Error::Code::BadInput;
    if (reply.status == 401 || reply.status == 403)
        error.code = Error::Code::Unauthorized;
    return error;
}

Result<JsonDocument> objectOf(const Result<HttpReply> &reply, const QString &call)
{
    if (!reply)
        return reply.error();
    if (reply.value().status != 200)
        return refusal(reply.value(), call);
    Result<JsonDocument> document = JsonDocument::parse(reply.value().body.toStdString());
    // No part of the text goes into the error: it may hold secrets.
    if (!document || !document.value().root().isObject())
        return controlfetch::badReply(call + u": no JSON object"_s);
    return document;
}

QString text(JsonReader &reader, const JsonValue &root, std::string_view key)
{
    const std::string value = reader.requiredString(root, key);
    if (value.empty())
        reader.fail(root[key], "must not be empty");
    return QString::fromStdString(value);
}

QByteArray registrationBody(const OidcSite &site, OidcGrant grant)
{
    const bool isDevice = grant == OidcGrant::DeviceCode;
    std::string body;
    JsonWriter writer(body);
    writer.beginObject();
    writer.member("clientName", OidcClientName).member("clientType", "public");
    writeStrings(writer, "scopes", oidcScopes());
    writeStrings(writer, "grantTypes",
                 {isDevice ? QString::fromLatin1(DeviceGrantType) : u"authorization_code"_s,
                  u"refresh_token"_s});
    if (!isDevice)
        writeStrings(writer, "redirectUris", {OidcRedirectUri});
    writer.member("issuerUrl", site.startUrl.toStdString()).endObject();
    return QByteArray::fromStdString(body);
}

DeviceAuthorization device(JsonReader &reader, const JsonValue &root)
{
    DeviceAuthorization found;
    found.deviceCode = Secret(text(reader, root, "deviceCode").toUtf8());
    found.userCode = text(reader, root, "userCode");
    found.verificationUri = pageUrl(reader, root, "verificationUri");
    found.verificationUriComplete = pageUrl(reader, root, "verificationUriComplete");
    if (found.verificationUriComplete.isEmpty())
        found.verificationUriComplete = found.verificationUri;
    if (found.verificationUri.isEmpty())
        found.verificationUri = found.verificationUriComplete;
    if (found.verificationUri.isEmpty())
        reader.fail(root["verificationUri"], "is required");
    found.lifetime = secondsOf(reader, root, "expiresIn", found.lifetime, LongestDeviceLife);
    found.interval = secondsOf(reader, root, "interval", found.interval, LongestPollInterval);
    return found;
}

OidcRegistration registration(JsonReader &reader, const JsonValue &root)
{
    OidcRegistration found;
    found.clientId = text(reader, root, "clientId");
    found.clientSecret = Secret(text(reader, root, "clientSecret").toUtf8());
    const qint64 ends = reader.optionalInteger(root, "clientSecretExpiresAt").value_or(0);
    static constexpr qint64 LastSecond = 253402300799; // of the year 9999
    if (ends > 0 && ends <= LastSecond)
        found.endsAt = QDateTime::fromSecsSinceEpoch(ends, Qt::UTC);
    return found;
}

OidcTokenReply tokenReply(const Result<HttpReply> &reply)
{
    const QString call = u"token call"_s;
    if (!reply)
        return {Verdict::Failed, {}, reply.error()};
    if (reply.value().status != 200)
        return {verdictOf(reply.value()), {}, tokenreply::refusal(reply.value(), call)};
    const Result<TokenGrant> grant = tokenreply::grantOf(reply.value(), call);
    // A grant is given once: asking again cannot help.
    if (!grant)
        return {Verdict::Refused, {}, grant.error()};
    return {Verdict::Granted, grant.value(), {}};
}

} // namespace kirotray::oidcreplies
