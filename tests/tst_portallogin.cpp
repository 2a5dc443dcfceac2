// SPDX-License-Identifier: MIT
#include "tests/browserloginbench.h"

#include <QTest>
#include <QUrlQuery>

using namespace kirotray;

class TstPortalLogin : public BrowserLoginBench
{
    Q_OBJECT
private slots:
    void linkIsTheOneThePortalExpects();
    void socialChoiceGivesAnAccount_data();
    void socialChoiceGivesAnAccount();
    void awsChoiceGoesOnWithItsOwnSignIn_data();
    void awsChoiceGoesOnWithItsOwnSignIn();
    void organisationsProviderIsAskedInASecondRound();
    void secondRoundTakesAPastedAddress();
    void refusalEndsTheSignIn_data();
    void refusalEndsTheSignIn();
    void callbackOfAnotherSignInIsIgnored();
    void cancelInTheSecondRoundEndsAllOnce();
    void failureOfTheSecondRoundIsTheSignInsOwn();

private:
    static QByteArray portal(const QByteArray &members)
    {
        return "{\"logins\":{\"portal\":{" + members + "}}}";
    }
};

void TstPortalLogin::linkIsTheOneThePortalExpects()
{
    start(u"portal"_s);
    const QUrlQuery query(link());
    QCOMPARE(link().path(), u"/signin"_s);
    QCOMPARE(query.queryItemValue(u"redirect_from"_s), u"KiroIDE"_s);
    QCOMPARE(query.queryItemValue(u"code_challenge_method"_s), u"S256"_s);
    const QUrl origin(query.queryItemValue(u"redirect_uri"_s, QUrl::FullyDecoded));
    QCOMPARE(origin.host(), u"localhost"_s);
    QVERIFY(origin.path().isEmpty());
}

void TstPortalLogin::socialChoiceGivesAnAccount_data()
{
    QTest::addColumn<QByteArray>("option");
    QTest::addColumn<QString>("provider");
    QTest::newRow("google") << QByteArray("google") << u"Google"_s;
    QTest::newRow("github") << QByteArray("github") << u"Github"_s;
}

void TstPortalLogin::socialChoiceGivesAnAccount()
{
    QFETCH(QByteArray, option);
    setScript(portal("\"option\":\"" + option + '"'));
    start(u"portal"_s);
    QCOMPARE(signIn().status, 200);
    const ImportedAccount imported = account();
    QTEST(imported.account.provider, "provider");
    QVERIFY(imported.account.kind == AccountKind::Social);
    QVERIFY(renew(imported));
}

void TstPortalLogin::awsChoiceGoesOnWithItsOwnSignIn_data()
{
    QTest::addColumn<QByteArray>("members");
    QTest::addColumn<bool>("isOrganisation");
    QTest::addColumn<QString>("region");
    QTest::newRow("Builder ID") << QByteArray("\"option\":\"builderid\"") << false
                                << u"us-east-1"_s;
    QTest::newRow("Identity Center")
        << QByteArray("\"option\":\"awsidc\",\"region\":\"eu-west-1\","
                      "\"issuerUrl\":\"https:\\/\\/d-1234567890.awsapps.com\\/start\"")
        << true << u"eu-west-1"_s;
}

void TstPortalLogin::awsChoiceGoesOnWithItsOwnSignIn()
{
    QFETCH(QByteArray, members);
    QFETCH(bool, isOrganisation);
    setScript(portal(members));
    start(u"portal"_s);
    QCOMPARE(signIn().status, 200);
    const ImportedAccount imported = account();
    QVERIFY(std::any_of(m_steps.begin(), m_steps.end(), [](const LoginStep &step) {
        return std::holds_alternative<loginstep::ShowCode>(step);
    }));
    QVERIFY(imported.account.kind
            == (isOrganisation ? AccountKind::IdentityCenter : AccountKind::BuilderId));
    QTEST(imported.account.ssoRegion, "region");
    QCOMPARE(imported.account.startUrl.contains(u"d-1234567890"_s), isOrganisation);
    QVERIFY(renew(imported));
    QCOMPARE(m_ends, 1);
}

