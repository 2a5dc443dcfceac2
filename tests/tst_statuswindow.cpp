// SPDX-License-Identifier: MIT
#include "ui/accountscard.h"
#include "ui/language.h"
#include "ui/snippets.h"
#include "ui/statuswindow.h"
#include "ui/switchbutton.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace kirotray;

namespace {

const Secret ShownKey {QByteArray("kt-abcdefghijklmnopqrstuvwxyz3f9a")};

ProxyStatus runningStatus(int activeRequests = 0, int usableAccounts = 1)
{
    ProxyStatus status;
    status.state = ProxyState::Running;
    status.baseUrl = QUrl(u"http://127.0.0.1:8747"_s);
    status.activeRequests = activeRequests;
    status.usableAccounts = usableAccounts;
    status.since = QDateTime::currentDateTimeUtc().addSecs(-11520);
    return status;
}

ProxyStatus inState(ProxyState state)
{
    ProxyStatus status;
    status.state = state;
    status.usableAccounts = 1;
    return status;
}

ProxyStatus failedStatus()
{
    ProxyStatus status = inState(ProxyState::Failed);
    status.problem = u"port 8747 is taken by nginx"_s;
    status.failure = ProxyFailure::PortTaken;
    return status;
}

FlowRecord flowWith(const QString &outcome)
{
    FlowRecord flow;
    flow.outcome = outcome;
    return flow;
}

std::vector<ImportOutcome> someOutcomes()
{
    ImportOutcome good {u"/home/me/kiro-auth-token.json"_s, 2, 1, {}};
    ImportOutcome bad {u"/home/me/notes.json"_s, 0, 0,
                       Error {Error::Code::BadInput, u"expected an object"_s, u"$[0]"_s}};
    ImportOutcome empty {u"/home/me/empty.json"_s, 0, 0, {}};
    return {good, bad, empty};
}

} // namespace

