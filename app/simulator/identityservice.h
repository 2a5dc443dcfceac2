// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpmessage.h"
#include "app/simulator/loginrules.h"
#include "app/simulator/scenarioreader.h"
#include "app/simulator/tokenbook.h"

#include <QByteArray>
#include <QHash>

#include <optional>

namespace kirotray {

/// Fills in the members "social", "portal" and "idp" of `logins`.
void readLoginRules(const JsonValue &logins, ScenarioReader &reader, LoginRules &rules);

/// The Kiro sign-in service, its portal and an organisation's identity provider in a box
/// (kiro-protocol §4.2, §4.6, §4.7). Whoever opens a link is signed in, or refused, at once. Codes
/// are good once, for their PKCE verifier and redirect address.
class IdentityService
{
public:
    void setRules(const LoginRules &rules) { m_rules = rules; }

    /// Nullopt: not a call of these.
    std::optional<HttpResponse> answer(const HttpRequest &request, TokenBook &tokens,
                                       TokenBook::Clock::time_point now);

private:
    enum class Site { Social, Idp };
    struct Code
    {
        Site site = Site::Social;
        QByteArray challenge;
        QByteArray redirectUri;
        QByteArray clientId;
        bool used = false;
    };
    /// What a token call presents.
    struct Presented
    {
        Site site = Site::Social;
        QByteArray code;
        QByteArray verifier;
        QByteArray redirectUri;
        QByteArray clientId;
    };
    using Clock = TokenBook::Clock;

    HttpResponse socialLogin(const HttpRequest &request);
    HttpResponse socialToken(const HttpRequest &request, TokenBook &tokens, Clock::time_point now);
    HttpResponse logout(const HttpRequest &request, TokenBook &tokens) const;
    HttpResponse portal(const HttpRequest &request);
    HttpResponse discovery(const HttpRequest &request) const;
    HttpResponse idpAuthorize(const HttpRequest &request);
    HttpResponse idpToken(const HttpRequest &request, TokenBook &tokens, Clock::time_point now);

    /// Back to `target` with what `outcome` says; `code` is what a granted sign-in gets.
    HttpResponse sendBack(const QByteArray &target, const QByteArray &state,
                          BrowserRules::Outcome outcome, const Code &code);
    /// Nullopt when the code is good; it is used up then.
    std::optional<HttpResponse> refusedCode(const Presented &presented);

    LoginRules m_rules;
    QHash<QByteArray, Code> m_codes;
};

} // namespace kirotray
