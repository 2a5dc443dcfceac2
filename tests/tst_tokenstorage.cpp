// SPDX-License-Identifier: MIT
#include "tests/fulldisk.h"
#include "tests/tokenkeeperbench.h"

#include <QFile>
#include <QSignalSpy>
#include <QTest>

using namespace kirotray;

/// What TokenKeeper keeps in the vault, through crashes, failures and sign-ins.
class TstTokenStorage : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void storesTheRotatedTokenBeforeGivingOutTheAccessToken();
    void crashKeepsAUsableToken_data();
    void crashKeepsAUsableToken();
    void failedStoringServesAndIsTriedAgain();
    void failedStoringIsMadeUpForAtTheEnd();
    void olderCredentialNeverFollowsANewerOne();
    void lockedVaultIsNoReasonToSignIn();
    void aVaultLockedInTheMiddleLosesNothing();
    void aFullDiskKeepsTheNewTokenInUse();
    void missingOrDamagedCredentialIs_data();
    void missingOrDamagedCredentialIs();
    void signInWinsOverARefreshUnderWay_data();
    void signInWinsOverARefreshUnderWay();
    void forgottenAccountStaysForgotten();
};

void TstTokenStorage::storesTheRotatedTokenBeforeGivingOutTheAccessToken()
{
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW"));
    m_vault->holdWrites();
    QSignalSpy changes(m_keeper.get(), &TokenKeeper::tokenChanged);
    const auto waiting = ask(account);
    QTRY_COMPARE(m_vault->heldWrites(), std::size_t(1));
    const auto latecomer = ask(account);
    QCoreApplication::processEvents();
    QCOMPARE(textOf(*waiting), QByteArray("nothing"));
    QCOMPARE(textOf(*latecomer), QByteArray("nothing"));
    QCOMPARE(changes.count(), 0);
    QVERIFY(m_keeper->isBusy());
    m_vault->release();
    QVERIFY(stored(account).refreshToken == Secret("aorNEW"));
    QTRY_COMPARE(textOf(*waiting), QByteArray("aoaNEW"));
    QTRY_COMPARE(textOf(*latecomer), QByteArray("aoaNEW"));
    QCOMPARE(m_peer->requestCount(), 1);
}

void TstTokenStorage::crashKeepsAUsableToken_data()
{
    QTest::addColumn<bool>("isStored");
    QTest::addColumn<QByteArray>("sent"); // by the next keeper
    QTest::addRow("between received and stored") << false << QByteArray("aorOLD");
    QTest::addRow("between stored and told") << true << QByteArray("aorNEW");
}

void TstTokenStorage::crashKeepsAUsableToken()
{
    QFETCH(bool, isStored);
    QFETCH(QByteArray, sent);
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW"));
    m_vault->holdWrites();
    const auto waiting = ask(account);
    QTRY_COMPARE(m_vault->heldWrites(), std::size_t(1));
    m_vault->die(isStored);
    startKeeper();
    QTRY_COMPARE(textOf(*waiting), QByteArray("cancelled"));
    m_peer->next(grant("aoaNEWER", "aorNEWER"));
    QCOMPARE(askAndWait(account, Secret("aoaNEW")), QByteArray("aoaNEWER"));
    QCOMPARE(m_peer->requestCount(), 2);
    QCOMPARE(sentRefreshToken(1), sent);
    QVERIFY(stored(account).refreshToken == Secret("aorNEWER"));
}

void TstTokenStorage::failedStoringServesAndIsTriedAgain()
{
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW"));
    m_vault->failWrites(true);
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    QVERIFY(stored(account).refreshToken == Secret("aorOLD"));
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    // The newer refresh token is the one that is used.
    m_peer->next(grant("aoaNEWER", "aorNEWER"));
    QCOMPARE(askAndWait(account, Secret("aoaNEW")), QByteArray("aoaNEWER"));
    QCOMPARE(sentRefreshToken(1), QByteArray("aorNEW"));
    m_keeper->check();
    QCoreApplication::processEvents();
    QVERIFY(stored(account).refreshToken == Secret("aorOLD"));
    m_vault->failWrites(false);
    m_keeper->check();
    QVERIFY(stored(account).refreshToken == Secret("aorNEWER"));
    const int writes = m_vault->writes();
    QCoreApplication::processEvents();
    m_keeper->check();
    QCOMPARE(m_vault->writes(), writes); // stored is stored
}

void TstTokenStorage::failedStoringIsMadeUpForAtTheEnd()
{
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW"));
    m_vault->failWrites(true);
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    m_vault->failWrites(false);
    m_keeper.reset();
    QVERIFY(stored(account).refreshToken == Secret("aorNEW"));
}

