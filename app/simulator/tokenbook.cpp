// SPDX-License-Identifier: MIT
#include "app/simulator/tokenbook.h"

#include "app/base/secret.h"

#include <algorithm>
#include <string>

namespace kirotray {

namespace {

constexpr auto SharedSocialArn =
    "arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK"; // §1.6
constexpr int AccessTokenBytes = 96;
constexpr int RefreshTokenBytes = 90; // a shorter one looks like a truncated copy (§4.1)

HttpResponse oauthError(std::string_view error, std::string_view description,
                        const QByteArray &errorClass)
{
    std::string body;
    JsonWriter(body)
        .beginObject()
        .member("error", error)
        .member("error_description", description)
        .endObject();
    HttpResponse response = jsonResponse(400, QByteArray::fromStdString(body));
    response.headers.append("x-amzn-errortype", errorClass);
    return response;
}

HttpResponse usedToken()
{
    return oauthError("invalid_grant", "Invalid refresh token provided", "InvalidGrantException");
}

QByteArray textMember(const JsonValue &object, std::string_view key)
{
    const std::string_view text = object[key].string();
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace

HttpResponse render(const HttpFailure &failure)
{
    HttpResponse response;
    if (failure.rawBody) {
        response.status = failure.refusal.status;
        response.headers.append("Content-Type", failure.contentType);
        if (!failure.refusal.errorClass.isEmpty())
            response.headers.append("x-amzn-errortype", failure.refusal.errorClass);
        response.body = *failure.rawBody;
    } else {
        response = render(failure.refusal);
    }
    if (!failure.retryAfter.isEmpty())
        response.headers.append("Retry-After", failure.retryAfter);
    return response;
}

QByteArray TokenBook::demoAccessToken()
{
    return "aoaDemo" + QByteArray(113, 'A');
}

QByteArray TokenBook::demoRefreshToken()
{
    return "aorDemo" + QByteArray(113, 'R');
}

QByteArray TokenBook::bearer(const HttpHeaders &headers)
{
    const QByteArray value = headers.value("Authorization");
    return value.startsWith("Bearer ") ? value.mid(7) : QByteArray();
}

std::optional<Refusal> TokenBook::check(const HttpHeaders &headers, Clock::time_point now)
{
    const QByteArray token = bearer(headers);
    if (token.isEmpty())
        return badToken("no bearer token");
    if (m_rules.expired.contains(token))
        return badToken("expired by the script");
    QByteArray neededType;
    if (m_rules.apiKeys.contains(token) || token.startsWith("ksk_"))
        neededType = "API_KEY";
    else if (m_rules.externalIdp.contains(token) || m_standardIssued.contains(token))
        neededType = "EXTERNAL_IDP";
    if (headers.value("TokenType") != neededType)
        return badToken("TokenType does not fit the token");
    const bool accepted = m_rules.anyAccess || token == demoAccessToken()
        || m_rules.access.contains(token) || m_rules.apiKeys.contains(token)
        || m_rules.externalIdp.contains(token);
    if (accepted)
        return std::nullopt;
    const auto issued = m_issued.constFind(token);
    if (issued == m_issued.constEnd())
        return badToken("unknown token");
    if (*issued <= now)
        return badToken("expired token");
    retireBefore(token);
    return std::nullopt;
}

std::optional<HttpResponse> TokenBook::scriptedFailure(TokenRules::Endpoint endpoint)
{
    for (TokenRules::Failure &failure : m_rules.failures) {
        const bool applies =
            failure.endpoint == TokenRules::Endpoint::Any || failure.endpoint == endpoint;
        if (!applies || failure.times == 0)
            continue;
        if (failure.times > 0)
            --failure.times;
        return render(failure.answer);
    }
    return std::nullopt;
}

bool TokenBook::takesRefreshToken(const QByteArray &token)
{
    const bool known = token == demoRefreshToken() || m_rules.refresh.contains(token)
        || m_refreshIssued.contains(token);
    if (known && m_rules.rotate && !m_rules.grace)
        m_refreshUsed.insert(token);
    if (known) {
        retireBefore(token);
        revokeUnused(token);
    }
    return known;
}

/// A token is used: what it was exchanged for is over.
void TokenBook::retireBefore(const QByteArray &used)
{
    const auto found =
        std::find_if(m_unused.begin(), m_unused.end(), [&used](const Exchange &exchange) {
            return exchange.access == used || exchange.refresh == used;
        });
    if (found == m_unused.end())
        return;
    m_refreshUsed.insert(found->from);
    m_unused.erase(found);
}

/// `from` is exchanged once more: what it gave before is void.
void TokenBook::revokeUnused(const QByteArray &from)
{
    const auto found =
        std::find_if(m_unused.begin(), m_unused.end(),
                     [&from](const Exchange &exchange) { return exchange.from == from; });
    if (found == m_unused.end())
        return;
    ++m_graceRefreshes;
    m_issued.remove(found->access);
    m_refreshUsed.insert(found->refresh);
    m_unused.erase(found);
}

QByteArray TokenBook::issue(bool social, Clock::time_point now, bool signsIn,
                            const QByteArray &from)
{
    const QByteArray access = "aoa" + randomToken(AccessTokenBytes);
    m_issued.insert(access, now + m_rules.expiresIn);
    std::string body;
    JsonWriter writer(body);
    writer.beginObject().member("accessToken", access.toStdString());
    if (m_rules.rotate || signsIn) {
        const QByteArray refresh = "aor" + randomToken(RefreshTokenBytes);
        m_refreshIssued.insert(refresh);
        writer.member("refreshToken", refresh.toStdString());
        if (m_rules.grace && !from.isEmpty())
            m_unused.push_back({from, access, refresh});
    }
    writer.memberInteger("expiresIn", m_rules.expiresIn.count());
    if (social)
        writer.member("profileArn", SharedSocialArn);
    else
        writer.member("tokenType", "Bearer");
    writer.endObject();
    return QByteArray::fromStdString(body);
}

QByteArray TokenBook::grantStandard(Clock::time_point now)
{
    const QByteArray access = "idp" + randomToken(AccessTokenBytes);
    const QByteArray refresh = "idr" + randomToken(RefreshTokenBytes);
    m_issued.insert(access, now + m_rules.expiresIn);
    m_standardIssued.insert(access);
    m_refreshIssued.insert(refresh);
    std::string body;
    JsonWriter(body)
        .beginObject()
        .member("token_type", "Bearer")
        .member("access_token", access.toStdString())
        .member("refresh_token", refresh.toStdString())
        .memberInteger("expires_in", m_rules.expiresIn.count())
        .endObject();
    return QByteArray::fromStdString(body);
}

HttpResponse TokenBook::refreshStandard(const QByteArray &refreshToken, Clock::time_point now)
{
    if (m_refreshUsed.contains(refreshToken) || !takesRefreshToken(refreshToken))
        return usedToken();
    return jsonResponse(200, grantStandard(now));
}

HttpResponse TokenBook::refreshSocial(std::string_view body, Clock::time_point now)
{
    if (std::optional<HttpResponse> failure = scriptedFailure(TokenRules::Endpoint::Social))
        return *failure;
    const Result<JsonDocument> document = JsonDocument::parse(std::string(body));
    const QByteArray token =
        document ? textMember(document.value().root(), "refreshToken") : QByteArray();
    if (token.isEmpty())
        return render(improper("refreshToken: missing"));
    if (m_refreshUsed.contains(token))
        return usedToken();
    if (!takesRefreshToken(token))
        return render(Refusal {401, {}, {}, "Bad credentials", "unknown refresh token"});
    return jsonResponse(200, issue(true, now, false, token));
}

HttpResponse TokenBook::refreshOidc(std::string_view body, Clock::time_point now)
{
    if (std::optional<HttpResponse> failure = scriptedFailure(TokenRules::Endpoint::Oidc))
        return *failure;
    const Result<JsonDocument> document = JsonDocument::parse(std::string(body));
    if (!document)
        return oauthError("invalid_request", "Malformed body", "InvalidRequestException");
    const JsonValue root = document.value().root();
    if (root["grantType"].string() != "refresh_token") {
        return oauthError("unsupported_grant_type", "Unsupported grant type",
                          "UnsupportedGrantTypeException");
    }
    if (textMember(root, "clientId").isEmpty() || textMember(root, "clientSecret").isEmpty())
        return oauthError("invalid_client", "Invalid client provided", "InvalidClientException");
    const QByteArray token = textMember(root, "refreshToken");
    if (m_refreshUsed.contains(token) || !takesRefreshToken(token))
        return usedToken();
    return jsonResponse(200, issue(false, now, false, token));
}

} // namespace kirotray
