// SPDX-License-Identifier: MIT
#include "app/accounts/accountcompletion.h"
#include "app/accounts/completionrules.h"
#include "tests/tokenkeeperbench.h"

#include <QTest>

using namespace kirotray;

namespace {

const QString UsEast = u"arn:aws:codewhisperer:us-east-1:111122223333:profile/US1"_s;
const QString Europe = u"arn:aws:codewhisperer:eu-central-1:111122223333:profile/EU1"_s;

QByteArray profileRow(const QString &arn, const QByteArray &status = "ACTIVE")
{
    return "{\"arn\":\"" + arn.toLatin1() + "\",\"profileName\":\"n\",\"status\":\"" + status
        + "\"}";
}

PeerScript profilesReply(const QByteArrayList &rows)
{
    return PeerScript::reply(200, "{\"profiles\":[" + rows.join(',') + "]}");
}

PeerScript userReply(const QByteArray &userId, const QByteArray &email)
{
    return PeerScript::reply(200,
                             "{\"usageBreakdown\":{\"currentUsage\":1,\"usageLimit\":50},"
                             "\"userInfo\":{\"userId\":\""
                                 + userId + "\",\"email\":\"" + email + "\"}}");
}

} // namespace

class TstAccountCompletion : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void init()
    {
        TokenKeeperBench::init();
        m_usage = std::make_unique<UsageKeeper>(*m_store, *m_keeper, *m_calls,
                                                m_folder->filePath(u"usage.json"_s),
                                                [this] { return m_now; });
    }
    void cleanup()
    {
        m_usage.reset();
        TokenKeeperBench::cleanup();
    }

    void usageTellsWhoTheUserIs()
    {
        const Account account = addAccount(Valid);
        m_peer->always(userReply("u-1", "ann@example.com"));
        const CompletionOutcome outcome = complete(account.id);
        QVERIFY(outcome.problems.empty());
        QVERIFY(!outcome.merged);
        const Account now = *m_store->find(account.id);
        QCOMPARE(now.email, u"ann@example.com"_s);
        QCOMPARE(now.userId, u"u-1"_s);
        QCOMPARE(now.label, u"ann@example.com"_s); // it only said Google
    }

    void aLabelOfTheUsersOwnStays()
    {
        Account account = addAccount(Valid);
        account.label = u"work"_s;
        QVERIFY(m_store->put(account));
        m_peer->always(userReply("u-1", "ann@example.com"));
        (void)complete(account.id);
        QCOMPARE(m_store->find(account.id)->label, u"work"_s);
    }

    void someKindsHaveNoProfileOfTheirOwn_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addRow("social") << int(AccountKind::Social);
        QTest::addRow("Builder ID") << int(AccountKind::BuilderId);
    }
    void someKindsHaveNoProfileOfTheirOwn()
    {
        QFETCH(int, kind);
        const Account account = addAccount(Valid, AccountKind(kind));
        m_peer->always(userReply("u-1", "ann@example.com"));
        const CompletionOutcome outcome = complete(account.id);
        QVERIFY(outcome.problems.empty());
        QCOMPARE(m_peer->requestCount(), 1); // usage only
        QVERIFY(m_store->find(account.id)->profileArn.isEmpty());
    }

    void theFirstActiveProfileIsTaken_data()
    {
        QTest::addColumn<QByteArrayList>("rows");
        QTest::addColumn<QString>("known");
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("region");
        QTest::addColumn<QString>("arn");
        const QString none;
        QTest::addRow("one") << QByteArrayList {profileRow(UsEast)} << none << none << none
                             << UsEast;
        QTest::addRow("the active one")
            << QByteArrayList {profileRow(UsEast, "CREATING"), profileRow(Europe)} << none << none
            << none << Europe;
        QTest::addRow("the first of two") << QByteArrayList {profileRow(UsEast), profileRow(Europe)}
                                          << none << none << none << UsEast;
        QTest::addRow("the one of the chosen region")
            << QByteArrayList {profileRow(UsEast), profileRow(Europe)} << none << none
            << u"eu-central-1"_s << Europe;
        QTest::addRow("the present one stays")
            << QByteArrayList {profileRow(UsEast), profileRow(Europe)} << Europe << u"import"_s
            << none << Europe;
        QTest::addRow("the present one is gone")
            << QByteArrayList {profileRow(UsEast)} << Europe << u"list"_s << none << UsEast;
        QTest::addRow("a malformed one is passed over")
            << QByteArrayList {profileRow(u"arn:x"_s), profileRow(Europe)} << none << none << none
            << Europe;
    }
    void theFirstActiveProfileIsTaken()
    {
        QFETCH(QByteArrayList, rows);
        QFETCH(QString, known);
        QFETCH(QString, source);
        QFETCH(QString, region);
        QFETCH(QString, arn);
        Account account = addAccount(Valid, AccountKind::IdentityCenter);
        account.profileArn = known;
        account.profileSource = source;
        account.apiRegion = region;
        QVERIFY(m_store->put(account));
        m_peer->next(profilesReply(rows)); // of one region
        m_peer->next(profilesReply(rows)); // of the other
        m_peer->always(userReply("u-1", "ann@example.com"));
        const CompletionOutcome outcome = complete(account.id);
        QVERIFY(outcome.problems.empty());
        QCOMPARE(outcome.profiles.size(), static_cast<std::size_t>(rows.size()));
        QCOMPARE(m_store->find(account.id)->profileArn, arn);
        QVERIFY(!m_store->find(account.id)->profileSource.isEmpty());
    }

    void theUsersOwnChoiceIsNotAskedFor()
    {
        Account account = addAccount(Valid, AccountKind::IdentityCenter);
        account.profileArn = Europe;
        account.profileSource = u"user"_s;
        QVERIFY(m_store->put(account));
        m_peer->always(userReply("u-1", "ann@example.com"));
        (void)complete(account.id);
        QCOMPARE(m_peer->requestCount(), 1);
        QCOMPARE(m_store->find(account.id)->profileArn, Europe);
    }

    void anAccountWithoutAProfileIsKept_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addRow("no subscription") << 200 << QByteArray("{\"profiles\":[]}");
        QTest::addRow("none active")
            << 200 << "{\"profiles\":[" + profileRow(UsEast, "DELETING") + "]}";
        QTest::addRow("refused") << 403 << QByteArray("{\"message\":\"no\"}");
        QTest::addRow("nonsense") << 200 << QByteArray("<html>");
    }
    void anAccountWithoutAProfileIsKept()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        Account account = addAccount(Valid, AccountKind::IdentityCenter);
        account.profileArn = Europe;
        QVERIFY(m_store->put(account));
        m_peer->next(PeerScript::reply(status, body));
        m_peer->next(PeerScript::reply(status, body));
        m_peer->always(userReply("u-1", "ann@example.com"));
        const CompletionOutcome outcome = complete(account.id);
        QCOMPARE(outcome.problems.size(), std::size_t(1));
        QCOMPARE(m_store->find(account.id)->profileArn, Europe);
        QCOMPARE(m_store->find(account.id)->userId, u"u-1"_s);
    }

    void aKeysProfileIsAskedForByItsOwnCall()
    {
        const Account account = addAccount(Valid, AccountKind::ApiKey);
        m_peer->next(PeerScript::reply(200, "{\"profile\":" + profileRow(Europe) + "}"));
        m_peer->always(userReply("u-1", "ann@example.com"));
        const CompletionOutcome outcome = complete(account.id);
        QVERIFY(outcome.problems.empty());
        QCOMPARE(m_peer->requests().front().field("x-amz-target"),
                 QByteArray("AmazonCodeWhispererService.GetProfile"));
        QCOMPARE(m_store->find(account.id)->profileArn, Europe);
    }

    void whatFailsIsToldAndTheAccountStays_data()
    {
        QTest::addColumn<bool>("hasToken");
        QTest::addRow("no token") << false;
        QTest::addRow("no usage") << true;
    }
    void whatFailsIsToldAndTheAccountStays()
    {
        QFETCH(bool, hasToken);
        const Account account = addAccount(hasToken ? Valid : Expired);
        m_peer->always(PeerScript::reply(400, "{\"error\":\"invalid_grant\"}"));
        const CompletionOutcome outcome = complete(account.id);
        QVERIFY(!outcome.problems.empty());
        QVERIFY(m_store->find(account.id) != nullptr);
        QCOMPARE(outcome.id, account.id);
    }

    void anUnknownAccountIsAProblem()
    {
        const CompletionOutcome outcome = complete(AccountId {u"nobody"_s});
        QCOMPARE(outcome.problems.size(), std::size_t(1));
        QCOMPARE(outcome.problems.front().code, Error::Code::BadInput);
    }

    void theSameUserBecomesOneAccount_data()
    {
        QTest::addColumn<QString>("olderUser");
        QTest::addColumn<QString>("olderEmail");
        QTest::addColumn<QString>("olderProvider");
        QTest::addColumn<bool>("merged");
        const QString provider = u"Google"_s;
        QTest::addRow("same id") << u"u-1"_s << u"old@example.com"_s << provider << true;
        QTest::addRow("same id, provider not known")
            << u"u-1"_s << u"old@example.com"_s << QString() << true;
        QTest::addRow("same e-mail, neither id nor provider known")
            << QString() << u"ann@example.com"_s << QString() << false;
        QTest::addRow("same e-mail, id not known")
            << QString() << u"ANN@example.com"_s << provider << true;
        QTest::addRow("same e-mail, another id")
            << u"u-2"_s << u"ann@example.com"_s << provider << false;
        QTest::addRow("another provider")
            << u"u-1"_s << u"ann@example.com"_s << u"Github"_s << false;
        QTest::addRow("another user") << u"u-2"_s << u"bob@example.com"_s << provider << false;
        QTest::addRow("nothing known") << QString() << QString() << provider << false;
    }
    void theSameUserBecomesOneAccount()
    {
        QFETCH(QString, olderUser);
        QFETCH(QString, olderEmail);
        QFETCH(QString, olderProvider);
        QFETCH(bool, merged);
        const Account older = addOlder(olderUser, olderEmail, olderProvider);
        const Account newer = addNewer();
        m_peer->always(userReply("u-1", "ann@example.com"));
        const CompletionOutcome outcome = complete(newer.id);
        QVERIFY(outcome.problems.empty());
        QCOMPARE(outcome.merged, merged);
        QCOMPARE(outcome.id, merged ? older.id : newer.id);
        QCOMPARE(m_store->accounts().size(), std::size_t(merged ? 1 : 2));
        QCOMPARE(stored(older).refreshToken, merged ? Secret("aorNEW") : Secret("aorOLD"));
        if (!merged)
            return;
        QTRY_VERIFY(!m_storage->items.contains(vaultKey(newer.id)));
        const Account &one = m_store->accounts().front();
        QCOMPARE(one.label, u"mine"_s);
        QCOMPARE(one.priority, 7);
        QCOMPARE(one.machineId, older.machineId);
        QCOMPARE(one.createdAt, older.createdAt);
        QCOMPARE(one.fingerprint, newer.fingerprint);
        QCOMPARE(one.userId, u"u-1"_s);
        QCOMPARE(one.provider, u"Google"_s);
        const auto token = ask(one);
        QTRY_VERIFY(*token);
        QCOMPARE((**token).value(), Secret("aoaNEW"));
    }

    void whicheverIsCompletedTheOlderStaysWithTheNewerToken_data()
    {
        QTest::addColumn<bool>("newerWorks");
        QTest::addRow("the newer token works") << true;
        QTest::addRow("the newer token is dead") << false;
    }
    void whicheverIsCompletedTheOlderStaysWithTheNewerToken()
    {
        QFETCH(bool, newerWorks);
        const Account older = addOlder({}, {}, u"Google"_s);
        Account newer = addNewer();
        newer.userId = u"u-1"_s;
        QVERIFY(m_store->put(newer));
        if (!newerWorks)
            keep(newer, Credential {});
        m_peer->always(userReply("u-1", "ann@example.com"));
        const CompletionOutcome outcome = complete(older.id);
        QVERIFY(outcome.merged);
        QCOMPARE(outcome.id, older.id);
        QCOMPARE(m_store->accounts().size(), std::size_t(1));
        QCOMPARE(m_store->accounts().front().label, u"mine"_s);
        QCOMPARE(stored(older).refreshToken, newerWorks ? Secret("aorNEW") : Secret("aorOLD"));
        QTRY_VERIFY(!m_storage->items.contains(vaultKey(newer.id)));
    }

    void anAccountThatNeededASignInIsMended()
    {
        Account older = addOlder(u"u-1"_s, {}, u"Google"_s);
        older.problem = AccountProblem::SignInNeeded;
        older.note = u"sign in again"_s;
        QVERIFY(m_store->put(older));
        const Account newer = addNewer();
        m_peer->always(userReply("u-1", "ann@example.com"));
        QVERIFY(complete(newer.id).merged);
        QVERIFY(m_store->find(older.id)->problem == AccountProblem::None);
        QVERIFY(m_store->find(older.id)->note.isEmpty());
    }

    void aVaultThatFailsLeavesBoth()
    {
        const Account older = addOlder(u"u-1"_s, {}, u"Google"_s);
        const Account newer = addNewer();
        m_peer->always(userReply("u-1", "ann@example.com"));
        m_vault->failWrites(true);
        const CompletionOutcome outcome = complete(newer.id);
        QCOMPARE(outcome.problems.size(), std::size_t(1));
        QCOMPARE(outcome.problems.front().code, Error::Code::Storage);
        QVERIFY(!outcome.merged);
        QCOMPARE(outcome.id, newer.id);
        QCOMPARE(m_store->accounts().size(), std::size_t(2));
        QCOMPARE(stored(older).refreshToken, Secret("aorOLD"));
        QCOMPARE(stored(newer).refreshToken, Secret("aorNEW"));
        QVERIFY(!m_keeper->isBusy());
    }

    void aCrashWhileHandingOverLosesNoToken_data()
    {
        QTest::addColumn<bool>("isStored");
        QTest::addRow("before it was stored") << false;
        QTest::addRow("after it was stored") << true;
    }
    void aCrashWhileHandingOverLosesNoToken()
    {
        QFETCH(bool, isStored);
        const Account older = addOlder(u"u-1"_s, {}, u"Google"_s);
        const Account newer = addNewer();
        m_peer->always(userReply("u-1", "ann@example.com"));
        m_vault->holdWrites();
        QObject parent;
        start(newer.id, &parent, [](const CompletionOutcome &) {});
        QTRY_COMPARE(m_vault->heldWrites(), std::size_t(1));
        m_vault->die(isStored);
        m_usage.reset();
        startKeeper();
        QVERIFY(m_store->find(newer.id) != nullptr);
        QCOMPARE(stored(newer).refreshToken, Secret("aorNEW"));
        QCOMPARE(stored(older).refreshToken, isStored ? Secret("aorNEW") : Secret("aorOLD"));
        // The next time it is merged after all.
        m_usage = std::make_unique<UsageKeeper>(*m_store, *m_keeper, *m_calls,
                                                m_folder->filePath(u"usage.json"_s),
                                                [this] { return m_now; });
        QVERIFY(complete(newer.id).merged);
        QCOMPARE(m_store->accounts().size(), std::size_t(1));
        QCOMPARE(stored(older).refreshToken, Secret("aorNEW"));
    }

    void aTokenIsNotRenewedWhileItIsHandedOver()
    {
        const Account older = addOlder(u"u-1"_s, {}, u"Google"_s);
        const Account newer = addNewer();
        m_peer->always(userReply("u-1", "ann@example.com"));
        m_vault->holdWrites();
        bool isDone = false;
        start(newer.id, this, [&](const CompletionOutcome &) { isDone = true; });
        QTRY_COMPARE(m_vault->heldWrites(), std::size_t(1));
        QVERIFY(m_keeper->isBusy());
        const int requests = m_peer->requestCount();
        m_now = m_now.addSecs(3600); // all tokens have ended
        m_keeper->check();
        const auto waiting = ask(newer);
        QCoreApplication::processEvents();
        QCOMPARE(m_peer->requestCount(), requests);
        m_vault->release();
        QTRY_VERIFY(isDone);
        QTRY_VERIFY(*waiting);
        QVERIFY(!**waiting); // that account is no more
        QCOMPARE(stored(older).refreshToken, Secret("aorNEW"));
    }

    void nothingIsCalledAfterTheParentIsGone()
    {
        const Account account = addAccount(Valid);
        m_peer->always(userReply("u-1", "ann@example.com"));
        auto parent = std::make_unique<QObject>();
        bool isCalled = false;
        start(account.id, parent.get(), [&](const CompletionOutcome &) { isCalled = true; });
        parent.reset();
        QCoreApplication::processEvents();
        QVERIFY(!isCalled);
        QCOMPARE(m_peer->requestCount(), 0);
    }

