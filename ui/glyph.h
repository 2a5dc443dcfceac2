// SPDX-License-Identifier: MIT
#pragma once

#include <QColor>
#include <QIcon>

namespace kirotray {

/// Our one-colour sign resources/icons/<name>.svg in `color`, drawn sharp at any size and scale.
QIcon glyphIcon(const QString &name, const QColor &color);
/// The same as a picture of `size` device-independent pixels.
QPixmap glyphPixmap(const QString &name, const QColor &color, int size, qreal devicePixelRatio);
/// An icon of its own colours (app, tray-…) at the sizes that panels and task bars ask for.
QIcon coloredIcon(const QString &name);

} // namespace kirotray
