// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/login/pkce.h"
#include "tests/browserloginbench.h"
#include "tests/httptestclient.h"

#include <QTcpServer>
#include <QTest>
#include <QUrlQuery>

using namespace kirotray;

class TstSocialLogin : public BrowserLoginBench
{
    Q_OBJECT
private slots:
    void linkIsTheOneTheServiceExpects_data();
    void linkIsTheOneTheServiceExpects();
    void signInGivesAnAccountThatCanBeRenewed_data();
    void signInGivesAnAccountThatCanBeRenewed();
    void wrongStateIsIgnoredAndTheRightOneStillCounts();
    void refusedSignInFails_data();
    void refusedSignInFails();
    void codeOfAnotherSignInIsRefused();
    void pastedAddressEndsTheSignIn();
    void pastedTextThatDoesNotHelpLeavesItWaiting_data();
    void pastedTextThatDoesNotHelpLeavesItWaiting();
    void withoutAFreePortTheUserBringsTheAddressBack();
    void takenPortGivesWayToTheNext();
    void garbageOnThePortDoesNotEndTheSignIn();
    void timeEndsTheSignIn();
    void cancelEndsTheSignInOnceAndFreesThePort();
    void cancelBeforeTheFirstStepCounts();
    void cancelWhileTheTokensAreFetchedCounts();
    void secondRedirectChangesNothing();
    void destroyedSignInSaysNothing();
    void missingServiceIsAnError();
    void errorsTellNoSecrets();

private:
    quint16 port() const
    {
        const QUrlQuery query(link());
        return static_cast<quint16>(
            QUrl(query.queryItemValue(u"redirect_uri"_s, QUrl::FullyDecoded)).port());
    }
};

void TstSocialLogin::linkIsTheOneTheServiceExpects_data()
{
    QTest::addColumn<QString>("provider");
    QTest::addColumn<QString>("idp");
    QTest::addColumn<bool>("embeddable");
    QTest::newRow("google") << u"google"_s << u"Google"_s << false;
    QTest::newRow("github") << u"github"_s << u"Github"_s << true;
}

void TstSocialLogin::linkIsTheOneTheServiceExpects()
{
    QFETCH(QString, provider);
    start(provider);
    const QUrlQuery query(link());
    QCOMPARE(link().path(), u"/login"_s);
    QTEST(query.queryItemValue(u"idp"_s), "idp");
    QCOMPARE(query.queryItemValue(u"prompt"_s), u"select_account"_s);
    QCOMPARE(query.queryItemValue(u"code_challenge_method"_s), u"S256"_s);
    QCOMPARE(query.queryItemValue(u"code_challenge"_s).size(), 43);
    QVERIFY(query.queryItemValue(u"state"_s).size() >= 22);
    QCOMPARE(query.queryItemValue(u"redirect_uri"_s, QUrl::FullyDecoded),
             u"http://localhost:%1/oauth/callback"_s.arg(port()));
    const auto &open = std::get<loginstep::OpenBrowser>(m_steps.back());
    QTEST(open.canBeEmbedded, "embeddable");
    QVERIFY(!open.endsInRedirect);
    QCOMPARE(open.expiresAt, m_now.addSecs(600));
}

void TstSocialLogin::signInGivesAnAccountThatCanBeRenewed_data()
{
    QTest::addColumn<QString>("provider");
    QTest::addColumn<QString>("name");
    QTest::newRow("google") << u"google"_s << u"Google"_s;
    QTest::newRow("github") << u"github"_s << u"Github"_s;
}

void TstSocialLogin::signInGivesAnAccountThatCanBeRenewed()
{
    QFETCH(QString, provider);
    QFETCH(QString, name);
    LoginInput input;
    input.language = u"zh_CN"_s;
    input.proxy = u"none"_s;
    start(provider, input);
    const Page page = signIn();
    QCOMPARE(page.status, 200);
    QVERIFY(page.body.contains("lang=\"zh-CN\""));
    const auto [account, credential] = this->account();
    QVERIFY(account.kind == AccountKind::Social);
    QCOMPARE(account.provider, name);
    QCOMPARE(account.label, name);
    QVERIFY(!account.id.value.isEmpty());
    QCOMPARE(account.machineId.size(), 64);
    QVERIFY(isProfileArn(account.profileArn));
    QCOMPARE(account.profileSource, u"login"_s);
    QCOMPARE(account.proxy, u"none"_s);
    QCOMPARE(account.createdAt, m_now);
    QCOMPARE(account.fingerprint, fingerprintOf(credential));
    QVERIFY(credential.accessToken.reveal().startsWith("aoa"));
    QVERIFY(credential.expiresAt > QDateTime::currentDateTimeUtc().addSecs(3500));
    const Result<TokenGrant> grant = renew({account, credential});
    QVERIFY2(grant, grant ? "" : qPrintable(describe(grant.error())));
    QCOMPARE(m_ends, 1);
}

