// SPDX-License-Identifier: MIT
#include "tests/tokenkeeperbench.h"

#include <QSignalSpy>
#include <QTest>

using namespace kirotray;

/// What TokenKeeper makes of refreshes that fail: try again, look into the imported file, or ask
/// for a sign-in.
class TstTokenFailure : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void transientFailureKeepsAValidToken_data();
    void transientFailureKeepsAValidToken();
    void deadRefreshTokenAsksForASignIn_data();
    void deadRefreshTokenAsksForASignIn();
    void deadRefreshTokenLeavesAValidAccessTokenInUse();
    void readsTheImportedFileAgainBeforeGivingUp_data();
    void readsTheImportedFileAgainBeforeGivingUp();
    void deadAccountComesBackWhenItsFileIsRenewed();
    void failureOfTheFilesTokenIsTriedAgain();
};

void TstTokenFailure::transientFailureKeepsAValidToken_data()
{
    QTest::addColumn<int>("status"); // 0: the connection is cut
    for (const int status : {500, 503, 429, 0})
        QTest::addRow("status %d", status) << status;
}

void TstTokenFailure::transientFailureKeepsAValidToken()
{
    QFETCH(int, status);
    const Account lasting = addAccount(30s);
    const Account expired = addAccount(Expired);
    QSignalSpy signIns(m_keeper.get(), &TokenKeeper::signInNeeded);
    m_peer->always(status == 0 ? PeerScript().reset() : PeerScript::reply(status, "{}"));
    QCOMPARE(askAndWait(lasting), QByteArray("aoaOLD"));
    QCOMPARE(askAndWait(expired), QByteArray("transient"));
    QCOMPARE(askAndWait(lasting, Secret("aoaOLD")), QByteArray("transient"));
    QCOMPARE(signIns.count(), 0);
    QVERIFY(noteOf(expired).isEmpty());
    QVERIFY(stored(expired).refreshToken == Secret("aorOLD"));
    m_peer->always(grant("aoaNEW"));
    QCOMPARE(askAndWait(expired), QByteArray("aoaNEW"));
}

void TstTokenFailure::deadRefreshTokenAsksForASignIn_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addRow("401") << 401 << QByteArray(R"({"message":"Bad credentials"})");
    QTest::addRow("invalid_grant") << 400 << QByteArray(R"({"error":"invalid_grant"})");
}

void TstTokenFailure::deadRefreshTokenAsksForASignIn()
{
    QFETCH(int, status);
    QFETCH(QByteArray, body);
    const Account account = addAccount(Expired);
    QSignalSpy signIns(m_keeper.get(), &TokenKeeper::signInNeeded);
    m_peer->always(PeerScript::reply(status, body));
    const auto one = ask(account);
    const auto two = ask(account);
    QTRY_COMPARE(textOf(*one), QByteArray("unauthorized"));
    QTRY_COMPARE(textOf(*two), QByteArray("unauthorized"));
    QCOMPARE(signIns.count(), 1);
    QCOMPARE(signIns.first().first().value<AccountId>(), account.id);
    QVERIFY(!noteOf(account).isEmpty());
    const int requests = m_peer->requestCount();
    QCOMPARE(askAndWait(account), QByteArray("unauthorized"));
    QCOMPARE(m_peer->requestCount(), requests); // dead is dead
    QCOMPARE(signIns.count(), 1);

    Credential credential;
    credential.accessToken = Secret("aoaSIGNEDIN");
    credential.refreshToken = Secret("aorSIGNEDIN");
    credential.expiresAt = m_now.addSecs(3600);
    bool isStored = false;
    m_keeper->store(account.id, credential, this,
                    [&isStored](const Result<Done> &result) { isStored = bool(result); });
    QTRY_VERIFY(isStored);
    QVERIFY(noteOf(account).isEmpty());
    QCOMPARE(askAndWait(account), QByteArray("aoaSIGNEDIN"));
    QVERIFY(stored(account) == credential);
    QFile list(m_folder->filePath(u"accounts.json"_s));
    QVERIFY(list.open(QIODevice::ReadOnly));
    const QByteArray text = list.readAll();
    QVERIFY(text.contains("account-1"));
    for (const char *secret : {"aoaOLD", "aorOLD", "aoaSIGNEDIN", "aorSIGNEDIN"})
        QVERIFY(!text.contains(secret));
}

void TstTokenFailure::deadRefreshTokenLeavesAValidAccessTokenInUse()
{
    const Account account = addAccount(10min);
    QSignalSpy signIns(m_keeper.get(), &TokenKeeper::signInNeeded);
    m_peer->always(invalidGrant());
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    QTRY_COMPARE(signIns.count(), 1);
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    m_now = m_now.addSecs(601);
    QCOMPARE(askAndWait(account), QByteArray("unauthorized"));
}

