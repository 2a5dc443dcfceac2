// SPDX-License-Identifier: MIT
#include "ui/theme.h"

#include "app/base/result.h"

#include <QApplication>
#include <QFontInfo>
#include <QSettings>
#include <QStringList>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

struct InkPair
{
    QRgb light;
    QRgb dark;
};

// In the order of Ink.
constexpr std::array InkTable {
    InkPair {0xF5F6F6, 0x1A1C1D}, // Window
    InkPair {0xFFFFFF, 0x222526}, // Card
    InkPair {0xF2F4F4, 0x191B1C}, // Inset
    InkPair {0xE9ECEC, 0x2B2F30}, // Hover
    InkPair {0x1B1F20, 0xE8ECEC}, // Text
    InkPair {0x566063, 0xA6AFB1}, // Text2
    InkPair {0x8C9598, 0x6F787A}, // Faint
    InkPair {0xDDE1E1, 0x353A3B}, // Line
    InkPair {0xC9CFCF, 0x454B4C}, // ControlEdge
    InkPair {0x838C8B, 0x737C7D}, // Edge
    InkPair {0x0B746B, 0x4CC9B8}, // Accent
    InkPair {0x0B746B, 0x2BA597}, // AccentFill
    InkPair {0xFFFFFF, 0x0A1413}, // OnAccent
    InkPair {0x8F5600, 0xE8B04E}, // Warn
    InkPair {0xFCF0DA, 0x3A2E14}, // WarnGround
    InkPair {0xB3261E, 0xFF8A7F}, // Danger
    InkPair {0xFCE8E6, 0x43211E}, // DangerGround
    InkPair {0x2A5FB4, 0x86B4F5}, // Info
    InkPair {0xE6EEFA, 0x1D2F4A}, // InfoGround
};
static_assert(InkTable.size() == static_cast<size_t>(Ink::InfoGround) + 1);

constexpr double BaseFontPx = 13;

// {name}: a colour; [n]: a length. Heights are without the 1 px borders.
constexpr auto SheetTemplate = R"(
#page, QScrollArea { background: {window}; }
QLabel { color: {text}; font-size: [13]px; background: transparent; }
QLabel[type="lead"] { font-size: [17]px; font-weight: 600; }
QLabel[type="subtitle"] { font-size: [15]px; font-weight: 600; }
QLabel[type="strong"] { font-weight: 600; }
QLabel[type="number"] { font-size: [20]px; font-weight: 600; }
QLabel[type="small"] { font-size: [12]px; color: {text2}; }
QLabel[type="details"] { font-size: [12]px; color: {text2}; }
QFrame#card { background: {card}; border: 1px solid {line}; border-radius: [8]px; }
QFrame#rule { background: {line}; border: 0; }
QFrame#field { background: {inset}; border: 1px solid {line}; border-radius: [6]px; }
QLineEdit { background: transparent; border: 0; color: {text}; font-size: [12]px;
    min-height: [26]px; padding: 1px [7]px; selection-background-color: {accentFill};
    selection-color: {onAccent}; }
QLineEdit:focus { border: 2px solid {accent}; border-radius: [5]px; padding: 0 [5]px;
    min-height: [24]px; }
QPushButton { background: {card}; color: {text}; border: 1px solid {controlEdge};
    border-radius: [6]px; min-height: [28]px; padding: 0 [12]px; font-size: [13]px; }
QPushButton:hover { background: {hover}; }
QPushButton:pressed { background: {line}; }
QPushButton:focus { border: 2px solid {accent}; min-height: [26]px; padding: 0 [11]px; }
QPushButton:disabled { color: {faint}; background: {inset}; }
QPushButton[kind="primary"] { background: {accentFill}; color: {onAccent};
    border: 1px solid {accentFill}; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: {accent}; }
QPushButton[kind="primary"]:focus { border: 2px solid {text}; }
QPushButton[kind="quiet"] { background: transparent; border: 1px solid transparent;
    color: {text2}; }
QPushButton[kind="quiet"]:hover { background: {hover}; color: {text}; }
QPushButton[kind="quiet"]:focus { border: 2px solid {accent}; }
QPushButton::menu-indicator { width: 0; image: none; }
QToolButton { background: transparent; border: 2px solid transparent; border-radius: [5]px;
    padding: [3]px; }
QToolButton:hover { background: {hover}; }
QToolButton:focus { border: 2px solid {accent}; }
QFrame[notice="danger"] { background: {dangerGround}; border: 1px solid {dangerGround};
    border-radius: [8]px; }
QFrame[notice="warn"] { background: {warnGround}; border: 1px solid {warnGround};
    border-radius: [8]px; }
QFrame[notice="info"] { background: {infoGround}; border: 1px solid {infoGround};
    border-radius: [8]px; }
QFrame[notice] QLabel { color: {text}; }
QScrollBar:vertical { background: {window}; width: [10]px; margin: 0; }
QScrollBar::handle:vertical { background: {controlEdge}; border-radius: [4]px;
    min-height: [24]px; margin: 1px; }
QScrollBar::handle:vertical:hover { background: {text2}; }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }
QToolTip { background: {card}; color: {text}; border: 1px solid {line}; }
)"_L1;

struct InkName
{
    QLatin1StringView name;
    Ink ink;
};

