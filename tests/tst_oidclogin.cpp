// SPDX-License-Identifier: MIT
#include "app/login/oidclogin.h"
#include "tests/fakepeer.h"
#include "tests/oidcbench.h"

#include <QSignalSpy>

using namespace kirotray;
using namespace std::chrono_literals;

using Verdict = OidcTokenReply::Verdict;

/// Builder ID by device code: the machine that all sign-ins of AWS share.
class TstOidcLogin : public OidcBench
{
    Q_OBJECT

private slots:
    void init() { renew(); }

    void aDeviceCodeBecomesAnAccount()
    {
        script("{\"pending\":2}");
        start(quickLogin());
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        QCOMPARE(m_result->value().size(), std::size_t(1));
        const Account &account = m_result->value().front().account;
        const Credential &credential = m_result->value().front().credential;
        QVERIFY(account.kind == AccountKind::BuilderId);
        QCOMPARE(account.provider, u"BuilderId"_s);
        QCOMPARE(account.startUrl, builderIdStartUrl());
        QCOMPARE(account.ssoRegion, u"us-east-1"_s);
        QCOMPARE(account.machineId.size(), 64);
        QVERIFY(account.profileArn.isEmpty());
        QVERIFY(!account.id.value.isEmpty());
        QCOMPARE(account.fingerprint, fingerprintOf(credential));
        QVERIFY(account.registrationEndsAt > m_now.addDays(80));
        QCOMPARE(credential.clientSecretExpiresAt, account.registrationEndsAt);
        QVERIFY(credential.accessToken.reveal().startsWith("aoa"));
        QVERIFY(credential.refreshToken.reveal().startsWith("aor"));
        QVERIFY(!credential.clientId.isEmpty() && !credential.clientSecret.isEmpty());
        QVERIFY(credential.expiresAt > m_now.addSecs(3000));
    }

    void theUserSeesCodeAndPage()
    {
        script("{\"pending\":1}");
        start(quickLogin());
        QTRY_VERIFY(m_result);
        const auto *code = step<loginstep::ShowCode>();
        QVERIFY(code != nullptr);
        QCOMPARE(code->userCode.size(), 9);
        QVERIFY(code->verificationUriComplete.toString().contains(code->userCode));
        QCOMPARE(code->expiresAt, m_now.addSecs(600));
        QCOMPARE(m_steps.size(), std::size_t(3)); // registering, requesting, showing
        QCOMPARE(browse(code->verificationUriComplete).status, 200);
    }

    void everyAnswerOfThePollHasItsEnd_data()
    {
        QTest::addColumn<QByteArray>("oidc");
        QTest::addColumn<int>("code"); // -1: an account
        const auto row = [](const char *name, const char *oidc, int code) {
            QTest::addRow("%s", name) << QByteArray(oidc) << code;
        };
        using Code = Error::Code;
        row("at once", "{}", -1);
        row("pending", "{\"pending\":5}", -1);
        row("slow down", "{\"slowDown\":2}", -1);
        row("slow down, then pending", "{\"slowDown\":1,\"pending\":2}", -1);
        row("expired", "{\"pending\":1,\"outcome\":\"expired\"}", int(Code::Timeout));
        row("denied", "{\"pending\":1,\"outcome\":\"denied\"}", int(Code::Unauthorized));
        row("server error, then granted",
            "{\"failures\":[{\"on\":\"token\",\"times\":2,\"status\":500}]}", -1);
        row("too many, then granted",
            "{\"failures\":[{\"on\":\"token\",\"times\":1,\"status\":429}]}", -1);
        row("refused for good", "{\"failures\":[{\"on\":\"token\",\"times\":1,\"status\":400}]}",
            int(Code::Upstream));
        row("registration down", "{\"failures\":[{\"on\":\"register\",\"status\":500}]}",
            int(Code::Upstream));
        row("no code to be had", "{\"failures\":[{\"on\":\"device\",\"status\":503}]}",
            int(Code::Upstream));
        row("nonsense for a code",
            "{\"failures\":[{\"on\":\"device\",\"status\":400,\"rawBody\":\"<html>\"}]}",
            int(Code::BadInput));
    }
    void everyAnswerOfThePollHasItsEnd()
    {
        QFETCH(QByteArray, oidc);
        QFETCH(int, code);
        script(oidc);
        start(quickLogin());
        QTRY_VERIFY(m_result);
        QVERIFY2(bool(*m_result) == (code < 0), problem());
        if (code >= 0)
            QCOMPARE(int(error().code), code);
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QCoreApplication::processEvents();
        QCOMPARE(m_endings, 1);
    }

