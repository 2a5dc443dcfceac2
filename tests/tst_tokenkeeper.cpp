// SPDX-License-Identifier: MIT
#include "app/accounts/tokenkeeper.h"
#include "app/base/json.h"
#include "tests/fakepeer.h"
#include "tests/scriptedvault.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;
using namespace std::chrono_literals;

/// TokenKeeper over real calls to a scripted peer. The storage of a test outlives the keeper, so
/// that a keeper can "crash" and a new one start on what is left.
class TstTokenKeeper : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void givesAValidTokenWithoutACall();
    void oneRefreshServesAllWhoWait();
    void refreshesWhatIsGoodForLessThanAMinute_data();
    void refreshesWhatIsGoodForLessThanAMinute();
    void renewsAheadWithoutMakingAnyoneWait();
    void refusedTokenIsRenewedOnlyOnce_data();
    void refusedTokenIsRenewedOnlyOnce();
    void keepsTheOldRefreshTokenWhenNoneComes();
    void storesTheRotatedTokenBeforeGivingOutTheAccessToken();
    void crashKeepsAUsableToken_data();
    void crashKeepsAUsableToken();
    void failedStoringServesAndIsTriedAgain();
    void failedStoringIsMadeUpForAtTheEnd();
    void olderCredentialNeverFollowsANewerOne();
    void transientFailureKeepsAValidToken_data();
    void transientFailureKeepsAValidToken();
    void deadRefreshTokenAsksForASignIn_data();
    void deadRefreshTokenAsksForASignIn();
    void deadRefreshTokenLeavesAValidAccessTokenInUse();
    void readsTheImportedFileAgainBeforeGivingUp_data();
    void readsTheImportedFileAgainBeforeGivingUp();
    void deadAccountComesBackWhenItsFileIsRenewed();
    void failureOfTheFilesTokenIsTriedAgain();
    void apiKeyIsGivenAsItIs();
    void lockedVaultIsNoReasonToSignIn();
    void missingOrDamagedCredentialIs_data();
    void missingOrDamagedCredentialIs();
    void signInWinsOverARefreshUnderWay_data();
    void signInWinsOverARefreshUnderWay();
    void forgottenAccountStaysForgotten();
    void checkRenewsWhatExpiresSoon();
    void callbacksComeOnceAndNotAfterTheirContext();
    void unknownAccountIsRefused();
    void learnsTheProfileArn();

private:
    using Answer = std::optional<Result<Secret>>;

    static constexpr auto Valid = 3600s;
    static constexpr auto Expired = -60s;

    void startKeeper();
    Account addAccount(std::chrono::seconds life, AccountKind kind = AccountKind::Social);
    void keep(const Account &account, const Credential &credential)
    {
        m_storage->items[vaultKey(account.id)] = serialise(credential);
    }
    Credential stored(const Account &account) const
    {
        const Result<Credential> read = parseCredential(m_storage->items.at(vaultKey(account.id)));
        return read ? read.value() : Credential {};
    }
    std::shared_ptr<Answer> ask(const Account &account, const Secret &rejected = {});
    QByteArray askAndWait(const Account &account, const Secret &rejected = {});
    static QByteArray textOf(const Answer &answer);
    static PeerScript grant(const QByteArray &access, const QByteArray &refresh = "aorNEW",
                            const QByteArray &more = {});
    static PeerScript invalidGrant();
    void writeTokenFile(const QByteArray &access, const QByteArray &refresh,
                        std::chrono::seconds life, const QByteArray &provider = "Google");
    QByteArray sentRefreshToken(int request) const;
    QString tokenFile() const { return m_folder->filePath(u"token.json"_s); }
    QString noteOf(const Account &account) const { return m_store->find(account.id)->note; }

    QDateTime m_now;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<FakePeer> m_peer;
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<ControlCalls> m_calls;
    std::unique_ptr<AccountStore> m_store;
    std::shared_ptr<VaultStorage> m_storage;
    std::unique_ptr<ScriptedVault> m_vault;
    std::unique_ptr<TokenKeeper> m_keeper;
};

