// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/kirotables.h"
#include "app/login/loginstep.h"
#include "app/net/httpclient.h"

#include <QObject>

#include <functional>
#include <memory>
#include <vector>

namespace kirotray {

class Vault;

/// One sign-in under way. Ends exactly once, by finished(): with accounts (never stored yet), or an
/// error: Cancelled, Timeout (limits::LoginTimeout, or the service's own end), BadInput (what was
/// given), Unauthorized (denied), Network, Upstream. Destroying it ends it silently. Main thread.
class Login : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    /// The first step follows from the event loop. Called once.
    virtual void start() = 0;
    /// What the user pasted or typed, where a step asks for it: a redirected URL, a code. Error:
    /// this sign-in takes none now, or it is not what is needed; the sign-in goes on.
    virtual Result<Done> input(const Secret &text);
    /// finished(Error::Cancelled) follows from the event loop, unless it has ended.
    virtual void cancel() = 0;

signals:
    void stepped(const kirotray::LoginStep &step);
    void finished(const kirotray::Result<std::vector<kirotray::ImportedAccount>> &result);
};

/// What sign-ins work with. Times are asked of `clock`, so that tests need not wait.
struct LoginServices
{
    HttpClient &http;
    KiroTablesPtr tables;
    Vault &vault; ///< keeps OIDC registrations (kiro-protocol §4.3 no. 1)
    ProxyChoice generalProxy;
    std::function<QDateTime()> clock = [] { return QDateTime::currentDateTimeUtc(); };
    /// Tests: the ports of the loopback listener instead of those the service allows; 0: any.
    QList<quint16> ports = {};
};

/// A way to sign in. Listed in loginprovider.cpp; adding one is one line there.
struct LoginProvider
{
    const char *id; ///< google, github, builder-id, idc, portal, external-idp, api-key,
                    ///< sso-session, tokens: as the console and the admin API name it
    const char *title; ///< "Google", for consoles; windows have their own words
    bool needsStartUrl;
    bool needsSecret;
    bool isRisky; ///< needs LoginInput::acceptsRisk
    bool worksRemotely; ///< can be finished in a browser on another machine
    /// Error::BadInput: the input lacks something; the path names the member.
    Result<std::unique_ptr<Login>> (*make)(const LoginServices &services, const LoginInput &input);
};
const std::vector<LoginProvider> &loginProviders();
const LoginProvider *findLoginProvider(const QString &id); ///< null when unknown

} // namespace kirotray
