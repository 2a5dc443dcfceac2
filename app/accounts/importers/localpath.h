// SPDX-License-Identifier: MIT
#pragma once

#include <QString>

namespace kirotray {

/// A path as configuration files and environment variables name it, in the form that Qt opens
/// (AUT-22): quotes around it, `file:` URLs with their percent signs, back slashes, the `\\?\`
/// before long paths, `~` for `home`, and `/c/Users` of Unix shells on Windows.
QString localPathOf(const QString &text, const QString &home, bool isWindows);
/// Of this user on this system.
QString localPathOf(const QString &text);

} // namespace kirotray
