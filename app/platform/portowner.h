// SPDX-License-Identifier: MIT
#pragma once

#include <QHash>
#include <QList>
#include <QString>

namespace kirotray {

/// The programs that listen on TCP ports of this machine, such as "node (process 4711)". A port is
/// left out when it cannot be told (another user's process, or a system without a way to ask).
/// Reads /proc on Linux, once for all ports: milliseconds, any thread.
QHash<quint16, QString> portOwners(const QList<quint16> &ports);

} // namespace kirotray
