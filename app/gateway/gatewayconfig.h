// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/limits.h"
#include "app/base/secret.h"
#include "app/chat/thinkingstyle.h"
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
};

class Settings;

/// Everything the gateway thread needs to start; it never reads settings. A value.
struct GatewayConfig
{
    QString host = u"127.0.0.1"_s; ///< an address or "localhost"; loopback also listens on ::1
    quint16 port = 0; ///< 0: any free one
    int portTries = 1; ///< this many ports in a row, until one is free
    Secret apiKey; ///< empty: no key is asked for
    ProxyChoice proxy; ///< for accounts without their own
    KiroTablesPtr tables;
    ThinkingStyle openAiThinking = ThinkingStyle::Native; ///< in Chat Completions
    ThinkingStyle anthropicThinking = ThinkingStyle::Native;
    QString thinkingSuffix = u"-thinking"_s; ///< of model names; empty: none turns thinking on
    bool fetchesRemoteImages = false; ///< images given by URL are fetched for the client
    ImageScaler imageScaler = {}; ///< null: too large images are refused
    CallTiming timing;
};

/// A configuration with what the user settled about answers: thinking, images. Main thread.
GatewayConfig answersBy(const Settings &settings);

/// What the gateway knows of an account. A value; no secret.
struct AccountSnapshot
{
    KiroIdentity identity; ///< with an empty access token
    QString label;
    bool usable = true; ///< enabled and not waiting for a sign-in
};

} // namespace kirotray

Q_DECLARE_METATYPE(kirotray::GatewayConfig)
Q_DECLARE_METATYPE(kirotray::Secret)
Q_DECLARE_METATYPE(kirotray::Error)
Q_DECLARE_METATYPE(std::vector<kirotray::AccountSnapshot>)
