// SPDX-License-Identifier: MIT
#include "app/login/pkce.h"

#include <QCryptographicHash>

namespace kirotray {

namespace {

constexpr int PkceVerifierBytes = 32; ///< what RFC 7636 §4.1 recommends: 43 characters
constexpr int LoginStateBytes = 24; ///< 32 characters

} // namespace

Pkce makePkce()
{
    const QByteArray verifier = randomToken(PkceVerifierBytes);
    return {Secret(verifier), pkceChallenge(verifier)};
}

QByteArray pkceChallenge(const QByteArray &verifier)
{
    return QCryptographicHash::hash(verifier, QCryptographicHash::Sha256)
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray makeLoginState()
{
    return randomToken(LoginStateBytes);
}

} // namespace kirotray
