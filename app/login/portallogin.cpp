// SPDX-License-Identifier: MIT
#include "app/login/portallogin.h"

#include "app/login/externalidplogin.h"
#include "app/login/oidclogin.h"

namespace kirotray {

namespace {

/// The portal wants a web address of this machine; without a listener the browser shows an error
/// there, and the user copies the address.
constexpr QLatin1StringView UnheardOrigin {"http://localhost:3128"};

} // namespace

PortalLogin::PortalLogin(const LoginServices &services, const LoginInput &input)
    : RedirectLogin(services, input)
    , m_account(newAccount(AccountKind::Social, {}))
{
}

PortalLogin::~PortalLogin() = default;

Result<Done> PortalLogin::input(const Secret &text)
{
    return m_next ? m_next->input(text) : RedirectLogin::input(text);
}

void PortalLogin::begin()
{
    const QString heard = listen();
    m_origin = heard.isEmpty() ? QString(UnheardOrigin) : heard;
    const QUrl url = socialCalls(m_account).portalUrl(m_origin, state(), pkce().challenge);
    if (!url.isValid())
        return fail({Error::Code::BadInput, u"no sign-in portal is configured"_s,
                     u"endpoints.json: portal"_s});
    loginstep::OpenBrowser open;
    open.url = url;
    open.expiresAt = deadline();
    open.endsInRedirect = heard.isEmpty();
    step(open);
}

void PortalLogin::redirected(const LoginRedirect &redirect)
{
    const QByteArray option = redirect.value("login_option");
    if (option == "google")
        continueSocial(redirect, u"Google"_s);
    else if (option == "github")
        continueSocial(redirect, u"Github"_s);
    else if (option == "builderid" || option == "awsidc")
        continueOidc(redirect);
    else if (option == "external_idp")
        continueIdp(redirect);
    else
        fail({Error::Code::Upstream, u"the portal offered a way to sign in that is not known"_s});
}

void PortalLogin::continueSocial(const LoginRedirect &redirect, const QString &provider)
{
    m_account.provider = provider;
    // The callback as it was, without code and state (§4.6).
    const QString redirectUri = m_origin + QString::fromLatin1(redirect.path) + u"?login_option="_s
        + QString::fromLatin1(redirect.value("login_option"));
    exchangeSocial(m_account, redirect, redirectUri);
}

void PortalLogin::continueOidc(const LoginRedirect &redirect)
{
    const bool isOrganisation = redirect.value("login_option") == "awsidc";
    LoginInput input = given();
    input.startUrl = isOrganisation ? redirect.text("issuer_url") : QString();
    input.region = redirect.text("idc_region");
    if (isOrganisation && input.startUrl.trimmed().isEmpty())
        return fail({Error::Code::Upstream, u"the portal named no start URL"_s});
    Result<std::unique_ptr<Login>> next = makeOidcLogin(services(), input);
    if (!next)
        return fail(next.error());
    continueWith(std::move(next).value());
}

void PortalLogin::continueIdp(const LoginRedirect &redirect)
{
    IdpOffer offer;
    offer.issuerUrl = redirect.text("issuer_url");
    offer.clientId = redirect.text("client_id");
    offer.scopes = redirect.text("scopes");
    offer.loginHint = redirect.text("login_hint");
    offer.audience = redirect.text("audience");
    if (offer.clientId.isEmpty())
        return fail({Error::Code::Upstream, u"the portal named no client_id"_s});
    continueWith(std::make_unique<ExternalIdpLogin>(services(), given(), offer, takeListener()));
}

void PortalLogin::continueWith(std::unique_ptr<Login> next)
{
    m_next = std::move(next);
    connect(m_next.get(), &Login::stepped, this, [this](const LoginStep &one) { step(one); });
    connect(m_next.get(), &Login::finished, this,
            [this](const Result<std::vector<ImportedAccount>> &result) {
                if (result)
                    succeed(result.value());
                else
                    fail(result.error());
            });
    m_next->start();
}

void PortalLogin::ended()
{
    RedirectLogin::ended();
    // It may be the one that is just telling its end.
    if (m_next) {
        m_next->disconnect(this);
        m_next.release()->deleteLater();
    }
}

Result<std::unique_ptr<Login>> makePortalLogin(const LoginServices &services,
                                               const LoginInput &input)
{
    return std::unique_ptr<Login>(std::make_unique<PortalLogin>(services, input));
}

} // namespace kirotray