void TstSocialLogin::wrongStateIsIgnoredAndTheRightOneStillCounts()
{
    setScript("{\"logins\":{\"social\":{\"outcome\":\"wrongState\",\"times\":1}}}");
    start(u"google"_s);
    QCOMPARE(signIn().status, 400);
    QVERIFY(!m_outcome);
    QCOMPARE(signIn().status, 200);
    QCOMPARE(account().account.provider, u"Google"_s);
}

void TstSocialLogin::refusedSignInFails_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<int>("code");
    const auto row = [](const char *name, const char *script, Error::Code code) {
        QTest::newRow(name) << QByteArray("{\"logins\":{\"social\":") + script + "}}" << int(code);
    };
    using Code = Error::Code;
    row("denied by the person", "{\"outcome\":\"denied\"}", Code::Unauthorized);
    row("a code that is used already", "{\"outcome\":\"usedCode\"}", Code::Unauthorized);
    row("the service is down", "{\"failures\":[{\"status\":503}]}", Code::Upstream);
    row("too many", "{\"failures\":[{\"status\":429}]}", Code::RateLimited);
    row("no tokens in the answer", "{\"failures\":[{\"status\":302,\"rawBody\":\"{}\"}]}",
        Code::Upstream);
}

void TstSocialLogin::refusedSignInFails()
{
    QFETCH(QByteArray, script);
    QFETCH(int, code);
    setScript(script);
    start(u"google"_s);
    signIn();
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure());
    QCOMPARE(int(*failure()), code);
    QCOMPARE(m_ends, 1);
}

/// PKCE: whoever catches a code cannot use it in a sign-in of his own.
void TstSocialLogin::codeOfAnotherSignInIsRefused()
{
    start(u"google"_s);
    QUrlQuery foreign(link());
    foreign.removeQueryItem(u"code_challenge"_s);
    foreign.addQueryItem(u"code_challenge"_s, QString::fromLatin1(makePkce().challenge));
    QUrl other = link();
    other.setQuery(foreign);
    const Page sent = get(other);
    QCOMPARE(sent.status, 302);
    get(sent.location);
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure() == Error::Code::Unauthorized);
}

void TstSocialLogin::pastedAddressEndsTheSignIn()
{
    start(u"github"_s);
    const Page sent = get(link());
    QVERIFY(m_login->input(Secret(" " + sent.location.toEncoded() + "\n")));
    QCOMPARE(account().account.provider, u"Github"_s);
}

void TstSocialLogin::pastedTextThatDoesNotHelpLeavesItWaiting_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("a code") << QByteArray("just-a-code");
    QTest::newRow("another state")
        << QByteArray("http://localhost:3128/oauth/callback?code=c&state=x");
    QTest::newRow("no state") << QByteArray("http://localhost:3128/oauth/callback?code=c");
}

void TstSocialLogin::pastedTextThatDoesNotHelpLeavesItWaiting()
{
    QFETCH(QByteArray, text);
    start(u"google"_s);
    const Result<Done> taken = m_login->input(Secret(text));
    QVERIFY(!taken);
    QCOMPARE(taken.error().code, Error::Code::BadInput);
    signIn();
    QCOMPARE(account().account.provider, u"Google"_s);
    QVERIFY(!m_login->input(Secret(text)));
}

void TstSocialLogin::withoutAFreePortTheUserBringsTheAddressBack()
{
    QTcpServer taken;
    QVERIFY(taken.listen(QHostAddress::LocalHost));
    m_ports = {taken.serverPort()};
    start(u"google"_s);
    QVERIFY(std::get<loginstep::OpenBrowser>(m_steps.back()).endsInRedirect);
    const Page sent = get(link());
    QCOMPARE(sent.location.scheme(), u"kiro"_s);
    QVERIFY(m_login->input(Secret(sent.location.toEncoded())));
    QCOMPARE(account().account.provider, u"Google"_s);
}

void TstSocialLogin::takenPortGivesWayToTheNext()
{
    QTcpServer taken;
    QVERIFY(taken.listen(QHostAddress::LocalHost));
    m_ports = {taken.serverPort(), 0};
    start(u"google"_s);
    QVERIFY(port() != taken.serverPort());
    signIn();
    QCOMPARE(account().account.provider, u"Google"_s);
}

