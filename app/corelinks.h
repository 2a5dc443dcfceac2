// SPDX-License-Identifier: MIT
#pragma once

#include "app/admin/adminapi.h"
#include "app/coreservices.h"

#include <QHash>
#include <QObject>

namespace kirotray {

/// Connects the services with each other and with the gateway: what one learns, the others are
/// told. Main thread.
class CoreLinks : public QObject
{
    Q_OBJECT
public:
    /// `services` outlive it. `admin` answers what the gateway passes on. `takesDefaultKey`: the
    /// stored default key opens the proxy; not where the user gave another one.
    CoreLinks(CoreServices &services, AdminApi &admin, bool takesDefaultKey,
              QObject *parent = nullptr);

    void pushAccounts(); ///< to the gateway
    void pushPolicy();
    GatewayPolicy policy() const; ///< by settings and keys
    AccountHealth health(const AccountId &id) const { return m_health.value(id.value); }
    void restore(const AccountId &id); ///< the pool forgets what it holds against the account
    void useSimulator(); ///< its account is known to the gateway from now on
    int usableAccounts() const;

signals:
    void accountsPushed();
    void requestFinished(const kirotray::FlowRecord &flow);
    void healthChanged(const kirotray::AccountId &id);

private:
    void connectAccounts();
    void connectTraffic();
    void applySettings();
    void answerToken(const QString &accountId, const Secret &rejected);
    void passOnToken(const AccountId &id);
    void onReport(const AccountReport &report);
    AdminReply usageAnswer(const AdminRequest &request) const;
    void onAdminRequest(const AdminRequest &request);

    CoreServices &m_services;
    AdminApi &m_admin;
    bool m_takesDefaultKey;
    QHash<QString, AccountHealth> m_health; ///< by account
    KiroTablesPtr m_simulatorTables; ///< null: not asked for
};

} // namespace kirotray
