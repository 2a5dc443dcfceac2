// SPDX-License-Identifier: MIT
#include "app/kiro/controlcalls.h"
#include "tests/controlbench.h"

using namespace kirotray;

class TstRefreshCall : public ControlBench
{
    Q_OBJECT

private slots:
    void init() { renew(); }

    void refreshesASocialToken()
    {
        m_peer->next(PeerScript::reply(
            200,
            "{\"accessToken\":\"aoaNEW\",\"refreshToken\":\"aorNEW\",\"profileArn\":\""
                + OwnArn.toUtf8() + "\",\"expiresIn\":3600,\"csrfToken\":\"x\"}"));
        const QDateTime before = QDateTime::currentDateTimeUtc();
        const Result<TokenGrant> grant = refresh();
        QVERIFY2(grant, problem(grant));
        QCOMPARE(grant.value().accessToken, Secret("aoaNEW"));
        QCOMPARE(grant.value().refreshToken, Secret("aorNEW"));
        QCOMPARE(grant.value().profileArn, OwnArn);
        QVERIFY(grant.value().expiresAt >= before.addSecs(3600));
        QVERIFY(grant.value().expiresAt <= QDateTime::currentDateTimeUtc().addSecs(3600));
        QCOMPARE(grant.value().expiresAt.timeSpec(), Qt::UTC);
        const PeerRequest &request = m_peer->requests().front();
        QCOMPARE(request.line(), QByteArray("POST /refreshToken HTTP/1.1"));
        QCOMPARE(request.body, QByteArray("{\"refreshToken\":\"aorOLD\"}"));
        QCOMPARE(request.field("content-type"), QByteArray("application/json"));
        QVERIFY(request.field("user-agent").startsWith("KiroIDE-"));
        QVERIFY(request.field("authorization").isNull());
    }

    void refreshesAnOidcTokenInItsSsoRegion()
    {
        m_identity.kind = AccountKind::IdentityCenter;
        m_identity.ssoRegion = u"eu-west-1"_s;
        m_peer->next(PeerScript::reply(200, "{\"accessToken\":\"aoaNEW\"}"));
        const Result<TokenGrant> grant = refresh();
        QVERIFY2(grant, problem(grant));
        QVERIFY(grant.value().refreshToken.isEmpty());
        QVERIFY(grant.value().expiresAt > QDateTime::currentDateTimeUtc().addSecs(3500));
        const PeerRequest &request = m_peer->requests().front();
        QCOMPARE(request.line(), QByteArray("POST /eu-west-1/token HTTP/1.1"));
        QCOMPARE(request.body,
                 QByteArray("{\"clientId\":\"id\",\"clientSecret\":\"shh\","
                            "\"grantType\":\"refresh_token\",\"refreshToken\":\"aorOLD\"}"));
        QVERIFY(request.field("user-agent").contains("api/sso-oidc#"));
        QCOMPARE(request.field("amz-sdk-request"), QByteArray("attempt=1; max=4"));
    }

