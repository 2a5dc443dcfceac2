// SPDX-License-Identifier: MIT
#pragma once

#include "app/simulator/tokenbook.h"

#include <QByteArray>

#include <string>
#include <vector>

namespace kirotray {

/// `logins.oidc` of the script:
///
///     "region": "eu-west-1"     the only one that knows the start URL; absent: any
///     "startUrl": "https://…"   the only one that is known; absent: any
///     "slowDown": 1             polls answered by slow_down, then
///     "pending": 2              polls answered by authorization_pending, then
///     "outcome": "grant"        or "denied", "expired"
///     "interval": 0, "expiresIn": 600      of a device code, seconds
///     "registrationLifetime": 7776000      seconds
///     "forgetsClients": true    no client that was registered before is known any more
///     "session": "cookie"       device codes stay pending until this session approves them
///     "failures": [{"on": "register"|"device"|"token"|"session", "times": 1, and the members of
///                   httpError}]
struct OidcRules
{
    enum class Outcome { Grant, Denied, Expired };
    struct Failure
    {
        std::string on;
        HttpFailure answer;
        int times = -1; ///< negative: always
    };
    QByteArray region;
    QByteArray startUrl;
    int slowDown = 0;
    int pending = 0;
    Outcome outcome = Outcome::Grant;
    int interval = 0;
    int expiresIn = 600;
    int registrationLifetime = 90 * 24 * 3600;
    bool forgetsClients = false;
    QByteArray session;
    std::vector<Failure> failures;
};

} // namespace kirotray
