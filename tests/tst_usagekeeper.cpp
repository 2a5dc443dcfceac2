// SPDX-License-Identifier: MIT
#include "app/accounts/usagekeeper.h"
#include "app/base/limits.h"
#include "tests/tokenkeeperbench.h"

#include <QDir>
#include <QSignalSpy>
#include <QTest>

using namespace kirotray;

namespace {

PeerScript usageReply(double used, double limit = 100, const QByteArray &more = {})
{
    return PeerScript::reply(200,
                             "{\"usageBreakdown\":{\"currentUsage\":" + QByteArray::number(used)
                                 + ",\"usageLimit\":" + QByteArray::number(limit) + "}" + more
                                 + "}");
}

PeerScript heldReply(double used)
{
    PeerScript script;
    script.hold();
    const PeerScript reply = usageReply(used);
    for (const PeerScript::Step &step : reply.steps())
        script.send(step.bytes);
    return script;
}

} // namespace

class TstUsageKeeper : public TokenKeeperBench
{
    Q_OBJECT

private slots:
    void init()
    {
        TokenKeeperBench::init();
        startUsage();
    }
    void cleanup()
    {
        m_usage.reset();
        TokenKeeperBench::cleanup();
    }

    void readsOnDemandAndTellsOfIt();
    void aRestartShowsTheLastReading();
    void aDamagedFileDoesNotStopIt();
    void readersOfOneAccountShareAReading();
    void anUnknownAccountIsAnError();
    void aFailureKeepsTheOldNumbers();
    void aRefusedTokenIsRenewedOnce();
    void withoutATokenNothingIsAsked();
    void aRoundReadsWhatIsDue();
    void aRoundLeavesAccountsInPeace_data();
    void aRoundLeavesAccountsInPeace();
    void aRoundReadsOneAfterTheOther();
    void theTimerReadsByItself();
    void aUseAsksForAReading();
    void chargesCountUntilTheNextReading();
    void chargesDuringAReadingStay();
    void exhaustionIsReadAtOnceButNotTwice();
    void tellsOnceOfEachFall();
    void aFallIsNotToldAgainAfterARestart();
    void aHigherLimitIsAppliedAtOnce();
    void learnsWhoTheUserIs();
    void forgetsARemovedAccount();
    void aReaderOfARemovedAccountIsTold();
    void endingInTheMiddleEndsTheReaders();
    void foreseesFromItsReadings();

private:
    using Reading = std::optional<Result<Quota>>;

