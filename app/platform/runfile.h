// SPDX-License-Identifier: MIT
#pragma once

#include <QString>
#include <QUrl>

namespace kirotray {

/// run.json in the data folder tells other processes where the proxy of that folder listens. It is
/// a hint: its writer may have crashed, so a reader asks /health.
void writeRunFile(const QString &dataDir, const QUrl &baseUrl);
void removeRunFile(const QString &dataDir);
/// Empty when there is none or it is damaged.
QUrl readRunFile(const QString &dataDir);

} // namespace kirotray
