// SPDX-License-Identifier: MIT
#include "app/login/externalidplogin.h"

#include "app/login/portallogin.h"

#include <QUrlQuery>

namespace kirotray {

namespace {

/// When no port is free (§4.6): the user copies the address.
constexpr QLatin1StringView IdpSchemeRedirectUri {"kiro://kiro.oauth/callback"};

} // namespace

ExternalIdpLogin::ExternalIdpLogin(const LoginServices &services, const LoginInput &input,
                                   const IdpOffer &offer,
                                   std::unique_ptr<LoopbackListener> listener)
    : RedirectLogin(services, input)
    , m_offer(offer)
    , m_account(newAccount(AccountKind::ExternalIdp, u"ExternalIdp"_s))
{
    adopt(std::move(listener));
    m_account.issuerUrl = offer.issuerUrl;
    m_account.scopes = idpScopes(offer.scopes);
}

IdpCalls ExternalIdpLogin::idpCalls() const
{
    return {services().http, services().tables, services().generalProxy, identityOf(m_account, {})};
}

void ExternalIdpLogin::begin()
{
    step(loginstep::Working {loginstep::Working::What::Discovering});
    idpCalls().discover(m_offer.issuerUrl, calls(),
                        [this](const Result<IdentityProvider> &provider) { discovered(provider); });
}

void ExternalIdpLogin::discovered(const Result<IdentityProvider> &provider)
{
    if (!provider)
        return fail(provider.error());
    m_provider = provider.value();
    m_account.tokenEndpoint = m_provider.tokenEndpoint;
    const QString origin = listen();
    m_redirectUri =
        origin.isEmpty() ? QString(IdpSchemeRedirectUri) : origin + u"/oauth/callback"_s;
    loginstep::OpenBrowser open;
    open.url = IdpCalls::authorizeUrl(m_provider,
                                      {m_offer.clientId, m_account.scopes, m_redirectUri, state(),
                                       pkce().challenge, m_offer.loginHint, m_offer.audience});
    open.expiresAt = deadline();
    open.endsInRedirect = origin.isEmpty();
    step(open);
}

void ExternalIdpLogin::redirected(const LoginRedirect &redirect)
{
    const Secret code(redirect.value("code"));
    if (code.isEmpty())
        return fail({Error::Code::Upstream, u"the redirect brought no code"_s});
    step(loginstep::Working {loginstep::Working::What::Exchanging});
    idpCalls().exchange(
        {m_provider.tokenEndpoint, m_offer.clientId, code, pkce().verifier, m_redirectUri}, calls(),
        [this](const Result<TokenGrant> &grant) {
            ImportedAccount imported;
            imported.account = m_account;
            imported.credential.clientId = m_offer.clientId;
            conclude(std::move(imported), grant);
        });
}

Result<std::unique_ptr<Login>> makeExternalIdpLogin(const LoginServices &services,
                                                    const LoginInput &input)
{
    if (input.startUrl.trimmed().isEmpty())
        return makePortalLogin(services, input);
    QUrl issuer(input.startUrl.trimmed(), QUrl::StrictMode);
    const QUrlQuery query(issuer);
    issuer.setQuery(QString());
    IdpOffer offer;
    offer.issuerUrl = issuer.toString(QUrl::FullyEncoded);
    offer.clientId = query.queryItemValue(u"client_id"_s, QUrl::FullyDecoded);
    offer.scopes = query.queryItemValue(u"scopes"_s, QUrl::FullyDecoded).replace(u'+', u' ');
    if (!issuer.isValid() || issuer.host().isEmpty() || offer.clientId.isEmpty())
        return Error {Error::Code::BadInput,
                      u"expected the issuer's address with client_id in its query"_s,
                      u"startUrl"_s};
    return std::unique_ptr<Login>(std::make_unique<ExternalIdpLogin>(services, input, offer));
}

} // namespace kirotray
