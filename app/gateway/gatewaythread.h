// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/flows/flowbodies.h"
#include "app/flows/flowrecord.h"
#include "app/gateway/adminmessages.h"
#include "app/gateway/gatewayconfig.h"

#include <QList>
#include <QObject>
#include <QThread>
#include <QUrl>

namespace kirotray {

class Gateway;

/// The main thread's end of the gateway: owns its thread, carries calls over and signals back, all
/// queued. Destruction ends the thread with whatever runs on it. Main thread.
class GatewayThread : public QObject
{
    Q_OBJECT
public:
    explicit GatewayThread(QObject *parent = nullptr);
    ~GatewayThread() override;

    void start(const GatewayConfig &config); ///< listening() or listenFailed() follows
    void stop(); ///< stopped() follows, after limits::StopGrace at the latest
    void setAccounts(const std::vector<AccountSnapshot> &accounts);
    void answerToken(const QString &accountId, const Result<Secret> &token);
    void setPolicy(const GatewayPolicy &policy);
    void restoreAccount(const QString &accountId);
    void answerAdmin(quint64 id, const AdminReply &reply);

signals:
    /// See Gateway.
    void listening(const QUrl &baseUrl, const QList<quint16> &skippedPorts);
    void listenFailed(const kirotray::Error &error, quint16 port);
    void stopped();
    void tokenNeeded(const QString &accountId, const kirotray::Secret &rejected);
    void activeRequestsChanged(int count);
    void requestFinished(const kirotray::FlowRecord &flow, const kirotray::FlowBodiesPtr &bodies);
    void accountReported(const kirotray::AccountReport &report);
    void healthChanged(const QString &accountId, const kirotray::AccountHealth &health);
    void adminRequested(const kirotray::AdminRequest &request);

private:
    QThread m_thread;
    Gateway *m_gateway; ///< lives on m_thread; deleted when that ends
};

} // namespace kirotray
