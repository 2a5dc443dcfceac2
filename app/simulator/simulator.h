// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QByteArray>
#include <QObject>
#include <QUrl>

#include <memory>
#include <vector>

namespace kirotray {

/// Counts of what arrived, for tests. A snapshot.
struct SimulatorStatistics
{
    int chatRequests = 0;
    int chatRefused = 0; ///< by the validator or the script
    int chatAborted = 0; ///< the caller hung up in mid-stream
    int activeStreams = 0;
    int peakStreams = 0;
    int socialRefreshes = 0;
    int oidcRefreshes = 0;
    int graceRefreshes = 0; ///< by a token that had been rotated before (TokenRules::grace)
    int controlRequests = 0;
    QByteArray lastChatBody;
    QByteArray lastChatHeaders; ///< "Name: value\n" lines, Authorization masked
};

/// A request that was kept because the script has "record".
struct SimulatorRequest
{
    enum class Call { Chat, WebSearch };
    Call call = Call::Chat;
    QByteArray body;
    QByteArray rule; ///< name of the rule that answered; empty: none, or one without a name
    QByteArray refusal; ///< why the validator or the token check refused it; empty: it was let in
};

/// Kiro in a box: an HTTP server on 127.0.0.1 in its own thread that speaks the upstream's wire
/// protocol (chat event stream, both refresh kinds, usage, models, profiles, web search) and
/// refuses what the real service is reported to refuse: chat requests by checkChatRequest(), tokens
/// by TokenBook. What it answers is scripted by JSON; see scenario.h.
class Simulator
{
public:
    Simulator();
    ~Simulator(); ///< stops the thread

    /// Port 0: any free one. Blocks until it listens (start of a program or a test only).
    Result<QUrl> start(quint16 port = 0);
    QUrl url() const;
    /// Replaces the script; Error::BadInput with the JSON path when it is malformed, and the old
    /// one stays. Empty: the demo script. Rules count anew; tokens that were issued stay good, used
    /// ones stay used. Waits until it holds, as start() does.
    Result<Done> setScript(const QByteArray &json);
    SimulatorStatistics statistics() const; ///< asks the thread and waits; tests only
    /// What the script's "record" kept since it was set, oldest first. Asks the thread and waits.
    std::vector<SimulatorRequest> requests() const;
    /// The text of an endpoints.json that sends every upstream call here.
    QByteArray endpointsJson() const;

    /// Credentials the simulator accepts from the start.
    static QByteArray demoAccessToken();
    static QByteArray demoRefreshToken();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