    void aCutConnectionDoesNotEndTheSignIn()
    {
        FakePeer peer;
        useAsOidc(peer);
        peer.next(PeerScript::reply(200, "{\"clientId\":\"c\",\"clientSecret\":\"s\"}"));
        peer.next(PeerScript::reply(200,
                                    "{\"deviceCode\":\"d\",\"userCode\":\"A\",\"interval\":0,"
                                    "\"verificationUri\":\"https://a.example\"}"));
        peer.next(PeerScript().reset());
        peer.next(PeerScript().close());
        peer.next(PeerScript::reply(200, "{\"accessToken\":\"aoaA\",\"refreshToken\":\"aorB\"}"));
        start(quickLogin());
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        QCOMPARE(peer.requestCount(), 5);
        QVERIFY(!m_result->value().front().account.registrationEndsAt.isValid());
    }

    void aGrantWithoutRefreshTokenIsNone()
    {
        FakePeer peer;
        useAsOidc(peer);
        peer.next(PeerScript::reply(200, "{\"clientId\":\"c\",\"clientSecret\":\"s\"}"));
        peer.next(PeerScript::reply(200,
                                    "{\"deviceCode\":\"d\",\"userCode\":\"A\",\"interval\":0,"
                                    "\"verificationUri\":\"https://a.example\"}"));
        peer.next(PeerScript::reply(200, "{\"accessToken\":\"aoaA\"}"));
        start(quickLogin());
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Upstream);
    }

    void theEndOfTheCodeEndsTheSignIn()
    {
        script("{\"pending\":100000,\"expiresIn\":60}");
        start(quickLogin());
        QTRY_VERIFY(step<loginstep::ShowCode>() != nullptr);
        m_now = m_now.addSecs(61);
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Timeout);
    }

    void cancellingEndsItOnce_data()
    {
        QTest::addColumn<bool>("shown");
        QTest::addRow("before it begins") << false;
        QTest::addRow("while the code is shown") << true;
    }
    void cancellingEndsItOnce()
    {
        QFETCH(bool, shown);
        script("{\"pending\":100000}");
        start(quickLogin());
        if (shown)
            QTRY_VERIFY(step<loginstep::ShowCode>() != nullptr);
        m_login->cancel();
        QVERIFY(!m_result); // from the event loop
        m_login->cancel();
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Cancelled);
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QCoreApplication::processEvents();
        QCOMPARE(m_endings, 1);
        QVERIFY(!m_login->input(Secret("x")));
    }

    void destroyingEndsItSilently()
    {
        script("{\"pending\":100000}");
        start(quickLogin());
        QTRY_VERIFY(step<loginstep::ShowCode>() != nullptr);
        m_login.reset();
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QCoreApplication::processEvents();
        QVERIFY(!m_result);
    }

    void aForgottenRegistrationIsMadeAnew()
    {
        start(quickLogin());
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        const QString first = m_result->value().front().credential.clientId;
        script("{\"forgetsClients\":true}");
        start(quickLogin());
        QTRY_VERIFY(m_result);
        QVERIFY2(*m_result, problem());
        QVERIFY(m_result->value().front().credential.clientId != first);
    }

    void aRegistrationForgottenInBetweenIsNotKept()
    {
        script("{\"pending\":100000}");
        start(quickLogin());
        QTRY_VERIFY(step<loginstep::ShowCode>() != nullptr);
        QCOMPARE(m_storage->items.size(), std::size_t(1));
        script("{\"forgetsClients\":true}");
        QTRY_VERIFY(m_result);
        QCOMPARE(error().code, Error::Code::Upstream);
        QVERIFY(m_storage->items.empty());
    }

    void pollingFollowsTheRfc()
    {
        DevicePolling polling(5s, {});
        QCOMPARE(polling.interval(), 5000ms);
        QCOMPARE(polling.waitAfter(Verdict::Pending), 5000ms);
        QCOMPARE(polling.waitAfter(Verdict::SlowDown), 10000ms);
        QCOMPARE(polling.waitAfter(Verdict::Pending), 10000ms); // it lasts
        QCOMPARE(polling.waitAfter(Verdict::Failed), 20000ms);
        QCOMPARE(polling.waitAfter(Verdict::Failed), 40000ms);
        QCOMPARE(polling.waitAfter(Verdict::Failed), 60000ms); // at most
        QCOMPARE(polling.waitAfter(Verdict::Pending), 10000ms); // it was answered
        for (int i = 0; i < 20; ++i)
            (void)polling.waitAfter(Verdict::SlowDown);
        QCOMPARE(polling.interval(), std::chrono::milliseconds(limits::DevicePollMax));
        QCOMPARE(DevicePolling(0s, {}).interval(), std::chrono::milliseconds(1000));
    }

private:
    std::unique_ptr<Login> quickLogin()
    {
        const Result<OidcLoginPlan> plan = oidcPlan({});
        OidcLoginPlan quick = plan.value();
        quick.pace = {1ms, 2ms, 5ms};
        return std::make_unique<OidcLogin>(services(), LoginInput {}, quick);
    }
    void useAsOidc(FakePeer &peer)
    {
        auto tables = std::make_shared<KiroTables>(*m_tables);
        tables->endpoints.oidc = {peer.url({}).toString(QUrl::StripTrailingSlash)};
        m_tables = tables;
    }
};

QTEST_GUILESS_MAIN(TstOidcLogin)
#include "tst_oidclogin.moc"
