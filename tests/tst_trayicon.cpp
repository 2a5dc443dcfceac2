// SPDX-License-Identifier: MIT
#include "ui/language.h"
#include "ui/trayicon.h"

#include <QAction>
#include <QApplication>
#include <QElapsedTimer>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>

using namespace kirotray;
using namespace std::chrono_literals;

namespace {

ProxyStatus running(int activeRequests = 0, int usableAccounts = 1)
{
    ProxyStatus status;
    status.state = ProxyState::Running;
    status.baseUrl = QUrl(u"http://127.0.0.1:8747"_s);
    status.activeRequests = activeRequests;
    status.usableAccounts = usableAccounts;
    return status;
}

ProxyStatus failed()
{
    ProxyStatus status;
    status.state = ProxyState::Failed;
    status.failure = ProxyFailure::PortTaken;
    status.problem = u"port 8747 is taken"_s;
    status.usableAccounts = 1;
    return status;
}

bool noTray()
{
    return false;
}

} // namespace

Q_DECLARE_METATYPE(kirotray::TrayState)

class TstTrayIcon : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase() { m_language.use(u"en"_s); }
    void cleanup() { m_language.use(u"en"_s); }

    void theWorstStateIsShown_data()
    {
        QTest::addColumn<ProxyStatus>("status");
        QTest::addColumn<TrayState>("state");
        ProxyStatus stopped;
        stopped.usableAccounts = 1;
        QTest::addRow("stopped") << stopped << TrayState::Stopped;
        QTest::addRow("stopped, no account yet") << ProxyStatus() << TrayState::Stopped;
        ProxyStatus starting = stopped;
        starting.state = ProxyState::Starting;
        QTest::addRow("starting") << starting << TrayState::Stopped;
        QTest::addRow("running") << running() << TrayState::Running;
        QTest::addRow("busy") << running(3) << TrayState::Busy;
        ProxyStatus stopping = running(2);
        stopping.state = ProxyState::Stopping;
        QTest::addRow("last answers while stopping") << stopping << TrayState::Busy;
        QTest::addRow("failed") << failed() << TrayState::Problem;
        QTest::addRow("no usable account") << running(0, 0) << TrayState::Problem;
        ProxyStatus told = running(1);
        told.problem = u"keychain locked"_s;
        QTest::addRow("a problem while busy") << told << TrayState::Problem;
    }
    void theWorstStateIsShown()
    {
        QFETCH(ProxyStatus, status);
        QFETCH(TrayState, state);
        QCOMPARE(trayStateOf(status), state);
        TrayIcon tray({}, noTray);
        tray.setStatus(status);
        QCOMPARE(tray.state(), state);
    }

    void theIconChangesOnlyWithTheState()
    {
        TrayIcon tray({}, noTray);
        QSignalSpy changes(&tray, &TrayIcon::iconChanged);
        tray.setStatus(running());
        QCOMPARE(changes.size(), 1);
        tray.setStatus(running(0, 5));
        tray.setStatus(running(0, 2));
        QCOMPARE(changes.size(), 1);
        tray.setStatus(running(1));
        tray.setStatus(running(2));
        QCOMPARE(changes.size(), 2);
    }

    void aShortRequestHoldsTheBusyIcon()
    {
        TrayIcon tray({.busyHold = 300ms}, noTray);
        tray.setStatus(running());
        QElapsedTimer sinceBusy;
        sinceBusy.start();
        tray.setStatus(running(1));
        tray.setStatus(running());
        QCOMPARE(tray.state(), TrayState::Busy);
        QSignalSpy changes(&tray, &TrayIcon::iconChanged);
        QVERIFY(changes.wait());
        QCOMPARE(tray.state(), TrayState::Running);
        QVERIFY2(sinceBusy.elapsed() >= 299, qPrintable(QString::number(sinceBusy.elapsed())));
        QCOMPARE(changes.size(), 1);
    }

    void aLongRequestLeavesBusyAtOnce()
    {
        TrayIcon tray({.busyHold = 1ms}, noTray);
        tray.setStatus(running(1));
        QTimer hold;
        hold.setSingleShot(true);
        QSignalSpy over(&hold, &QTimer::timeout);
        hold.start(20ms);
        QVERIFY(over.wait());
        tray.setStatus(running());
        QCOMPARE(tray.state(), TrayState::Running);
    }

    void aProblemDoesNotWaitForTheBusyHold()
    {
        TrayIcon tray({.busyHold = 10s}, noTray);
        tray.setStatus(running(1));
        tray.setStatus(failed());
        QCOMPARE(tray.state(), TrayState::Problem);
    }

    void theMenuNamesStateAndAddress()
    {
        TrayIcon tray({}, noTray);
        tray.setKeyKnown(true);
        tray.setStatus(running(2));
        QCOMPARE(texts(tray),
                 (QStringList {u"Open KiroTray"_s, u"Running · 127.0.0.1:8747 · 2 requests"_s,
                               u"Copy address"_s, u"Copy key"_s, u"Stop the proxy"_s, u"Quit"_s}));
        QVERIFY2(!item(tray, u"Running · 127.0.0.1:8747 · 2 requests"_s)->isEnabled(),
                 "the state line is no command");
        QCOMPARE(tray.menu()->defaultAction(), item(tray, u"Open KiroTray"_s));
    }

    void theMenuKeepsItsPlacesWhenStopped()
    {
        TrayIcon tray({}, noTray);
        tray.setStatus({});
        QCOMPARE(texts(tray),
                 (QStringList {u"Open KiroTray"_s, u"Stopped"_s, u"Copy address"_s, u"Copy key"_s,
                               u"Start the proxy"_s, u"Quit"_s}));
        QVERIFY(!item(tray, u"Copy address"_s)->isEnabled());
        QVERIFY(!item(tray, u"Copy key"_s)->isEnabled());
    }

    void theMenuSaysWhatTheUserWants_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isRunning");
        QTest::addColumn<QByteArray>("wanted");
        QTest::addRow("open") << u"Open KiroTray"_s << true << QByteArray(SIGNAL(openRequested()));
        QTest::addRow("stop") << u"Stop the proxy"_s << true << QByteArray(SIGNAL(stopRequested()));
        QTest::addRow("start") << u"Start the proxy"_s << false
                               << QByteArray(SIGNAL(startRequested()));
        QTest::addRow("address") << u"Copy address"_s << true
                                 << QByteArray(SIGNAL(copyAddressRequested()));
        QTest::addRow("key") << u"Copy key"_s << true << QByteArray(SIGNAL(copyKeyRequested()));
        QTest::addRow("quit") << u"Quit"_s << true << QByteArray(SIGNAL(quitRequested()));
    }
    void theMenuSaysWhatTheUserWants()
    {
        QFETCH(QString, text);
        QFETCH(bool, isRunning);
        QFETCH(QByteArray, wanted);
        TrayIcon tray({}, noTray);
        tray.setKeyKnown(true);
        tray.setStatus(isRunning ? running() : ProxyStatus());
        QSignalSpy spy(&tray, wanted.constData());
        QVERIFY(spy.isValid());
        item(tray, text)->trigger();
        QCOMPARE(spy.size(), 1);
    }

    void anOpenMenuDoesNotChangeUnderThePointer()
    {
        TrayIcon tray({}, noTray);
        tray.setStatus(running());
        tray.menu()->popup({0, 0});
        QTRY_VERIFY(tray.menu()->isVisible());
        tray.setStatus({});
        QVERIFY2(item(tray, u"Stop the proxy"_s), "still what the user sees");
        QSignalSpy stop(&tray, &TrayIcon::stopRequested);
        item(tray, u"Stop the proxy"_s)->trigger();
        QCOMPARE(stop.size(), 1);
        tray.menu()->close();
        tray.menu()->popup({0, 0});
        QVERIFY(item(tray, u"Start the proxy"_s));
        tray.menu()->close();
    }

    void theToolTipIsShortAndWithoutSecrets_data()
    {
        QTest::addColumn<ProxyStatus>("status");
        QTest::addColumn<QString>("toolTip");
        QTest::addRow("running") << running(0, 2)
                                 << u"KiroTray · Running\n127.0.0.1:8747\n2 usable accounts"_s;
        QTest::addRow("no account")
            << running(0, 0) << u"KiroTray · Running\n127.0.0.1:8747\nNo usable account"_s;
        QTest::addRow("failed") << failed()
                                << u"KiroTray · Stopped by an error\nThe port is taken"_s;
    }
    void theToolTipIsShortAndWithoutSecrets()
    {
        QFETCH(ProxyStatus, status);
        TrayIcon tray({}, noTray);
        tray.setStatus(status);
        QTEST(tray.toolTip(), "toolTip");
        QVERIFY(tray.toolTip().size() <= 127);
    }

    void speaksChinese()
    {
        TrayIcon tray({}, noTray);
        tray.setKeyKnown(true);
        tray.setStatus(running(2));
        m_language.use(u"zh_CN"_s);
        tray.retranslate();
        QCOMPARE(texts(tray),
                 (QStringList {u"打开 KiroTray"_s, u"运行中 · 127.0.0.1:8747 · 2 个请求"_s,
                               u"复制地址"_s, u"复制密钥"_s, u"停止代理"_s, u"退出"_s}));
        QCOMPARE(tray.toolTip(), u"KiroTray · 运行中\n127.0.0.1:8747\n1 个账号可用"_s);
    }

    void saysThatThereIsNoTray()
    {
        TrayIcon tray({.poll = 5ms, .missingAfter = 20ms, .pollFor = 60ms}, noTray);
        QSignalSpy missing(&tray, &TrayIcon::missing);
        tray.start();
        QVERIFY2(missing.isEmpty(), "a panel may still come");
        QTRY_COMPARE(missing.size(), 1);
    }

    void aLateTrayIsFound_data()
    {
        QTest::addColumn<int>("looksWithout");
        QTest::addColumn<int>("missing");
        QTest::addColumn<int>("found");
        QTest::addRow("there at once") << 0 << 0 << 0;
        QTest::addRow("before anybody was told") << 2 << 0 << 0;
        QTest::addRow("after it was called missing") << 8 << 1 << 1;
    }
    void aLateTrayIsFound()
    {
        QFETCH(int, looksWithout);
        int looks = 0;
        TrayIcon tray({.poll = 5ms, .missingAfter = 20ms, .pollFor = 10s},
                      [&] { return ++looks > looksWithout; });
        QSignalSpy missing(&tray, &TrayIcon::missing);
        QSignalSpy found(&tray, &TrayIcon::found);
        tray.start();
        QTRY_COMPARE(looks, looksWithout + 1);
        QTEST(static_cast<int>(missing.size()), "missing");
        QTEST(static_cast<int>(found.size()), "found");
    }

    void stopsLookingAfterAWhile()
    {
        int looks = 0;
        TrayIcon tray({.poll = 5ms, .missingAfter = 10ms, .pollFor = 30ms}, [&] {
            ++looks;
            return false;
        });
        tray.start();
        QTRY_COMPARE(looks, 7); // one at the start, then every 5 ms
        QTimer later;
        QSignalSpy over(&later, &QTimer::timeout);
        later.start(40ms);
        QVERIFY(over.wait());
        QCOMPARE(looks, 7);
    }

private:
    static QStringList texts(const TrayIcon &tray)
    {
        QStringList all;
        for (const QAction *action : tray.menu()->actions())
            if (!action->isSeparator())
                all << action->text();
        return all;
    }
    static QAction *item(const TrayIcon &tray, const QString &text)
    {
        for (QAction *action : tray.menu()->actions())
            if (action->text() == text)
                return action;
        return nullptr;
    }

    Language m_language;
};

QTEST_MAIN(TstTrayIcon)
#include "tst_trayicon.moc"
