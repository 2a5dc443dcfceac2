// SPDX-License-Identifier: MIT
#include "tests/oidcbench.h"

using namespace kirotray;

class TstTokensLogin : public OidcBench
{
    Q_OBJECT

private slots:
    void init() { renew(); }

    void aBareRefreshTokenIsTriedAtOnce()
    {
        start("tokens", input(" " + Simulator::demoRefreshToken() + "\n"));
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        const ImportedAccount &made = m_result->value().front();
        QVERIFY(made.account.kind == AccountKind::Social);
        QVERIFY(isProfileArn(made.account.profileArn));
        QVERIFY(made.credential.accessToken.reveal().startsWith("aoa"));
        QVERIFY(made.credential.refreshToken != Secret(Simulator::demoRefreshToken())); // rotated
        QVERIFY(made.credential.expiresAt.isValid());
    }

    void aRefusedRefreshTokenIsAnError()
    {
        const QByteArray foreign = "aor" + QByteArray(150, 'X');
        start("tokens", input(foreign));
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Unauthorized);
        QVERIFY(!describe(error()).contains(QString::fromLatin1(foreign)));
    }

    void withoutANetworkNothingIsTaken()
    {
        m_simulator.reset();
        start("tokens", input(Simulator::demoRefreshToken()));
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Network);
    }

    void whatAnImportReadsIsTaken()
    {
        const QByteArray token = Simulator::demoRefreshToken();
        start("tokens",
              input("[{\"refreshToken\":\"" + token
                    + "\",\"authMethod\":\"social\"},{\"refreshToken\":\"" + token
                    + "2\",\"clientId\":\"c\",\"clientSecret\":\"s\",\"authMethod\":\"idc\"}]"));
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        QCOMPARE(m_result->value().size(), std::size_t(2));
        QCOMPARE(m_result->value().front().credential.refreshToken, Secret(token));
        QVERIFY(!m_result->value().front().account.id.value.isEmpty());
    }

    void aListOfTokensIsTaken()
    {
        start("tokens",
              input(Simulator::demoRefreshToken() + "\n" + Simulator::demoRefreshToken() + "2\n"));
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        QCOMPARE(m_result->value().size(), std::size_t(2));
    }

    void aBareKeyIsAnApiKey()
    {
        scriptAll("{\"tokens\":{\"apiKeys\":[\"ksk_ABCDEFGHIJKLMNOPQR\"]}}");
        start("tokens", input("ksk_ABCDEFGHIJKLMNOPQR"));
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        QVERIFY(m_result->value().front().account.kind == AccountKind::ApiKey);
        QVERIFY(isProfileArn(m_result->value().front().account.profileArn));
    }

    void whatIsNoTokenIsToldSo_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("word");
        const QByteArray token = Simulator::demoRefreshToken();
        QTest::addRow("cut off by dots") << token.left(60) + "..." << u"truncated"_s;
        QTest::addRow("cut off by an ellipsis") << token + "\xE2\x80\xA6" << u"truncated"_s;
        QTest::addRow("too short") << token.left(60) << u"truncated"_s;
        QTest::addRow("two in one") << token + ' ' + token << u"characters"_s;
        QTest::addRow("an access token") << Simulator::demoAccessToken() << u"access token"_s;
        QTest::addRow("a short key") << QByteArray("ksk_ABC") << u"API key"_s;
        QTest::addRow("an address") << QByteArray("kiro://kiro.kiroAgent/x?code=1") << u"address"_s;
        QTest::addRow("prose") << QByteArray("hello") << u"no token"_s;
        QTest::addRow("other JSON") << QByteArray("{\"a\":1}") << u"known format"_s;
        QTest::addRow("empty list") << QByteArray("[]") << QString();
        QTest::addRow("cut off inside a file")
            << QByteArray("{\"refreshToken\":\"aorABC...\",\"authMethod\":\"social\"}")
            << u"cut off"_s;
        QTest::addRow("endless") << QByteArray(40'000, 'a') << u"too long"_s;
    }
    void whatIsNoTokenIsToldSo()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, word);
        start("tokens", input(text));
        QVERIFY(m_result);
        QCOMPARE(error().code, Error::Code::BadInput);
        QVERIFY2(error().what.contains(word), qPrintable(error().what));
        // Later, by input(), the same is told, and the sign-in goes on.
        start("tokens", {});
        QTRY_VERIFY(step<loginstep::AskInput>() != nullptr);
        const Result<Done> taken = m_login->input(Secret(text));
        QVERIFY(!taken);
        QVERIFY2(taken.error().what.contains(word), qPrintable(taken.error().what));
        QVERIFY(!m_result);
        QVERIFY(m_login->input(Secret(Simulator::demoRefreshToken())));
        QVERIFY(!m_login->input(Secret(Simulator::demoRefreshToken()))); // once is enough
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
    }

    void cancellingEndsIt()
    {
        start("tokens", {});
        QTRY_VERIFY(step<loginstep::AskInput>() != nullptr);
        m_login->cancel();
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Cancelled);
        QVERIFY(!m_login->input(Secret(Simulator::demoRefreshToken())));
    }

private:
    static LoginInput input(const QByteArray &text)
    {
        LoginInput given;
        given.secret = Secret(text);
        return given;
    }
};

QTEST_GUILESS_MAIN(TstTokensLogin)
#include "tst_tokenslogin.moc"
