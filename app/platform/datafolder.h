// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QLockFile>
#include <QString>

#include <memory>

namespace kirotray {

/// Where accounts and settings live unless the user names another place: the same for the desktop
/// and the console program, whatever the process is called. Not created here.
QString defaultDataDir();

/// Takes a data folder for this process until the lock is destroyed. A folder that is made here is
/// readable by its owner only; one that was there keeps its permissions. Error::Storage with the
/// folder as path: not writable, or in use by the process that the sentence names.
Result<std::unique_ptr<QLockFile>> claimDataFolder(const QString &folder);

} // namespace kirotray