    void aRefusedRefreshTellsWhetherTheTokenIsDead_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, int status, const char *body, Error::Code code) {
            QTest::addRow("%s", name) << status << QByteArray(body) << int(code);
        };
        using Code = Error::Code;
        row("invalid grant", 400, "{\"error\":\"invalid_grant\",\"error_description\":\"x\"}",
            Code::Unauthorized);
        row("invalid grant as a class", 400, "{\"__type\":\"a.b#InvalidGrantException\"}",
            Code::Unauthorized);
        row("invalid refresh token", 400, "{\"message\":\"Invalid refresh token provided\"}",
            Code::Unauthorized);
        row("bad credentials", 401, "{\"message\":\"Bad credentials\"}", Code::Unauthorized);
        row("expired registration", 401, "{\"error\":\"invalid_client\"}", Code::Unauthorized);
        row("some 401 of the service", 401, "{\"message\":\"No\"}", Code::Unauthorized);
        row("a hotel's page", 401, "<html>Please sign in</html>", Code::Upstream);
        row("a 401 without words", 401, "", Code::Upstream);
        row("wrong region", 400, "{\"error\":\"invalid_request\"}", Code::Upstream);
        row("forbidden", 403, "<html>", Code::Upstream);
        row("too many", 429, "{}", Code::RateLimited);
        row("server error", 500, "{\"error\":\"invalid_grant\"}", Code::Upstream);
        row("empty reply", 200, "", Code::Upstream);
        row("reply without a token", 200, "{\"expiresIn\":3600}", Code::Upstream);
        row("reply with an empty token", 200, "{\"accessToken\":\"\"}", Code::Upstream);
        row("token of a wrong type", 200, "{\"accessToken\":5}", Code::Upstream);
    }
    void aRefusedRefreshTellsWhetherTheTokenIsDead()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(int, code);
        m_peer->always(PeerScript::reply(status, body));
        const Result<TokenGrant> grant = refresh();
        QVERIFY(!grant);
        QCOMPARE(int(grant.error().code), code);
        QCOMPARE(grant.error().httpStatus, status);
        QVERIFY(!grant.error().what.contains("aorOLD"_L1));
    }

    void someAccountsCannotBeRefreshed_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("refreshToken");
        QTest::addColumn<QString>("clientId");
        QTest::addColumn<int>("code");
        const int bad = int(Error::Code::BadInput);
        QTest::addRow("api key") << int(AccountKind::ApiKey) << QByteArray("r") << u"id"_s << bad;
        QTest::addRow("external idp")
            << int(AccountKind::ExternalIdp) << QByteArray("r") << u"id"_s << bad;
        QTest::addRow("no registration")
            << int(AccountKind::BuilderId) << QByteArray("r") << QString() << bad;
        QTest::addRow("no refresh token") << int(AccountKind::Social) << QByteArray() << u"id"_s
                                          << int(Error::Code::Unauthorized);
    }
    void someAccountsCannotBeRefreshed()
    {
        QFETCH(int, kind);
        QFETCH(QByteArray, refreshToken);
        QFETCH(QString, clientId);
        QFETCH(int, code);
        m_identity.kind = AccountKind(kind);
        const RefreshInput input {m_identity, Secret(refreshToken), clientId, Secret("shh"), {},
                                  {}};
        std::optional<Result<TokenGrant>> answer;
        ControlCalls(*m_http, tables()).refresh(input, this, [&](Result<TokenGrant> result) {
            answer.emplace(std::move(result));
        });
        QVERIFY(!answer); // always from the event loop
        QTRY_VERIFY(answer);
        QCOMPARE(int(answer->error().code), code);
        QCOMPARE(m_peer->requestCount(), 0);
    }

    void theNextHostIsTriedWhenOneFails_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<int>("requests");
        QTest::addRow("not found") << 404 << 1;
        QTest::addRow("server error") << 503 << 1;
        QTest::addRow("refused") << 400 << 0;
        QTest::addRow("too many") << 429 << 0;
    }
    void theNextHostIsTriedWhenOneFails()
    {
        QFETCH(int, status);
        QFETCH(int, requests);
        FakePeer second;
        second.always(PeerScript::reply(200, "{\"accessToken\":\"aoaNEW\"}"));
        m_peer->always(PeerScript::reply(status, "{}"));
        m_tables.endpoints.socialAuth.append(second.url({}).toString(QUrl::StripTrailingSlash));
        const Result<TokenGrant> grant = refresh();
        QCOMPARE(second.requestCount(), requests);
        QCOMPARE(bool(grant), requests == 1);
    }

    void aHostThatCannotBeReachedIsPassedOver()
    {
        QTcpServer closed;
        QVERIFY(closed.listen(QHostAddress::LocalHost));
        const QString dead = u"http://127.0.0.1:%1"_s.arg(closed.serverPort());
        closed.close();
        m_tables.endpoints.socialAuth.prepend(dead);
        m_peer->always(PeerScript::reply(200, "{\"accessToken\":\"aoaNEW\"}"));
        QVERIFY(refresh());
        m_tables.endpoints.socialAuth = {dead};
        const Result<TokenGrant> grant = refresh();
        QVERIFY(!grant);
        QCOMPARE(grant.error().code, Error::Code::Network);
    }

    void nothingIsCalledBackAfterTheContextIsGone()
    {
        m_peer->always(PeerScript::reply(500, "{}"));
        m_tables.endpoints.socialAuth.append(m_tables.endpoints.socialAuth.first() + "/second"_L1);
        ControlCalls calls(*m_http, tables());
        auto context = std::make_unique<QObject>();
        bool isCalled = false;
        calls.refresh(refreshInput(), context.get(), [&](const auto &) { isCalled = true; });
        calls.usage(m_identity, context.get(), [&](const auto &) { isCalled = true; });
        context.reset();
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QCoreApplication::processEvents();
        QVERIFY(!isCalled);
    }

private:
    RefreshInput refreshInput() const
    {
        return {m_identity, Secret("aorOLD"), u"id"_s, Secret("shh"), {}, {}};
    }

    Result<TokenGrant> refresh()
    {
        return ask<TokenGrant>([this](auto done) {
            ControlCalls(*m_http, tables()).refresh(refreshInput(), this, done);
        });
    }
};

QTEST_GUILESS_MAIN(TstRefreshCall)
#include "tst_refreshcall.moc"