    void startUsage()
    {
        m_usage.reset();
        m_usage = std::make_unique<UsageKeeper>(*m_store, *m_keeper, *m_calls, usageFile(),
                                                [this] { return m_now; });
    }
    QString usageFile() const { return m_folder->filePath(u"usage.json"_s); }
    std::shared_ptr<Reading> read(const AccountId &id)
    {
        auto reading = std::make_shared<Reading>();
        m_usage->read(id, this, [reading](const Result<Quota> &quota) { reading->emplace(quota); });
        return reading;
    }
    Result<Quota> readAndWait(const AccountId &id)
    {
        const std::shared_ptr<Reading> reading = read(id);
        [[maybe_unused]] const bool came =
            QTest::qWaitFor([&reading] { return reading->has_value(); }, 30'000);
        return reading->value_or(Error {Error::Code::Timeout, u"no answer"_s});
    }
    /// A reading that somebody else asks for.
    void settle(int requests)
    {
        QTRY_COMPARE(m_peer->requestCount(), requests);
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QTest::qWait(0);
    }
    void use(const Account &account, std::optional<double> credits)
    {
        FlowRecord flow;
        flow.accountId = account.id.value;
        flow.credits = credits;
        m_usage->noteUse(flow);
    }
    void later(std::chrono::seconds time) { m_now = m_now.addSecs(time.count()); }

    std::unique_ptr<UsageKeeper> m_usage;
};

void TstUsageKeeper::readsOnDemandAndTellsOfIt()
{
    const Account account = addAccount(Valid);
    QSignalSpy changed(m_usage.get(), &UsageKeeper::changed);
    QVERIFY(m_usage->quota(account.id).isStale(m_now));
    m_peer->next(usageReply(12.5));
    const Result<Quota> quota = readAndWait(account.id);
    QVERIFY(quota);
    QCOMPARE(quota.value().remaining(), 87.5);
    QCOMPARE(quota.value().readAt, m_now);
    QVERIFY(m_usage->quota(account.id) == quota.value());
    QCOMPARE(changed.size(), 1);
    QCOMPARE(m_peer->requests().front().field("authorization"), QByteArray("Bearer aoaOLD"));
}

void TstUsageKeeper::aRestartShowsTheLastReading()
{
    const Account account = addAccount(Valid);
    m_peer->next(usageReply(12.5));
    QVERIFY(readAndWait(account.id));
    use(account, 2.0);
    const Quota before = m_usage->quota(account.id);
    startUsage();
    QVERIFY(m_usage->quota(account.id) == before);
    later(limits::UsageStaleAfter + 1s);
    QVERIFY(m_usage->quota(account.id).isStale(m_now));
}

void TstUsageKeeper::aDamagedFileDoesNotStopIt()
{
    QFile file(usageFile());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("no usage");
    file.close();
    startUsage();
    const Account account = addAccount(Valid);
    m_peer->next(usageReply(1));
    QVERIFY(readAndWait(account.id));
    const QStringList files =
        QDir(m_folder->path()).entryList({u"usage.json*"_s}, QDir::Files, QDir::Name);
    QCOMPARE(files.size(), 2);
    QVERIFY(files.last().startsWith(u"usage.json.broken-"_s));
}

void TstUsageKeeper::readersOfOneAccountShareAReading()
{
    const Account account = addAccount(Valid);
    m_peer->always(heldReply(5));
    const auto first = read(account.id);
    QTRY_COMPARE(m_peer->requestCount(), 1);
    const auto second = read(account.id);
    m_usage->noteExhausted(account.id);
    m_usage->check();
    m_peer->release();
    QTRY_VERIFY(first->has_value() && second->has_value());
    QVERIFY(first->value() && second->value());
    QCOMPARE(m_peer->requestCount(), 1);
}

void TstUsageKeeper::anUnknownAccountIsAnError()
{
    const Result<Quota> quota = readAndWait({u"nobody"_s});
    QVERIFY(!quota);
    QCOMPARE(quota.error().code, Error::Code::BadInput);
    FlowRecord flow;
    flow.accountId = u"nobody"_s;
    flow.credits = 5;
    m_usage->noteUse(flow);
    m_usage->noteExhausted({u"nobody"_s});
    QCOMPARE(m_usage->quota({u"nobody"_s}).used(), 0.0);
}

void TstUsageKeeper::aFailureKeepsTheOldNumbers()
{
    const Account account = addAccount(Valid);
    m_peer->next(usageReply(12.5));
    QVERIFY(readAndWait(account.id));
    m_peer->next(PeerScript::reply(429, "{}"));
    const Result<Quota> failed = readAndWait(account.id);
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, Error::Code::RateLimited);
    QCOMPARE(m_usage->quota(account.id).used(), 12.5);
    QVERIFY(m_usage->quota(account.id).problem.contains(u"429"_s));
    m_peer->next(usageReply(13));
    QVERIFY(readAndWait(account.id));
    QVERIFY(m_usage->quota(account.id).problem.isEmpty());
}

void TstUsageKeeper::aRefusedTokenIsRenewedOnce()
{
    const Account account = addAccount(Valid);
    m_peer->next(PeerScript::reply(401, "{}"));
    m_peer->next(grant("aoaNEW"));
    m_peer->next(usageReply(3));
    QVERIFY(readAndWait(account.id));
    QCOMPARE(m_peer->requestCount(), 3);
    QCOMPARE(m_peer->requests()[2].field("authorization"), QByteArray("Bearer aoaNEW"));
    m_peer->next(PeerScript::reply(401, "{}"));
    m_peer->next(grant("aoaNEWER"));
    m_peer->next(PeerScript::reply(401, "{}"));
    QVERIFY(!readAndWait(account.id));
    QCOMPARE(m_peer->requestCount(), 6);
}

void TstUsageKeeper::withoutATokenNothingIsAsked()
{
    const Account account = addAccount(Expired);
    m_peer->next(invalidGrant());
    const Result<Quota> quota = readAndWait(account.id);
    QVERIFY(!quota);
    QCOMPARE(quota.error().code, Error::Code::Unauthorized);
    QCOMPARE(m_peer->requestCount(), 1);
    QVERIFY(m_peer->requests().front().line().contains("refreshToken"));
}

void TstUsageKeeper::aRoundReadsWhatIsDue()
{
    const Account account = addAccount(Valid);
    m_peer->always(usageReply(1));
    m_usage->check();
    settle(1);
    m_usage->check();
    later(12min);
    m_usage->check();
    QTest::qWait(50);
    QCOMPARE(m_peer->requestCount(), 1);
    later(6min);
    // The pause after the first one may still last.
    QTRY_VERIFY((m_usage->check(), m_peer->requestCount() == 2));
    QTRY_COMPARE(m_usage->quota(account.id).readAt, m_now); // the answer follows the request
}

