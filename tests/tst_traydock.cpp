// SPDX-License-Identifier: MIT
#include "ui/language.h"
#include "ui/trayicon.h"

#include <QApplication>
#include <QDir>
#include <QMenu>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;
using namespace std::chrono_literals;

/// The icon in a real tray: needs an X display without one, trayer, xdotool and ImageMagick.
/// tray_test.sh brings them. Slots run in order; the panel of the second serves the later ones.
class TstTrayDock : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase()
    {
        QCOMPARE(QGuiApplication::platformName(), u"xcb"_s);
        m_language.use(u"zh_CN"_s);
        ProxyStatus status;
        status.state = ProxyState::Running;
        status.baseUrl = QUrl(u"http://127.0.0.1:8747"_s);
        status.usableAccounts = 1;
        m_tray.setStatus(status);
        m_tray.setKeyKnown(true);
    }

    void withoutAPanelTheTrayIsMissing()
    {
        QSignalSpy missing(&m_tray, &TrayIcon::missing);
        m_tray.start();
        QVERIFY(!m_tray.isAvailable());
        QVERIFY(missing.wait());
    }

    void aPanelThatComesLaterTakesTheIcon()
    {
        QSignalSpy found(&m_tray, &TrayIcon::found);
        m_panel.start(u"trayer"_s,
                      {u"--edge"_s, u"top"_s, u"--align"_s, u"right"_s, u"--widthtype"_s,
                       u"request"_s, u"--height"_s, u"28"_s});
        QTRY_COMPARE(m_panel.state(), QProcess::Running);
        QTRY_VERIFY_WITH_TIMEOUT(!found.isEmpty(), 20000);
        QTRY_VERIFY(m_tray.isAvailable());
        QTRY_VERIFY_WITH_TIMEOUT(m_tray.geometry().height() >= 16, 10000);
    }

    void theSignCanBeSeen()
    {
        // The exact colour of the K: nothing else on the screen has it.
        const QRgb ink = qRgb(0x23, 0x28, 0x2A);
        int found = 0;
        const auto look = [&] {
            const QImage screen = picture(u"tray-running.png"_s).copy(m_tray.geometry());
            found = 0;
            for (int y = 0; y < screen.height(); ++y)
                for (int x = 0; x < screen.width(); ++x)
                    found += screen.pixel(x, y) == ink;
            return found >= 10;
        };
        QTRY_VERIFY2(look(), qPrintable(QString::number(found)));
    }

    void theRightButtonOpensTheMenu()
    {
        click(3);
        QTRY_VERIFY(m_tray.menu()->isVisible());
        QTRY_VERIFY(!picture(u"tray-menu.png"_s).isNull());
        QTest::keyClick(m_tray.menu(), Qt::Key_Escape);
        QTRY_VERIFY(!m_tray.menu()->isVisible());
    }

    void theLeftButtonAsksForTheWindow()
    {
        QSignalSpy open(&m_tray, &TrayIcon::openRequested);
        click(1);
        QTRY_COMPARE(open.size(), 1);
        QVERIFY(!m_tray.menu()->isVisible());
    }

    void cleanupTestCase()
    {
        m_panel.terminate();
        QTRY_COMPARE(m_panel.state(), QProcess::NotRunning);
    }

private:
    void click(int button)
    {
        const QPoint middle = m_tray.geometry().center();
        QProcess tool;
        tool.start(u"xdotool"_s,
                   {u"mousemove"_s, QString::number(middle.x()), QString::number(middle.y()),
                    u"click"_s, QString::number(button)});
        QTRY_COMPARE(tool.state(), QProcess::NotRunning);
        QCOMPARE(tool.exitCode(), 0);
    }
    /// The screen; kept in the folder KIROTRAY_PICTURES when there is one.
    QImage picture(const QString &name)
    {
        const QString folder = qEnvironmentVariable("KIROTRAY_PICTURES", m_folder.path());
        const QString file = QDir(folder).filePath(name);
        QProcess tool;
        tool.start(u"import"_s, {u"-window"_s, u"root"_s, file});
        const bool isDone = QTest::qWaitFor([&] { return tool.state() == QProcess::NotRunning; });
        return isDone ? QImage(file).convertToFormat(QImage::Format_RGB32) : QImage();
    }

    Language m_language;
    QTemporaryDir m_folder;
    QProcess m_panel;
    TrayIcon m_tray {{.poll = 100ms, .missingAfter = 300ms, .pollFor = 60s}};
};

QTEST_MAIN(TstTrayDock)
#include "tst_traydock.moc"
