// SPDX-License-Identifier: MIT
#include "tests/poolbench.h"

#include <QTest>

using namespace kirotray;
using namespace std::chrono_literals;

using State = AccountHealth::State;
using Why = Pool::Refusal::Why;

Q_DECLARE_METATYPE(kirotray::AccountEffect)
Q_DECLARE_METATYPE(kirotray::AccountHealth::State)
Q_DECLARE_METATYPE(kirotray::Pool::Refusal::Why)

/// How accounts behave: what the pool makes of their failures, and when it tries them again.
class TstPoolHealth : public QObject
{
    Q_OBJECT

private slots:
    void failureMarksTheAccount_data();
    void failureMarksTheAccount();
    void contentErrorsNeverPunish();
    void exhaustionEndsWithAReading_data();
    void exhaustionEndsWithAReading();
    void knownResetIsBelieved();
    void blockEndsWhenThePersonSaysSo_data();
    void blockEndsWhenThePersonSaysSo();
    void failuresSideBySideAreOne();
    void successForgetsFailures();
    void lateSuccessDoesNotEndAPause();
    void circuitOpensForLongerEachTime();
    void probeIsOneAtATime();
    void probeThatIsAbandonedIsGivenAgain();
    void abandonedOlderRequestIsNoEndOfTheProbe();
    void probeOfAConversationSaysSo();
    void retryIsNoProbeWhileAnotherIsReady();
    void clockSetBackEndsAPause();
};

namespace {

Pool::Ask talk(const QString &conversation)
{
    return {conversation, {}};
}

QDateTime utc(int month, int day, int hour = 0, int minute = 0, int second = 0)
{
    return {QDate(2026, month, day), QTime(hour, minute, second), Qt::UTC};
}

PoolSettings settingsOfOneFailure()
{
    PoolSettings settings;
    settings.maxFailures = 1;
    return settings;
}

} // namespace

void TstPoolHealth::failureMarksTheAccount_data()
{
    QTest::addColumn<AccountEffect>("effect");
    QTest::addColumn<int>("seconds");
    QTest::addColumn<AccountHealth::State>("state");
    QTest::addColumn<QDateTime>("until");
    QTest::addColumn<Pool::Refusal::Why>("why");

    QTest::newRow("cool down as long as it says")
        << AccountEffect::CoolDown << 1800 << State::CoolingDown << utc(3, 14, 15, 39, 26)
        << Why::CoolingDown;
    QTest::newRow("cool down as long as the settings say")
        << AccountEffect::CoolDown << 0 << State::CoolingDown << utc(3, 14, 15, 10, 26)
        << Why::CoolingDown;
    QTest::newRow("monthly credits: until the first of next month")
        << AccountEffect::MonthlyExhausted << 0 << State::Exhausted << utc(4, 1) << Why::Exhausted;
    QTest::newRow("daily limit: until the next day")
        << AccountEffect::DailyExhausted << 0 << State::Exhausted << utc(3, 15) << Why::Exhausted;
    QTest::newRow("suspended: until a person acts")
        << AccountEffect::Suspended << 0 << State::Unusable << QDateTime() << Why::NoneUsable;
    QTest::newRow("bad token: until a person acts")
        << AccountEffect::AuthProblem << 0 << State::Unusable << QDateTime() << Why::NoneUsable;
}

void TstPoolHealth::failureMarksTheAccount()
{
    QFETCH(AccountEffect, effect);
    QFETCH(int, seconds);
    QFETCH(QDateTime, until);
    QFETCH(Pool::Refusal::Why, why);
    PoolBench bench({u"a"_s});
    bench.fail(u"a"_s, effect, std::chrono::seconds(seconds));
    const AccountHealth health = bench.health(u"a"_s);
    QTEST(health.state, "state");
    QCOMPARE(health.until, until);
    QCOMPARE(health.why, u"too many requests"_s);
    QCOMPARE(health.requests, 1);

    const std::optional<Pool::Refusal> refusal = bench.refusal();
    QVERIFY(refusal);
    QCOMPARE(refusal->why, why);
    QCOMPARE(refusal->until, until);

    bench.setNow(until.isValid() ? until.addMSecs(-1) : bench.now().addYears(1));
    QCOMPARE(bench.served(), u"refused"_s);
    if (until.isValid()) {
        bench.setNow(until);
        QCOMPARE(bench.served(), u"a"_s);
        QCOMPARE(bench.health(u"a"_s).state, State::Ready);
    }
}

void TstPoolHealth::contentErrorsNeverPunish()
{
    PoolBench bench({u"a"_s});
    for (int i = 0; i < 1000; ++i) {
        bench.fail(u"a"_s, AccountEffect::None, 3600s);
        bench.choice();
        bench.pool().abandoned(u"a"_s);
    }
    AccountHealth expected;
    expected.requests = 2000;
    QCOMPARE(bench.health(u"a"_s), expected);
}

