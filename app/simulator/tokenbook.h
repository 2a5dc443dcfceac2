// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/http/httpmessage.h"
#include "app/simulator/refusal.h"

#include <QByteArray>
#include <QHash>
#include <QSet>

#include <chrono>
#include <optional>
#include <vector>

namespace kirotray {

/// A scripted refusal of an HTTP call.
struct HttpFailure
{
    Refusal refusal;
    QByteArray retryAfter; ///< header value; empty: none
    QByteArray contentType; ///< with rawBody
    std::optional<QByteArray> rawBody; ///< instead of the JSON body
};
HttpResponse render(const HttpFailure &failure);

/// `tokens` of the script (see scenario.h).
struct TokenRules
{
    enum class Endpoint { Any, Social, Oidc };
    struct Failure
    {
        HttpFailure answer;
        Endpoint endpoint = Endpoint::Any;
        int times = -1; ///< negative: always
    };
    std::chrono::seconds expiresIn {3600};
    std::chrono::milliseconds delay {0}; ///< before a refresh is answered
    bool rotate = true; ///< false: no new refresh token in the reply, the old one stays good
    /// A rotated refresh token stays good until what it was exchanged for is used for the first
    /// time: a caller that dies over the answer may ask again. How the real service is, no report
    /// tells (§4.1, §11 no. 7); without it is the stricter case.
    bool grace = false;
    bool anyAccess = false; ///< any bearer token will do
    QSet<QByteArray> access; ///< accepted beside the demo token and those issued
    QSet<QByteArray> refresh; ///< the same for refresh tokens
    QSet<QByteArray> expired; ///< refused, whatever else is said
    QSet<QByteArray> apiKeys; ///< need TokenType: API_KEY
    QSet<QByteArray> externalIdp; ///< need TokenType: EXTERNAL_IDP
    std::vector<Failure> failures;
};

/// Which tokens are good now. Remembers what it issued across changes of the rules. Time is passed
/// in, so that tests need not wait.
class TokenBook
{
public:
    using Clock = std::chrono::steady_clock;

    /// Good from the start; of the length and form of real ones (§4.1).
    static QByteArray demoAccessToken();
    static QByteArray demoRefreshToken();

    void setRules(TokenRules rules) { m_rules = std::move(rules); }
    const TokenRules &rules() const { return m_rules; }

    /// Nullopt when Authorization (and TokenType, kiro-protocol §1.3) let the caller in.
    std::optional<Refusal> check(const HttpHeaders &headers, Clock::time_point now);
    /// Refreshes by a token that had been rotated before: what TokenRules::grace allowed.
    int graceRefreshes() const { return m_graceRefreshes; }
    /// The bearer token of a request; empty when there is none.
    static QByteArray bearer(const HttpHeaders &headers);

    /// The answers of POST /refreshToken (§4.2) and POST /token with grantType refresh_token
    /// (§4.3).
    HttpResponse refreshSocial(std::string_view body, Clock::time_point now);
    HttpResponse refreshOidc(std::string_view body, Clock::time_point now);
    /// The body that answers a sign-in at AWS SSO OIDC (§4.3 no. 4).
    QByteArray grantOidc(Clock::time_point now) { return issue(false, now, true); }
    /// The same of a social sign-in (§4.2 no. 5) and of an organisation's identity provider (§4.7).
    QByteArray grantSocial(Clock::time_point now) { return issue(true, now, true); }
    QByteArray grantStandard(Clock::time_point now);
    HttpResponse refreshStandard(const QByteArray &refreshToken, Clock::time_point now);
    void revoke(const QByteArray &refreshToken) { m_refreshUsed.insert(refreshToken); }

private:
    std::optional<HttpResponse> scriptedFailure(TokenRules::Endpoint endpoint);
    bool takesRefreshToken(const QByteArray &token);
    QByteArray issue(bool social, Clock::time_point now, bool signsIn, const QByteArray &from = {});
    void retireBefore(const QByteArray &used);
    void revokeUnused(const QByteArray &from);

    TokenRules m_rules;
    QHash<QByteArray, Clock::time_point> m_issued; ///< access token → its end
    QSet<QByteArray> m_standardIssued; ///< access tokens that need TokenType: EXTERNAL_IDP
    QSet<QByteArray> m_refreshIssued;
    QSet<QByteArray> m_refreshUsed; ///< rotated away
    /// What was issued under TokenRules::grace and not used yet.
    struct Exchange
    {
        QByteArray from; ///< the refresh token
        QByteArray access;
        QByteArray refresh;
    };
    std::vector<Exchange> m_unused;
    int m_graceRefreshes = 0;
};

} // namespace kirotray
