// SPDX-License-Identifier: MIT
#include "app/platform/datafolder.h"

#include "app/base/result.h"

#include <QStandardPaths>

namespace kirotray {

QString defaultDataDir()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + u"/kirotray"_s;
}

} // namespace kirotray
