// SPDX-License-Identifier: MIT
#include "app/login/sociallogin.h"

namespace kirotray {

namespace {

constexpr QLatin1StringView GoogleIdp {"Google"};
constexpr QLatin1StringView GithubIdp {"Github"};
/// The IDE's own scheme (§4.2 no. 2), when no port is free: the browser cannot open it without the
/// IDE, so the user copies it.
constexpr QLatin1StringView IdeRedirectUri {"kiro://kiro.kiroAgent/authenticate-success"};

} // namespace

SocialLogin::SocialLogin(const LoginServices &services, const LoginInput &input, QString idp)
    : RedirectLogin(services, input)
    , m_idp(std::move(idp))
    , m_account(newAccount(AccountKind::Social, m_idp))
{
}

void SocialLogin::begin()
{
    const QString origin = listen();
    m_redirectUri = origin.isEmpty() ? QString(IdeRedirectUri) : origin + u"/oauth/callback"_s;
    const QUrl url =
        socialCalls(m_account).loginUrl(m_idp, m_redirectUri, state(), pkce().challenge);
    if (!url.isValid())
        return fail({Error::Code::BadInput, u"no sign-in service is configured"_s,
                     u"endpoints.json: socialAuth"_s});
    loginstep::OpenBrowser open;
    open.url = url;
    open.expiresAt = deadline();
    open.canBeEmbedded = m_idp != GoogleIdp;
    open.endsInRedirect = origin.isEmpty();
    step(open);
}

void SocialLogin::redirected(const LoginRedirect &redirect)
{
    exchangeSocial(m_account, redirect, m_redirectUri);
}

Result<std::unique_ptr<Login>> makeGoogleLogin(const LoginServices &services,
                                               const LoginInput &input)
{
    return std::unique_ptr<Login>(std::make_unique<SocialLogin>(services, input, GoogleIdp));
}

Result<std::unique_ptr<Login>> makeGithubLogin(const LoginServices &services,
                                               const LoginInput &input)
{
    return std::unique_ptr<Login>(std::make_unique<SocialLogin>(services, input, GithubIdp));
}

} // namespace kirotray