void TstPoolHealth::exhaustionEndsWithAReading_data()
{
    QTest::addColumn<double>("remaining");
    QTest::addColumn<int>("resetInHours"); // 0: the reading says that credits are left
    QTest::addColumn<QDateTime>("until"); // invalid: ready

    QTest::newRow("confirmed with the account's own date") << 0.0 << 48 << utc(3, 16, 15, 9, 26);
    QTest::newRow("nothing new") << 5.0 << 0 << utc(4, 1);
    QTest::newRow("fewer credits, from before") << 4.0 << 0 << utc(4, 1);
    QTest::newRow("credits were added") << 100.0 << 0 << QDateTime();
    QTest::newRow("a date that has passed") << 0.0 << -5 << utc(4, 1);
}

void TstPoolHealth::exhaustionEndsWithAReading()
{
    QFETCH(double, remaining);
    QFETCH(int, resetInHours);
    QFETCH(QDateTime, until);
    PoolBench bench({u"a"_s});
    bench.member(u"a"_s).remaining = 5;
    bench.update();
    bench.fail(u"a"_s, AccountEffect::MonthlyExhausted);
    bench.member(u"a"_s).remaining = remaining;
    if (resetInHours != 0)
        bench.member(u"a"_s).exhaustedUntil = bench.now().addSecs(resetInHours * 3600);
    bench.update();
    const AccountHealth health = bench.health(u"a"_s);
    QCOMPARE(health.state, until.isValid() ? State::Exhausted : State::Ready);
    QCOMPARE(health.until, until);
}

/// A request was under way when the usage was read.
void TstPoolHealth::knownResetIsBelieved()
{
    PoolBench bench({u"a"_s});
    bench.choice();
    bench.member(u"a"_s).exhaustedUntil = bench.now().addSecs(3600);
    bench.update();
    bench.pool().failed(u"a"_s, AccountEffect::MonthlyExhausted, 0s, u"no credits"_s, bench.now());
    QCOMPARE(bench.health(u"a"_s).until, bench.now().addSecs(3600));
    bench.pass(1h);
    QCOMPARE(bench.health(u"a"_s).state, State::Ready);
}

void TstPoolHealth::blockEndsWhenThePersonSaysSo_data()
{
    QTest::addColumn<bool>("isRestored");
    QTest::addColumn<bool>("wasUnusable");
    QTest::addColumn<bool>("isUsable");

    QTest::newRow("the list came again, nothing else") << false << false << false;
    QTest::newRow("usable again after it was not") << false << true << true;
    QTest::newRow("restored") << true << false << true;
}

void TstPoolHealth::blockEndsWhenThePersonSaysSo()
{
    QFETCH(bool, isRestored);
    QFETCH(bool, wasUnusable);
    PoolBench bench({u"a"_s});
    bench.fail(u"a"_s, AccountEffect::Suspended);
    if (wasUnusable) {
        bench.member(u"a"_s).usable = false;
        bench.update();
        bench.member(u"a"_s).usable = true;
    }
    bench.update();
    if (isRestored)
        bench.pool().restore(u"a"_s);
    QTEST(bench.served() == u"a"_s, "isUsable");
}

void TstPoolHealth::failuresSideBySideAreOne()
{
    PoolBench bench({u"a"_s});
    for (int i = 0; i < 20; ++i)
        bench.choice();
    for (int i = 0; i < 20; ++i)
        bench.pool().failed(u"a"_s, AccountEffect::CoolDown, 10s, u"busy"_s, bench.now());
    QCOMPARE(bench.health(u"a"_s).failuresInARow, 1);
    bench.pass(10s);
    QCOMPARE(bench.health(u"a"_s).state, State::Ready);
}

void TstPoolHealth::successForgetsFailures()
{
    PoolBench bench({u"a"_s});
    for (int i = 0; i < 50; ++i) {
        bench.fail(u"a"_s, AccountEffect::CoolDown, 10s);
        bench.pass(10s);
        if (i % 4 == 3)
            bench.served();
    }
    QCOMPARE(bench.health(u"a"_s).state, State::Ready);
}

void TstPoolHealth::lateSuccessDoesNotEndAPause()
{
    PoolBench bench({u"a"_s});
    bench.choice();
    bench.fail(u"a"_s, AccountEffect::CoolDown, 10s);
    bench.pool().succeeded(u"a"_s, bench.now());
    QCOMPARE(bench.health(u"a"_s).state, State::CoolingDown);
}