void TstTokenKeeper::init()
{
    m_now = QDateTime::currentDateTimeUtc();
    m_folder = std::make_unique<QTemporaryDir>();
    m_peer = std::make_unique<FakePeer>();
    m_http = std::make_unique<HttpClient>();
    KiroTables tables = *loadKiroTables(QString()).tables;
    const QString base = u"http://127.0.0.1:%1"_s.arg(m_peer->port());
    tables.endpoints.socialAuth = {base};
    tables.endpoints.oidc = {base + u"/oidc/{region}"_s};
    m_calls = std::make_unique<ControlCalls>(*m_http,
                                             std::make_shared<const KiroTables>(std::move(tables)));
    m_storage = std::make_shared<VaultStorage>();
    startKeeper();
}

void TstTokenKeeper::cleanup()
{
    m_keeper.reset();
    m_vault.reset();
    m_store.reset();
    m_calls.reset();
    m_http.reset();
    m_peer.reset();
}

/// Also the restart after a "crash": the storage is all that is left.
void TstTokenKeeper::startKeeper()
{
    m_keeper.reset();
    m_vault = std::make_unique<ScriptedVault>(m_storage);
    m_store = std::make_unique<AccountStore>(m_folder->filePath(u"accounts.json"_s));
    QVERIFY(m_store->load());
    m_keeper =
        std::make_unique<TokenKeeper>(*m_store, *m_vault, *m_calls, [this] { return m_now; });
}

Account TstTokenKeeper::addAccount(std::chrono::seconds life, AccountKind kind)
{
    Account account;
    account.id.value = u"account-%1"_s.arg(m_store->accounts().size() + 1);
    account.label = u"Google"_s;
    account.kind = kind;
    account.provider = u"Google"_s;
    account.machineId = u"ab"_s.repeated(32);
    Credential credential;
    credential.accessToken = Secret("aoaOLD");
    if (kind != AccountKind::ApiKey) {
        credential.refreshToken = Secret("aorOLD");
        credential.expiresAt = m_now.addSecs(life.count());
    }
    if (kind == AccountKind::BuilderId) {
        credential.clientId = u"client"_s;
        credential.clientSecret = Secret("client secret");
    }
    account.fingerprint = fingerprintOf(credential);
    keep(account, credential);
    [[maybe_unused]] const Result<Done> put = m_store->put(account);
    return account;
}

std::shared_ptr<TstTokenKeeper::Answer> TstTokenKeeper::ask(const Account &account,
                                                            const Secret &rejected)
{
    auto answer = std::make_shared<Answer>();
    m_keeper->token(account.id, rejected, this,
                    [answer](const Result<Secret> &result) { answer->emplace(result); });
    return answer;
}

QByteArray TstTokenKeeper::textOf(const Answer &answer)
{
    if (!answer)
        return "nothing";
    if (*answer)
        return answer->value().reveal();
    switch (answer->error().code) {
    case Error::Code::Unauthorized:
        return "unauthorized";
    case Error::Code::Cancelled:
        return "cancelled";
    case Error::Code::Storage:
        return "storage";
    case Error::Code::BadInput:
        return "bad input";
    case Error::Code::Timeout:
    case Error::Code::Network:
    case Error::Code::RateLimited:
    case Error::Code::Upstream:
        break;
    }
    return "transient";
}

QByteArray TstTokenKeeper::askAndWait(const Account &account, const Secret &rejected)
{
    const std::shared_ptr<Answer> answer = ask(account, rejected);
    [[maybe_unused]] const bool came =
        QTest::qWaitFor([&answer] { return answer->has_value(); }, 30'000);
    return textOf(*answer);
}

PeerScript TstTokenKeeper::grant(const QByteArray &access, const QByteArray &refresh,
                                 const QByteArray &more)
{
    const QByteArray rotated =
        refresh.isEmpty() ? QByteArray() : R"("refreshToken":")" + refresh + R"(",)";
    return PeerScript::reply(
        200, R"({"accessToken":")" + access + R"(",)" + rotated + more + R"("expiresIn":3600})");
}

PeerScript TstTokenKeeper::invalidGrant()
{
    return PeerScript::reply(400,
                             R"({"error":"invalid_grant","error_description":"Invalid token"})");
}

void TstTokenKeeper::writeTokenFile(const QByteArray &access, const QByteArray &refresh,
                                    std::chrono::seconds life, const QByteArray &provider)
{
    QFile file(tokenFile());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"({"accessToken":")" + access + R"(","refreshToken":")" + refresh
               + R"(","authMethod":"social","provider":")" + provider + R"(","expiresAt":")"
               + m_now.addSecs(life.count()).toString(Qt::ISODateWithMs).toLatin1() + "\"}");
}

