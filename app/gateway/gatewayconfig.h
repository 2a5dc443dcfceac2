// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/clientkeys.h"
#include "app/accounts/pacing.h"
#include "app/accounts/pool.h"
#include "app/base/limits.h"
#include "app/base/secret.h"
#include "app/chat/thinkingstyle.h"
#include "app/context/contextsettings.h"
#include "app/kiro/chatstream.h"
#include "app/kiro/identity.h"
#include "app/kiro/kirotables.h"
#include "app/net/httpclient.h"

#include <QMetaType>
#include <QString>

#include <chrono>
#include <vector>

namespace kirotray {

/// The waits of a call; tests shorten them.
struct CallTiming
{
    std::chrono::milliseconds ping = limits::PingInterval;
    std::chrono::milliseconds bufferedPing = limits::BufferedPingInterval;
    ChatStream::Timeouts upstream;
    std::chrono::milliseconds retry = limits::RetryDelay; ///< doubled for each further attempt
    std::chrono::milliseconds capacityRetry = limits::CapacityRetryDelay;
};

class Settings;

class Settings;

/// What the user may change while the proxy runs. A value.
struct GatewayPolicy
{
    PoolSettings pool;
    PacingSettings pacing;
    ContextSettings context;
    bool recordsBodies = false; ///< requestFinished() carries the four views of a flow
    std::vector<ClientKeySecret> keys; ///< beside GatewayConfig::apiKey
};
GatewayPolicy policyBy(const Settings &settings); ///< without keys. Main thread

/// Everything the gateway thread needs to start; it never reads settings. A value.
struct GatewayConfig
{
    QString host = u"127.0.0.1"_s; ///< an address or "localhost"; loopback also listens on ::1
    quint16 port = 0; ///< 0: any free one
    int portTries = 1; ///< this many ports in a row, until one is free
    Secret apiKey; ///< empty: no key is asked for
    Secret adminToken; ///< of /api; empty: nobody can call it
    ProxyChoice proxy; ///< for accounts without their own
    KiroTablesPtr tables;
    ThinkingStyle openAiThinking = ThinkingStyle::Native; ///< in Chat Completions
    ThinkingStyle anthropicThinking = ThinkingStyle::Native;
    QString thinkingSuffix = u"-thinking"_s; ///< of model names; empty: none turns thinking on
    bool fetchesRemoteImages = false; ///< images given by URL are fetched for the client
    ImageScaler imageScaler = {}; ///< null: too large images are refused
    CallTiming timing;
    GatewayPolicy policy;
};

/// A configuration with what the user settled about answers: thinking, images. Main thread.
GatewayConfig answersBy(const Settings &settings);

/// What the gateway knows of an account. A value; no secret.
struct AccountSnapshot
{
    KiroIdentity identity; ///< with an empty access token
    QString label;
    bool usable = true; ///< isUsable()
    int priority = 0;
    std::optional<double> remaining = {}; ///< credits; absent: not known
    QDateTime exhaustedUntil = {}; ///< see PoolMember
    /// Other hosts than the general ones: the simulator, for a replay. Such an account answers only
    /// requests that name it.
    KiroTablesPtr ownTables = {};
};

/// What an attempt taught about an account that the main thread must know: to store it, to read the
/// usage, to tell the user.
struct AccountReport
{
    QString accountId;
    AccountEffect effect = AccountEffect::None;
    QString why; ///< English; no secret
};

} // namespace kirotray

Q_DECLARE_METATYPE(kirotray::AccountHealth)
Q_DECLARE_METATYPE(kirotray::AccountReport)
Q_DECLARE_METATYPE(kirotray::GatewayConfig)
Q_DECLARE_METATYPE(kirotray::GatewayPolicy)
Q_DECLARE_METATYPE(kirotray::Secret)
Q_DECLARE_METATYPE(kirotray::Error)
Q_DECLARE_METATYPE(std::vector<kirotray::AccountSnapshot>)
