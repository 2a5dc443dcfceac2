// SPDX-License-Identifier: MIT
#include "app/login/login.h"

#include <algorithm>

namespace kirotray {

using MadeLogin = Result<std::unique_ptr<Login>>;
MadeLogin makeGoogleLogin(const LoginServices &, const LoginInput &); // sociallogin.cpp
MadeLogin makeGithubLogin(const LoginServices &, const LoginInput &); // sociallogin.cpp
MadeLogin makePortalLogin(const LoginServices &, const LoginInput &); // portallogin.cpp
MadeLogin makeExternalIdpLogin(const LoginServices &, const LoginInput &); // externalidplogin.cpp
MadeLogin makeBuilderIdLogin(const LoginServices &, const LoginInput &); // builderidlogin.cpp
MadeLogin makeIdentityCenterLogin(const LoginServices &,
                                  const LoginInput &); // identitycenterlogin.cpp
MadeLogin makeApiKeyLogin(const LoginServices &, const LoginInput &); // apikeylogin.cpp
MadeLogin makeSsoSessionLogin(const LoginServices &, const LoginInput &); // ssosessionlogin.cpp
MadeLogin makeTokensLogin(const LoginServices &, const LoginInput &); // tokenslogin.cpp

const std::vector<LoginProvider> &loginProviders()
{
    // id, title, needsStartUrl, needsSecret, isRisky, worksRemotely, make
    static const std::vector<LoginProvider> table {
        {"google", "Google", false, false, false, true, makeGoogleLogin},
        {"github", "GitHub", false, false, false, true, makeGithubLogin},
        {"portal", "Kiro portal", false, false, false, true, makePortalLogin},
        {"external-idp", "Your organisation", false, false, false, true, makeExternalIdpLogin},
        {"builder-id", "AWS Builder ID", false, false, false, true, makeBuilderIdLogin},
        {"idc", "IAM Identity Center", true, false, false, true, makeIdentityCenterLogin},
        {"api-key", "API key", false, true, false, false, makeApiKeyLogin},
        {"sso-session", "AWS session token", false, true, true, false, makeSsoSessionLogin},
        {"tokens", "Pasted tokens", false, false, false, false, makeTokensLogin},
    };
    return table;
}

const LoginProvider *findLoginProvider(const QString &id)
{
    const std::vector<LoginProvider> &table = loginProviders();
    const auto found = std::ranges::find_if(table, [&id](const LoginProvider &provider) {
        return id == QLatin1StringView(provider.id);
    });
    return found == table.end() ? nullptr : &*found;
}

} // namespace kirotray
