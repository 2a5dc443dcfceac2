// SPDX-License-Identifier: MIT
#pragma once

#include <QDateTime>
#include <QMetaType>
#include <QString>
#include <QStringList>

#include <optional>
#include <vector>

namespace kirotray {

/// One attempt at the upstream.
struct FlowAttempt
{
    QString accountId;
    QString host;
    int status = 0; ///< of the reply; 0: none came
    QString what; ///< ok, or why it failed
    qint64 ms = 0; ///< to the first event, or to the failure
    bool operator==(const FlowAttempt &) const = default;
};

/// One client request from first to last byte (design §5 step 10). No body, no header, no secret.
/// A value; crosses threads in a queued signal.
struct FlowRecord
{
    QString id; ///< eight hex digits, also in log lines
    QDateTime startedAt; ///< UTC
    QString route; ///< such as POST /v1/messages
    QString dialect;
    bool stream = false;
    QString modelAsked;
    QString modelUsed; ///< upstream id
    QString client; ///< the program, from its User-Agent: claude-code, codex, …
    QString clientKey; ///< name of the key it used
    QString conversation; ///< hash that tells conversations apart
    QString accountId; ///< the one that answered, or was tried last
    QString accountReason; ///< why this account
    int status = 0; ///< HTTP status sent to the client
    QString outcome; ///< ok, client-gone, or the error's sentence
    QString replayOf; ///< id of the flow that this one repeats; empty for a client's own
    int attempts = 0; ///< upstream attempts
    std::vector<FlowAttempt> tries = {}; ///< one an attempt, limits::MaxTotalAttempts at most
    qint64 queuedMs = 0; ///< waiting for its turn (app/accounts/pacing.h)
    qint64 firstByteMs = -1; ///< request complete to first content byte; -1: none was sent
    qint64 totalMs = 0;
    qint64 inputTokens = 0; ///< the whole prompt, what came from a cache included
    qint64 cachedTokens = 0; ///< read from a cache
    qint64 outputTokens = 0;
    bool isUsageEstimated = true;
    std::optional<double> credits; ///< charged for the call; absent when not reported
    QStringList changes; ///< what the normaliser and the dialect changed or dropped
};

} // namespace kirotray

Q_DECLARE_METATYPE(kirotray::FlowRecord)
