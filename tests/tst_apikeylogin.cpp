// SPDX-License-Identifier: MIT
#include "tests/fakepeer.h"
#include "tests/oidcbench.h"

using namespace kirotray;

namespace {

const QByteArray GoodKey = "ksk_ABCDEFGHIJKLMNOPqrst-_";
const QByteArray EuropeanProfile =
    "{\"profile\":{\"arn\":\"arn:aws:codewhisperer:eu-central-1:111122223333:profile/EUKEY\"}}";

} // namespace

class TstApiKeyLogin : public OidcBench
{
    Q_OBJECT

private slots:
    void init() { renew(); }

    void aKeyBringsItsProfile()
    {
        scriptAll("{\"tokens\":{\"apiKeys\":[\"" + GoodKey + "\"]}}");
        start("api-key", input("  " + GoodKey + "\n"));
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        const ImportedAccount &made = m_result->value().front();
        QVERIFY(made.account.kind == AccountKind::ApiKey);
        QVERIFY(isProfileArn(made.account.profileArn));
        QCOMPARE(made.account.profileSource, u"login"_s);
        QCOMPARE(made.credential.accessToken, Secret(GoodKey));
        QVERIFY(made.credential.refreshToken.isEmpty());
        QVERIFY(!made.account.fingerprint.isEmpty());
    }

    void anUnknownKeyIsRejected()
    {
        start("api-key", input(GoodKey));
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Unauthorized);
        QVERIFY(!describe(error()).contains(QString::fromLatin1(GoodKey)));
    }

    void bothRegionsAreAsked_data()
    {
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("second");
        QTest::addColumn<int>("code"); // -1: an account
        QTest::addColumn<bool>("hasArn");
        const int no = int(Error::Code::Unauthorized);
        QTest::addRow("found in the second") << 403 << 200 << -1 << true;
        QTest::addRow("first unclear, found in the second") << 500 << 200 << -1 << true;
        QTest::addRow("rejected by both") << 403 << 401 << no << false;
        QTest::addRow("not of this form for both") << 400 << 400 << no << false;
        QTest::addRow("rejected, then unclear") << 403 << 500 << -1 << false;
        QTest::addRow("too many") << 429 << 429 << -1 << false;
        QTest::addRow("no answer at all") << 500 << 503 << -1 << false;
    }
    void bothRegionsAreAsked()
    {
        QFETCH(int, first);
        QFETCH(int, second);
        QFETCH(int, code);
        QFETCH(bool, hasArn);
        FakePeer peer;
        useAsControl(peer);
        peer.next(PeerScript::reply(first, "{}"));
        peer.next(PeerScript::reply(second, EuropeanProfile));
        start("api-key", input(GoodKey));
        QTRY_VERIFY(m_result);
        QVERIFY2(bool(*m_result) == (code < 0), problem());
        QCOMPARE(peer.requestCount(), 2);
        const PeerRequest &request = peer.requests().front();
        QCOMPARE(request.line(), QByteArray("POST /us-east-1/?origin=AI_EDITOR HTTP/1.1"));
        QCOMPARE(request.field("x-amz-target"),
                 QByteArray("AmazonCodeWhispererService.GetProfile"));
        QCOMPARE(request.field("content-type"), QByteArray("application/x-amz-json-1.0"));
        QCOMPARE(request.field("tokentype"), QByteArray("API_KEY"));
        QCOMPARE(request.body, QByteArray("{}"));
        QVERIFY(peer.requests().back().line().startsWith("POST /eu-central-1/"));
        if (code < 0)
            QCOMPARE(m_result->value().front().account.profileArn.isEmpty(), !hasArn);
        else
            QCOMPARE(int(error().code), code);
    }

    void aBadProfileIsNone_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addRow("no JSON") << QByteArray("<html>");
        QTest::addRow("no profile") << QByteArray("{}");
        QTest::addRow("no ARN") << QByteArray("{\"profile\":{\"arn\":\"x\"}}");
    }
    void aBadProfileIsNone()
    {
        QFETCH(QByteArray, body);
        FakePeer peer;
        useAsControl(peer);
        peer.always(PeerScript::reply(200, body));
        start("api-key", input(GoodKey));
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        QVERIFY(m_result->value().front().account.profileArn.isEmpty());
    }

    void withoutANetworkTheKeyIsTakenAsItIs()
    {
        m_simulator.reset();
        start("api-key", input(GoodKey));
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        QVERIFY(m_result->value().front().account.profileArn.isEmpty());
    }

    void theFormIsChecked_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addRow("empty") << QByteArray();
        QTest::addRow("too short") << QByteArray("ksk_ABC");
        QTest::addRow("another prefix") << QByteArray("sk-ABCDEFGHIJKLMNOPQRST");
        QTest::addRow("white space in it") << QByteArray("ksk_ABCDEFGH IJKLMNOPQRST");
        QTest::addRow("line break in it") << QByteArray("ksk_ABCDEFGHIJKLMNOP\nX");
        QTest::addRow("cut off") << QByteArray("ksk_ABCDEFGHIJKLMNOPQRST...");
        QTest::addRow("endless") << "ksk_" + QByteArray(40'000, 'a');
    }
    void theFormIsChecked()
    {
        QFETCH(QByteArray, key);
        start("api-key", input(key));
        QVERIFY(m_result);
        QCOMPARE(error().code, Error::Code::BadInput);
        QCOMPARE(error().path, u"secret"_s);
    }

    void cancellingEndsIt()
    {
        FakePeer peer;
        useAsControl(peer);
        peer.always(PeerScript().hold());
        start("api-key", input(GoodKey));
        QTRY_COMPARE(peer.requestCount(), 1);
        m_login->cancel();
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Cancelled);
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QCOMPARE(m_endings, 1);
    }

private:
    static LoginInput input(const QByteArray &key)
    {
        LoginInput given;
        given.secret = Secret(key);
        return given;
    }
    void useAsControl(FakePeer &peer)
    {
        auto tables = std::make_shared<KiroTables>(*m_tables);
        tables->endpoints.control = {peer.url({}).toString(QUrl::StripTrailingSlash)
                                     + "/{region}"_L1};
        m_tables = tables;
    }
};

QTEST_GUILESS_MAIN(TstApiKeyLogin)
#include "tst_apikeylogin.moc"
