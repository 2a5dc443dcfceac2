// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/secret.h"
#include "app/flows/flowlog.h"
#include "app/net/httpclient.h"

#include <QUrl>

#include <functional>

namespace kirotray {

/// Where a recorded request is sent again.
struct ReplayTarget
{
    QString accountId; ///< empty: the pool chooses; "simulator": no real account is used
    QString model; ///< a client's name; empty: the recorded one
};

struct ReplayOutcome
{
    QString flowId; ///< the new flow, with FlowRecord::replayOf
    int status = 0;
    qint64 ms = 0; ///< to the end of the answer
    bool sameStatus = false; ///< as the recorded one
};

struct ReplayServices
{
    HttpClient &http;
    QUrl baseUrl; ///< of our own server
    Secret adminToken;
};

/// Sends the client's request of a flow again, through our own server, as a client would; the admin
/// token lets it name the account. `done` once, never after `context` is gone. Error::BadInput: its
/// request is not kept, or was cut, or names no model to change. Main thread.
void replayFlow(const ReplayServices &services, const FlowEntry &flow, const FlowBodiesPtr &bodies,
                const ReplayTarget &target, QObject *context,
                std::function<void(Result<ReplayOutcome>)> done);

} // namespace kirotray
