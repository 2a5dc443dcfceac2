// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/login/oidclogin.h"

#include <algorithm>

namespace kirotray {

namespace {

/// The value of the cookie x-amz-sso_authn, as it was copied with or without its name. It goes into
/// a header: nothing but printable characters.
Result<Secret> sessionOf(const Secret &pasted)
{
    QByteArray value = pasted.reveal().trimmed();
    if (value.startsWith("x-amz-sso_authn="))
        value = value.mid(value.indexOf('=') + 1);
    if (value.endsWith(';'))
        value.chop(1);
    const auto bad = [](const QString &what) {
        return Error {Error::Code::BadInput, what, u"secret"_s};
    };
    if (value.isEmpty())
        return bad(u"the cookie x-amz-sso_authn is needed"_s);
    if (value.size() > limits::MaxLoginInput)
        return bad(u"is too long for a session token"_s);
    const bool isClean =
        std::all_of(value.begin(), value.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!isClean || value.contains(';'))
        return bad(u"is no session token"_s);
    return Secret(value);
}

} // namespace

/// kiro-protocol §4.5. The cookie is a whole session at AWS: it lives no longer than its two calls,
/// and the user has to have read what it is.
Result<std::unique_ptr<Login>> makeSsoSessionLogin(const LoginServices &services,
                                                   const LoginInput &input)
{
    if (!input.acceptsRisk)
        return Error {Error::Code::BadInput,
                      u"a session token opens everything the session does: confirm it"_s,
                      u"acceptsRisk"_s};
    const Result<Secret> session = sessionOf(input.secret);
    if (!session)
        return session.error();
    LoginInput own = input;
    own.secret = {};
    own.useDeviceCode = true;
    Result<OidcLoginPlan> plan = oidcPlan(own);
    if (!plan)
        return plan.error();
    OidcLoginPlan approving = plan.value();
    approving.session = session.value();
    return std::unique_ptr<Login>(std::make_unique<OidcLogin>(services, own, approving));
}

} // namespace kirotray
