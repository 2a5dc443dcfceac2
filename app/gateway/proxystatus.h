// SPDX-License-Identifier: MIT
#pragma once

#include <QDateTime>
#include <QMetaType>
#include <QString>
#include <QUrl>

namespace kirotray {

enum class ProxyState { Stopped, Starting, Running, Stopping, Failed };

/// Why the proxy Failed, for exit codes and for the right advice.
enum class ProxyFailure { None, PortTaken, Address, Vault, KeyRequired };

/// What windows and status lines show. A value.
struct ProxyStatus
{
    ProxyState state = ProxyState::Stopped;
    QUrl baseUrl; ///< http://127.0.0.1:8747 while Running
    int activeRequests = 0;
    int usableAccounts = 0; ///< enabled, and without a problem
    QString
        problem; ///< English; why it Failed, or why nothing can be answered; empty when all is well
    ProxyFailure failure = ProxyFailure::None; ///< None unless Failed
    QDateTime since; ///< UTC, of the state
    bool operator==(const ProxyStatus &) const = default;
};
QString nameOf(ProxyState state); ///< stopped, starting, running, stopping, failed

} // namespace kirotray

Q_DECLARE_METATYPE(kirotray::ProxyStatus)