class TstStatusWindow : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        m_language.use(u"en"_s);
        m_window = std::make_unique<StatusWindow>();
        m_window->setTheme(Theme(false));
        m_window->setAccountTotal(1);
        m_window->setApiKey(ShownKey);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }
    void cleanup() { m_window.reset(); }

    void theHeadSaysTheState_data()
    {
        QTest::addColumn<ProxyStatus>("status");
        QTest::addColumn<QString>("lead");
        QTest::addColumn<QString>("sub");
        QTest::addColumn<bool>("isOn");
        QTest::addColumn<bool>("isBusy");
        QTest::addRow("running") << runningStatus() << u"Proxy is running"_s
                                 << u"Up 3 h 12 min · this computer only"_s << true << false;
        ProxyStatus open = runningStatus();
        open.baseUrl = QUrl(u"http://192.168.1.5:8747"_s);
        QTest::addRow("open to the network")
            << open << u"Proxy is running"_s
            << u"Up 3 h 12 min · other devices on this network can connect"_s << true << false;
        QTest::addRow("stopped") << inState(ProxyState::Stopped) << u"Proxy is stopped"_s
                                 << u"Apps get no answer"_s << false << false;
        QTest::addRow("starting") << inState(ProxyState::Starting) << u"Starting"_s
                                  << u"Apps get no answer"_s << false << true;
        ProxyStatus stopping = inState(ProxyState::Stopping);
        stopping.activeRequests = 1;
        QTest::addRow("stopping") << stopping << u"Stopping"_s << u"1 answer still arriving"_s
                                  << false << true;
        QTest::addRow("failed") << failedStatus() << u"Stopped by an error"_s
                                << u"Apps get no answer"_s << false << false;
    }
    void theHeadSaysTheState()
    {
        QFETCH(ProxyStatus, status);
        m_window->setStatus(status);
        QTEST(label("lead")->text(), "lead");
        QTEST(label("sub")->text(), "sub");
        QTEST(switchButton()->isChecked(), "isOn");
        QTEST(switchButton()->isBusy(), "isBusy");
    }

    void theSwitchAsksAndDoesNotDecide()
    {
        QSignalSpy start(m_window.get(), &StatusWindow::startRequested);
        QSignalSpy stop(m_window.get(), &StatusWindow::stopRequested);
        m_window->setStatus(inState(ProxyState::Stopped));
        QTest::mouseClick(switchButton(), Qt::LeftButton);
        QCOMPARE(start.size(), 1);
        QVERIFY2(switchButton()->isChecked(), "the knob moves at once");
        m_window->setStatus(inState(ProxyState::Starting));
        QTest::mouseClick(switchButton(), Qt::LeftButton);
        QTest::keyClick(switchButton(), Qt::Key_Space);
        QCOMPARE(start.size(), 1);
        m_window->setStatus(runningStatus());
        QTest::keyClick(switchButton(), Qt::Key_Space);
        QCOMPARE(stop.size(), 1);
        m_window->setStatus(failedStatus());
        QTest::mouseClick(switchButton(), Qt::LeftButton);
        QCOMPARE(start.size(), 2);
        QCOMPARE(stop.size(), 1);
    }

    void theSwitchIsACheckBoxToScreenReaders()
    {
        m_window->setStatus(runningStatus());
        QAccessibleInterface *reader = QAccessible::queryAccessibleInterface(switchButton());
        QVERIFY(reader);
        QCOMPARE(reader->role(), QAccessible::CheckBox);
        QCOMPARE(reader->text(QAccessible::Name), u"Proxy"_s);
        QVERIFY(reader->state().checked);
    }

    void copiesTheAddress()
    {
        m_window->setStatus(runningStatus());
        QTest::mouseClick(copyButtons().first(), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), u"http://127.0.0.1:8747"_s);
        QCOMPARE(copyButtons().first()->accessibleName(), u"Copied"_s);
        QTRY_COMPARE(copyButtons().first()->accessibleName(), u"Copy address"_s);
    }

    void noAddressIsNothingToCopy()
    {
        m_window->setStatus(inState(ProxyState::Stopped));
        QVERIFY(!copyButtons().first()->isEnabled());
        QVERIFY(!find<QPushButton>("copyAs")->isEnabled());
        QGuiApplication::clipboard()->setText(u"before"_s);
        m_window->copyAddress();
        QCOMPARE(QGuiApplication::clipboard()->text(), u"before"_s);
    }

    void theKeyIsHiddenUntilAsked()
    {
        const QString key = QString::fromUtf8(ShownKey.reveal());
        QVERIFY(!keyEdit()->text().contains(key.mid(3, 8)));
        QVERIFY2(keyEdit()->text().endsWith("3f9a"_L1), "so that keys can be told apart");
        QTest::mouseClick(find<QToolButton>("reveal"), Qt::LeftButton);
        QCOMPARE(keyEdit()->text(), key);
        QTest::mouseClick(find<QToolButton>("reveal"), Qt::LeftButton);
        QVERIFY(!keyEdit()->text().contains(key.mid(3, 8)));
    }

    void theKeyIsHiddenAgainWhenTheWindowIsLeft()
    {
        m_window->activateWindow();
        QTRY_VERIFY(m_window->isActiveWindow());
        QTest::mouseClick(find<QToolButton>("reveal"), Qt::LeftButton);
        QCOMPARE(keyEdit()->text(), QString::fromUtf8(ShownKey.reveal()));
        QWidget other;
        other.show();
        other.activateWindow();
        QTRY_VERIFY(!m_window->isActiveWindow());
        QVERIFY(keyEdit()->text() != QString::fromUtf8(ShownKey.reveal()));
    }

    void aShortKeyShowsNothingOfItself()
    {
        m_window->setApiKey(Secret("short-key"));
        for (const QChar letter : u"shortkey"_s)
            QVERIFY(!keyEdit()->text().contains(letter));
    }

    void copiesTheKeyWithAMarkForHistories()
    {
        m_window->copyKey();
        QCOMPARE(QGuiApplication::clipboard()->text(), QString::fromUtf8(ShownKey.reveal()));
#ifdef Q_OS_LINUX
        QCOMPARE(QGuiApplication::clipboard()->mimeData()->data(u"x-kde-passwordManagerHint"_s),
                 QByteArray("secret"));
#endif
        QVERIFY2(keyEdit()->text() != QString::fromUtf8(ShownKey.reveal()), "copying hides still");
    }

    void copiesLinesForClaudeCode()
    {
        m_window->setStatus(runningStatus());
        const QMenu *menu = find<QPushButton>("copyAs")->menu();
        QCOMPARE(menu->actions().size(), 3);
        menu->actions().first()->trigger();
        QCOMPARE(QGuiApplication::clipboard()->text(),
                 u"export ANTHROPIC_BASE_URL='http://127.0.0.1:8747'\n"
                 "export ANTHROPIC_AUTH_TOKEN='kt-abcdefghijklmnopqrstuvwxyz3f9a'\n"_s);
    }

    void snippetsSurviveQuotes_data()
    {
        QTest::addColumn<int>("snippet");
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QString>("line");
        QTest::addRow("bash") << int(Snippet::ClaudeBash) << QByteArray("a'b$c")
                              << uR"(ANTHROPIC_AUTH_TOKEN='a'\''b$c')"_s;
        QTest::addRow("PowerShell") << int(Snippet::ClaudePowerShell) << QByteArray("a'b$c")
                                    << u"$env:ANTHROPIC_AUTH_TOKEN = 'a''b$c'"_s;
        QTest::addRow("curl") << int(Snippet::Curl) << QByteArray("k")
                              << u"curl 'http://[::1]:1/v1/models' -H 'Authorization: Bearer k'"_s;
        QTest::addRow("no key") << int(Snippet::ClaudeBash) << QByteArray()
                                << u"ANTHROPIC_AUTH_TOKEN='none'"_s;
    }
    void snippetsSurviveQuotes()
    {
        QFETCH(int, snippet);
        QFETCH(QByteArray, key);
        QFETCH(QString, line);
        const QString text =
            snippetText(static_cast<Snippet>(snippet), QUrl(u"http://[::1]:1/"_s), Secret(key));
        QVERIFY2(text.contains(line), qPrintable(text));
    }

    void aFailureSaysCauseConsequenceAndAction()
    {
        m_window->setStatus(failedStatus());
        QWidget *notice = find<QWidget>("problemNotice");
        QVERIFY(notice->isVisible());
        QCOMPARE(notice->accessibleName(), u"The port is taken"_s);
        QVERIFY2(!shownWords(notice).contains("nginx"_L1), "English details stay closed");
        QTest::mouseClick(notice->findChild<QPushButton *>(u"details"_s), Qt::LeftButton);
        QVERIFY(shownWords(notice).contains("nginx"_L1));
        QSignalSpy start(m_window.get(), &StatusWindow::startRequested);
        QTest::mouseClick(notice->findChild<QPushButton *>(u"action"_s), Qt::LeftButton);
        QCOMPARE(start.size(), 1);
        m_window->setStatus(runningStatus());
        QVERIFY(!notice->isVisible());
    }

    void eachFailureHasItsOwnWords_data()
    {
        QTest::addColumn<ProxyFailure>("failure");
        QTest::addColumn<QString>("title");
        QTest::addRow("unknown") << ProxyFailure::None << u"The proxy could not start"_s;
        QTest::addRow("port") << ProxyFailure::PortTaken << u"The port is taken"_s;
        QTest::addRow("address") << ProxyFailure::Address << u"The address cannot be used"_s;
        QTest::addRow("vault") << ProxyFailure::Vault << u"The keychain cannot be opened"_s;
        QTest::addRow("key") << ProxyFailure::KeyRequired << u"A key is required"_s;
    }
    void eachFailureHasItsOwnWords()
    {
        QFETCH(ProxyFailure, failure);
        ProxyStatus status = failedStatus();
        status.failure = failure;
        m_window->setStatus(status);
        QTEST(find<QWidget>("problemNotice")->accessibleName(), "title");
    }

    void noUsableAccountIsAProblemOnlyWhenThereAreSome()
    {
        m_window->setStatus(runningStatus(0, 0));
        QVERIFY(find<QWidget>("problemNotice")->isVisible());
        QVERIFY(!find<QWidget>("emptyState")->isVisible());
        m_window->setAccountTotal(0);
        QVERIFY(!find<QWidget>("problemNotice")->isVisible());
        QVERIFY(find<QWidget>("emptyState")->isVisible());
    }

    void countsAccounts()
    {
        m_window->setStatus(runningStatus(0, 2));
        m_window->setAccountTotal(6);
        QCOMPARE(label("accountCount")->text(), u"6, 2 of them usable"_s);
    }

    void asksForFilesWithoutWaiting_data()
    {
        QTest::addColumn<QString>("button");
        QTest::addColumn<int>("accounts");
        QTest::addRow("empty state") << u"importFirst"_s << 0;
        QTest::addRow("some accounts") << u"import"_s << 2;
    }
    void asksForFilesWithoutWaiting()
    {
        QFETCH(QString, button);
        QFETCH(int, accounts);
        QTemporaryDir folder;
        QFile file(folder.filePath(u"token.json"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        m_window->setAccountTotal(accounts);
        QSignalSpy import(m_window.get(), &StatusWindow::importRequested);
        QTest::mouseClick(m_window->findChild<QPushButton *>(button), Qt::LeftButton);
        auto *dialog = m_window->findChild<QFileDialog *>();
        QVERIFY(dialog);
        QVERIFY(dialog->isVisible());
        dialog->setDirectory(folder.path());
        dialog->selectFile(file.fileName());
        dialog->findChild<QLineEdit *>()->setText(file.fileName());
        QMetaObject::invokeMethod(dialog, "accept");
        QTRY_COMPARE(import.size(), 1);
        QCOMPARE(import.first().first().toStringList(), QStringList {file.fileName()});
    }

    void showsWhatBecameOfEachFile()
    {
        m_window->showOutcomes(someOutcomes());
        QStringList sentences;
        for (const QLabel *outcome : m_window->findChildren<QLabel *>(u"outcome"_s))
            sentences << outcome->text();
        QCOMPARE(
            sentences,
            (QStringList {u"Not an account file that KiroTray knows. Nothing was taken from it."_s,
                          u"2 added, 1 updated"_s, u"No account in it"_s}));
        m_window->showOutcomes({});
        QVERIFY(m_window->findChildren<QLabel *>(u"outcome"_s).isEmpty());
    }

    void manyFilesDoNotFillTheScreen()
    {
        m_window->showOutcomes(std::vector<ImportOutcome>(40, someOutcomes().front()));
        QCOMPARE(m_window->findChildren<QLabel *>(u"outcome"_s).size(), 8);
    }

    void countsRequests()
    {
        m_window->setStatus(runningStatus(3));
        m_window->countRequest(flowWith(u"ok"_s));
        m_window->countRequest(flowWith(u"client-gone"_s));
        m_window->countRequest(flowWith(u"Kiro is busy"_s));
        QCOMPARE(label("now")->text(), u"3"_s);
        QCOMPARE(label("requests")->text(), u"3"_s);
        QCOMPARE(label("failed")->text(), u"1"_s);
        m_window->setStatus(inState(ProxyState::Stopped));
        QCOMPARE(label("now")->text(), u"—"_s);
    }

    void aWarningPutAwayStaysAway()
    {
        m_window->setWarnings({u"a"_s, u"a"_s});
        QWidget *notice = find<QWidget>("warningsNotice");
        QVERIFY(notice->isVisible());
        QCOMPARE(notice->accessibleName(), u"Started with 1 warning"_s);
        QTest::mouseClick(notice->findChild<QPushButton *>(u"action"_s), Qt::LeftButton);
        QVERIFY(!notice->isVisible());
        m_window->setWarnings({u"a"_s});
        QVERIFY(!notice->isVisible());
        m_window->setWarnings({u"a"_s, u"b"_s});
        QVERIFY(notice->isVisible());
    }

    void saysHowManyAnswersQuittingWaitsFor()
    {
        m_window->setQuitting(2);
        QWidget *notice = find<QWidget>("quittingNotice");
        QCOMPARE(notice->accessibleName(), u"2 answers still arriving"_s);
        QSignalSpy now(m_window.get(), &StatusWindow::quitNowRequested);
        QTest::mouseClick(notice->findChild<QPushButton *>(u"action"_s), Qt::LeftButton);
        QCOMPARE(now.size(), 1);
    }

    void closingAsksInsteadOfVanishing()
    {
        QSignalSpy close(m_window.get(), &StatusWindow::closeRequested);
        m_window->close();
        QCOMPARE(close.size(), 1);
        QVERIFY(m_window->isVisible());
    }

    void shortcutsWork_data()
    {
        QTest::addColumn<QKeySequence>("keys");
        QTest::addColumn<QByteArray>("wanted");
        QTest::addRow("close") << QKeySequence(u"Ctrl+W"_s) << QByteArray(SIGNAL(closeRequested()));
        QTest::addRow("quit") << QKeySequence(u"Ctrl+Q"_s) << QByteArray(SIGNAL(quitRequested()));
        QTest::addRow("stop") << QKeySequence(u"Ctrl+Shift+S"_s)
                              << QByteArray(SIGNAL(stopRequested()));
    }
    void shortcutsWork()
    {
        QFETCH(QKeySequence, keys);
        QFETCH(QByteArray, wanted);
        m_window->setStatus(runningStatus());
        m_window->activateWindow();
        QTRY_VERIFY(m_window->isActiveWindow());
        QSignalSpy spy(m_window.get(), wanted.constData());
        QTest::keySequence(m_window.get(), keys);
        QCOMPARE(spy.size(), 1);
    }

    void changesTheLanguageInPlace()
    {
        m_window->setStatus(runningStatus(1, 1));
        m_window->setAccountTotal(2);
        m_language.use(u"zh_CN"_s);
        QTRY_COMPARE(label("lead")->text(), u"代理正在运行"_s);
        QCOMPARE(label("sub")->text(), u"已运行 3 小时 12 分 · 仅限本机"_s);
        QCOMPARE(label("accountCount")->text(), u"2 个，其中 1 个可用"_s);
    }

    void choosesTheLanguage_data()
    {
        QTest::addColumn<QString>("choice");
        QTest::addColumn<QStringList>("system");
        QTest::addColumn<QString>("language");
        QTest::addRow("Chinese system") << QString() << QStringList {u"zh-Hans-CN"_s} << u"zh_CN"_s;
        QTest::addRow("English system") << QString() << QStringList {u"en-GB"_s} << u"en"_s;
        QTest::addRow("French, then Chinese")
            << QString() << QStringList {u"fr-FR"_s, u"zh-CN"_s, u"en"_s} << u"zh_CN"_s;
        QTest::addRow("French only") << QString() << QStringList {u"fr-FR"_s} << u"en"_s;
        QTest::addRow("setting wins") << u"en"_s << QStringList {u"zh-CN"_s} << u"en"_s;
        QTest::addRow("unknown setting") << u"tlh"_s << QStringList {u"zh-CN"_s} << u"zh_CN"_s;
    }
    void choosesTheLanguage()
    {
        QFETCH(QString, choice);
        QFETCH(QStringList, system);
        QTEST(languageFor(choice, system), "language");
    }

    void opensAsHighAsItsContents()
    {
        StatusWindow window;
        window.setStatus(runningStatus());
        window.setAccountTotal(1);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QCoreApplication::sendPostedEvents();
        QCOMPARE(window.size(), window.sizeHint());
    }

    /// Pictures to look at, when KIROTRAY_PICTURES names a folder for them.
    void nothingIsCutOff_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<bool>("isDark");
        QTest::addColumn<QString>("scene");
        for (const auto &scene : {u"running"_s, u"empty"_s, u"failed"_s, u"import"_s})
            for (const auto &language : {u"en"_s, u"zh_CN"_s})
                for (const bool isDark : {false, true})
                    QTest::addRow("%s, %s, %s", qPrintable(scene), qPrintable(language),
                                  isDark ? "dark" : "light")
                        << language << isDark << scene;
    }
    void nothingIsCutOff()
    {
        QFETCH(QString, language);
        QFETCH(bool, isDark);
        QFETCH(QString, scene);
        m_language.use(language);
        m_window->setTheme(Theme(isDark));
        setScene(scene);
        QCoreApplication::sendPostedEvents();
        m_window->resize(m_window->sizeHint());
        QCoreApplication::sendPostedEvents();
        const auto *scroll = m_window->findChild<QScrollArea *>();
        QCOMPARE(scroll->widget()->width(), scroll->viewport()->width());
        for (const QLabel *shown : m_window->findChildren<QLabel *>()) {
            if (!shown->isVisible() || shown->text().isEmpty())
                continue;
            const int needed = shown->wordWrap() ? shown->heightForWidth(shown->width())
                                                 : shown->sizeHint().height();
            QVERIFY2(shown->height() >= needed, qPrintable(shown->text()));
            if (!shown->wordWrap())
                QVERIFY2(shown->width() >= shown->sizeHint().width(), qPrintable(shown->text()));
        }
        const QString folder = qEnvironmentVariable("KIROTRAY_PICTURES");
        if (!folder.isEmpty())
            QVERIFY(m_window->grab().save(QDir(folder).filePath(
                u"%1-%2-%3.png"_s.arg(scene, isDark ? u"dark"_s : u"light"_s, language))));
    }

private:
    template <typename T>
    T *find(const char *name) const
    {
        return m_window->findChild<T *>(QLatin1StringView(name));
    }
    QLabel *label(const char *name) const
    {
        return find<QLabel>(name);
    }
    SwitchButton *switchButton() const
    {
        return find<SwitchButton>("switch");
    }
    QList<QToolButton *> copyButtons() const
    {
        return m_window->findChildren<QToolButton *>(u"copy"_s);
    }
    QLineEdit *keyEdit() const
    {
        return m_window->findChildren<QLineEdit *>().at(1);
    }
    static QString shownWords(const QWidget *parent)
    {
        QString words;
        for (const QLabel *shown : parent->findChildren<QLabel *>())
            if (shown->isVisible())
                words += shown->text() + u'\n';
        return words;
    }
    void setScene(const QString &scene)
    {
        m_window->setStatus(scene == "failed"_L1 ? failedStatus() : runningStatus(2, 1));
        m_window->setAccountTotal(scene == "empty"_L1 ? 0 : 3);
        if (scene == "failed"_L1) {
            m_window->setWarnings({u"resources/kiro/models.json: unknown field"_s});
            m_window->setTrayMissing(true);
            QTest::mouseClick(
                find<QWidget>("problemNotice")->findChild<QPushButton *>(u"details"_s),
                Qt::LeftButton);
        }
        if (scene == "import"_L1)
            m_window->showOutcomes(someOutcomes());
        for (int i = 0; i < 184; ++i)
            m_window->countRequest(flowWith(i % 61 ? u"ok"_s : u"failed"_s));
    }

    Language m_language;
    std::unique_ptr<StatusWindow> m_window;
};

QTEST_MAIN(TstStatusWindow)
#include "tst_statuswindow.moc"
