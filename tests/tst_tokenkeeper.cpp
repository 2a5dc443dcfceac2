// SPDX-License-Identifier: MIT
#include "tests/tokenkeeperbench.h"

#include <QSignalSpy>
#include <QTest>

using namespace kirotray;

/// Who asks gets a token, with as few refreshes as will do.
class TstTokenKeeper : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void givesAValidTokenWithoutACall();
    void oneRefreshServesAllWhoWait();
    void refreshesWhatIsGoodForLessThanAMinute_data();
    void refreshesWhatIsGoodForLessThanAMinute();
    void renewsAheadWithoutMakingAnyoneWait();
    void refusedTokenIsRenewedOnlyOnce_data();
    void refusedTokenIsRenewedOnlyOnce();
    void keepsTheOldRefreshTokenWhenNoneComes();
    void apiKeyIsGivenAsItIs();
    void checkRenewsWhatExpiresSoon();
    void callbacksComeOnceAndNotAfterTheirContext();
    void unknownAccountIsRefused();
    void learnsTheProfileArn();
};

void TstTokenKeeper::givesAValidTokenWithoutACall()
{
    const Account account = addAccount(Valid);
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    QCOMPARE(m_vault->reads(), 1); // cached
    QCOMPARE(m_peer->requestCount(), 0);
    QVERIFY(!m_keeper->isBusy());
}

