// SPDX-License-Identifier: MIT
#include "app/login/oidclogin.h"

namespace kirotray {

Result<std::unique_ptr<Login>> makeBuilderIdLogin(const LoginServices &services,
                                                  const LoginInput &input)
{
    LoginInput own = input;
    own.startUrl.clear(); // Builder ID has one place only (§4.3)
    own.region.clear();
    return makeOidcLogin(services, own);
}

} // namespace kirotray