void TstPortalLogin::organisationsProviderIsAskedInASecondRound()
{
    setScript(portal("\"option\":\"external_idp\""));
    start(u"portal"_s);
    QCOMPARE(signIn().status, 200);
    QTRY_COMPARE(linkCount(), 2);
    QCOMPARE(link().path(), u"/idp/authorize"_s);
    const QUrlQuery query(link());
    QCOMPARE(query.queryItemValue(u"login_hint"_s, QUrl::FullyDecoded), u"ada@example.com"_s);
    // The port that the portal knew (§4.6).
    const auto *first = std::get_if<loginstep::OpenBrowser>(&m_steps.front());
    QVERIFY(first != nullptr);
    const QString origin =
        QUrlQuery(first->url).queryItemValue(u"redirect_uri"_s, QUrl::FullyDecoded);
    QCOMPARE(query.queryItemValue(u"redirect_uri"_s, QUrl::FullyDecoded),
             origin + u"/oauth/callback"_s);
    QCOMPARE(signIn().status, 200);
    const ImportedAccount imported = account();
    QVERIFY(imported.account.kind == AccountKind::ExternalIdp);
    QVERIFY(renew(imported));
    QCOMPARE(m_ends, 1);
}

void TstPortalLogin::secondRoundTakesAPastedAddress()
{
    setScript(portal("\"option\":\"external_idp\""));
    start(u"portal"_s);
    QVERIFY(m_login->input(Secret(get(link()).location.toEncoded())));
    QTRY_COMPARE(linkCount(), 2);
    QVERIFY(m_login->input(Secret(get(link()).location.toEncoded())));
    QVERIFY(account().account.kind == AccountKind::ExternalIdp);
}

void TstPortalLogin::refusalEndsTheSignIn_data()
{
    QTest::addColumn<QByteArray>("members");
    QTest::addColumn<int>("code");
    using Code = Error::Code;
    QTest::newRow("denied") << QByteArray("\"outcome\":\"denied\"") << int(Code::Unauthorized);
    QTest::newRow("used code") << QByteArray("\"outcome\":\"usedCode\"") << int(Code::Unauthorized);
    QTest::newRow("an unknown way")
        << QByteArray("\"option\":\"telepathy\"") << int(Code::Upstream);
    QTest::newRow("an organisation without a start URL")
        << QByteArray("\"option\":\"awsidc\",\"issuerUrl\":\" \"") << int(Code::Upstream);
    QTest::newRow("an organisation without a client")
        << QByteArray("\"option\":\"external_idp\",\"clientId\":\"\"") << int(Code::Upstream);
    QTest::newRow("an organisation's address in this network")
        << QByteArray("\"option\":\"external_idp\",\"issuerUrl\":\"https://10.0.0.1/x\"")
        << int(Code::BadInput);
}

void TstPortalLogin::refusalEndsTheSignIn()
{
    QFETCH(QByteArray, members);
    QFETCH(int, code);
    setScript(portal(members));
    start(u"portal"_s);
    signIn();
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure());
    QCOMPARE(int(*failure()), code);
    QCOMPARE(m_ends, 1);
}

void TstPortalLogin::callbackOfAnotherSignInIsIgnored()
{
    setScript(portal("\"option\":\"external_idp\",\"outcome\":\"wrongState\",\"times\":1"));
    start(u"portal"_s);
    QCOMPARE(signIn().status, 400);
    QCOMPARE(linkCount(), 1);
    QVERIFY(!m_outcome);
    QCOMPARE(signIn().status, 200);
    QTRY_COMPARE(linkCount(), 2);
}

void TstPortalLogin::cancelInTheSecondRoundEndsAllOnce()
{
    setScript(portal("\"option\":\"external_idp\""));
    start(u"portal"_s);
    signIn();
    QTRY_COMPARE(linkCount(), 2);
    m_login->cancel();
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure() == Error::Code::Cancelled);
    QCOMPARE(
        get(QUrl(QUrlQuery(link()).queryItemValue(u"redirect_uri"_s, QUrl::FullyDecoded))).status,
        0); // nobody listens
    QCOMPARE(m_ends, 1);
}

void TstPortalLogin::failureOfTheSecondRoundIsTheSignInsOwn()
{
    setScript("{\"logins\":{\"portal\":{\"option\":\"external_idp\"},"
              "\"idp\":{\"outcome\":\"denied\"}}}");
    start(u"portal"_s);
    signIn();
    QTRY_COMPARE(linkCount(), 2);
    signIn();
    QTRY_VERIFY(m_outcome);
    QVERIFY(failure() == Error::Code::Unauthorized);
    QCOMPARE(m_ends, 1);
}

QTEST_GUILESS_MAIN(TstPortalLogin)
#include "tst_portallogin.moc"