private:
    Account addOlder(const QString &userId, const QString &email, const QString &provider)
    {
        Account account = addAccount(Valid);
        account.label = u"mine"_s;
        account.priority = 7;
        account.userId = userId;
        account.email = email;
        account.provider = provider;
        account.machineId = u"cd"_s.repeated(32);
        account.createdAt = m_now.addDays(-10);
        [[maybe_unused]] const Result<Done> put = m_store->put(account);
        return account;
    }
    Account addNewer()
    {
        Account account = addAccount(Valid);
        Credential credential;
        credential.accessToken = Secret("aoaNEW");
        credential.refreshToken = Secret("aorNEW");
        credential.expiresAt = m_now.addSecs(1800);
        keep(account, credential);
        account.fingerprint = fingerprintOf(credential);
        account.createdAt = m_now;
        [[maybe_unused]] const Result<Done> put = m_store->put(account);
        return account;
    }
    void start(const AccountId &id, QObject *parent, AccountCompletion::Callback done)
    {
        (new AccountCompletion({*m_store, *m_keeper, *m_calls, *m_usage}, id, parent,
                               std::move(done)))
            ->start();
    }
    CompletionOutcome complete(const AccountId &id)
    {
        std::optional<CompletionOutcome> outcome;
        int endings = 0;
        QObject parent;
        start(id, &parent, [&](const CompletionOutcome &got) {
            outcome = got;
            ++endings;
        });
        [&] { QTRY_VERIFY(outcome); }();
        QCoreApplication::processEvents();
        [&] { QCOMPARE(endings, 1); }();
        return outcome.value_or(CompletionOutcome {});
    }

    std::unique_ptr<UsageKeeper> m_usage;
};

QTEST_GUILESS_MAIN(TstAccountCompletion)
#include "tst_accountcompletion.moc"
