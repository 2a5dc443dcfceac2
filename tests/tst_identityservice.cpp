// SPDX-License-Identifier: MIT
#include "app/login/pkce.h"
#include "app/simulator/identityservice.h"
#include "app/simulator/scenario.h"

#include <QTest>
#include <QUrl>

using namespace kirotray;

/// The simulated sign-in service is as strict as the facts say the real one is.
class TstIdentityService : public QObject
{
    Q_OBJECT
private slots:
    void linkThatTheRealServiceRefusesIsRefused_data();
    void linkThatTheRealServiceRefusesIsRefused();
    void codeIsGoodOnceForItsVerifierAndAddress_data();
    void codeIsGoodOnceForItsVerifierAndAddress();
    void codeThatWasPresentedWronglyIsLost();
    void logoutRevokesTheRefreshToken();
    void otherCallsAreLeftToOthers();
    void mistakeInTheScriptIsNamed_data();
    void mistakeInTheScriptIsNamed();

private:
    static constexpr auto Redirect = "http://localhost:3128/oauth/callback";

    HttpResponse ask(const QByteArray &method, const QByteArray &target,
                     const QByteArray &body = {})
    {
        HttpRequest request;
        request.head.method = method;
        const qsizetype end = target.contains('?') ? target.indexOf('?') : target.size();
        request.head.path = target.first(end);
        request.head.query = target.mid(end + 1);
        request.body = body.toStdString();
        const auto answer = m_service.answer(request, m_tokens, TokenBook::Clock::now());
        return answer ? *answer : HttpResponse {0, {}, {}};
    }
    QByteArray link() const
    {
        return "/login?idp=Google&redirect_uri=" + QByteArray(Redirect).toPercentEncoding()
            + "&code_challenge=" + m_pkce.challenge + "&code_challenge_method=S256&state=s";
    }
    QByteArray freshCode()
    {
        const QByteArray location = ask("GET", link()).headers.value("Location");
        return queryValue(location.mid(location.indexOf('?') + 1), "code");
    }
    HttpResponse exchange(const QByteArray &code, const QByteArray &verifier,
                          const QByteArray &redirect = Redirect)
    {
        return ask("POST", "/oauth/token",
                   "{\"code\":\"" + code + "\",\"code_verifier\":\"" + verifier
                       + "\",\"redirect_uri\":\"" + redirect + "\"}");
    }
    HttpResponse exchangeWell(const QByteArray &code)
    {
        return exchange(code, m_pkce.verifier.reveal());
    }

    IdentityService m_service;
    TokenBook m_tokens;
    Pkce m_pkce = makePkce();
};

void TstIdentityService::linkThatTheRealServiceRefusesIsRefused_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    const auto row = [](const char *name, const char *from, const char *to) {
        QTest::newRow(name) << QByteArray(from) << QByteArray(to);
    };
    row("another spelling of GitHub", "idp=Google", "idp=GitHub");
    row("a redirect to elsewhere", "localhost", "evil.example");
    row("no state", "state=s", "state=");
    row("another challenge method", "S256", "plain");
    row("no challenge", "code_challenge=", "x=");
}

void TstIdentityService::linkThatTheRealServiceRefusesIsRefused()
{
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QCOMPARE(ask("GET", link()).status, 302);
    QCOMPARE(ask("GET", link().replace(from, to)).status, 400);
}

void TstIdentityService::codeIsGoodOnceForItsVerifierAndAddress_data()
{
    QTest::addColumn<QByteArray>("verifier");
    QTest::addColumn<QByteArray>("redirect");
    QTest::newRow("another verifier") << makePkce().verifier.reveal() << QByteArray(Redirect);
    QTest::newRow("no verifier") << QByteArray() << QByteArray(Redirect);
    QTest::newRow("another address")
        << QByteArray("own") << QByteArray("http://localhost:4649/oauth/callback");
}

void TstIdentityService::codeIsGoodOnceForItsVerifierAndAddress()
{
    QFETCH(QByteArray, verifier);
    QFETCH(QByteArray, redirect);
    const QByteArray code = freshCode();
    QCOMPARE(exchangeWell(code).status, 200);
    QCOMPARE(exchangeWell(code).status, 400);
    const QByteArray sent = verifier == "own" ? m_pkce.verifier.reveal() : verifier;
    const HttpResponse refused = exchange(freshCode(), sent, redirect);
    QCOMPARE(refused.status, 400);
    QVERIFY(refused.body.contains("invalid_grant"));
    QCOMPARE(exchangeWell("made-up").status, 400);
}

void TstIdentityService::codeThatWasPresentedWronglyIsLost()
{
    const QByteArray code = freshCode();
    QCOMPARE(exchange(code, "wrong").status, 400);
    QCOMPARE(exchangeWell(code).status, 400);
}

void TstIdentityService::logoutRevokesTheRefreshToken()
{
    const QByteArray token = TokenBook::demoRefreshToken();
    const std::string body = "{\"refreshToken\":\"" + token.toStdString() + "\"}";
    const auto now = TokenBook::Clock::now();
    QCOMPARE(ask("POST", "/logout", "{}").status, 400);
    QCOMPARE(ask("POST", "/logout", QByteArray::fromStdString(body)).status, 200);
    QCOMPARE(m_tokens.refreshSocial(body, now).status, 400);
}

void TstIdentityService::otherCallsAreLeftToOthers()
{
    QCOMPARE(ask("POST", "/login").status, 0);
    QCOMPARE(ask("GET", "/oauth/token").status, 0);
    QCOMPARE(ask("POST", "/token").status, 0);
}

void TstIdentityService::mistakeInTheScriptIsNamed_data()
{
    QTest::addColumn<QByteArray>("logins");
    QTest::addColumn<QString>("path");
    QTest::newRow("unknown outcome")
        << QByteArray("{\"social\":{\"outcome\":\"maybe\"}}") << u"logins.social.outcome"_s;
    QTest::newRow("unknown member")
        << QByteArray("{\"idp\":{\"colour\":1}}") << u"logins.idp.colour"_s;
    QTest::newRow("unknown service") << QByteArray("{\"myspace\":{}}") << u"logins.myspace"_s;
    QTest::newRow("failure without a status")
        << QByteArray("{\"social\":{\"failures\":[{}]}}") << u"logins.social.failures[0].status"_s;
    QTest::newRow("no text") << QByteArray("{\"portal\":{\"option\":1}}")
                             << u"logins.portal.option"_s;
}

void TstIdentityService::mistakeInTheScriptIsNamed()
{
    QFETCH(QByteArray, logins);
    const Result<Scenario> scenario = parseScenario("{\"logins\":" + logins + '}');
    QVERIFY(!scenario);
    QTEST(scenario.error().path, "path");
}

QTEST_APPLESS_MAIN(TstIdentityService)
#include "tst_identityservice.moc"
