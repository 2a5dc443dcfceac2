// SPDX-License-Identifier: MIT
#pragma once

#include "app/login/loginsessions.h"

#include <vector>

namespace kirotray {

/// One-time links that let a browser on another machine do a person's part of a sign-in (design:
/// AUT-10), and the pages behind them. A link is bound to the one sign-in that its first opening
/// starts; its secret is dead when that has ended and been shown, or after
/// limits::RemoteLoginLifetime.
class RemoteLinks
{
public:
    /// What a browser asks for.
    struct Visit
    {
        QString path;
        QByteArray form; ///< of a POST; empty for a GET
        QString language;
        QDateTime now; ///< UTC
    };

    /// "/login/<secret>". Error::BadInput: limits::MaxLogins links are open already.
    Result<QString> make(LoginSessions &sessions, const QString &provider, const LoginInput &input,
                         const QDateTime &now);
    LoginSessions::RemotePage page(LoginSessions &sessions, const Visit &visit);

private:
    struct Link
    {
        Secret secret;
        QString provider;
        LoginInput input;
        QDateTime expiresAt; ///< UTC
        QString session; ///< empty until it is opened
    };

    Link *find(const QString &path);
    void forgetExpired(LoginSessions &sessions, const QDateTime &now);

    std::vector<Link> m_links;
};

} // namespace kirotray