void TstTokenStorage::olderCredentialNeverFollowsANewerOne()
{
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW"));
    m_vault->failWrites(true);
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    m_vault->failWrites(false);
    m_vault->holdWrites();
    m_peer->next(grant("aoaNEWER", "aorNEWER"));
    const auto waiting = ask(account, Secret("aoaNEW"));
    QTRY_COMPARE(m_vault->heldWrites(), std::size_t(1));
    m_keeper->check();
    m_keeper.reset();
    m_vault->release();
    QVERIFY(stored(account).refreshToken == Secret("aorNEWER"));
    QTRY_COMPARE(textOf(*waiting), QByteArray("cancelled"));
}

void TstTokenStorage::lockedVaultIsNoReasonToSignIn()
{
    const Account account = addAccount(Valid);
    QSignalSpy signIns(m_keeper.get(), &TokenKeeper::signInNeeded);
    m_vault->failReads(true);
    QCOMPARE(askAndWait(account), QByteArray("storage"));
    QVERIFY(!m_keeper->isBusy());
    m_vault->failReads(false);
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    QCOMPARE(signIns.count(), 0);
    QVERIFY(noteOf(account).isEmpty());
}

void TstTokenStorage::aVaultLockedInTheMiddleLosesNothing()
{
    const Account known = addAccount(Valid);
    const Account unknown = addAccount(Valid);
    QSignalSpy signIns(m_keeper.get(), &TokenKeeper::signInNeeded);
    QCOMPARE(askAndWait(known), QByteArray("aoaOLD"));
    m_vault->failReads(true);
    m_vault->failWrites(true);
    QCOMPARE(askAndWait(known), QByteArray("aoaOLD"));
    QCOMPARE(askAndWait(unknown), QByteArray("storage"));
    m_peer->next(grant("aoaNEW"));
    QCOMPARE(askAndWait(known, Secret("aoaOLD")), QByteArray("aoaNEW"));
    m_keeper->check();
    QCOMPARE(askAndWait(known), QByteArray("aoaNEW"));
    QVERIFY(stored(known).refreshToken == Secret("aorOLD"));
    m_vault->failReads(false);
    m_vault->failWrites(false);
    m_keeper->check();
    QVERIFY(stored(known).refreshToken == Secret("aorNEW"));
    QCOMPARE(askAndWait(unknown), QByteArray("aoaOLD"));
    QCOMPARE(signIns.count(), 0);
    QVERIFY(isUsable(*m_store->find(known.id)) && isUsable(*m_store->find(unknown.id)));
}

void TstTokenStorage::aFullDiskKeepsTheNewTokenInUse()
{
#ifndef Q_OS_UNIX
    QSKIP("needs a limit for the size of files");
#else
    const QString file = m_folder->filePath(u"vault.bin"_s);
    const Secret passphrase("correct horse battery staple");
    Result<std::unique_ptr<Vault>> vault = openFileVault(file, passphrase);
    QVERIFY(vault);
    const Account account = addAccount(Expired);
    vault.value()->write(vaultKey(account.id), serialise(stored(account)), this,
                         [](const Result<Done> &) {});
    // What a new start would find: the file is locked, so a copy of it.
    const auto refreshTokenOnDisk = [&](const QString &copy) {
        QByteArray token;
        QFile::copy(file, m_folder->filePath(copy));
        Result<std::unique_ptr<Vault>> opened = openFileVault(m_folder->filePath(copy), passphrase);
        if (!opened)
            return describe(opened.error()).toUtf8();
        opened.value()->read(vaultKey(account.id), this, [&token](const Result<Secret> &text) {
            const Result<Credential> read =
                text ? parseCredential(text.value()) : Result<Credential>(text.error());
            token = read ? read.value().refreshToken.reveal() : QByteArray("none");
        });
        [&token] { QTRY_VERIFY(!token.isEmpty()); }();
        return token;
    };
    TokenKeeper keeper(*m_store, *vault.value(), *m_calls, [this] { return m_now; });
    QByteArray given;
    const auto ask = [&](const Secret &rejected) {
        given.clear();
        keeper.token(account.id, rejected, this, [&given](const Result<Secret> &token) {
            given = token ? token.value().reveal() : describe(token.error()).toUtf8();
        });
        [&given] { QTRY_VERIFY(!given.isEmpty()); }();
        return given;
    };
    m_peer->next(grant("aoaNEW"));
    m_peer->next(grant("aoaNEWER", "aorNEWER"));
    {
        const FullDisk fullDisk;
        QCOMPARE(ask({}), QByteArray("aoaNEW"));
        QCOMPARE(ask(Secret("aoaNEW")), QByteArray("aoaNEWER"));
        keeper.check();
        QCOMPARE(ask({}), QByteArray("aoaNEWER"));
    }
    QCOMPARE(sentRefreshToken(1), QByteArray("aorNEW"));
    QCOMPARE(refreshTokenOnDisk(u"copy1.bin"_s), QByteArray("aorOLD"));
    keeper.check();
    QCOMPARE(refreshTokenOnDisk(u"copy2.bin"_s), QByteArray("aorNEWER"));
#endif
}

