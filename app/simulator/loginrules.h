// SPDX-License-Identifier: MIT
#pragma once

#include "app/simulator/tokenbook.h"

#include <QByteArray>

#include <optional>
#include <vector>

namespace kirotray {

/// How a simulated person, or service, ends a sign-in in the browser. Members of "social", "portal"
/// and "idp" in `logins` of the script:
///
///     "outcome": "grant"        or "denied", "wrongState" (the redirect carries another state),
///                               "usedCode" (the code has been exchanged already)
///     "times": 1                that often, then "grant"; absent: always
///     "failures": [{"times": 1, and the members of httpError}]      of the token call (not portal)
struct BrowserRules
{
    enum class Outcome { Grant, Denied, WrongState, UsedCode };
    struct Failure
    {
        HttpFailure answer;
        int times = -1; ///< negative: always
    };
    Outcome outcome = Outcome::Grant;
    int times = -1; ///< negative: always
    std::vector<Failure> failures;
};

/// `logins.social`, `logins.portal` and `logins.idp`. The portal has, beside BrowserRules:
///
///     "option": "google"        what the person picks there: github, builderid, awsidc,
///                               external_idp
///     "issuerUrl", "region", "clientId", "scopes"       that the portal then names
///
/// and the idp, an organisation's identity provider whose issuer is {simulator}/idp:
///
///     "discovery": any JSON     instead of its discovery document
struct LoginRules
{
    BrowserRules social;
    BrowserRules portal;
    BrowserRules idp;
    QByteArray option {"google"};
    QByteArray issuerUrl; ///< empty: what fits the option
    QByteArray region {"us-east-1"};
    QByteArray clientId {"client-of-the-organisation"};
    QByteArray scopes {"api://kiro/use openid"};
    std::optional<QByteArray> discovery;
};

} // namespace kirotray
