// SPDX-License-Identifier: MIT
#include "tests/oidcbench.h"

#include <QTcpSocket>
#include <QUrlQuery>

using namespace kirotray;

class TstIdentityCenterLogin : public OidcBench
{
    Q_OBJECT

private slots:
    void init() { renew(); }

    void theDeviceCodeComesFromTheOrganisationsRegion()
    {
        script("{\"region\":\"eu-west-1\",\"startUrl\":\"https://d-1.awsapps.com/start\"}");
        LoginInput input;
        input.startUrl = u" https://d-1.awsapps.com/start/#/?tab=accounts "_s;
        input.region = u"eu-west-1"_s;
        start("idc", input);
        QTRY_VERIFY_WITH_TIMEOUT(m_result, 20'000);
        QVERIFY2(*m_result, problem());
        const Account &account = m_result->value().front().account;
        QVERIFY(account.kind == AccountKind::IdentityCenter);
        QCOMPARE(account.provider, u"Enterprise"_s);
        QCOMPARE(account.startUrl, u"https://d-1.awsapps.com/start"_s);
        QCOMPARE(account.ssoRegion, u"eu-west-1"_s);
    }

    void aWrongRegionIsTheUsersToPutRight()
    {
        script("{\"region\":\"eu-west-1\"}");
        start("idc", input(true));
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::BadInput);
        QCOMPARE(error().path, u"region"_s);
    }

    void whatIsMissingIsNamed_data()
    {
        QTest::addColumn<QString>("provider");
        QTest::addColumn<QString>("startUrl");
        QTest::addColumn<QString>("region");
        QTest::addColumn<QString>("path");
        const QString url = u"https://d-1.awsapps.com/start"_s;
        QTest::addRow("no start URL") << u"idc"_s << QString() << QString() << u"startUrl"_s;
        QTest::addRow("no address") << u"idc"_s << u"my company"_s << QString() << u"startUrl"_s;
        QTest::addRow("no region") << u"idc"_s << url << u"Europe"_s << u"region"_s;
        QTest::addRow("a host as region")
            << u"idc"_s << url << u"eu-west-1.evil.example"_s << u"region"_s;
    }
    void whatIsMissingIsNamed()
    {
        QFETCH(QString, provider);
        QFETCH(QString, startUrl);
        QFETCH(QString, region);
        QFETCH(QString, path);
        LoginInput given;
        given.startUrl = startUrl;
        given.region = region;
        start(qPrintable(provider), given);
        QVERIFY(m_result);
        QCOMPARE(error().code, Error::Code::BadInput);
        QCOMPARE(error().path, path);
    }

    void aCodeComesBackToTheLoopbackPort_data()
    {
        QTest::addColumn<QByteArray>("provider");
        QTest::addColumn<bool>("pasted");
        QTest::addRow("Identity Center") << QByteArray("idc") << false;
        QTest::addRow("Identity Center, pasted") << QByteArray("idc") << true;
        QTest::addRow("Builder ID") << QByteArray("builder-id") << false;
    }
    void aCodeComesBackToTheLoopbackPort()
    {
        QFETCH(QByteArray, provider);
        QFETCH(bool, pasted);
        start(provider.constData(), input(false));
        const QUrl back = authorised();
        QVERIFY(back.isValid());
        QCOMPARE(back.host(), u"127.0.0.1"_s);
        QCOMPARE(back.path(), u"/oauth/callback"_s);
        if (pasted)
            QVERIFY(m_login->input(Secret(back.toEncoded())));
        else
            QCOMPARE(browse(back).status, 200);
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        const ImportedAccount &made = m_result->value().front();
        QCOMPARE(made.account.kind == AccountKind::IdentityCenter, provider == "idc");
        QVERIFY(made.credential.refreshToken.reveal().startsWith("aor"));
        QVERIFY(!made.credential.clientSecret.isEmpty());
        QCOMPARE(m_endings, 1);
    }

    void whatIsNotTheRedirectIsIgnored()
    {
        start("idc", input(false));
        const QUrl back = authorised();
        QVERIFY(back.isValid());
        QUrl wrong = back;
        wrong.setQuery(u"code=stolen&state=guess"_s);
        (void)browse(wrong);
        wrong.setQuery(u"code=stolen"_s);
        (void)browse(wrong);
        wrong.setPath(u"/favicon.ico"_s);
        (void)browse(wrong);
        QTcpSocket garbage;
        garbage.connectToHost(back.host(), static_cast<quint16>(back.port()));
        QTRY_COMPARE(garbage.state(), QAbstractSocket::ConnectedState);
        garbage.write("\x16\x03\x01 garbage\r\n\r\n");
        QTRY_COMPARE(garbage.state(), QAbstractSocket::UnconnectedState);
        QVERIFY(!m_login->input(Secret("http://127.0.0.1/oauth/callback?code=x&state=guess")));
        QVERIFY(!m_login->input(Secret("no address")));
        QVERIFY(!m_result);
        QCOMPARE(browse(back).status, 200);
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
    }

    void aDenialEndsTheSignIn()
    {
        script("{\"outcome\":\"denied\"}");
        start("idc", input(false));
        const QUrl back = authorised();
        (void)browse(back);
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Unauthorized);
    }

    void aReplayedCodeIsRefused()
    {
        start("idc", input(false));
        const QUrl first = authorised();
        QCOMPARE(browse(first).status, 200);
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        start("idc", input(false));
        const QUrl second = authorised();
        const QString state = QUrlQuery(second).queryItemValue(u"state"_s);
        QUrl replayed = second;
        replayed.setQuery(u"code="_s + QUrlQuery(first).queryItemValue(u"code"_s) + u"&state="_s
                          + state);
        (void)browse(replayed);
        QTRY_VERIFY(m_result);
        QVERIFY(!*m_result);
        QVERIFY(error().code != Error::Code::Cancelled);
        QVERIFY(!describe(error()).contains(QUrlQuery(first).queryItemValue(u"code"_s)));
    }

    void cancellingClosesThePort()
    {
        start("idc", input(false));
        const QUrl back = authorised();
        m_login->cancel();
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Cancelled);
        const auto isClosed = [&back] {
            QTcpSocket probe;
            probe.connectToHost(back.host(), static_cast<quint16>(back.port()));
            return !QTest::qWaitFor(
                [&probe] { return probe.state() == QAbstractSocket::ConnectedState; }, 200);
        };
        QTRY_VERIFY(isClosed());
    }

    void nobodyComingBackIsATimeout()
    {
        start("idc", input(false));
        QVERIFY(authorised().isValid());
        m_now = m_now.addSecs(601);
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Timeout);
    }

private:
    static LoginInput input(bool useDeviceCode)
    {
        LoginInput given;
        given.startUrl = u"https://d-1.awsapps.com/start"_s;
        given.useDeviceCode = useDeviceCode;
        return given;
    }
    /// Where the browser is sent after the person has agreed.
    QUrl authorised()
    {
        [this] { QTRY_VERIFY(step<loginstep::OpenBrowser>() != nullptr || m_result); }();
        const auto *open = step<loginstep::OpenBrowser>();
        if (open == nullptr)
            return {};
        const HttpReply reply = browse(open->url);
        return reply.status == 302 ? QUrl::fromEncoded(reply.header("location")) : QUrl();
    }
};

QTEST_GUILESS_MAIN(TstIdentityCenterLogin)
#include "tst_identitycenterlogin.moc"
