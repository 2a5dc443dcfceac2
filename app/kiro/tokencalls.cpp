// SPDX-License-Identifier: MIT
#include "app/kiro/controlcalls.h"
#include "app/kiro/controlfetch.h"
#include "app/kiro/upstreamfailure.h"

#include <array>

namespace kirotray {

namespace {

using controlfetch::Caller;

constexpr qint64 UsualTokenLifetime = 3600; ///< seconds (§4.1), when the reply names none
constexpr qint64 LongestTokenLifetime = 30 * 24 * 3600; ///< a longer one is nonsense

/// What a token endpoint says of a refresh token, or of its registration, that is lost for good
/// (§3.2 last paragraph, §11 no. 37).
bool isDeadToken(const UpstreamRefusal &refusal)
{
    static constexpr std::array signs {"invalid_grant"_L1,
                                       "InvalidGrantException"_L1,
                                       "Invalid refresh token"_L1,
                                       "invalid_client"_L1,
                                       "InvalidClientException"_L1,
                                       "unauthorized_client"_L1,
                                       "UnauthorizedClientException"_L1,
                                       "expired_token"_L1,
                                       "ExpiredTokenException"_L1,
                                       "Bad credentials"_L1};
    for (const QLatin1StringView sign : signs)
        for (const QString &text : {refusal.reason, refusal.errorClass, refusal.message})
            if (text.contains(sign, Qt::CaseInsensitive))
                return true;
    return refusal.status == 401;
}

/// Every refusal but these two is taken for transient: the token may still be good.
Error tokenRefusal(const HttpReply &reply)
{
    const UpstreamRefusal refusal = parseRefusal(
        reply.status, reply.body, reply.header("x-amzn-errortype"), reply.header("retry-after"));
    const bool isClientsFault = reply.status == 400 || reply.status == 401;
    Error error;
    error.code = isClientsFault && isDeadToken(refusal) ? Error::Code::Unauthorized
        : reply.status == 429                           ? Error::Code::RateLimited
                                                        : Error::Code::Upstream;
    error.what = u"refresh refused with status %1"_s.arg(reply.status);
    if (!refusal.reason.isEmpty())
        error.what += ", "_L1 + redacted(refusal.reason);
    if (!refusal.message.isEmpty())
        error.what += ": "_L1 + redacted(refusal.message);
    error.httpStatus = reply.status;
    return error;
}

Secret secretOf(const std::string &text)
{
    return Secret(QByteArray::fromStdString(text));
}

Result<TokenGrant> grantOf(const HttpReply &reply)
{
    if (reply.status != 200)
        return tokenRefusal(reply);
    const Result<JsonDocument> document = JsonDocument::parse(reply.body.toStdString());
    // No part of the text goes into the error: it may hold tokens.
    if (!document || !document.value().root().isObject())
        return controlfetch::badReply(u"no JSON object"_s);
    const JsonValue root = document.value().root();
    JsonReader reader;
    TokenGrant grant;
    grant.accessToken = secretOf(reader.requiredString(root, "accessToken"));
    grant.refreshToken =
        secretOf(reader.optionalString(root, "refreshToken").value_or(std::string()));
    const qint64 seconds = reader.optionalInteger(root, "expiresIn").value_or(0);
    const QString arn =
        controlfetch::textOf(reader.optionalString(root, "profileArn").value_or(std::string()));
    if (reader.failed())
        return controlfetch::badReply(describe(reader.error()));
    if (grant.accessToken.isEmpty())
        return controlfetch::badReply(u"accessToken: must not be empty"_s);
    const qint64 lifetime =
        seconds > 0 ? std::min(seconds, LongestTokenLifetime) : UsualTokenLifetime;
    grant.expiresAt = QDateTime::currentDateTimeUtc().addSecs(lifetime);
    if (isProfileArn(arn))
        grant.profileArn = arn;
    return grant;
}

/// The members in the order the official client sends them.
QByteArray tokenBody(const std::vector<std::pair<std::string_view, QByteArray>> &members)
{
    std::string body;
    JsonWriter writer(body);
    writer.beginObject();
    for (const auto &[name, value] : members)
        writer.member(name,
                      std::string_view(value.constData(), static_cast<std::size_t>(value.size())));
    writer.endObject();
    return QByteArray::fromStdString(body);
}

std::vector<OutboundRequest> socialRefresh(const Caller &caller, const RefreshInput &input)
{
    std::vector<OutboundRequest> requests;
    const QByteArray body = tokenBody({{"refreshToken", input.refreshToken.reveal()}});
    for (const QString &base : caller.tables->endpoints.socialAuth)
        requests.push_back(controlfetch::requestAt(caller, {base, u"/refreshToken"_s},
                                                   KiroCallKind::SocialAuth, body));
    return requests;
}

std::vector<OutboundRequest> oidcRefresh(const Caller &caller, const RefreshInput &input)
{
    const QString region = caller.identity.ssoRegion.trimmed().isEmpty()
        ? u"us-east-1"_s
        : caller.identity.ssoRegion.trimmed();
    std::vector<OutboundRequest> requests;
    const QByteArray body = tokenBody({{"clientId", input.clientId.toUtf8()},
                                       {"clientSecret", input.clientSecret.reveal()},
                                       {"grantType", "refresh_token"},
                                       {"refreshToken", input.refreshToken.reveal()}});
    for (const QString &base : caller.tables->endpoints.oidc)
        requests.push_back(controlfetch::requestAt(
            caller, {QString(base).replace("{region}"_L1, region), u"/token"_s}, KiroCallKind::Oidc,
            body));
    return requests;
}

/// Why this account cannot be renewed at all.
std::optional<Error> refreshObstacle(const RefreshInput &input)
{
    const auto bad = [](const QString &what) { return Error {Error::Code::BadInput, what}; };
    switch (input.identity.kind) {
    case AccountKind::ApiKey:
        return bad(u"an API key is not renewed"_s);
    case AccountKind::ExternalIdp:
        return bad(u"external identity providers are not supported yet"_s);
    case AccountKind::BuilderId:
    case AccountKind::IdentityCenter:
        if (input.clientId.isEmpty() || input.clientSecret.isEmpty())
            return bad(u"the client registration is missing"_s);
        break;
    case AccountKind::Social:
        break;
    }
    if (input.refreshToken.isEmpty())
        return Error {Error::Code::Unauthorized, u"there is no refresh token"_s};
    return std::nullopt;
}

} // namespace

void ControlCalls::refresh(const RefreshInput &input, QObject *context,
                           std::function<void(Result<TokenGrant>)> done)
{
    if (const std::optional<Error> obstacle = refreshObstacle(input)) {
        controlfetch::failLater(context, done, *obstacle);
        return;
    }
    const Caller caller {&m_http, m_tables, input.identity, m_proxy, context};
    const bool isSocial = input.identity.kind == AccountKind::Social;
    controlfetch::fetchFirst(caller,
                             isSocial ? socialRefresh(caller, input) : oidcRefresh(caller, input),
                             [done = std::move(done)](const Result<HttpReply> &reply) {
                                 if (reply)
                                     done(grantOf(reply.value()));
                                 else
                                     done(reply.error());
                             });
}

} // namespace kirotray
