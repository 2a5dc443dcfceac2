// SPDX-License-Identifier: MIT
#include "app/kiro/oidccalls.h"
#include "tests/controlbench.h"

#include <QUrlQuery>

using namespace kirotray;

using Verdict = OidcTokenReply::Verdict;

class TstOidcCalls : public ControlBench
{
    Q_OBJECT

private slots:
    void init()
    {
        renew();
        m_tables.endpoints.ssoPortal = {m_peer->url({}).toString(QUrl::StripTrailingSlash)
                                        + "/portal"_L1};
    }

    void aClientIsRegisteredForItsGrant_data()
    {
        QTest::addColumn<bool>("device");
        QTest::addColumn<QByteArray>("part");
        QTest::addRow("device code")
            << true
            << QByteArray("\"grantTypes\":[\"urn:ietf:params:oauth:grant-type:device_code\","
                          "\"refresh_token\"],\"issuerUrl\":");
        QTest::addRow("authorization code")
            << false
            << QByteArray("\"grantTypes\":[\"authorization_code\",\"refresh_token\"],"
                          "\"redirectUris\":[\"http://127.0.0.1/oauth/callback\"],\"issuerUrl\":");
    }
    void aClientIsRegisteredForItsGrant()
    {
        QFETCH(bool, device);
        QFETCH(QByteArray, part);
        m_peer->next(PeerScript::reply(200,
                                       "{\"clientId\":\"c\",\"clientSecret\":\"s\","
                                       "\"clientIdIssuedAt\":1,"
                                       "\"clientSecretExpiresAt\":1800000000}"));
        const auto grant = device ? OidcGrant::DeviceCode : OidcGrant::AuthorizationCode;
        const auto got = ask<OidcRegistration>(
            [&](auto done) { calls().registerClient(m_site, grant, this, done); });
        QVERIFY2(got, problem(got));
        QCOMPARE(got.value().clientId, u"c"_s);
        QCOMPARE(got.value().clientSecret, Secret("s"));
        QCOMPARE(got.value().endsAt, QDateTime::fromSecsSinceEpoch(1800000000, Qt::UTC));
        const PeerRequest &request = m_peer->requests().front();
        QCOMPARE(request.line(), QByteArray("POST /eu-west-1/client/register HTTP/1.1"));
        QVERIFY2(request.body.contains(part), request.body.constData());
        QVERIFY(request.body.contains("\"clientType\":\"public\""));
        QVERIFY(request.body.contains("codewhisperer:taskassist"));
        QVERIFY(request.field("authorization").isNull());
        QVERIFY(request.field("user-agent").contains("sso-oidc"));
    }

    void aDeviceCodeIsReadWithItsUsualValues_data()
    {
        QTest::addColumn<QByteArray>("more");
        QTest::addColumn<int>("interval");
        QTest::addColumn<int>("lifetime");
        QTest::addColumn<QString>("complete");
        const QString plain = u"https://device.example/"_s;
        QTest::addRow("all told") << QByteArray(",\"interval\":2,\"expiresIn\":300,"
                                                "\"verificationUriComplete\":"
                                                "\"https://device.example/?c=1\"")
                                  << 2 << 300 << u"https://device.example/?c=1"_s;
        QTest::addRow("nothing told") << QByteArray() << 5 << 600 << plain;
        QTest::addRow("nonsense") << QByteArray(",\"interval\":-3,\"expiresIn\":-1") << 5 << 600
                                  << plain;
        QTest::addRow("too long") << QByteArray(",\"interval\":9999,\"expiresIn\":999999") << 60
                                  << 3600 << plain;
    }
    void aDeviceCodeIsReadWithItsUsualValues()
    {
        QFETCH(QByteArray, more);
        QFETCH(int, interval);
        QFETCH(int, lifetime);
        QFETCH(QString, complete);
        m_peer->next(PeerScript::reply(200,
                                       "{\"deviceCode\":\"d\",\"userCode\":\"ABCD-EFGH\","
                                       "\"verificationUri\":\"https://device.example/\""
                                           + more + "}"));
        const auto got = startDevice();
        QVERIFY2(got, problem(got));
        QCOMPARE(got.value().userCode, u"ABCD-EFGH"_s);
        QCOMPARE(got.value().deviceCode, Secret("d"));
        QCOMPARE(int(got.value().interval.count()), interval);
        QCOMPARE(int(got.value().lifetime.count()), lifetime);
        QCOMPARE(got.value().verificationUriComplete, QUrl(complete));
        const PeerRequest &request = m_peer->requests().front();
        QCOMPARE(request.line(), QByteArray("POST /eu-west-1/device_authorization HTTP/1.1"));
        QCOMPARE(request.body,
                 QByteArray("{\"clientId\":\"id\",\"clientSecret\":\"shh\","
                            "\"startUrl\":\"https://d-1.awsapps.com/start\"}"));
    }