constexpr std::array InkNames {
    InkName {"{window}"_L1, Ink::Window},
    InkName {"{card}"_L1, Ink::Card},
    InkName {"{inset}"_L1, Ink::Inset},
    InkName {"{hover}"_L1, Ink::Hover},
    InkName {"{text}"_L1, Ink::Text},
    InkName {"{text2}"_L1, Ink::Text2},
    InkName {"{faint}"_L1, Ink::Faint},
    InkName {"{line}"_L1, Ink::Line},
    InkName {"{controlEdge}"_L1, Ink::ControlEdge},
    InkName {"{accent}"_L1, Ink::Accent},
    InkName {"{accentFill}"_L1, Ink::AccentFill},
    InkName {"{onAccent}"_L1, Ink::OnAccent},
    InkName {"{danger}"_L1, Ink::Danger},
    InkName {"{dangerGround}"_L1, Ink::DangerGround},
    InkName {"{warn}"_L1, Ink::Warn},
    InkName {"{warnGround}"_L1, Ink::WarnGround},
    InkName {"{info}"_L1, Ink::Info},
    InkName {"{infoGround}"_L1, Ink::InfoGround},
};

bool isSystemDark()
{
#ifdef Q_OS_WIN
    // Qt 6.4's palette does not follow the system here.
    const QSettings personal(uR"(HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion)"
                             uR"(\Themes\Personalize)"_s,
                             QSettings::NativeFormat);
    return personal.value("AppsUseLightTheme"_L1, 1).toInt() == 0;
#else
    const QPalette palette = QApplication::palette();
    return palette.color(QPalette::Window).lightness()
        < palette.color(QPalette::WindowText).lightness();
#endif
}

/// Text first, so that Latin in a Chinese sentence stays Latin; then the SC family by name, or Han
/// characters take Japanese shapes.
QStringList hanFamilies()
{
#if defined(Q_OS_WIN)
    return {u"Microsoft YaHei UI"_s};
#elif defined(Q_OS_MACOS)
    return {u"PingFang SC"_s};
#else
    return {u"Noto Sans CJK SC"_s, u"Source Han Sans SC"_s, u"WenQuanYi Micro Hei"_s};
#endif
}

} // namespace

Theme::Theme(bool dark, double scale)
    : m_dark(dark)
    , m_scale(std::clamp(scale, 1.0, 1.6))
{
}

Theme Theme::fromSystem()
{
    return Theme(isSystemDark(), QFontInfo(QApplication::font()).pixelSize() / BaseFontPx);
}

QColor Theme::color(Ink ink) const
{
    const InkPair &pair = InkTable.at(static_cast<size_t>(ink));
    return QColor(m_dark ? pair.dark : pair.light);
}

int Theme::px(int length) const
{
    return qRound(length * m_scale);
}

QFont Theme::textFont() const
{
    QFont font = QApplication::font();
#ifdef Q_OS_WIN
    font.setFamilies({u"Segoe UI Variable Text"_s, u"Segoe UI"_s});
#endif
    font.setPixelSize(px(13));
    return withHanFamilies(font);
}

QFont Theme::monoFont() const
{
    QFont font;
#if defined(Q_OS_WIN)
    const QStringList families {u"Cascadia Mono"_s, u"Consolas"_s};
#elif defined(Q_OS_MACOS)
    const QStringList families {u"SF Mono"_s, u"Menlo"_s};
#else
    const QStringList families {u"JetBrains Mono"_s, u"Noto Sans Mono"_s, u"DejaVu Sans Mono"_s};
#endif
    font.setFamilies(families);
    font.setStyleHint(QFont::Monospace);
    font.setPixelSize(px(12));
    return withHanFamilies(font);
}

QPalette Theme::palette() const
{
    QPalette palette(color(Ink::Card), color(Ink::Window));
    palette.setColor(QPalette::Base, color(Ink::Card));
    palette.setColor(QPalette::AlternateBase, color(Ink::Inset));
    palette.setColor(QPalette::ToolTipBase, color(Ink::Card));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText,
                            QPalette::ToolTipText, QPalette::BrightText})
        palette.setColor(role, color(Ink::Text));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, color(Ink::Faint));
    palette.setColor(QPalette::PlaceholderText, color(Ink::Text2));
    palette.setColor(QPalette::Highlight, color(Ink::AccentFill));
    palette.setColor(QPalette::HighlightedText, color(Ink::OnAccent));
    palette.setColor(QPalette::Link, color(Ink::Accent));
    return palette;
}

QString Theme::styleSheet() const
{
    QString sheet = SheetTemplate;
    for (const InkName &entry : InkNames)
        sheet.replace(entry.name, color(entry.ink).name());
    qsizetype open = 0;
    while ((open = sheet.indexOf(u'[', open)) >= 0) {
        const qsizetype close = sheet.indexOf(u']', open);
        bool isLength = false;
        const int length = QStringView(sheet).sliced(open + 1, close - open - 1).toInt(&isLength);
        if (isLength) // else an attribute selector
            sheet.replace(open, close - open + 1, QString::number(px(length)));
        ++open;
    }
    return sheet;
}

QFont withHanFamilies(QFont font)
{
    // By its real name: in a list, an alias such as "Sans Serif" is passed over.
    font.setFamilies(QStringList {QFontInfo(font).family()} + hanFamilies());
    return font;
}

bool isPanelDark()
{
#ifdef Q_OS_WIN
    const QSettings personal(uR"(HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion)"
                             uR"(\Themes\Personalize)"_s,
                             QSettings::NativeFormat);
    return personal.value("SystemUsesLightTheme"_L1, 0).toInt() == 0;
#else
    return isSystemDark();
#endif
}

} // namespace kirotray