void TstPoolHealth::circuitOpensForLongerEachTime()
{
    PoolBench bench({u"a"_s});
    for (int i = 0; i < 4; ++i) {
        bench.fail(u"a"_s, AccountEffect::CoolDown);
        bench.pass(60s);
        QCOMPARE(bench.health(u"a"_s).state, State::Ready);
    }
    const std::vector<std::chrono::seconds> pauses {120s, 240s, 480s, 960s, 1800s, 1800s};
    for (const std::chrono::seconds pause : pauses) {
        bench.fail(u"a"_s, AccountEffect::CoolDown);
        QCOMPARE(bench.health(u"a"_s).until, bench.now().addSecs(pause.count()));
        bench.pass(pause);
        QCOMPARE(bench.health(u"a"_s).state, State::Probing);
    }
    bench.fail(u"a"_s, AccountEffect::CoolDown, 7200s); // what the service says counts
    QCOMPARE(bench.health(u"a"_s).until, bench.now().addSecs(7200));
    bench.pass(7200s);

    QVERIFY(bench.choice().isProbe);
    bench.pool().succeeded(u"a"_s, bench.now());
    QCOMPARE(bench.health(u"a"_s).state, State::Ready);
    QCOMPARE(bench.health(u"a"_s).failuresInARow, 0);
    bench.fail(u"a"_s, AccountEffect::CoolDown);
    QCOMPARE(bench.health(u"a"_s).until, bench.now().addSecs(60));
}

void TstPoolHealth::probeIsOneAtATime()
{
    PoolBench bench({u"a"_s}, settingsOfOneFailure());
    bench.fail(u"a"_s, AccountEffect::CoolDown);
    bench.pass(120s);
    const Pool::Choice probe = bench.choice();
    QVERIFY(probe.isProbe);
    QCOMPARE(probe.reason, u"the only account; tried again after a pause"_s);
    const std::optional<Pool::Refusal> refusal = bench.refusal();
    QVERIFY(refusal);
    QCOMPARE(refusal->why, Why::CoolingDown);
    QVERIFY(refusal->until > bench.now());
    bench.pool().succeeded(u"a"_s, bench.now());
    QVERIFY(!bench.choice().isProbe);
}

void TstPoolHealth::probeThatIsAbandonedIsGivenAgain()
{
    PoolBench bench({u"a"_s}, settingsOfOneFailure());
    bench.fail(u"a"_s, AccountEffect::CoolDown);
    bench.pass(120s);
    QVERIFY(bench.choice().isProbe);
    bench.pool().abandoned(u"a"_s);
    QVERIFY(bench.choice().isProbe);
    bench.pool().failed(u"a"_s, AccountEffect::None, 0s, u"bad request"_s, bench.now());
    QVERIFY(bench.choice().isProbe);
}

void TstPoolHealth::abandonedOlderRequestIsNoEndOfTheProbe()
{
    PoolBench bench({u"a"_s}, settingsOfOneFailure());
    bench.choice(); // long under way
    bench.fail(u"a"_s, AccountEffect::CoolDown);
    bench.pass(120s);
    QVERIFY(bench.choice().isProbe);
    bench.pool().abandoned(u"a"_s);
    QVERIFY(bench.refusal());
    bench.pool().abandoned(u"a"_s);
    QVERIFY(bench.choice().isProbe);
}

void TstPoolHealth::probeOfAConversationSaysSo()
{
    PoolBench bench({u"a"_s, u"b"_s}, settingsOfOneFailure());
    QCOMPARE(bench.served(talk(u"one"_s)), u"a"_s);
    bench.fail(u"a"_s, AccountEffect::CoolDown);
    bench.pass(120s);
    const Pool::Choice choice = bench.choice(talk(u"one"_s));
    QCOMPARE(choice.accountId, u"a"_s);
    QVERIFY(choice.isProbe);
    QCOMPARE(choice.reason, u"same conversation; tried again after a pause"_s);
    const Pool::Choice second = bench.choice(talk(u"one"_s));
    QCOMPARE(second.reason,
             u"conversation moved: its account is being tried after a pause; round robin"_s);
}

void TstPoolHealth::retryIsNoProbeWhileAnotherIsReady()
{
    PoolSettings settings;
    settings.maxFailures = 1;
    settings.strategy = PoolStrategy::Priority;
    PoolBench bench({u"a"_s, u"b"_s, u"c"_s}, settings);
    bench.fail(u"a"_s, AccountEffect::CoolDown);
    bench.pass(120s);
    Pool::Ask ask;
    ask.excluded = QStringList {u"b"_s};
    QCOMPARE(bench.choice(ask).accountId, u"c"_s);
    ask.excluded.append(u"c"_s);
    QVERIFY(bench.choice(ask).isProbe);
}

void TstPoolHealth::clockSetBackEndsAPause()
{
    PoolBench bench({u"a"_s});
    bench.fail(u"a"_s, AccountEffect::CoolDown);
    bench.pass(-50s);
    QCOMPARE(bench.health(u"a"_s).state, State::CoolingDown);
    bench.pass(-2h);
    QCOMPARE(bench.health(u"a"_s).state, State::Ready);
}

QTEST_GUILESS_MAIN(TstPoolHealth)
#include "tst_poolhealth.moc"
