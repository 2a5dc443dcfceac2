// SPDX-License-Identifier: MIT
#pragma once

#include "app/login/redirectlogin.h"

namespace kirotray {

/// Google and GitHub through the Kiro sign-in service (kiro-protocol §4.2).
class SocialLogin final : public RedirectLogin
{
    Q_OBJECT
public:
    /// `idp` as the service spells it: Google, Github.
    SocialLogin(const LoginServices &services, const LoginInput &input, QString idp);

protected:
    void begin() override;
    void redirected(const LoginRedirect &redirect) override;

private:
    QString m_idp;
    QString m_redirectUri;
    Account m_account; ///< as it will be
};

Result<std::unique_ptr<Login>> makeGoogleLogin(const LoginServices &services,
                                               const LoginInput &input);
Result<std::unique_ptr<Login>> makeGithubLogin(const LoginServices &services,
                                               const LoginInput &input);

} // namespace kirotray
