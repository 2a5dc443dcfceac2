// SPDX-License-Identifier: MIT
#include "app/login/redirectlogin.h"

namespace kirotray {

RedirectLogin::RedirectLogin(const LoginServices &services, const LoginInput &input)
    : TimedLogin(services, input)
    , m_pkce(makePkce())
    , m_state(makeLoginState())
{
}

RedirectLogin::~RedirectLogin() = default;

Result<Done> RedirectLogin::input(const Secret &text)
{
    if (!isRunning() || !m_isAwaited)
        return TimedLogin::input(text);
    const Result<LoginRedirect> redirect = pastedRedirect(text);
    if (!redirect)
        return redirect.error();
    if (!redirect.value().hasState(m_state))
        return Error {Error::Code::BadInput, u"this address belongs to another sign-in"_s};
    take(redirect.value());
    return Done {};
}

void RedirectLogin::ended()
{
    m_listener.reset();
}

QString RedirectLogin::listen()
{
    m_isAwaited = true;
    if (!m_listener) {
        auto listener = std::make_unique<LoopbackListener>(given().language);
        const QList<quint16> &ports =
            services().ports.isEmpty() ? LoopbackListener::servicePorts() : services().ports;
        if (!listener->listen(ports))
            return {};
        m_listener = std::move(listener);
    }
    m_listener->expect(m_state);
    connect(m_listener.get(), &LoopbackListener::redirected, this, &RedirectLogin::take);
    return u"http://localhost:"_s + QString::number(m_listener->port());
}

void RedirectLogin::adopt(std::unique_ptr<LoopbackListener> listener)
{
    m_listener = std::move(listener);
}

std::unique_ptr<LoopbackListener> RedirectLogin::takeListener()
{
    if (m_listener) {
        m_listener->disconnect(this);
        m_listener->expect({});
    }
    return std::move(m_listener);
}

void RedirectLogin::take(const LoginRedirect &redirect)
{
    if (!isRunning() || !std::exchange(m_isAwaited, false))
        return;
    if (const std::optional<Error> failure = redirect.failure())
        fail(*failure);
    else
        redirected(redirect);
}

SocialCalls RedirectLogin::socialCalls(const Account &account) const
{
    return {services().http, services().tables, services().generalProxy, identityOf(account, {})};
}

void RedirectLogin::exchangeSocial(const Account &account, const LoginRedirect &redirect,
                                   const QString &redirectUri)
{
    const Secret code(redirect.value("code"));
    if (code.isEmpty())
        return fail({Error::Code::Upstream, u"the redirect brought no code"_s});
    step(loginstep::Working {loginstep::Working::What::Exchanging});
    socialCalls(account).exchange({code, m_pkce.verifier, redirectUri}, calls(),
                                  [this, account](const Result<TokenGrant> &grant) {
                                      ImportedAccount imported;
                                      imported.account = account;
                                      if (grant && !grant.value().profileArn.isEmpty()) {
                                          imported.account.profileArn = grant.value().profileArn;
                                          imported.account.profileSource = u"login"_s;
                                      }
                                      conclude(std::move(imported), grant);
                                  });
}

void RedirectLogin::conclude(ImportedAccount imported, const Result<TokenGrant> &grant)
{
    if (!grant)
        return fail(grant.error());
    if (grant.value().refreshToken.isEmpty())
        return fail({Error::Code::Upstream, u"the service gave no refresh token"_s});
    imported.credential.accessToken = grant.value().accessToken;
    imported.credential.refreshToken = grant.value().refreshToken;
    imported.credential.expiresAt = grant.value().expiresAt;
    succeed({std::move(imported)});
}

} // namespace kirotray
