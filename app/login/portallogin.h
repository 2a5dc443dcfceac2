// SPDX-License-Identifier: MIT
#pragma once

#include "app/login/redirectlogin.h"

#include <memory>

namespace kirotray {

/// The Kiro portal, where the user picks the way to sign in (kiro-protocol §4.6). Social ways end
/// here; for the others the portal only says what to do, and another sign-in carries it out as part
/// of this one.
class PortalLogin final : public RedirectLogin
{
    Q_OBJECT
public:
    PortalLogin(const LoginServices &services, const LoginInput &input);
    ~PortalLogin() override;

    Result<Done> input(const Secret &text) override;

protected:
    void begin() override;
    void redirected(const LoginRedirect &redirect) override;
    void ended() override;

private:
    void continueSocial(const LoginRedirect &redirect, const QString &provider);
    void continueOidc(const LoginRedirect &redirect);
    void continueIdp(const LoginRedirect &redirect);
    void continueWith(std::unique_ptr<Login> next);

    Account m_account; ///< of the social ways, as it will be
    QString m_origin;
    std::unique_ptr<Login> m_next;
};

Result<std::unique_ptr<Login>> makePortalLogin(const LoginServices &services,
                                               const LoginInput &input);

} // namespace kirotray
