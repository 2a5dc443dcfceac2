// SPDX-License-Identifier: MIT
#include "tests/oidcbench.h"

using namespace kirotray;

class TstSsoSessionLogin : public OidcBench
{
    Q_OBJECT

private slots:
    void init()
    {
        renew();
        script("{\"session\":\"cookie-value-of-the-portal\"}");
    }

    void aSessionApprovesItsOwnCode_data()
    {
        QTest::addColumn<QByteArray>("pasted");
        QTest::addRow("bare") << QByteArray("cookie-value-of-the-portal");
        QTest::addRow("with its name and end")
            << QByteArray(" x-amz-sso_authn=cookie-value-of-the-portal;\n");
    }
    void aSessionApprovesItsOwnCode()
    {
        QFETCH(QByteArray, pasted);
        start("sso-session", input(pasted));
        QTRY_VERIFY_WITH_TIMEOUT(m_result, 20'000);
        QVERIFY2(*m_result, problem());
        const ImportedAccount &made = m_result->value().front();
        QVERIFY(made.account.kind == AccountKind::BuilderId);
        QVERIFY(made.credential.refreshToken.reveal().startsWith("aor"));
        QVERIFY(step<loginstep::ShowCode>() == nullptr); // nobody has to enter anything
    }

    void theCookieIsKeptNowhere()
    {
        start("sso-session", input("cookie-value-of-the-portal"));
        QTRY_VERIFY_WITH_TIMEOUT(m_result, 20'000);
        QVERIFY2(*m_result, problem());
        const auto hasCookie = [](const Secret &secret) {
            return secret.reveal().contains("cookie-value");
        };
        for (const auto &[key, value] : m_storage->items)
            QVERIFY(!hasCookie(value));
        QVERIFY(!hasCookie(serialise(m_result->value().front().credential)));
    }

    void anUnknownSessionIsRefused_data()
    {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<int>("code");
        QTest::addRow("not signed in")
            << QByteArray("{\"session\":\"another\"}") << int(Error::Code::Unauthorized);
        QTest::addRow("portal down")
            << QByteArray("{\"failures\":[{\"on\":\"session\",\"status\":500}]}")
            << int(Error::Code::Upstream);
    }
    void anUnknownSessionIsRefused()
    {
        QFETCH(QByteArray, script);
        QFETCH(int, code);
        OidcBench::script(script);
        start("sso-session", input("cookie-value-of-the-portal"));
        QTRY_VERIFY(m_result);
        QCOMPARE(int(error().code), code);
        QVERIFY(!describe(error()).contains(u"cookie-value"));
    }

    void whatIsMissingIsNamed_data()
    {
        QTest::addColumn<QByteArray>("pasted");
        QTest::addColumn<bool>("accepts");
        QTest::addColumn<QString>("path");
        QTest::addRow("the warning was not read")
            << QByteArray("cookie") << false << u"acceptsRisk"_s;
        QTest::addRow("no token") << QByteArray("  ") << true << u"secret"_s;
        QTest::addRow("name only") << QByteArray("x-amz-sso_authn=") << true << u"secret"_s;
        QTest::addRow("a header in it") << QByteArray("a\r\nX-Evil: b") << true << u"secret"_s;
        QTest::addRow("several cookies") << QByteArray("a;b=c") << true << u"secret"_s;
        QTest::addRow("endless") << QByteArray(40'000, 'a') << true << u"secret"_s;
    }
    void whatIsMissingIsNamed()
    {
        QFETCH(QByteArray, pasted);
        QFETCH(bool, accepts);
        QFETCH(QString, path);
        LoginInput given = input(pasted);
        given.acceptsRisk = accepts;
        start("sso-session", given);
        QVERIFY(m_result);
        QCOMPARE(error().code, Error::Code::BadInput);
        QCOMPARE(error().path, path);
    }

private:
    static LoginInput input(const QByteArray &cookie)
    {
        LoginInput given;
        given.secret = Secret(cookie);
        given.acceptsRisk = true;
        return given;
    }
};

QTEST_GUILESS_MAIN(TstSsoSessionLogin)
#include "tst_ssosessionlogin.moc"
