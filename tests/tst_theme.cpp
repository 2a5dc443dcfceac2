// SPDX-License-Identifier: MIT
#include "app/base/result.h"
#include "ui/glyph.h"
#include "ui/theme.h"

#include <QDir>
#include <QSvgRenderer>
#include <QTest>

#include <cmath>

using namespace kirotray;

namespace {

double channelLuminance(double value)
{
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &color)
{
    return 0.2126 * channelLuminance(color.redF()) + 0.7152 * channelLuminance(color.greenF())
        + 0.0722 * channelLuminance(color.blueF());
}

/// WCAG 2.1.
double contrast(const QColor &a, const QColor &b)
{
    const double first = luminance(a) + 0.05;
    const double second = luminance(b) + 0.05;
    return std::max(first, second) / std::min(first, second);
}

} // namespace

class TstTheme : public QObject
{
    Q_OBJECT
private slots:
    void wordsCanBeReadOnTheirGround_data()
    {
        QTest::addColumn<int>("words");
        QTest::addColumn<int>("ground");
        QTest::addColumn<double>("atLeast");
        const auto row = [](const char *name, Ink words, Ink ground, double atLeast) {
            QTest::addRow("%s", name)
                << static_cast<int>(words) << static_cast<int>(ground) << atLeast;
        };
        row("text on window", Ink::Text, Ink::Window, 7);
        row("text on card", Ink::Text, Ink::Card, 7);
        row("text on hover", Ink::Text, Ink::Hover, 7);
        row("secondary on window", Ink::Text2, Ink::Window, 4.5);
        row("secondary on card", Ink::Text2, Ink::Card, 4.5);
        row("secondary on inset", Ink::Text2, Ink::Inset, 4.5);
        row("secondary on danger", Ink::Text2, Ink::DangerGround, 4.5);
        row("accent on card", Ink::Accent, Ink::Card, 4.5);
        row("words on accent", Ink::OnAccent, Ink::AccentFill, 4.5);
        row("text on warn", Ink::Text, Ink::WarnGround, 7);
        row("text on danger", Ink::Text, Ink::DangerGround, 7);
        row("text on info", Ink::Text, Ink::InfoGround, 7);
        row("warn icon", Ink::Warn, Ink::WarnGround, 4.5);
        row("danger icon", Ink::Danger, Ink::DangerGround, 4.5);
        row("info icon", Ink::Info, Ink::InfoGround, 4.5);
        row("switch when off", Ink::Edge, Ink::Card, 3);
        row("focus ring", Ink::Accent, Ink::Card, 3);
    }
    void wordsCanBeReadOnTheirGround()
    {
        QFETCH(int, words);
        QFETCH(int, ground);
        QFETCH(double, atLeast);
        for (const bool dark : {false, true}) {
            const Theme theme(dark);
            const double found = contrast(theme.color(static_cast<Ink>(words)),
                                          theme.color(static_cast<Ink>(ground)));
            QVERIFY2(found >= atLeast, qPrintable(u"dark %1: %2"_s.arg(dark).arg(found)));
        }
    }

    void theStyleSheetIsFilledIn()
    {
        const QString sheet = Theme(false, 1.5).styleSheet();
        QVERIFY(!sheet.contains("{text}"_L1));
        QVERIFY2(!QRegularExpression(uR"(\[\d+\])"_s).match(sheet).hasMatch(), "a length is left");
        QVERIFY2(!QRegularExpression(uR"(\{[a-zA-Z0-9]+\})"_s).match(sheet).hasMatch(),
                 "a colour is left");
        QVERIFY2(sheet.contains(uR"(QLabel[type="lead"])"_s), "attribute selectors stay");
        QVERIFY2(sheet.contains("border-radius: 12px"_L1), "lengths grow with the font");
    }

    void theScaleStaysInItsRange()
    {
        QCOMPARE(Theme(false, 0.5).px(10), 10);
        QCOMPARE(Theme(false, 1.3).px(10), 13);
        QCOMPARE(Theme(false, 4).px(10), 16);
    }

    void everyIconCanBeDrawn()
    {
        const QStringList names = QDir(u":/icons"_s).entryList();
        QVERIFY(names.size() > 100);
        for (const QString &name : names)
            QVERIFY2(QSvgRenderer(u":/icons/"_s + name).isValid(), qPrintable(name));
    }

    void aGlyphHasTheColourAsked()
    {
        const QImage image = glyphPixmap(u"stop"_s, QColor(10, 200, 30), 24, 2).toImage();
        QCOMPARE(image.size(), QSize(48, 48));
        int painted = 0;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                if (const QColor pixel = image.pixelColor(x, y); pixel.alpha() == 255) {
                    ++painted;
                    QCOMPARE(pixel.rgb(), qRgb(10, 200, 30));
                }
        QVERIFY(painted > 50);
    }

    void theTrayIconComesInEverySize()
    {
        const QIcon icon = coloredIcon(u"tray-busy-on-dark"_s);
        QCOMPARE(icon.availableSizes().size(), 8);
        QVERIFY(icon.availableSizes().contains(QSize(22, 22)));
    }
};

QTEST_MAIN(TstTheme)
#include "tst_theme.moc"