void TstTokenStorage::missingOrDamagedCredentialIs_data()
{
    QTest::addColumn<QByteArray>("text"); // null: no item
    QTest::addRow("missing") << QByteArray();
    QTest::addRow("no JSON") << QByteArray("x");
    QTest::addRow("empty object") << QByteArray("{}");
}

void TstTokenStorage::missingOrDamagedCredentialIs()
{
    QFETCH(QByteArray, text);
    const Account account = addAccount(Valid);
    if (text.isNull())
        m_storage->items.clear();
    else
        m_storage->items[vaultKey(account.id)] = Secret(text);
    QSignalSpy signIns(m_keeper.get(), &TokenKeeper::signInNeeded);
    QCOMPARE(askAndWait(account), QByteArray("unauthorized"));
    QCOMPARE(signIns.count(), 1);
    QCOMPARE(m_peer->requestCount(), 0);
}

void TstTokenStorage::signInWinsOverARefreshUnderWay_data()
{
    QTest::addColumn<bool>("isStored"); // the sign-in
    QTest::addColumn<QByteArray>("access");
    QTest::addColumn<QByteArray>("refresh");
    QTest::addRow("stored") << true << QByteArray("aoaSIGNEDIN") << QByteArray("aorSIGNEDIN");
    QTest::addRow("not stored") << false << QByteArray("aoaNEW") << QByteArray("aorNEW");
}

void TstTokenStorage::signInWinsOverARefreshUnderWay()
{
    QFETCH(bool, isStored);
    QFETCH(QByteArray, access);
    QFETCH(QByteArray, refresh);
    const Account account = addAccount(Valid);
    QCOMPARE(askAndWait(account), QByteArray("aoaOLD"));
    m_peer->next(grant("aoaNEW"));
    const auto waiting = ask(account, Secret("aoaOLD"));
    m_vault->holdWrites();
    Credential credential;
    credential.accessToken = Secret("aoaSIGNEDIN");
    credential.refreshToken = Secret("aorSIGNEDIN");
    credential.expiresAt = m_now.addSecs(3600);
    std::optional<bool> signedIn;
    m_keeper->store(account.id, credential, this,
                    [&signedIn](const Result<Done> &result) { signedIn = bool(result); });
    // The grant arrives while the sign-in is on its way to the vault.
    QTRY_COMPARE(m_peer->requestCount(), 1);
    QTRY_COMPARE(m_http->activeCalls(), 0);
    QCoreApplication::processEvents();
    QCOMPARE(m_vault->heldWrites(), std::size_t(1));
    m_vault->failWrites(!isStored);
    m_vault->release();
    m_vault->failWrites(false);
    QTRY_VERIFY(signedIn.has_value());
    QCOMPARE(*signedIn, isStored);
    QTRY_COMPARE(textOf(*waiting), access);
    QTRY_VERIFY(!m_keeper->isBusy());
    QVERIFY(stored(account).refreshToken == Secret(refresh));
    QCOMPARE(askAndWait(account), access);
}

void TstTokenStorage::forgottenAccountStaysForgotten()
{
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW"));
    bool isForgotten = false;
    connect(m_peer.get(), &FakePeer::requestReceived, m_keeper.get(), [&] {
        m_keeper->forget(account.id, this, [&isForgotten](const Result<Done> &result) {
            isForgotten = bool(result);
        });
    });
    const auto waiting = ask(account);
    QTRY_VERIFY(isForgotten);
    QTRY_COMPARE(textOf(*waiting), QByteArray("bad input"));
    QTRY_COMPARE(m_http->activeCalls(), 0);
    QCoreApplication::processEvents();
    QVERIFY(m_storage->items.empty());
    QVERIFY(!m_keeper->isBusy());
}

QTEST_GUILESS_MAIN(TstTokenStorage)
#include "tst_tokenstorage.moc"