void TstTokenKeeper::oneRefreshServesAllWhoWait()
{
    const Account account = addAccount(Expired);
    QSignalSpy changes(m_keeper.get(), &TokenKeeper::tokenChanged);
    QSignalSpy settled(m_keeper.get(), &TokenKeeper::settled);
    m_peer->next(grant("aoaNEW"));
    std::vector<std::shared_ptr<Answer>> answers;
    for (int waiter = 0; waiter < 5; ++waiter)
        answers.push_back(ask(account, waiter % 2 == 0 ? Secret() : Secret("aoaOLD")));
    QVERIFY(m_keeper->isBusy());
    for (const auto &answer : answers)
        QTRY_COMPARE(textOf(*answer), QByteArray("aoaNEW"));
    QCOMPARE(m_peer->requestCount(), 1);
    QCOMPARE(sentRefreshToken(0), QByteArray("aorOLD"));
    QCOMPARE(changes.count(), 1);
    QCOMPARE(settled.count(), 1);
    QVERIFY(!m_keeper->isBusy());
    QVERIFY(stored(account).refreshToken == Secret("aorNEW"));
    QVERIFY(stored(account).accessToken == Secret("aoaNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QCOMPARE(m_peer->requestCount(), 1);
}

void TstTokenKeeper::refreshesWhatIsGoodForLessThanAMinute_data()
{
    QTest::addColumn<int>("life"); // seconds; -1000: unknown
    QTest::addColumn<QByteArray>("expected");
    QTest::addRow("a minute and a second") << 61 << QByteArray("aoaOLD");
    QTest::addRow("59 seconds") << 59 << QByteArray("aoaNEW");
    QTest::addRow("expired") << -1 << QByteArray("aoaNEW");
    QTest::addRow("unknown") << -1000 << QByteArray("aoaNEW");
}

void TstTokenKeeper::refreshesWhatIsGoodForLessThanAMinute()
{
    QFETCH(int, life);
    QFETCH(QByteArray, expected);
    const Account account = addAccount(std::chrono::seconds(life));
    if (life == -1000) {
        Credential credential = stored(account);
        credential.expiresAt = {};
        keep(account, credential);
    }
    m_peer->next(grant("aoaNEW"));
    QCOMPARE(askAndWait(account), expected);
}

void TstTokenKeeper::renewsAheadWithoutMakingAnyoneWait()
{
    const Account account = addAccount(10min);
    m_peer->always(PeerScript::reply(500, "{}"));
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    QTRY_COMPARE(m_peer->requestCount(), 1);
    QTRY_VERIFY(!m_keeper->isBusy());
    const int requests = m_peer->requestCount();
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD")); // it does not insist
    QVERIFY(!m_keeper->isBusy());
    QCOMPARE(m_peer->requestCount(), requests);
    m_now = m_now.addSecs(61);
    m_peer->always(grant("aoaNEW"));
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    QTRY_VERIFY(stored(account).accessToken == Secret("aoaNEW"));
    QTRY_COMPARE(askAndWait(account), QByteArray("aoaNEW"));
}

void TstTokenKeeper::refusedTokenIsRenewedOnlyOnce_data()
{
    QTest::addColumn<bool>("isLoaded");
    QTest::addRow("credential in memory") << true;
    QTest::addRow("credential still in the vault") << false;
}

void TstTokenKeeper::refusedTokenIsRenewedOnlyOnce()
{
    QFETCH(bool, isLoaded);
    const Account account = addAccount(Valid);
    if (isLoaded)
        QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    m_peer->next(grant("aoaNEW"));
    const auto one = ask(account, Secret("aoaOLD"));
    const auto two = ask(account, Secret("aoaOLD"));
    const auto three = ask(account); // would get a token that is known to be refused
    QTRY_COMPARE(textOf(*one), QByteArray("aoaNEW"));
    QTRY_COMPARE(textOf(*two), QByteArray("aoaNEW"));
    QTRY_COMPARE(textOf(*three), QByteArray("aoaNEW"));
    QCOMPARE(askAndWait(account, Secret("aoaOLD")), QByteArray("aoaNEW")); // a latecomer
    QCOMPARE(m_peer->requestCount(), 1);
    m_peer->next(grant("aoaNEWER"));
    QCOMPARE(askAndWait(account, Secret("aoaNEW")), QByteArray("aoaNEWER"));
    QCOMPARE(m_peer->requestCount(), 2);
}

void TstTokenKeeper::keepsTheOldRefreshTokenWhenNoneComes()
{
    const Account account = addAccount(Expired, AccountKind::BuilderId);
    m_peer->next(grant("aoaNEW", ""));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QVERIFY(stored(account).refreshToken == Secret("aorOLD"));
    QVERIFY(stored(account).accessToken == Secret("aoaNEW"));
    QCOMPARE(stored(account).clientId, u"client"_s);
    QVERIFY(stored(account).clientSecret == Secret("client secret"));
    const qint64 life = m_now.secsTo(stored(account).expiresAt);
    QVERIFY2(life > 3500 && life <= 3700, QByteArray::number(life).constData());
}

void TstTokenKeeper::apiKeyIsGivenAsItIs()
{
    const Account account = addAccount(0s, AccountKind::ApiKey);
    QSignalSpy signIns(m_keeper.get(), &TokenKeeper::signInNeeded);
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    QCOMPARE(askAndWait(account, Secret("another")), QByteArray("aoaOLD"));
    m_keeper->check();
    QVERIFY(!m_keeper->isBusy());
    QCOMPARE(askAndWait(account, Secret("aoaOLD")), QByteArray("unauthorized"));
    QCOMPARE(askAndWait(account), QByteArray("unauthorized"));
    QCOMPARE(signIns.count(), 1);
    QVERIFY(!noteOf(account).isEmpty());
    QCOMPARE(m_peer->requestCount(), 0);
}

void TstTokenKeeper::checkRenewsWhatExpiresSoon()
{
    const Account soon = addAccount(14min);
    const Account later = addAccount(16min);
    Account disabled = addAccount(Expired);
    disabled.enabled = false;
    QVERIFY(m_store->put(disabled));
    const Account key = addAccount(0s, AccountKind::ApiKey);
    const Account alsoSoon = addAccount(1min);
    m_peer->always(grant("aoaNEW"));
    m_keeper->check();
    QTRY_VERIFY_WITH_TIMEOUT(stored(alsoSoon).accessToken == Secret("aoaNEW"), 20'000);
    QVERIFY(stored(soon).accessToken == Secret("aoaNEW"));
    QVERIFY(stored(later).accessToken == Secret("aoaOLD"));
    QVERIFY(stored(disabled).accessToken == Secret("aoaOLD"));
    QVERIFY(stored(key).accessToken == Secret("aoaOLD"));
    QTRY_VERIFY(!m_keeper->isBusy());
    QCOMPARE(m_peer->requestCount(), 2);
}

void TstTokenKeeper::callbacksComeOnceAndNotAfterTheirContext()
{
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW"));
    int late = 0;
    int count = 0;
    {
        QObject gone;
        m_keeper->token(account.id, {}, &gone, [&late](auto) { ++late; });
    }
    m_keeper->token(account.id, {}, this, [&count](auto) { ++count; });
    QTRY_COMPARE(count, 1);
    QCoreApplication::processEvents();
    QCOMPARE(count, 1);
    QCOMPARE(late, 0);
    const auto waiting = ask(account, Secret("aoaNEW")); // the peer never answers this one
    QTRY_COMPARE(m_peer->requestCount(), 2);
    m_keeper.reset();
    QTRY_COMPARE(textOf(*waiting), QByteArray("cancelled"));
}

void TstTokenKeeper::unknownAccountIsRefused()
{
    Account account;
    account.id.value = u"nobody"_s;
    QCOMPARE(askAndWait(account), QByteArray("bad input"));
    QCOMPARE(m_vault->reads(), 0);
}

void TstTokenKeeper::learnsTheProfileArn()
{
    const Account account = addAccount(Expired);
    const QString arn = u"arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE12345"_s;
    m_peer->next(grant("aoaNEW", "aorNEW", R"("profileArn":")" + arn.toLatin1() + R"(",)"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QCOMPARE(m_store->find(account.id)->profileArn, arn);
    QCOMPARE(m_store->find(account.id)->profileSource, u"login"_s);
}

QTEST_GUILESS_MAIN(TstTokenKeeper)
#include "tst_tokenkeeper.moc"
