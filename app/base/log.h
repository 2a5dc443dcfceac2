// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QLoggingCategory>

namespace kirotray {

// One category a folder that logs. Lines are English, start with the event, then key=value.
Q_DECLARE_LOGGING_CATEGORY(logCore) ///< kirotray.core
Q_DECLARE_LOGGING_CATEGORY(logNet) ///< kirotray.net
Q_DECLARE_LOGGING_CATEGORY(logHttp) ///< kirotray.http
Q_DECLARE_LOGGING_CATEGORY(logKiro) ///< kirotray.kiro
Q_DECLARE_LOGGING_CATEGORY(logAccounts) ///< kirotray.accounts
Q_DECLARE_LOGGING_CATEGORY(logGateway) ///< kirotray.gateway
Q_DECLARE_LOGGING_CATEGORY(logSimulator) ///< kirotray.simulator
Q_DECLARE_LOGGING_CATEGORY(logUi) ///< kirotray.ui

/// Installs the message handler: each line is redacted() before it reaches stderr or the file. No
/// switch turns redaction off. The file rotates at limits::MaxLogFile and keeps
/// limits::MaxLogFiles; an empty name means stderr only. Error::Storage when the file cannot be
/// opened; stderr then still works. Call once, early, from the main thread; the handler itself is
/// thread-safe.
Result<Done> installLog(const QString &file, bool toStderr);
/// Back to Qt's own handler and the file closed; for tests.
void uninstallLog();

} // namespace kirotray
