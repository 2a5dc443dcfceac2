// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QString>
#include <QStringList>
#include <QUrl>

#include <functional>
#include <vector>

namespace kirotray {

struct Browser
{
    QString id; ///< firefox, chrome, chromium, edge, brave, opera, vivaldi, safari
    QString name;
    QString program; ///< absolute path
    QStringList arguments; ///< before the URL, such as Safari's -a of `open`
    QString privateOption; ///< command-line option of a private window; empty: it has none
};

/// The browsers of this system that are known to us: Windows by the registry's App Paths, macOS by
/// the application folders, elsewhere by PATH; on Windows PATH too, for portable builds.
std::vector<Browser> installedBrowsers();

/// Opens `url` in that browser ("" is the system's own choice), in a private window when wanted and
/// possible. Error::BadInput: unknown id; Error::Storage: it cannot be started. The URL is not
/// logged.
Result<Done> openInBrowser(const QUrl &url, const QString &browserId, bool inPrivateWindow);

/// For tests: as above with the lookup of a program passed in.
std::vector<Browser> browsersBy(const std::function<QString(const QString &program)> &find);

} // namespace kirotray
