// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/kiro/idpcalls.h"
#include "tests/browserloginbench.h"

#include <QTest>
#include <QUrlQuery>

using namespace kirotray;

class TstExternalIdpLogin : public BrowserLoginBench
{
    Q_OBJECT
private slots:
    void signInGivesAnAccountThatCanBeRenewed();
    void refusalFails_data();
    void refusalFails();
    void discoveryThatCannotBeTrustedFails_data();
    void discoveryThatCannotBeTrustedFails();
    void issuerThatIsNoPublicNameIsNotAsked_data();
    void issuerThatIsNoPublicNameIsNotAsked();
    void inputWithoutAClientIsRefused();
    void withoutAnIssuerThePortalIsAsked();
    void tokensGoToKnownProvidersOnly_data();
    void tokensGoToKnownProvidersOnly();
    void renewalNeedsAKnownProvider();
    void revokedTokenNeedsANewSignIn();
    void scopesAreCompletedOnce();

private:
    QString issuer() const { return m_simulator->url().toString() + u"/idp"_s; }
    LoginInput input() const
    {
        LoginInput given;
        given.startUrl = issuer()
            + u"?client_id=client-of-the-organisation&scopes=api%3A%2F%2Fkiro%2Fuse,openid"_s;
        return given;
    }
};

void TstExternalIdpLogin::signInGivesAnAccountThatCanBeRenewed()
{
    start(u"external-idp"_s, input());
    QCOMPARE(link().path(), u"/idp/authorize"_s);
    QCOMPARE(QUrlQuery(link()).queryItemValue(u"scope"_s, QUrl::FullyDecoded),
             u"api://kiro/use openid offline_access"_s);
    QCOMPARE(signIn().status, 200);
    const ImportedAccount imported = account();
    QVERIFY(imported.account.kind == AccountKind::ExternalIdp);
    QCOMPARE(imported.account.provider, u"ExternalIdp"_s);
    QCOMPARE(imported.account.issuerUrl, issuer());
    QCOMPARE(imported.account.tokenEndpoint, issuer() + u"/token"_s);
    QCOMPARE(imported.account.scopes, u"api://kiro/use openid offline_access"_s);
    QVERIFY(imported.account.profileArn.isEmpty());
    QCOMPARE(imported.credential.clientId, u"client-of-the-organisation"_s);
    QVERIFY(imported.credential.clientSecret.isEmpty());
    const Result<TokenGrant> grant = renew(imported);
    QVERIFY2(grant, grant ? "" : qPrintable(describe(grant.error())));
    QVERIFY(!(grant.value().accessToken == imported.credential.accessToken));
    QVERIFY(!grant.value().refreshToken.isEmpty());
    // The service lets its token in, as one of this kind only.
    ControlCalls calls(*m_http, m_tables);
    std::optional<Result<UsageSummary>> usage;
    calls.usage(identityOf(imported.account, grant.value().accessToken), this,
                [&usage](Result<UsageSummary> got) { usage.emplace(std::move(got)); });
    QTRY_VERIFY(usage);
    QVERIFY(*usage);
}

void TstExternalIdpLogin::refusalFails_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<int>("code");
    using Code = Error::Code;
    QTest::newRow("denied") << QByteArray("\"outcome\":\"denied\"") << int(Code::Unauthorized);
    QTest::newRow("used code") << QByteArray("\"outcome\":\"usedCode\"") << int(Code::Unauthorized);
    QTest::newRow("provider is down")
        << QByteArray("\"failures\":[{\"status\":500}]") << int(Code::Upstream);
}

void TstExternalIdpLogin::refusalFails()
{
    QFETCH(QByteArray, script);
    QFETCH(int, code);
    setScript("{\"logins\":{\"idp\":{" + script + "}}}");
    start(u"external-idp"_s, input());
    signIn();
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure());
    QCOMPARE(int(*failure()), code);
    QCOMPARE(m_ends, 1);
}

void TstExternalIdpLogin::discoveryThatCannotBeTrustedFails_data()
{
    QTest::addColumn<QByteArray>("document");
    QTest::addColumn<int>("code");
    using Code = Error::Code;
    const auto row = [](const char *name, const QByteArray &page, const QByteArray &token,
                        Code code) {
        QTest::newRow(name) << QByteArray("{\"authorization_endpoint\":\"" + page
                                          + "\",\"token_endpoint\":\"" + token + "\"}")
                            << int(code);
    };
    const QByteArray page = "https://login.microsoftonline.com/t/authorize";
    row("token endpoint of a stranger", page, "https://evil.example/token", Code::BadInput);
    row("token endpoint that looks like a known one", page,
        "https://login.microsoftonline.com.evil.example/token", Code::BadInput);
    row("known host behind a user name", page, "https://login.microsoftonline.com@evil.example/t",
        Code::BadInput);
    row("token endpoint without https", page, "http://login.microsoftonline.com/token",
        Code::BadInput);
    row("sign-in page that is a program", "file:///bin/sh",
        "https://login.microsoftonline.com/token", Code::BadInput);
    row("sign-in page without https", "http://evil.example/",
        "https://login.microsoftonline.com/token", Code::BadInput);
    QTest::newRow("no token endpoint")
        << QByteArray("{\"authorization_endpoint\":\"https://a.example/\"}") << int(Code::Upstream);
    QTest::newRow("no object") << QByteArray("[1]") << int(Code::Upstream);
    QTest::newRow("too large") << QByteArray(
        "{\"x\":\"" + QByteArray(limits::MaxDiscoveryDocument, 'x') + "\"}")
                               << int(Code::Upstream);
}

