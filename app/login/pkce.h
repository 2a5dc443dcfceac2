// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/secret.h"

#include <QByteArray>

namespace kirotray {

/// Proof Key for Code Exchange, method S256 (RFC 7636; kiro-protocol §4.1).
struct Pkce
{
    Secret verifier; ///< 43 characters of [A-Za-z0-9-_]; stays here until the code is exchanged
    QByteArray challenge; ///< goes into the link
};

/// A fresh pair from the system's generator.
Pkce makePkce();
/// Base64url without padding of SHA-256 over the verifier.
QByteArray pkceChallenge(const QByteArray &verifier);

/// A random value for the parameter `state` (RFC 6749 §10.12), which must come back unchanged.
QByteArray makeLoginState();

} // namespace kirotray
