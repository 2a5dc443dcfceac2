// SPDX-License-Identifier: MIT
#include "app/kiro/tokenreply.h"

#include "app/kiro/controlfetch.h"
#include "app/kiro/upstreamfailure.h"

#include <array>

namespace kirotray::tokenreply {

namespace {

constexpr qint64 UsualTokenLifetime = 3600; ///< seconds (§4.1), when the reply names none
constexpr qint64 LongestTokenLifetime = 30 * 24 * 3600; ///< a longer one is nonsense

struct GrantMembers
{
    std::string_view accessToken, refreshToken, expiresIn;
};

/// What a token endpoint says of a refresh token, or of its registration, that is lost for good
/// (§3.2 last paragraph, §11 no. 37). A 401 without a known sign counts when the service itself
/// says it: a page of a proxy or of a hotel's network takes nobody's account away.
bool isDeadToken(const UpstreamRefusal &refusal, bool isServices)
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
    return refusal.status == 401 && isServices;
}

bool isServicesAnswer(const HttpReply &reply)
{
    return reply.body.trimmed().startsWith('{') || !reply.header("x-amzn-errortype").isEmpty();
}

Secret secretOf(const std::string &text)
{
    return Secret(QByteArray::fromStdString(text));
}

} // namespace

Error refusal(const HttpReply &reply, const QString &call)
{
    const UpstreamRefusal told = parseRefusal(
        reply.status, reply.body, reply.header("x-amzn-errortype"), reply.header("retry-after"));
    const bool isClientsFault = reply.status == 400 || reply.status == 401;
    Error error;
    error.code = isClientsFault && isDeadToken(told, isServicesAnswer(reply))
        ? Error::Code::Unauthorized
        : reply.status == 429 ? Error::Code::RateLimited
                              : Error::Code::Upstream;
    error.what = u"%1 refused with status %2"_s.arg(call).arg(reply.status);
    if (!told.reason.isEmpty())
        error.what += ", "_L1 + redacted(told.reason);
    if (!told.message.isEmpty())
        error.what += ": "_L1 + redacted(told.message);
    error.httpStatus = reply.status;
    return error;
}

namespace {

Result<TokenGrant> readGrant(const HttpReply &reply, const QString &call, const GrantMembers &names)
{
    if (reply.status != 200)
        return refusal(reply, call);
    const Result<JsonDocument> document = JsonDocument::parse(reply.body.toStdString());
    // No part of the text goes into the error: it may hold tokens.
    if (!document || !document.value().root().isObject())
        return controlfetch::badReply(u"no JSON object"_s);
    const JsonValue root = document.value().root();
    JsonReader reader;
    TokenGrant grant;
    grant.accessToken = secretOf(reader.requiredString(root, names.accessToken));
    grant.refreshToken =
        secretOf(reader.optionalString(root, names.refreshToken).value_or(std::string()));
    const qint64 seconds = reader.optionalInteger(root, names.expiresIn).value_or(0);
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

} // namespace

Result<TokenGrant> grantOf(const HttpReply &reply, const QString &call)
{
    return readGrant(reply, call, {"accessToken", "refreshToken", "expiresIn"});
}

Result<TokenGrant> standardGrantOf(const HttpReply &reply, const QString &call)
{
    return readGrant(reply, call, {"access_token", "refresh_token", "expires_in"});
}

QByteArray body(const std::vector<std::pair<std::string_view, QByteArray>> &members)
{
    std::string text;
    JsonWriter writer(text);
    writer.beginObject();
    for (const auto &[name, value] : members)
        writer.member(name,
                      std::string_view(value.constData(), static_cast<std::size_t>(value.size())));
    writer.endObject();
    return QByteArray::fromStdString(text);
}

} // namespace kirotray::tokenreply
