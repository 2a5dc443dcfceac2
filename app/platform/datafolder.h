// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace kirotray {

/// Where accounts and settings live unless the user names another place: the same for the desktop
/// and the console program, whatever the process is called. Not created here.
QString defaultDataDir();

} // namespace kirotray
