// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/socialcalls.h"
#include "app/login/loopbacklistener.h"
#include "app/login/pkce.h"
#include "app/login/timedlogin.h"

#include <memory>

namespace kirotray {

/// A sign-in with PKCE and state that ends in a redirect: to this machine, or pasted by the user.
/// Only a redirect with the right state counts, and only the first one.
class RedirectLogin : public TimedLogin
{
    Q_OBJECT
public:
    RedirectLogin(const LoginServices &services, const LoginInput &input);
    ~RedirectLogin() override;

    Result<Done> input(const Secret &text) override;

protected:
    /// The awaited redirect, without a failure.
    virtual void redirected(const LoginRedirect &redirect) = 0;
    void ended() override;

    /// Listens and waits. The value is "http://localhost:<port>"; empty when no port is free: the
    /// user must bring the redirect back.
    QString listen();
    /// Goes on with the listener of another sign-in, when there is one.
    void adopt(std::unique_ptr<LoopbackListener> listener);
    /// Gives the listener away; it waits for nothing then.
    std::unique_ptr<LoopbackListener> takeListener();

    const Pkce &pkce() const { return m_pkce; }
    const QByteArray &state() const { return m_state; }

    /// The code of `redirect` for tokens of the Kiro sign-in service, which end the sign-in (§4.2
    /// no. 4).
    void exchangeSocial(const Account &account, const LoginRedirect &redirect,
                        const QString &redirectUri);
    SocialCalls socialCalls(const Account &account) const;
    /// Ends the sign-in with `imported` and the tokens, if there are any that can be renewed.
    void conclude(ImportedAccount imported, const Result<TokenGrant> &grant);

private:
    void take(const LoginRedirect &redirect);

    std::unique_ptr<LoopbackListener> m_listener;
    Pkce m_pkce;
    QByteArray m_state;
    bool m_isAwaited = false;
};

} // namespace kirotray
