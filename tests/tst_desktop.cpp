// SPDX-License-Identifier: MIT
#include "app/accounts/accountstore.h"
#include "app/base/settings.h"
#include "ui/desktop.h"
#include "ui/language.h"

#include <QApplication>
#include <QLabel>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace kirotray;

/// The desktop program on the demo account, from its start to its end.
class TstDesktop : public QObject
{
    Q_OBJECT
private slots:
    void init()
    {
        CoreOptions options;
        options.demo = true;
        options.port = 0;
        m_core = std::make_unique<Core>(options);
        const Result<Done> opened = m_core->open();
        QVERIFY2(opened, opened ? "" : qPrintable(describe(opened.error())));
        QVERIFY(m_core->settings().set(keys::Language, u"en"_s));
        m_desktop = std::make_unique<Desktop>(*m_core, m_language);
        m_desktop->start(false);
        QTRY_COMPARE(m_core->status().state, ProxyState::Running);
    }
    void cleanup()
    {
        m_reply.reset();
        m_desktop.reset();
        m_core.reset();
    }

    void theWindowShowsTheCore()
    {
        QVERIFY(window()->isVisible());
        QCOMPARE(label("lead")->text(), u"Proxy is running"_s);
        QCOMPARE(label("accountCount")->text(), u"1, 1 of them usable"_s);
        QVERIFY(m_core->settings().set(keys::Language, u"zh_CN"_s));
        QTRY_COMPARE(label("lead")->text(), u"代理正在运行"_s);
    }

    void startsWithoutWindowWhenMinimized()
    {
        QVERIFY(window()->isVisible());
        m_desktop.reset();
        m_desktop = std::make_unique<Desktop>(*m_core, m_language);
        m_desktop->start(true);
        QVERIFY(!window()->isVisible());
        m_desktop->raiseWindow();
        QVERIFY(window()->isVisible());
    }

    void stopsAndStarts()
    {
        emit window()->stopRequested();
        QTRY_COMPARE(label("lead")->text(), u"Proxy is stopped"_s);
        emit window()->startRequested();
        QTRY_COMPARE(label("lead")->text(), u"Proxy is running"_s);
    }

    void closingWithoutATrayMinimises()
    {
        window()->close();
        QTRY_VERIFY(window()->isMinimized());
        m_desktop->raiseWindow();
        QTRY_VERIFY(!window()->isMinimized());
    }

    void anImportShowsItsOutcome()
    {
        emit window()->importRequested({u"/nowhere/account.json"_s});
        QTRY_VERIFY(label("outcome"));
        QCOMPARE(label("outcome")->text(),
                 u"A file or the keychain cannot be read or written. "
                 "Check free space and permissions."_s);
    }

    void quittingWaitsForTheAnswer_data()
    {
        QTest::addColumn<bool>("bySystem");
        QTest::addRow("asked in the window") << false;
        QTest::addRow("asked by the system") << true;
    }
    void quittingWaitsForTheAnswer()
    {
        QFETCH(bool, bySystem);
        askForAStory();
        QByteArray body;
        QString notice;
        connect(m_reply.get(), &QIODevice::readyRead, this, [&] {
            const bool isFirst = body.isEmpty();
            body += m_reply->readAll();
            if (!isFirst)
                return;
            if (bySystem)
                QCoreApplication::quit();
            else
                emit window()->quitRequested();
            notice = window()->findChild<QWidget *>(u"quittingNotice"_s)->accessibleName();
        });
        QCOMPARE(QCoreApplication::exec(), 0);
        QCOMPARE(m_core->status().state, ProxyState::Stopped);
        QCOMPARE(notice, u"1 answer still arriving"_s);
        QTRY_VERIFY2(body.contains("event: message_stop"), body.right(200).constData());
    }

    void quittingNowDoesNotWait()
    {
        askForAStory();
        connect(m_reply.get(), &QIODevice::readyRead, window(), [this] {
            emit window()->quitRequested();
            emit window()->quitNowRequested();
        });
        QCOMPARE(QCoreApplication::exec(), 0);
        QCOMPARE(m_core->status().state, ProxyState::Stopping);
    }

    void quittingWithNothingToWaitForIsQuick()
    {
        QTimer::singleShot(0, window(), &StatusWindow::quitRequested);
        QCOMPARE(QCoreApplication::exec(), 0);
        QCOMPARE(m_core->status().state, ProxyState::Stopped);
    }

    void countsTheAnswers()
    {
        askForAStory();
        QTRY_COMPARE_WITH_TIMEOUT(label("requests")->text(), u"1"_s, 30000);
        QCOMPARE(label("failed")->text(), u"0"_s);
    }

private:
    StatusWindow *window() const
    {
        for (QWidget *widget : QApplication::topLevelWidgets())
            if (auto *found = qobject_cast<StatusWindow *>(widget))
                return found;
        return nullptr;
    }
    QLabel *label(const char *name) const
    {
        return window()->findChild<QLabel *>(QLatin1StringView(name));
    }
    void askForAStory()
    {
        QNetworkRequest request(m_core->status().baseUrl.resolved(QUrl(u"/v1/messages"_s)));
        request.setRawHeader("x-api-key", m_core->apiKey().reveal());
        request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
        m_reply.reset(m_network.post(request, QByteArrayLiteral(R"({"model":"claude-sonnet-4.5",
            "max_tokens":900,"stream":true,"messages":[{"role":"user","content":"Tell a story."}]})")));
    }

    Language m_language;
    QNetworkAccessManager m_network;
    std::unique_ptr<Core> m_core;
    std::unique_ptr<Desktop> m_desktop;
    std::unique_ptr<QNetworkReply> m_reply;
};

QTEST_MAIN(TstDesktop)
#include "tst_desktop.moc"