QByteArray TstTokenKeeper::sentRefreshToken(int request) const
{
    const Result<JsonDocument> body = JsonDocument::parse(
        m_peer->requests().at(static_cast<std::size_t>(request)).body.toStdString());
    return body
        ? QByteArray::fromStdString(std::string(body.value().root()["refreshToken"].string()))
        : QByteArray("no JSON");
}

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

void TstTokenKeeper::storesTheRotatedTokenBeforeGivingOutTheAccessToken()
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

void TstTokenKeeper::crashKeepsAUsableToken_data()
{
    QTest::addColumn<bool>("isStored");
    QTest::addColumn<QByteArray>("sent"); // by the next keeper
    QTest::addRow("between received and stored") << false << QByteArray("aorOLD");
    QTest::addRow("between stored and told") << true << QByteArray("aorNEW");
}

void TstTokenKeeper::crashKeepsAUsableToken()
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

void TstTokenKeeper::failedStoringServesAndIsTriedAgain()
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

void TstTokenKeeper::failedStoringIsMadeUpForAtTheEnd()
{
    const Account account = addAccount(Expired);
    m_peer->next(grant("aoaNEW"));
    m_vault->failWrites(true);
    QCOMPARE(askAndWait(account), QByteArray("aoaNEW"));
    m_vault->failWrites(false);
    m_keeper.reset();
    QVERIFY(stored(account).refreshToken == Secret("aorNEW"));
}

void TstTokenKeeper::olderCredentialNeverFollowsANewerOne()
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

void TstTokenKeeper::transientFailureKeepsAValidToken_data()
{
    QTest::addColumn<int>("status"); // 0: the connection is cut
    for (const int status : {500, 503, 429, 0})
        QTest::addRow("status %d", status) << status;
}

void TstTokenKeeper::transientFailureKeepsAValidToken()
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

void TstTokenKeeper::deadRefreshTokenAsksForASignIn_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addRow("401") << 401 << QByteArray(R"({"message":"Bad credentials"})");
    QTest::addRow("invalid_grant") << 400 << QByteArray(R"({"error":"invalid_grant"})");
}

void TstTokenKeeper::deadRefreshTokenAsksForASignIn()
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

void TstTokenKeeper::deadRefreshTokenLeavesAValidAccessTokenInUse()
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

void TstTokenKeeper::readsTheImportedFileAgainBeforeGivingUp_data()
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

void TstTokenKeeper::readsTheImportedFileAgainBeforeGivingUp()
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

void TstTokenKeeper::deadAccountComesBackWhenItsFileIsRenewed()
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

void TstTokenKeeper::failureOfTheFilesTokenIsTriedAgain()
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

void TstTokenKeeper::lockedVaultIsNoReasonToSignIn()
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

void TstTokenKeeper::missingOrDamagedCredentialIs_data()
{
    QTest::addColumn<QByteArray>("text"); // null: no item
    QTest::addRow("missing") << QByteArray();
    QTest::addRow("no JSON") << QByteArray("x");
    QTest::addRow("empty object") << QByteArray("{}");
}

void TstTokenKeeper::missingOrDamagedCredentialIs()
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

void TstTokenKeeper::signInWinsOverARefreshUnderWay_data()
{
    QTest::addColumn<bool>("isStored"); // the sign-in
    QTest::addColumn<QByteArray>("access");
    QTest::addColumn<QByteArray>("refresh");
    QTest::addRow("stored") << true << QByteArray("aoaSIGNEDIN") << QByteArray("aorSIGNEDIN");
    QTest::addRow("not stored") << false << QByteArray("aoaNEW") << QByteArray("aorNEW");
}

void TstTokenKeeper::signInWinsOverARefreshUnderWay()
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

void TstTokenKeeper::forgottenAccountStaysForgotten()
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
