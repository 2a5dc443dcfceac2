// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/oidccalls.h"
#include "app/login/devicepolling.h"
#include "app/login/loopbacklistener.h"
#include "app/login/pkce.h"
#include "app/login/registrations.h"
#include "app/login/timedlogin.h"

#include <QTimer>

#include <memory>
#include <optional>

namespace kirotray {

/// What an OIDC sign-in is for, checked.
struct OidcLoginPlan
{
    AccountKind kind = AccountKind::BuilderId; ///< or IdentityCenter
    OidcSite site;
    OidcGrant grant = OidcGrant::DeviceCode;
    Secret session; ///< x-amz-sso_authn (§4.5): approves the code itself; given up once it has
    DevicePolling::Pace pace = {}; ///< tests are faster
};

/// The plan of a start URL and region as a person gave them; an empty start URL is Builder ID, an
/// empty region us-east-1. Error::BadInput with the member's name as path.
Result<OidcLoginPlan> oidcPlan(const LoginInput &input);

/// Signs in at Builder ID or an Identity Center, by `input`'s startUrl, region and useDeviceCode.
/// Other sign-ins go on with it once they know these (portal sign-in, §4.6).
Result<std::unique_ptr<Login>> makeOidcLogin(const LoginServices &services,
                                             const LoginInput &input);

/// The machine of all sign-ins at AWS SSO OIDC (kiro-protocol §4.3 to §4.5): registration, then a
/// device code that is asked for by the rules of RFC 8628, or an authorization code with PKCE that
/// comes to a loopback port. Main thread.
class OidcLogin final : public TimedLogin
{
    Q_OBJECT
public:
    OidcLogin(const LoginServices &services, const LoginInput &input, OidcLoginPlan plan);
    ~OidcLogin() override;

    /// Authorization code: the redirected URL.
    Result<Done> input(const Secret &text) override;

protected:
    void begin() override;
    void ended() override;

private:
    void registered(const Result<Registrations::Found> &found);
    void renewRegistration();
    void requestDeviceCode();
    void deviceStarted(const Result<DeviceAuthorization> &started);
    void pollSoon(std::chrono::milliseconds wait);
    void poll();
    void polled(const OidcTokenReply &reply);

    void checkSession();
    void approve(const Secret &userSession);
    void approved();

    void openAuthorization();
    Result<Done> takeRedirect(const LoginRedirect &redirect);
    void exchanged(const OidcTokenReply &reply);

    void accept(const TokenGrant &grant);
    void refuse(const OidcTokenReply &reply);

    OidcLoginPlan m_plan;
    Account m_account; ///< as it will be
    OidcCalls m_calls;
    Registrations m_registrations;
    OidcRegistration m_registration;
    bool m_isKept = false; ///< the registration came from the vault
    std::optional<DeviceAuthorization> m_device;
    std::optional<DevicePolling> m_polling;
    QTimer m_wait; ///< until the next poll
    std::unique_ptr<LoopbackListener> m_listener;
    Pkce m_pkce;
    QByteArray m_state;
    QString m_redirectUri;
    bool m_exchanging = false; ///< the code is being exchanged; a second one is ignored
};

} // namespace kirotray