void TstSocialLogin::garbageOnThePortDoesNotEndTheSignIn()
{
    start(u"google"_s);
    HttpTestClient zeros(port());
    zeros.send(QByteArray(5000, '\0'));
    HttpTestClient stranger(port());
    stranger.send("GET /oauth/callback?code=x&state=y HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    QTRY_VERIFY(stranger.received().startsWith("HTTP/1.1 421"));
    QTRY_VERIFY(zeros.isClosed());
    QCOMPARE(get(QUrl(u"http://localhost:%1/favicon.ico"_s.arg(port()))).status, 404);
    QVERIFY(!m_outcome);
    signIn();
    QCOMPARE(account().account.provider, u"Google"_s);
}

void TstSocialLogin::timeEndsTheSignIn()
{
    start(u"google"_s);
    m_now = m_now.addSecs(std::chrono::seconds(limits::LoginTimeout).count() - 1);
    const int before = m_clockReads;
    QTRY_VERIFY(m_clockReads > before + 1); // it has looked at the clock
    QVERIFY(!m_outcome);
    m_now = m_now.addSecs(1);
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure() == Error::Code::Timeout);
}

void TstSocialLogin::cancelEndsTheSignInOnceAndFreesThePort()
{
    start(u"google"_s);
    const quint16 used = port();
    m_login->cancel();
    QVERIFY(!m_outcome); // from the event loop
    m_login->cancel();
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure() == Error::Code::Cancelled);
    QCOMPARE(m_ends, 1);
    QTcpServer next;
    QVERIFY(next.listen(QHostAddress::LocalHost, used));
}

void TstSocialLogin::cancelBeforeTheFirstStepCounts()
{
    m_login = std::move(findLoginProvider(u"google"_s)->make(services(), {})).value();
    connect(m_login.get(), &Login::stepped, this,
            [this](const LoginStep &step) { m_steps.push_back(step); });
    connect(m_login.get(), &Login::finished, this, [this](const Outcome &outcome) {
        m_outcome = outcome;
        ++m_ends;
    });
    m_login->start();
    m_login->cancel();
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure() == Error::Code::Cancelled);
    QVERIFY(m_steps.empty());
}

void TstSocialLogin::cancelWhileTheTokensAreFetchedCounts()
{
    start(u"google"_s);
    const Page sent = get(link());
    QVERIFY(m_login->input(Secret(sent.location.toEncoded())));
    QVERIFY(std::holds_alternative<loginstep::Working>(m_steps.back()));
    m_login->cancel();
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure() == Error::Code::Cancelled);
    // The service's answer comes too late and changes nothing.
    get(m_simulator->url());
    QCOMPARE(m_ends, 1);
}

void TstSocialLogin::secondRedirectChangesNothing()
{
    start(u"google"_s);
    const Page sent = get(link());
    QVERIFY(m_login->input(Secret(sent.location.toEncoded())));
    QVERIFY(!m_login->input(Secret(sent.location.toEncoded())));
    QCOMPARE(account().account.provider, u"Google"_s);
    QCOMPARE(m_ends, 1);
}

void TstSocialLogin::destroyedSignInSaysNothing()
{
    start(u"google"_s);
    const Page sent = get(link());
    QVERIFY(m_login->input(Secret(sent.location.toEncoded())));
    m_login.reset();
    get(m_simulator->url());
    QVERIFY(!m_outcome);
}

void TstSocialLogin::missingServiceIsAnError()
{
    auto tables = std::make_shared<KiroTables>(*m_tables);
    tables->endpoints.socialAuth.clear();
    m_tables = tables;
    start(u"google"_s);
    QVERIFY(failure() == Error::Code::BadInput);
}

void TstSocialLogin::errorsTellNoSecrets()
{
    setScript("{\"logins\":{\"social\":{\"outcome\":\"usedCode\"}}}");
    start(u"google"_s);
    const Page sent = get(link());
    get(sent.location);
    QTRY_VERIFY(m_outcome);
    const QString text = describe(m_outcome->error());
    const QUrlQuery query(sent.location);
    QVERIFY(!text.contains(query.queryItemValue(u"code"_s)));
    QVERIFY(!text.contains(query.queryItemValue(u"state"_s)));
}

QTEST_GUILESS_MAIN(TstSocialLogin)
#include "tst_sociallogin.moc"