void TstExternalIdpLogin::discoveryThatCannotBeTrustedFails()
{
    QFETCH(QByteArray, document);
    QFETCH(int, code);
    setScript("{\"logins\":{\"idp\":{\"discovery\":" + document + "}}}");
    start(u"external-idp"_s, input());
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure());
    QCOMPARE(int(*failure()), code);
    QCOMPARE(linkCount(), 0);
}

void TstExternalIdpLogin::issuerThatIsNoPublicNameIsNotAsked_data()
{
    QTest::addColumn<QString>("issuer");
    QTest::newRow("plain http") << u"http://login.microsoftonline.com/t"_s;
    QTest::newRow("an address") << u"https://169.254.169.254/latest"_s;
    QTest::newRow("an IPv6 address") << u"https://[::1]/x"_s;
    QTest::newRow("this machine") << u"https://localhost/x"_s;
    QTest::newRow("a name of the own network") << u"https://intranet/x"_s;
    QTest::newRow("another port of this machine") << u"http://127.0.0.1:1/x"_s;
}

void TstExternalIdpLogin::issuerThatIsNoPublicNameIsNotAsked()
{
    QFETCH(QString, issuer);
    LoginInput given;
    given.startUrl = issuer + u"?client_id=c"_s;
    start(u"external-idp"_s, given);
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure() == Error::Code::BadInput);
}

void TstExternalIdpLogin::inputWithoutAClientIsRefused()
{
    LoginInput given;
    given.startUrl = issuer();
    const auto made = findLoginProvider(u"external-idp"_s)->make(services(), given);
    QVERIFY(!made);
    QCOMPARE(made.error().code, Error::Code::BadInput);
    QCOMPARE(made.error().path, u"startUrl"_s);
}

void TstExternalIdpLogin::withoutAnIssuerThePortalIsAsked()
{
    start(u"external-idp"_s);
    QCOMPARE(link().path(), u"/signin"_s);
}

void TstExternalIdpLogin::tokensGoToKnownProvidersOnly_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<bool>("known");
    QTest::newRow("the usual one")
        << u"https://login.microsoftonline.com/t/oauth2/v2.0/token"_s << true;
    QTest::newRow("the American one") << u"https://login.microsoftonline.us/t/token"_s << true;
    QTest::newRow("the Chinese one")
        << u"https://login.partner.microsoftonline.cn/t/token"_s << true;
    QTest::newRow("a host below a known one")
        << u"https://x.login.microsoftonline.com/t"_s << false;
    QTest::newRow("another port") << u"https://login.microsoftonline.com:8443/t"_s << false;
    QTest::newRow("plain http") << u"http://login.microsoftonline.com/t"_s << false;
    QTest::newRow("this machine") << u"http://127.0.0.1:8080/t"_s << false;
    QTest::newRow("nothing") << QString() << false;
}

void TstExternalIdpLogin::tokensGoToKnownProvidersOnly()
{
    QFETCH(QString, url);
    QTEST(isKnownTokenEndpoint(*loadKiroTables({}).tables, url), "known");
}

void TstExternalIdpLogin::renewalNeedsAKnownProvider()
{
    start(u"external-idp"_s, input());
    signIn();
    ImportedAccount imported = account();
    m_tables = loadKiroTables({}).tables; // the simulator is nobody there
    const Result<TokenGrant> grant = renew(imported);
    QVERIFY(!grant);
    QCOMPARE(grant.error().code, Error::Code::BadInput);
}

void TstExternalIdpLogin::revokedTokenNeedsANewSignIn()
{
    start(u"external-idp"_s, input());
    signIn();
    const ImportedAccount imported = account();
    QVERIFY(renew(imported));
    const Result<TokenGrant> again = renew(imported); // it was rotated
    QVERIFY(!again);
    QCOMPARE(again.error().code, Error::Code::Unauthorized);
}

void TstExternalIdpLogin::scopesAreCompletedOnce()
{
    QCOMPARE(idpScopes({}), u"offline_access"_s);
    QCOMPARE(idpScopes(u" a,b  a offline_access "_s), u"a b offline_access"_s);
}

QTEST_GUILESS_MAIN(TstExternalIdpLogin)
#include "tst_externalidplogin.moc"
