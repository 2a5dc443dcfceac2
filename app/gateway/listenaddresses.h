// SPDX-License-Identifier: MIT
#pragma once

#include <QHostAddress>
#include <QList>
#include <QString>
#include <QUrl>

namespace kirotray {

/// What GatewayConfig::host stands for. Pure.

/// The addresses to listen on: both loopbacks for each of their names, the first one before the
/// others; a null address for a host that is neither an address nor localhost.
QList<QHostAddress> addressesOf(const QString &host);
/// How clients on this machine reach it.
QUrl baseUrlOf(const QString &host, quint16 port);

} // namespace kirotray
