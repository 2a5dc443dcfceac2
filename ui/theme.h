// SPDX-License-Identifier: MIT
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>

namespace kirotray {

/// What a colour is for.
enum class Ink {
    Window,
    Card,
    Inset,
    Hover,
    Text,
    Text2, ///< secondary
    Faint, ///< disabled only, never needed text
    Line,
    ControlEdge,
    Edge, ///< fields, the switch when off
    Accent, ///< text and icons
    AccentFill,
    OnAccent,
    Warn,
    WarnGround,
    Danger,
    DangerGround,
    Info,
    InfoGround,
};

/// Colours, sizes and the style sheet of our windows: the only place with such numbers. A value.
class Theme
{
public:
    /// `scale`: the desktop's font size in 13ths of a pixel size, 1 to 1.6.
    explicit Theme(bool dark, double scale = 1);
    /// As the system is set now. Needs a QApplication.
    static Theme fromSystem();

    bool isDark() const { return m_dark; }
    QColor color(Ink ink) const;
    /// A length for the 13 px base, scaled.
    int px(int length) const;
    QFont textFont() const;
    QFont monoFont() const;
    QPalette palette() const;
    /// For the root of a window. Labels take the property "type" (lead, subtitle, small, number,
    /// danger), buttons "kind" (primary, quiet), notices "notice" (danger, warn, info).
    QString styleSheet() const;

    bool operator==(const Theme &) const = default;

private:
    bool m_dark;
    double m_scale;
};

/// `font`, then the families for simplified Chinese by name: else Han characters may take Japanese
/// shapes.
QFont withHanFamilies(QFont font);

/// Whether the panel that holds the tray icon is dark.
bool isPanelDark();

} // namespace kirotray