void TstUsageKeeper::aRoundLeavesAccountsInPeace_data()
{
    QTest::addColumn<bool>("enabled");
    QTest::addColumn<int>("problem");
    QTest::addRow("disabled") << false << int(AccountProblem::None);
    QTest::addRow("suspended") << true << int(AccountProblem::Suspended);
    QTest::addRow("sign-in needed") << true << int(AccountProblem::SignInNeeded);
}

void TstUsageKeeper::aRoundLeavesAccountsInPeace()
{
    QFETCH(bool, enabled);
    QFETCH(int, problem);
    Account account = addAccount(Valid);
    account.enabled = enabled;
    account.problem = AccountProblem(problem);
    QVERIFY(m_store->put(account));
    m_peer->always(usageReply(1));
    m_usage->check();
    m_usage->noteExhausted(account.id);
    QTest::qWait(50);
    QCOMPARE(m_peer->requestCount(), 0);
    QVERIFY2(readAndWait(account.id), "a person may ask");
}

void TstUsageKeeper::aRoundReadsOneAfterTheOther()
{
    addAccount(Valid);
    addAccount(Valid);
    m_peer->always(usageReply(1));
    QElapsedTimer time;
    time.start();
    m_usage->check();
    QTRY_COMPARE(m_peer->requestCount(), 2);
    QVERIFY(std::chrono::milliseconds(time.elapsed()) > limits::RefreshStagger / 3);
}

void TstUsageKeeper::theTimerReadsByItself()
{
    addAccount(Valid);
    m_peer->always(usageReply(1));
    m_usage->startTimer();
    QTRY_COMPARE(m_peer->requestCount(), 1);
    addAccount(Valid);
    QTRY_COMPARE(m_peer->requestCount(), 2);
}

void TstUsageKeeper::aUseAsksForAReading()
{
    const Account account = addAccount(Valid);
    m_peer->always(usageReply(1));
    QVERIFY(readAndWait(account.id));
    later(6min);
    use(account, std::nullopt);
    m_usage->check();
    QTest::qWait(50);
    QCOMPARE(m_peer->requestCount(), 1);
    later(limits::UsageAfterUse);
    m_usage->check();
    settle(2);
}

void TstUsageKeeper::chargesCountUntilTheNextReading()
{
    const Account account = addAccount(Valid);
    m_peer->next(usageReply(10));
    QVERIFY(readAndWait(account.id));
    QSignalSpy changed(m_usage.get(), &UsageKeeper::changed);
    use(account, 2.5);
    use(account, 1);
    use(account, std::nullopt);
    use(account, -7);
    QCOMPARE(m_usage->quota(account.id).used(), 13.5);
    QCOMPARE(changed.size(), 2);
    m_peer->next(usageReply(14));
    QVERIFY(readAndWait(account.id));
    QCOMPARE(m_usage->quota(account.id).used(), 14.0);
}

void TstUsageKeeper::chargesDuringAReadingStay()
{
    const Account account = addAccount(Valid);
    use(account, 2);
    m_peer->next(heldReply(10));
    const auto reading = read(account.id);
    QTRY_COMPARE(m_peer->requestCount(), 1);
    use(account, 3);
    m_peer->release();
    QTRY_VERIFY(reading->has_value());
    QCOMPARE(m_usage->quota(account.id).used(), 13.0);
}

void TstUsageKeeper::exhaustionIsReadAtOnceButNotTwice()
{
    const Account account = addAccount(Valid);
    m_peer->always(usageReply(100));
    QVERIFY(readAndWait(account.id));
    m_usage->noteExhausted(account.id);
    settle(2);
    later(limits::UsageMinInterval - 1s);
    m_usage->noteExhausted(account.id);
    QTest::qWait(50);
    QCOMPARE(m_peer->requestCount(), 2);
    later(1s);
    m_usage->noteExhausted(account.id);
    settle(3);
}

