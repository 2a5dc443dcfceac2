// SPDX-License-Identifier: MIT
#include "app/login/login.h"

namespace kirotray {

Result<Done> Login::input(const Secret & /*text*/)
{
    return Error {Error::Code::BadInput, u"this sign-in takes no input now"_s};
}

} // namespace kirotray
