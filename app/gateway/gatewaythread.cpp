// SPDX-License-Identifier: MIT
#include "app/gateway/gatewaythread.h"

#include "app/gateway/gateway.h"

namespace kirotray {

GatewayThread::GatewayThread(QObject *parent)
    : QObject(parent)
    , m_gateway(new Gateway)
{
    qRegisterMetaType<AccountHealth>();
    qRegisterMetaType<AccountReport>();
    qRegisterMetaType<AdminReply>();
    qRegisterMetaType<AdminRequest>();
    qRegisterMetaType<FlowBodiesPtr>();
    qRegisterMetaType<FlowRecord>();
    qRegisterMetaType<Secret>();
    qRegisterMetaType<Error>();
    qRegisterMetaType<QList<quint16>>();
    m_gateway->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_gateway, &QObject::deleteLater);
    connect(m_gateway, &Gateway::listening, this, &GatewayThread::listening);
    connect(m_gateway, &Gateway::listenFailed, this, &GatewayThread::listenFailed);
    connect(m_gateway, &Gateway::stopped, this, &GatewayThread::stopped);
    connect(m_gateway, &Gateway::tokenNeeded, this, &GatewayThread::tokenNeeded);
    connect(m_gateway, &Gateway::activeRequestsChanged, this,
            &GatewayThread::activeRequestsChanged);
    connect(m_gateway, &Gateway::requestFinished, this, &GatewayThread::requestFinished);
    connect(m_gateway, &Gateway::accountReported, this, &GatewayThread::accountReported);
    connect(m_gateway, &Gateway::healthChanged, this, &GatewayThread::healthChanged);
    connect(m_gateway, &Gateway::adminRequested, this, &GatewayThread::adminRequested);
    m_thread.setObjectName(u"gateway"_s);
    m_thread.start();
}

GatewayThread::~GatewayThread()
{
    m_thread.quit();
    m_thread.wait();
}

void GatewayThread::start(const GatewayConfig &config)
{
    QMetaObject::invokeMethod(m_gateway, [gateway = m_gateway, config] { gateway->start(config); });
}

void GatewayThread::stop()
{
    QMetaObject::invokeMethod(m_gateway, &Gateway::stop);
}

void GatewayThread::setAccounts(const std::vector<AccountSnapshot> &accounts)
{
    QMetaObject::invokeMethod(m_gateway,
                              [gateway = m_gateway, accounts] { gateway->setAccounts(accounts); });
}

void GatewayThread::answerToken(const QString &accountId, const Result<Secret> &token)
{
    QMetaObject::invokeMethod(m_gateway, [gateway = m_gateway, accountId, token] {
        gateway->answerToken(accountId, token);
    });
}

void GatewayThread::setPolicy(const GatewayPolicy &policy)
{
    QMetaObject::invokeMethod(m_gateway,
                              [gateway = m_gateway, policy] { gateway->setPolicy(policy); });
}

void GatewayThread::restoreAccount(const QString &accountId)
{
    QMetaObject::invokeMethod(
        m_gateway, [gateway = m_gateway, accountId] { gateway->restoreAccount(accountId); });
}

void GatewayThread::answerAdmin(quint64 id, const AdminReply &reply)
{
    QMetaObject::invokeMethod(
        m_gateway, [gateway = m_gateway, id, reply] { gateway->answerAdmin(id, reply); });
}

} // namespace kirotray
