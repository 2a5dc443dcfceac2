// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/idpcalls.h"
#include "app/login/redirectlogin.h"

namespace kirotray {

/// An organisation's identity provider, as the Kiro portal names it (kiro-protocol §4.6).
struct IdpOffer
{
    QString issuerUrl;
    QString clientId;
    QString scopes; ///< separated by spaces or commas
    QString loginHint = {};
    QString audience = {};
};

/// Signs in at an organisation's own identity provider: discovery, authorization code with PKCE.
class ExternalIdpLogin final : public RedirectLogin
{
    Q_OBJECT
public:
    /// `listener`: of the portal sign-in before, whose port the provider may expect; may be null.
    ExternalIdpLogin(const LoginServices &services, const LoginInput &input, const IdpOffer &offer,
                     std::unique_ptr<LoopbackListener> listener = {});

protected:
    void begin() override;
    void redirected(const LoginRedirect &redirect) override;

private:
    void discovered(const Result<IdentityProvider> &provider);
    IdpCalls idpCalls() const;

    IdpOffer m_offer;
    IdentityProvider m_provider;
    QString m_redirectUri;
    Account m_account; ///< as it will be
};

/// Without a start URL by the portal, where the user's organisation is found. With one: the
/// issuer's address, with client_id (and scopes) in its query, for those who know them.
Result<std::unique_ptr<Login>> makeExternalIdpLogin(const LoginServices &services,
                                                    const LoginInput &input);

} // namespace kirotray
