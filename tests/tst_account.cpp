// SPDX-License-Identifier: MIT
#include "app/accounts/account.h"

#include <QTest>

using namespace kirotray;

class TstAccount : public QObject
{
    Q_OBJECT

private slots:
    void credentialComesBackAsItWas_data();
    void credentialComesBackAsItWas();
    void refusesADamagedCredential_data();
    void refusesADamagedCredential();
    void fingerprintIsAHashOfTheRefreshToken();
    void identityCarriesWhatACallNeeds();
};

void TstAccount::credentialComesBackAsItWas_data()
{
    QTest::addColumn<Credential>("credential");
    const QDateTime time(QDate(2026, 11, 20), QTime(12, 34, 56, 789), Qt::UTC);
    QTest::addRow("nothing in it") << Credential {};
    QTest::addRow("social") << Credential {
        Secret("aoaEXAMPLE"), Secret("aorEXAMPLE"), time, {}, {}, {}};
    QTest::addRow("with a registration")
        << Credential {Secret("aoaEXAMPLE"), Secret("aorEXAMPLE"),    time,
                       u"client"_s,          Secret("client secret"), time.addMSecs(7'776'000'123)};
    QTest::addRow("an API key") << Credential {Secret("ksk_example"), {}, {}, {}, {}, {}};
    QTest::addRow("characters that JSON escapes")
        << Credential {Secret("a\"b\\c\n\x01"), Secret("\xC3\xBC"), {}, u"\"\\"_s, {}, {}};
    QTest::addRow("16,000 bytes long")
        << Credential {Secret(QByteArray(16'000, 'x')), Secret("r"), time, {}, {}, {}};
}

void TstAccount::credentialComesBackAsItWas()
{
    QFETCH(Credential, credential);
    const Result<Credential> back = parseCredential(serialise(credential));
    QVERIFY2(back, qPrintable(back ? QString() : describe(back.error())));
    QVERIFY(back.value() == credential);
}

void TstAccount::refusesADamagedCredential_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("path");
    QTest::addRow("no JSON") << QByteArray("aorSECRET") << QString();
    QTest::addRow("cut off") << QByteArray(R"({"refreshToken":"aorSECRET)") << QString();
    QTest::addRow("an array") << QByteArray(R"(["aorSECRET"])") << QString();
    QTest::addRow("token is a number") << QByteArray(R"({"refreshToken":7})") << u"refreshToken"_s;
    QTest::addRow("time is none") << QByteArray(R"({"expiresAt":"SECRET"})") << u"expiresAt"_s;
    QTest::addRow("time is a number")
        << QByteArray(R"({"clientSecretExpiresAt":1763633600})") << u"clientSecretExpiresAt"_s;
}

void TstAccount::refusesADamagedCredential()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, path);
    const Result<Credential> read = parseCredential(Secret(text));
    QVERIFY(!read);
    QCOMPARE(read.error().code, Error::Code::BadInput);
    QCOMPARE(read.error().path, path);
    QVERIFY(!describe(read.error()).contains(u"SECRET"));
}

void TstAccount::fingerprintIsAHashOfTheRefreshToken()
{
    Credential credential;
    QCOMPARE(fingerprintOf(credential), QString());
    credential.accessToken = Secret("ksk_example");
    const QString ofKey = fingerprintOf(credential);
    credential.refreshToken = Secret("abc");
    QCOMPARE(fingerprintOf(credential), u"ba7816bf8f01cfea"_s); // FIPS 180-4's example
    QVERIFY(ofKey != fingerprintOf(credential));
    QCOMPARE(ofKey.size(), 16);
    credential.accessToken = Secret("another");
    QCOMPARE(fingerprintOf(credential), u"ba7816bf8f01cfea"_s);
}

void TstAccount::identityCarriesWhatACallNeeds()
{
    Account account;
    account.id.value = u"one"_s;
    account.kind = AccountKind::IdentityCenter;
    account.ssoRegion = u"eu-west-1"_s;
    account.apiRegion = u"eu-central-1"_s;
    account.profileArn = u"arn:aws:codewhisperer:eu-central-1:111122223333:profile/EXAMPLE"_s;
    account.machineId = u"ab"_s.repeated(32);
    account.proxy = u"none"_s;
    const KiroIdentity identity = identityOf(account, Secret("aoaEXAMPLE"));
    QCOMPARE(identity.accountId, account.id.value);
    QVERIFY(identity.kind == account.kind);
    QVERIFY(identity.accessToken == Secret("aoaEXAMPLE"));
    QCOMPARE(identity.profileArn, account.profileArn);
    QCOMPARE(identity.ssoRegion, account.ssoRegion);
    QCOMPARE(identity.apiRegion, account.apiRegion);
    QCOMPARE(identity.machineId, account.machineId);
    QCOMPARE(identity.proxy, account.proxy);
}

QTEST_GUILESS_MAIN(TstAccount)
#include "tst_account.moc"
