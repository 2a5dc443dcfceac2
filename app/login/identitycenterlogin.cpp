// SPDX-License-Identifier: MIT
#include "app/login/oidclogin.h"

namespace kirotray {

Result<std::unique_ptr<Login>> makeIdentityCenterLogin(const LoginServices &services,
                                                       const LoginInput &input)
{
    if (input.startUrl.trimmed().isEmpty())
        return Error {Error::Code::BadInput, u"the organisation's start URL is needed"_s,
                      u"startUrl"_s};
    return makeOidcLogin(services, input);
}

} // namespace kirotray
