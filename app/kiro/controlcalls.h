// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/kirotables.h"
#include "app/kiro/requestbuilder.h"
#include "app/kiro/upstreamfailure.h"
#include "app/net/httpclient.h"

#include <QDateTime>

#include <functional>
#include <optional>
#include <vector>

namespace kirotray {

/// What a token endpoint gave (kiro-protocol §4.2, §4.3).
struct TokenGrant
{
    Secret accessToken;
    Secret refreshToken; ///< empty: keep the old one
    QDateTime expiresAt; ///< UTC
    QString profileArn; ///< social only
};

/// What a refresh needs. Registration fields are empty for social accounts.
struct RefreshInput
{
    KiroIdentity identity; ///< kind, ssoRegion, machineId, proxy
    Secret refreshToken;
    QString clientId;
    Secret clientSecret;
};

struct UsageSummary
{
    double used = 0;
    double limit = 0;
    QString planTitle;
    QString email;
    QDateTime nextReset; ///< UTC; invalid when unknown
    bool overageEnabled = false;
    bool exhausted = false;
};

struct KiroProfile
{
    QString arn;
    QString name;
    bool active = false;
};

/// The REST calls beside the chat: renewing tokens, usage, models, profiles. Each base URL of the
/// table is tried in order on connect errors, 404 and 5xx. `done` is called once, never after
/// `context` is gone. Lives on one thread, with its HttpClient.
class ControlCalls
{
public:
    ControlCalls(HttpClient &http, KiroTablesPtr tables);
    /// Where calls go through when the identity names no proxy of its own.
    void setGeneralProxy(const ProxyChoice &proxy) { m_proxy = proxy; }

    /// POST {socialAuth}/refreshToken or {oidc}/token by the kind. Error::Unauthorized: the refresh
    /// token is dead (§3.2 last paragraph); Network, Timeout, RateLimited, Upstream: transient;
    /// BadInput: this kind cannot be renewed so.
    void refresh(const RefreshInput &input, QObject *context,
                 std::function<void(Result<TokenGrant>)> done);
    /// Numbers of §5.1. A refusal by 403 is asked again once in the other data-plane region.
    void usage(const KiroIdentity &identity, QObject *context,
               std::function<void(Result<UsageSummary>)> done);
    /// The account's own list (§5.2); what it leaves out is filled from the table.
    void models(const KiroIdentity &identity, QObject *context,
                std::function<void(Result<std::vector<KiroModel>>)> done);
    /// Asks both data-plane regions. An error only when no profile was found at all.
    void profiles(const KiroIdentity &identity, QObject *context,
                  std::function<void(Result<std::vector<KiroProfile>>)> done);

private:
    HttpClient &m_http;
    KiroTablesPtr m_tables;
    ProxyChoice m_proxy;
};

} // namespace kirotray