void TstTokenFailure::readsTheImportedFileAgainBeforeGivingUp_data()
{
    QTest::addColumn<QByteArray>("refresh"); // in the file
    QTest::addColumn<int>("life"); // of its access token
    QTest::addColumn<QByteArray>("provider");
    QTest::addColumn<bool>("isAlive"); // its refresh token
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<int>("requests");
    const QByteArray google = "Google";
    QTest::addRow("the same token")
        << QByteArray("aorOLD") << 3600 << google << true << QByteArray("unauthorized") << 1;
    QTest::addRow("a newer one that lasts")
        << QByteArray("aorFILE") << 3600 << google << true << QByteArray("aoaFILE") << 1;
    QTest::addRow("a newer one to be renewed")
        << QByteArray("aorFILE") << -60 << google << true << QByteArray("aoaNEW") << 2;
    QTest::addRow("a newer one that is dead too")
        << QByteArray("aorFILE") << -60 << google << false << QByteArray("unauthorized") << 2;
    QTest::addRow("another user's") << QByteArray("aorFILE") << 3600 << QByteArray("Github") << true
                                    << QByteArray("unauthorized") << 1;
    QTest::addRow("no file") << QByteArray() << 0 << google << true << QByteArray("unauthorized")
                             << 1;
}

void TstTokenFailure::readsTheImportedFileAgainBeforeGivingUp()
{
    QFETCH(QByteArray, refresh);
    QFETCH(int, life);
    QFETCH(QByteArray, provider);
    QFETCH(bool, isAlive);
    QFETCH(QByteArray, expected);
    QFETCH(int, requests);
    Account account = addAccount(Expired);
    account.importedFrom = tokenFile();
    QVERIFY(m_store->put(account));
    if (!refresh.isEmpty())
        writeTokenFile("aoaFILE", refresh, std::chrono::seconds(life), provider);
    QSignalSpy signIns(m_keeper.get(), &TokenKeeper::signInNeeded);
    m_peer->next(invalidGrant());
    m_peer->next(isAlive ? grant("aoaNEW") : invalidGrant());
    QCOMPARE(askAndWait(account), expected);
    QCOMPARE(m_peer->requestCount(), requests);
    if (expected == "unauthorized") {
        QCOMPARE(signIns.count(), 1);
        QCOMPARE(m_store->find(account.id)->fingerprint, account.fingerprint);
        QVERIFY(stored(account).refreshToken == Secret("aorOLD"));
        QCOMPARE(askAndWait(account), QByteArray("unauthorized"));
        QCOMPARE(m_peer->requestCount(), requests);
        return;
    }
    QCOMPARE(signIns.count(), 0);
    QVERIFY(noteOf(account).isEmpty());
    QVERIFY(stored(account).accessToken == Secret(expected));
    Credential ofFile;
    ofFile.refreshToken = Secret("aorFILE");
    QCOMPARE(m_store->find(account.id)->fingerprint, fingerprintOf(ofFile));
}

void TstTokenFailure::deadAccountComesBackWhenItsFileIsRenewed()
{
    Account account = addAccount(Expired);
    account.importedFrom = tokenFile();
    QVERIFY(m_store->put(account));
    m_peer->next(invalidGrant());
    QCOMPARE(askAndWait(account), QByteArray("unauthorized"));
    m_keeper->check();
    QVERIFY(!m_keeper->isBusy()); // nothing new there
    writeTokenFile("aoaFILE", "aorFILE", Valid);
    QSignalSpy changes(m_keeper.get(), &TokenKeeper::tokenChanged);
    m_keeper->check();
    QTRY_COMPARE(changes.count(), 1);
    QVERIFY(noteOf(account).isEmpty());
    QCOMPARE(askAndWait(account), QByteArray("aoaFILE"));
    QCOMPARE(m_peer->requestCount(), 1);
}

void TstTokenFailure::failureOfTheFilesTokenIsTriedAgain()
{
    Account account = addAccount(Expired);
    account.importedFrom = tokenFile();
    QVERIFY(m_store->put(account));
    writeTokenFile("aoaFILE", "aorFILE", Expired);
    m_peer->next(invalidGrant());
    m_peer->always(PeerScript::reply(500, "{}"));
    QCOMPARE(askAndWait(account), QByteArray("transient"));
    QVERIFY(noteOf(account).isEmpty());
    m_peer->next(invalidGrant());
    m_peer->always(grant("aoaNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
}

QTEST_GUILESS_MAIN(TstTokenFailure)
#include "tst_tokenfailure.moc"
