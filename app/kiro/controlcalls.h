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
    QString tokenEndpoint; ///< external IdP only (§4.7)
    QString scopes; ///< external IdP only; separated by spaces
};

/// One source of credits (kiro-protocol §5.1).
struct UsagePart
{
    enum class Kind { Plan, Trial, Bonus };
    Kind kind = Kind::Plan;
    QString name; ///< of a bonus, as the service words it
    double used = 0;
    double limit = 0;
    QDateTime endsAt; ///< UTC, of trial and bonus; invalid when unknown
    bool active = true; ///< counted in the sums; a trial past its end is not
    bool operator==(const UsagePart &) const = default;
};

struct UsageSummary
{
    double used = 0; ///< of all active parts
    double limit = 0;
    QString unit; ///< "Credits", as the service words it
    QString planTitle;
    QString planType; ///< Q_DEVELOPER_STANDALONE_PRO, …
    QString email;
    QString userId;
    QDateTime nextReset; ///< UTC; invalid when unknown
    std::vector<UsagePart> parts; ///< the plan first
    bool overageEnabled = false;
    bool overageCapable = false; ///< the user could enable it
    double overages = 0; ///< credits beyond the limit
    double overageCap = 0; ///< 0: none told
    double overageRate = 0; ///< currency a credit
    double overageCharges = 0; ///< currency so far
    QString currency; ///< ISO 4217
    bool exhausted = false; ///< nothing is left, and overage is off or at its cap
    bool operator==(const UsageSummary &) const = default;

    double remaining() const { return limit > used ? limit - used : 0; }
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