void TstUsageKeeper::tellsOnceOfEachFall()
{
    const Account account = addAccount(Valid);
    QSignalSpy low(m_usage.get(), &UsageKeeper::lowQuota);
    const auto readUsed = [&](double used) {
        m_peer->next(usageReply(used));
        return bool(readAndWait(account.id));
    };
    QVERIFY(readUsed(90));
    QCOMPARE(low.size(), 0);
    use(account, 1);
    QCOMPARE(low.size(), 1);
    QCOMPARE(low.front()[1].toDouble(), 9.0);
    use(account, 1);
    QVERIFY(readUsed(95));
    QCOMPARE(low.size(), 1);
    QVERIFY(readUsed(0));
    QVERIFY(readUsed(99));
    QCOMPARE(low.size(), 2);
    m_usage->setSettings({15min, 0});
    QVERIFY(readUsed(0));
    QVERIFY(readUsed(100));
    QCOMPARE(low.size(), 2);
}

void TstUsageKeeper::aFallIsNotToldAgainAfterARestart()
{
    const Account account = addAccount(Valid);
    m_peer->always(usageReply(95));
    QVERIFY(readAndWait(account.id));
    startUsage();
    QSignalSpy low(m_usage.get(), &UsageKeeper::lowQuota);
    QVERIFY(readAndWait(account.id));
    QCOMPARE(low.size(), 0);
}

void TstUsageKeeper::aHigherLimitIsAppliedAtOnce()
{
    const Account account = addAccount(Valid);
    m_peer->next(usageReply(80));
    QVERIFY(readAndWait(account.id));
    QSignalSpy low(m_usage.get(), &UsageKeeper::lowQuota);
    m_usage->setSettings({15min, 30});
    QCOMPARE(low.size(), 1);
}

void TstUsageKeeper::learnsWhoTheUserIs()
{
    const QByteArray user = ",\"userInfo\":{\"userId\":\"d-1\",\"email\":\"user@example.com\"}";
    Account account = addAccount(Valid);
    m_peer->always(usageReply(1, 100, user));
    QVERIFY(readAndWait(account.id));
    QCOMPARE(m_store->find(account.id)->email, u"user@example.com"_s);
    QCOMPARE(m_store->find(account.id)->userId, u"d-1"_s);
    account.email = u"other@example.com"_s;
    QVERIFY(m_store->put(account));
    QVERIFY(readAndWait(account.id));
    QCOMPARE(m_store->find(account.id)->email, u"other@example.com"_s);
}

void TstUsageKeeper::forgetsARemovedAccount()
{
    const Account account = addAccount(Valid);
    m_peer->always(usageReply(1));
    QVERIFY(readAndWait(account.id));
    QVERIFY(m_store->remove(account.id));
    QVERIFY(!m_usage->quota(account.id).usage);
    QFile file(usageFile());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(!file.readAll().contains(account.id.value.toUtf8()));
}

void TstUsageKeeper::aReaderOfARemovedAccountIsTold()
{
    const Account account = addAccount(Valid);
    m_peer->always(heldReply(1));
    const auto reading = read(account.id);
    QTRY_COMPARE(m_peer->requestCount(), 1);
    QVERIFY(m_store->remove(account.id));
    QTRY_VERIFY(reading->has_value());
    QVERIFY(!reading->value());
    QCOMPARE(reading->value().error().code, Error::Code::Cancelled);
    m_peer->release();
    settle(1);
    QVERIFY(!m_usage->quota(account.id).usage);
}

void TstUsageKeeper::endingInTheMiddleEndsTheReaders()
{
    const Account account = addAccount(Valid);
    m_peer->always(heldReply(1));
    const auto reading = read(account.id);
    QTRY_COMPARE(m_peer->requestCount(), 1);
    m_usage.reset();
    QTRY_VERIFY(reading->has_value());
    QCOMPARE(reading->value().error().code, Error::Code::Cancelled);
}

void TstUsageKeeper::foreseesFromItsReadings()
{
    const Account account = addAccount(Valid);
    QVERIFY(!m_usage->forecast(account.id));
    const QByteArray reset =
        ",\"nextDateReset\":\"" + m_now.addDays(20).toString(Qt::ISODate).toLatin1() + "\"";
    m_peer->next(usageReply(10, 100, reset));
    QVERIFY(readAndWait(account.id));
    later(24h);
    m_peer->next(grant("aoaNEW"));
    m_peer->next(usageReply(20, 100, reset));
    QVERIFY(readAndWait(account.id));
    const std::optional<Forecast> forecast = m_usage->forecast(account.id);
    QVERIFY(forecast);
    QCOMPARE(forecast->creditsPerDay, 10.0);
    QCOMPARE(forecast->endsAt, m_now.addDays(8));
}

QTEST_GUILESS_MAIN(TstUsageKeeper)
#include "tst_usagekeeper.moc"
