// SPDX-License-Identifier: MIT
#pragma once

#include "app/gateway/gatewaythread.h"
#include "app/simulator/simulator.h"

#include <QByteArray>
#include <QHash>
#include <QObject>
#include <QTest>

#include <map>
#include <memory>
#include <vector>

namespace kirotray {

/// What came back for one request.
struct Answer
{
    int status = 0;
    QByteArray head;
    QByteArray body; ///< chunk framing removed
    bool isComplete = false;
};

/// Requests of one user message to the two APIs.
QByteArray anthropicBody(bool isStream, const QByteArray &content = "Hello");
QByteArray openaiBody(bool isStream);

/// An account on the simulator: social, with the shared profile.
AccountSnapshot demoAccount(const QString &id);

/// A gateway on its own thread, with one account on the simulator, for each test function; real
/// sockets. Signals arrive through this thread's event loop: a signal spy would be called on the
/// gateway's thread.
class GatewayBench : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();

protected:
    void startGateway(); ///< with timing and hasAccount as they are
    void stopGateway();
    void script(const QByteArray &json) { QVERIFY(simulator.setScript(json)); }
    /// Sends on a connection of its own and waits for the whole answer, or the end of the
    /// connection.
    Answer send(const QByteArray &bytes);
    Answer exchange(const QByteArray &path, const QByteArray &body);
    /// The bytes of a POST with the key.
    static QByteArray post(const QByteArray &path, const QByteArray &body,
                           const QByteArray &key = "kt-key", const QByteArray &moreHeaders = {});

    Simulator simulator;
    std::unique_ptr<GatewayThread> gateway;
    quint16 port = 0;
    std::vector<FlowRecord> flows;
    std::vector<int> active; ///< every count that was reported
    int stoppedCount = 0;
    int tokensAsked = 0;
    std::vector<AccountReport> reports;
    QHash<QString, AccountHealth> healthOf; ///< as it was last told
    Result<Secret> token = Secret(Simulator::demoAccessToken()); ///< what the keeper answers
    CallTiming timing;
    std::map<QString, Result<Secret>> tokens; ///< of single accounts, before `token`
    GatewayPolicy policy;
    bool hasAccount = true;
    std::vector<AccountSnapshot> accounts; ///< where hasAccount; empty: one, named "one"

private:
    QUrl m_upstream;
};

} // namespace kirotray
