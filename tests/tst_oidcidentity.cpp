// SPDX-License-Identifier: MIT
#include "app/simulator/oidcidentity.h"

#include <QTest>
#include <QUrl>
#include <QUrlQuery>

using namespace kirotray;

/// What the simulated service refuses; what it grants is tested with the sign-ins.
class TstOidcIdentity : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_oidc = OidcIdentity();
        m_oidc.setRules({});
        m_device = client("urn:ietf:params:oauth:grant-type:device_code");
        m_code = client("authorization_code");
    }

    void otherCallsAreNotItsOwn()
    {
        for (const char *path : {"/refreshToken", "/mcp", "/", "/us-east-1/getUsageLimits"})
            QVERIFY(!ask("POST", path, "{}"));
        QVERIFY(!ask("POST", "/token", "{\"grantType\":\"refresh_token\"}"));
        QVERIFY(!ask("GET", "/token", {}));
        QCOMPARE(OidcIdentity::pathWithoutRegion("/eu-west-1/token"), QByteArray("/token"));
        QCOMPARE(OidcIdentity::pathWithoutRegion("/token"), QByteArray("/token"));
    }

    void aClientNeedsItsFields_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addRow("no name") << QByteArray("{\"clientType\":\"public\"}");
        QTest::addRow("no type") << QByteArray("{\"clientName\":\"a\"}");
        QTest::addRow("no redirect for a code")
            << QByteArray("{\"clientName\":\"a\",\"clientType\":\"public\","
                          "\"grantTypes\":[\"authorization_code\"],\"issuerUrl\":\"https://a\"}");
        QTest::addRow("no JSON") << QByteArray("garbage");
    }
    void aClientNeedsItsFields()
    {
        QFETCH(QByteArray, body);
        QCOMPARE(ask("POST", "/client/register", body)->status, 400);
    }

    void aDeviceCodeNeedsItsClient()
    {
        const QByteArray start = ",\"startUrl\":\"https://a.example\"}";
        QCOMPARE(ask("POST", "/device_authorization", m_device + start)->status, 200);
        QCOMPARE(ask("POST", "/device_authorization", m_device + "}")->status, 400);
        QCOMPARE(ask("POST", "/device_authorization", m_code + start)->status, 401);
        QCOMPARE(ask("POST", "/device_authorization", "{\"clientId\":\"x\"" + start)->status, 401);
    }

    void aDeviceCodeBelongsToOneClientAndIsUsedOnce()
    {
        const auto started =
            ask("POST", "/device_authorization", m_device + ",\"startUrl\":\"https://a.example\"}");
        const QByteArray poll =
            ",\"grantType\":\"urn:ietf:params:oauth:grant-type:device_code\",\"deviceCode\":\""
            + text(started->body, "deviceCode") + "\"}";
        const QByteArray other = client("urn:ietf:params:oauth:grant-type:device_code");
        QCOMPARE(text(ask("POST", "/token", other + poll)->body, "error"),
                 QByteArray("invalid_grant"));
        QCOMPARE(ask("POST", "/token", m_device + poll)->status, 200);
        QCOMPARE(text(ask("POST", "/token", m_device + poll)->body, "error"),
                 QByteArray("invalid_grant"));
    }

    void aCodeNeedsVerifierAndRedirect_data()
    {
        QTest::addColumn<QByteArray>("verifier");
        QTest::addColumn<QByteArray>("redirect");
        QTest::addColumn<int>("status");
        const QByteArray verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"; // §4.1
        const QByteArray redirect = "http://127.0.0.1:5/oauth/callback";
        QTest::addRow("right") << verifier << redirect << 200;
        QTest::addRow("another verifier") << verifier + "x" << redirect << 400;
        QTest::addRow("another port")
            << verifier << QByteArray("http://127.0.0.1:6/oauth/callback") << 400;
    }
    void aCodeNeedsVerifierAndRedirect()
    {
        QFETCH(QByteArray, verifier);
        QFETCH(QByteArray, redirect);
        QFETCH(int, status);
        const auto sent = ask("GET", "/eu-west-1/authorize", {}, authorizeQuery());
        QCOMPARE(sent->status, 302);
        const QUrlQuery back(QUrl::fromEncoded(sent->headers.value("Location")));
        QCOMPARE(back.queryItemValue(QStringLiteral("state")), QStringLiteral("s1"));
        const QByteArray code = back.queryItemValue(QStringLiteral("code")).toLatin1();
        const auto answer = ask("POST", "/token",
                                m_code + ",\"grantType\":\"authorization_code\",\"code\":\"" + code
                                    + "\",\"codeVerifier\":\"" + verifier + "\",\"redirectUri\":\""
                                    + redirect + "\"}");
        QCOMPARE(answer->status, status);
    }

    void aForeignLinkIsNotFollowed_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addRow("another host") << QByteArray("127.0.0.1") << QByteArray("evil.example");
        QTest::addRow("another path") << QByteArray("callback") << QByteArray("other");
        QTest::addRow("no proof") << QByteArray("S256") << QByteArray("plain");
        QTest::addRow("unknown client") << QByteArray("client_id=") << QByteArray("client_id=x");
        QTest::addRow("no scopes") << QByteArray("scopes") << QByteArray("scope");
    }
    void aForeignLinkIsNotFollowed()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QByteArray query = authorizeQuery();
        query.replace(from, to);
        QCOMPARE(ask("GET", "/authorize", {}, query)->status, 400);
    }

    void onlyTheSessionApproves()
    {
        OidcRules rules;
        rules.session = "cookie";
        m_oidc.setRules(rules);
        QCOMPARE(ask("GET", "/token/whoAmI", {})->status, 401);
        QCOMPARE(ask("POST", "/session/device", "{}")->status, 401);
        QCOMPARE(ask("POST", "/device_authorization/accept_user_code",
                     "{\"userCode\":\"A\",\"userSessionId\":\"\"}")
                     ->status,
                 400);
        QCOMPARE(ask("POST", "/device_authorization/associate_token", "{}")->status, 400);
    }

