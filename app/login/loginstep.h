// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/importer.h"
#include "app/base/result.h"

#include <QDateTime>
#include <QString>
#include <QUrl>

#include <variant>

namespace kirotray {

/// What a sign-in tells whoever shows it. Nothing here is drawn, translated or secret, except that
/// the URLs of OpenBrowser and ShowCode are for the user's eyes only: never in a log.
namespace loginstep {

struct Working ///< a call is under way
{
    enum class What { Registering, RequestingCode, Exchanging, CheckingSession, Discovering };
    What what = What::Registering;
};
struct OpenBrowser ///< a person must open this link; input() takes the redirected URL too
{
    QUrl url;
    QDateTime expiresAt; ///< UTC
    bool canBeEmbedded = false; ///< the helper window may show it (Google refuses)
    bool endsInRedirect = false; ///< it ends at `kiro://…`, which only input() can bring back
};
struct ShowCode ///< a person must enter the code there (RFC 8628 §3.3)
{
    QString userCode;
    QUrl verificationUri;
    QUrl verificationUriComplete; ///< with the code in it, for the QR picture
    QDateTime expiresAt; ///< UTC
};
struct AskInput ///< input() is needed to go on
{
    enum class What { StartUrl, Region, ApiKey, SessionToken, TokensOrUrl };
    What what = What::TokensOrUrl;
};

} // namespace loginstep

using LoginStep = std::variant<loginstep::Working, loginstep::OpenBrowser, loginstep::ShowCode,
                               loginstep::AskInput>;

/// One line for a console, English; without secrets apart from the links.
QString describe(const LoginStep &step);

/// What the user may say before a sign-in starts.
struct LoginInput
{
    QString startUrl; ///< Identity Center
    QString region; ///< Identity Center; empty: us-east-1
    bool useDeviceCode = true; ///< Identity Center, Builder ID; false: authorization code with PKCE
    Secret secret; ///< API key, session token, or pasted tokens
    QString language = u"en"_s; ///< of the page that the browser ends on: en, zh_CN
    QString proxy; ///< ProxyChoice::parse(), for the sign-in's own calls and the new account
    bool acceptsRisk = false; ///< SSO session token: the user has read the warning
};

} // namespace kirotray