    void whatCannotStartASignInIsAnError_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, int status, const char *body, Error::Code code) {
            QTest::addRow("%s", name) << status << QByteArray(body) << int(code);
        };
        using Code = Error::Code;
        row("wrong region", 400, "{\"error\":\"invalid_request\"}", Code::BadInput);
        row("unknown client", 401, "{\"error\":\"invalid_client\"}", Code::Unauthorized);
        row("unknown client by 400", 400, "{\"error\":\"invalid_client\"}", Code::Unauthorized);
        row("too many", 429, "{}", Code::RateLimited);
        row("server error", 500, "oops", Code::Upstream);
        row("no JSON", 200, "<html>secretcode", Code::Upstream);
        row("no code", 200, "{\"userCode\":\"A\",\"verificationUri\":\"https://a.example\"}",
            Code::Upstream);
        row("empty code", 200,
            "{\"deviceCode\":\"\",\"userCode\":\"A\",\"verificationUri\":\"https://a.example\"}",
            Code::Upstream);
        row("no page", 200, "{\"deviceCode\":\"secretcode\",\"userCode\":\"A\"}", Code::Upstream);
        row("page that is a script", 200,
            "{\"deviceCode\":\"d\",\"userCode\":\"A\",\"verificationUri\":\"javascript:1\"}",
            Code::Upstream);
        row("page without TLS", 200,
            "{\"deviceCode\":\"d\",\"userCode\":\"A\",\"verificationUri\":\"http://a.example\"}",
            Code::Upstream);
    }
    void whatCannotStartASignInIsAnError()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(int, code);
        m_peer->always(PeerScript::reply(status, body));
        const auto got = startDevice();
        QVERIFY(!got);
        QCOMPARE(int(got.error().code), code);
        QVERIFY2(!describe(got.error()).contains(u"secretcode"), problem(got));
    }

    void theAnswersOfAPollAreToldApart_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("verdict");
        const auto row = [](const char *name, int status, const char *body, Verdict verdict) {
            QTest::addRow("%s", name) << status << QByteArray(body) << int(verdict);
        };
        row("pending", 400, "{\"error\":\"authorization_pending\"}", Verdict::Pending);
        row("slow down", 400, "{\"error\":\"slow_down\"}", Verdict::SlowDown);
        row("expired", 400, "{\"error\":\"expired_token\"}", Verdict::Expired);
        row("denied", 400, "{\"error\":\"access_denied\"}", Verdict::Denied);
        row("unknown client", 401, "{\"error\":\"invalid_client\"}", Verdict::InvalidClient);
        row("used code", 400, "{\"error\":\"invalid_grant\"}", Verdict::Refused);
        row("wrong request", 400, "{\"error\":\"invalid_request\"}", Verdict::Refused);
        row("exception's name only", 400, "{\"__type\":\"a.b#AuthorizationPendingException\"}",
            Verdict::Pending);
        row("unknown word", 400, "{\"error\":\"nobody_knows\"}", Verdict::Refused);
        row("server error", 500, "{\"error\":\"access_denied\"}", Verdict::Failed);
        row("gateway's page", 502, "<html>", Verdict::Failed);
        row("too many", 429, "{\"error\":\"access_denied\"}", Verdict::Failed);
        row("granted", 200,
            "{\"accessToken\":\"aoaA\",\"refreshToken\":\"aorB\",\"expiresIn\":3600,"
            "\"tokenType\":\"Bearer\"}",
            Verdict::Granted);
        row("granted nothing", 200, "{}", Verdict::Refused);
    }
    void theAnswersOfAPollAreToldApart()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(int, verdict);
        m_peer->always(PeerScript::reply(status, body));
        const OidcTokenReply reply = poll();
        QCOMPARE(int(reply.verdict), verdict);
        QVERIFY(!describe(reply.error).contains(u"shh"));
        if (reply.verdict == Verdict::Granted)
            QCOMPARE(reply.grant.refreshToken, Secret("aorB"));
        QCOMPARE(m_peer->requests().front().body,
                 QByteArray("{\"clientId\":\"id\",\"clientSecret\":\"shh\",\"grantType\":"
                            "\"urn:ietf:params:oauth:grant-type:device_code\","
                            "\"deviceCode\":\"code\"}"));
    }

    void aCutConnectionIsNoVerdict()
    {
        m_peer->always(PeerScript().close());
        const OidcTokenReply reply = poll();
        QCOMPARE(reply.verdict, Verdict::Failed);
        QCOMPARE(reply.error.code, Error::Code::Network);
    }

    void aCodeIsExchangedWithItsVerifier()
    {
        m_peer->next(PeerScript::reply(200, "{\"accessToken\":\"aoaA\",\"refreshToken\":\"r\"}"));
        std::optional<OidcTokenReply> reply;
        calls().exchangeCode(
            m_site, m_registration,
            {Secret("code"), Secret("verifier"), u"http://127.0.0.1:5/oauth/callback"_s}, this,
            [&](const OidcTokenReply &got) { reply = got; });
        QTRY_VERIFY(reply);
        QCOMPARE(reply->verdict, Verdict::Granted);
        QCOMPARE(m_peer->requests().front().body,
                 QByteArray("{\"clientId\":\"id\",\"clientSecret\":\"shh\","
                            "\"grantType\":\"authorization_code\","
                            "\"redirectUri\":\"http://127.0.0.1:5/oauth/callback\","
                            "\"code\":\"code\",\"codeVerifier\":\"verifier\"}"));
    }

    void theLinkNamesAllThatTheServiceWants()
    {
        const QUrl link = calls().authorizeUrl(
            m_site, m_registration, u"http://127.0.0.1:5/oauth/callback"_s, "st+a/te", "chall");
        QVERIFY(link.path().endsWith(u"/eu-west-1/authorize"));
        const QUrlQuery query(link);
        const auto value = [&](const char *key) {
            return query.queryItemValue(QString::fromLatin1(key), QUrl::FullyDecoded);
        };
        QCOMPARE(value("response_type"), u"code"_s);
        QCOMPARE(value("client_id"), u"id"_s);
        QCOMPARE(value("redirect_uri"), u"http://127.0.0.1:5/oauth/callback"_s);
        QCOMPARE(value("state"), u"st+a/te"_s);
        QCOMPARE(value("code_challenge"), u"chall"_s);
        QCOMPARE(value("code_challenge_method"), u"S256"_s);
        QCOMPARE(value("scopes").split(u',').size(), 5);
        QVERIFY(link.toEncoded().contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A5%2F"));
    }

    void aSessionApprovesACode()
    {
        m_peer->next(PeerScript::reply(200, "{}"));
        m_peer->next(PeerScript::reply(200, "{\"token\":\"user-session\"}"));
        m_peer->next(PeerScript::reply(200,
                                       "{\"deviceContext\":{\"deviceContextId\":\"dc\","
                                       "\"clientId\":\"id\",\"clientType\":\"public\"}}"));
        m_peer->next(PeerScript::reply(200, {}));
        QVERIFY(ask<Done>(
            [&](auto done) { calls().checkSession(m_site, Secret("cookie"), this, done); }));
        const auto session = ask<Secret>(
            [&](auto done) { calls().startDeviceSession(m_site, Secret("cookie"), this, done); });
        QVERIFY2(session, problem(session));
        const auto device = ask<OidcDeviceContext>([&](auto done) {
            calls().acceptUserCode(m_site, u"ABCD"_s, session.value(), this, done);
        });
        QVERIFY2(device, problem(device));
        const auto associated = ask<Done>([&](auto done) {
            calls().associateToken(m_site, device.value(), session.value(), this, done);
        });
        QVERIFY2(associated, problem(associated));
        const std::vector<PeerRequest> &requests = m_peer->requests();
        QCOMPARE(requests[0].line(), QByteArray("GET /portal/token/whoAmI HTTP/1.1"));
        QCOMPARE(requests[0].field("authorization"), QByteArray("Bearer cookie"));
        QCOMPARE(requests[1].line(), QByteArray("POST /portal/session/device HTTP/1.1"));
        QCOMPARE(requests[1].field("authorization"), QByteArray("Bearer cookie"));
        QCOMPARE(requests[1].body, QByteArray("{}"));
        QVERIFY(requests[2].line().contains("/device_authorization/accept_user_code "));
        QCOMPARE(requests[2].field("referer"), QByteArray("https://d-1.awsapps.com/"));
        QVERIFY(requests[2].field("authorization").isNull());
        QCOMPARE(requests[2].body,
                 QByteArray("{\"userCode\":\"ABCD\",\"userSessionId\":\"user-session\"}"));
        QVERIFY(requests[3].line().contains("/device_authorization/associate_token "));
        QCOMPARE(requests[3].body,
                 QByteArray("{\"deviceContext\":{\"deviceContextId\":\"dc\",\"clientId\":\"id\","
                            "\"clientType\":\"public\"},\"userSessionId\":\"user-session\"}"));
    }

    void noHostIsMadeOfAForgedRegion()
    {
        m_site.region = u"evil.example/x"_s;
        const auto got = startDevice();
        QVERIFY(!got);
        QCOMPARE(got.error().code, Error::Code::BadInput);
        QCOMPARE(m_peer->requestCount(), 0);
        QVERIFY(!calls().authorizeUrl(m_site, m_registration, {}, "s", "c").isValid());
    }

    void nothingIsCalledBackAfterTheContextIsGone()
    {
        m_peer->always(PeerScript::reply(200, "{}"));
        auto context = std::make_unique<QObject>();
        bool isCalled = false;
        calls().startDevice(m_site, m_registration, context.get(),
                            [&](const auto &) { isCalled = true; });
        context.reset();
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QCoreApplication::processEvents();
        QVERIFY(!isCalled);
    }

    void startUrlsAreCleaned_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("cleaned"); // empty: refused
        const QString usual = u"https://d-1.awsapps.com/start"_s;
        QTest::addRow("clean") << usual << usual;
        QTest::addRow("white space") << u" "_s + usual + u"\n"_s << usual;
        QTest::addRow("fragment") << usual + u"/#/?tab=accounts"_s << usual;
        QTest::addRow("slashes") << usual + u"//"_s << usual;
        QTest::addRow("bare host") << u"d-1.awsapps.com/start"_s << usual;
        QTest::addRow("own form") << u"https://identitycenter.amazonaws.com/ssoins-1"_s
                                  << u"https://identitycenter.amazonaws.com/ssoins-1"_s;
        QTest::addRow("empty") << u"  "_s << QString();
        QTest::addRow("no TLS") << u"http://d-1.awsapps.com/start"_s << QString();
        QTest::addRow("script") << u"javascript:alert(1)"_s << QString();
        QTest::addRow("with a user") << u"https://a:b@d-1.awsapps.com/start"_s << QString();
        QTest::addRow("no host") << u"start"_s << QString();
    }
    void startUrlsAreCleaned()
    {
        QFETCH(QString, text);
        QFETCH(QString, cleaned);
        const Result<QString> got = cleanStartUrl(text);
        QCOMPARE(bool(got), !cleaned.isEmpty());
        if (got)
            QCOMPARE(got.value(), cleaned);
        else
            QCOMPARE(got.error().path, u"startUrl"_s);
    }

private:
    OidcCalls calls() const { return {*m_http, tables(), {}, m_identity}; }
    Result<DeviceAuthorization> startDevice()
    {
        return ask<DeviceAuthorization>(
            [this](auto done) { calls().startDevice(m_site, m_registration, this, done); });
    }
    OidcTokenReply poll()
    {
        std::optional<OidcTokenReply> reply;
        calls().askDeviceToken(m_site, m_registration, Secret("code"), this,
                               [&](const OidcTokenReply &got) { reply = got; });
        [&] { QTRY_VERIFY(reply); }();
        return reply.value_or(OidcTokenReply {});
    }

    OidcSite m_site {u"eu-west-1"_s, u"https://d-1.awsapps.com/start"_s};
    OidcRegistration m_registration {u"id"_s, Secret("shh"), {}};
};

QTEST_GUILESS_MAIN(TstOidcCalls)
#include "tst_oidccalls.moc"