private:
    static QByteArray text(const QByteArray &json, std::string_view key)
    {
        const auto document = JsonDocument::parse(json.toStdString());
        return document
            ? QByteArray::fromStdString(std::string(document.value().root()[key].string()))
            : QByteArray();
    }
    std::optional<HttpResponse> ask(const QByteArray &method, const QByteArray &path,
                                    const QByteArray &body, const QByteArray &query = {})
    {
        HttpRequest request;
        request.head.method = method;
        request.head.path = path;
        request.head.query = query;
        request.head.headers.append("Host", "127.0.0.1:1");
        request.head.headers.append("Referer", "https://view.awsapps.com/");
        request.body = body.toStdString();
        return m_oidc.answer(request, m_tokens, TokenBook::Clock::now());
    }
    /// The beginning of a body with the id and secret of a new client.
    QByteArray client(const QByteArray &grant)
    {
        const auto made =
            ask("POST", "/client/register",
                "{\"clientName\":\"a\",\"clientType\":\"public\",\"grantTypes\":[\"" + grant
                    + "\"],\"issuerUrl\":\"https://a.example\",\"redirectUris\":"
                      "[\"http://127.0.0.1/oauth/callback\"]}");
        m_lastClientId = text(made->body, "clientId");
        return "{\"clientId\":\"" + m_lastClientId + "\",\"clientSecret\":\""
            + text(made->body, "clientSecret") + "\"";
    }
    QByteArray authorizeQuery() const
    {
        return "response_type=code&client_id=" + m_lastClientId
            + "&redirect_uri=http%3A%2F%2F127.0.0.1%3A5%2Foauth%2Fcallback&scopes=a&state=s1"
              "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
              "&code_challenge_method=S256";
    }

    OidcIdentity m_oidc;
    TokenBook m_tokens;
    QByteArray m_device;
    QByteArray m_code;
    QByteArray m_lastClientId; ///< that of m_code, after init()
};

QTEST_GUILESS_MAIN(TstOidcIdentity)
#include "tst_oidcidentity.moc"
