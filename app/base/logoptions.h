// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace kirotray {

/// What the log takes and how a line looks. Main thread; for all threads, from now on.

/// debug, info, warning or error; others are taken as info.
void setLogLevel(const QString &level);
/// One JSON object a line: timestamp, level, service, message. Else text.
void setLogFormat(bool asJson);

} // namespace kirotray
