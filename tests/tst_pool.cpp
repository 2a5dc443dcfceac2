// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "tests/poolbench.h"

#include <QTest>

using namespace kirotray;
using namespace std::chrono_literals;

using State = AccountHealth::State;
using Why = Pool::Refusal::Why;

Q_DECLARE_METATYPE(kirotray::PoolStrategy)
Q_DECLARE_METATYPE(kirotray::Pool::Refusal::Why)

/// Which account gets a request, and what is said about it.
class TstPool : public QObject
{
    Q_OBJECT

private slots:
    void strategyChoosesInItsOrder_data();
    void strategyChoosesInItsOrder();
    void strategyPassesOverAnAccountThatPauses_data();
    void strategyPassesOverAnAccountThatPauses();
    void fillFirstGoesOnWhenCreditsEnd();
    void newcomerDoesNotGetEveryRequest();
    void reasonNamesTheStrategy_data();
    void reasonNamesTheStrategy();

    void conversationKeepsItsAccount();
    void quietConversationIsChosenAnew_data();
    void quietConversationIsChosenAnew();
    void moveHasItsReason_data();
    void moveHasItsReason();
    void movedConversationStaysWhereItWent();
    void longNamesOfConversationsAreToldApart();

    void modelRefusedIsTriedElsewhereFirst();
    void modelRefusedIsForgotten();
    void refusalSaysWhy_data();
    void refusalSaysWhy();
    void refusalNamesTheFirstReturn();
    void onlyIsObeyed();
    void changedListKeepsWhatIsRemembered();
    void unknownAccountsAreIgnored();
};

namespace {

PoolSettings settingsOf(PoolStrategy strategy)
{
    PoolSettings settings;
    settings.strategy = strategy;
    return settings;
}

Pool::Ask talk(const QString &conversation)
{
    return {conversation, {}};
}

} // namespace

void TstPool::strategyChoosesInItsOrder_data()
{
    QTest::addColumn<PoolStrategy>("strategy");
    QTest::addColumn<QString>("ids");

    QTest::newRow("round robin") << PoolStrategy::RoundRobin << u"a b c d a b c d"_s;
    QTest::newRow("least used") << PoolStrategy::LeastUsed << u"a b c d a b c d"_s;
    QTest::newRow("most quota: known before unknown, unknown before none")
        << PoolStrategy::MostQuota << u"c c c c c c c c"_s;
    QTest::newRow("priority") << PoolStrategy::Priority << u"a a a a a a a a"_s;
    QTest::newRow("fill first") << PoolStrategy::FillFirst << u"a a a a a a a a"_s;
}

void TstPool::strategyChoosesInItsOrder()
{
    QFETCH(PoolStrategy, strategy);
    PoolBench bench({u"d"_s, u"a"_s, u"b"_s, u"c"_s}, settingsOf(strategy));
    bench.member(u"d"_s).priority = 7;
    bench.member(u"a"_s).remaining = 3;
    bench.member(u"c"_s).remaining = 50;
    bench.member(u"d"_s).remaining = 0;
    bench.update();
    QTEST(bench.serve(8), "ids");
}

void TstPool::strategyPassesOverAnAccountThatPauses_data()
{
    QTest::addColumn<PoolStrategy>("strategy");
    QTest::addColumn<QString>("during");
    QTest::addColumn<QString>("after");

    QTest::newRow("round robin: nobody gets the absent one's turns as well")
        << PoolStrategy::RoundRobin << u"b c b c"_s << u"a b c a"_s;
    QTest::newRow("least used: the absent one does not catch up")
        << PoolStrategy::LeastUsed << u"b c b c"_s << u"a b c a"_s;
    QTest::newRow("most quota") << PoolStrategy::MostQuota << u"b b b b"_s << u"a a a a"_s;
    QTest::newRow("priority") << PoolStrategy::Priority << u"b b b b"_s << u"a a a a"_s;
    QTest::newRow("fill first") << PoolStrategy::FillFirst << u"b b b b"_s << u"a a a a"_s;
}

void TstPool::strategyPassesOverAnAccountThatPauses()
{
    QFETCH(PoolStrategy, strategy);
    PoolBench bench({u"a"_s, u"b"_s, u"c"_s}, settingsOf(strategy));
    bench.member(u"a"_s).remaining = 30;
    bench.member(u"b"_s).remaining = 20;
    bench.member(u"c"_s).remaining = 10;
    bench.update();
    const QString first = bench.choice().accountId;
    QCOMPARE(first, u"a"_s);
    bench.pool().failed(first, AccountEffect::CoolDown, 30s, u"slow down"_s, bench.now());
    QTEST(bench.serve(4), "during");
    bench.pass(31s);
    QTEST(bench.serve(4), "after");
}

void TstPool::fillFirstGoesOnWhenCreditsEnd()
{
    PoolBench bench({u"a"_s, u"b"_s, u"c"_s}, settingsOf(PoolStrategy::FillFirst));
    QCOMPARE(bench.serve(2), u"a a"_s);
    bench.member(u"a"_s).exhaustedUntil = bench.now().addSecs(3600);
    bench.update();
    QCOMPARE(bench.serve(2), u"b b"_s);
    bench.pass(2h); // a has credits again, but b is being used up now
    QCOMPARE(bench.serve(2), u"b b"_s);
    bench.fail(u"b"_s, AccountEffect::MonthlyExhausted);
    QCOMPARE(bench.serve(2), u"c c"_s);
    bench.fail(u"c"_s, AccountEffect::Suspended);
    QCOMPARE(bench.serve(2), u"a a"_s);
    bench.members().erase(bench.members().begin());
    bench.update(); // b is exhausted and c suspended
    QCOMPARE(bench.served(), u"refused"_s);
}

void TstPool::newcomerDoesNotGetEveryRequest()
{
    PoolBench bench({u"a"_s, u"b"_s}, settingsOf(PoolStrategy::LeastUsed));
    bench.serve(100);
    bench.member(u"new"_s);
    bench.update();
    QCOMPARE(bench.serve(6).count(u"new"_s), 2);
}

void TstPool::reasonNamesTheStrategy_data()
{
    QTest::addColumn<PoolStrategy>("strategy");
    QTest::addColumn<QString>("reason");

    QTest::newRow("round robin") << PoolStrategy::RoundRobin << u"round robin"_s;
    QTest::newRow("least used") << PoolStrategy::LeastUsed << u"least used"_s;
    QTest::newRow("most quota") << PoolStrategy::MostQuota << u"most credits left"_s;
    QTest::newRow("priority") << PoolStrategy::Priority << u"first in the user's order"_s;
    QTest::newRow("fill first") << PoolStrategy::FillFirst << u"filled first"_s;
}

void TstPool::reasonNamesTheStrategy()
{
    QFETCH(PoolStrategy, strategy);
    PoolBench bench({u"a"_s, u"b"_s}, settingsOf(strategy));
    QTEST(bench.choice().reason, "reason");
    QCOMPARE(bench.choice({.conversation = {}, .model = {}, .only = u"b"_s}).reason,
             u"asked for"_s);
    bench.members().pop_back();
    bench.update();
    QCOMPARE(bench.choice().reason, u"the only account"_s);
    QCOMPARE(bench.choice(talk(u"one"_s)).reason, u"the only account"_s);
    QCOMPARE(bench.choice(talk(u"one"_s)).reason, u"the only account"_s);
}

void TstPool::conversationKeepsItsAccount()
{
    PoolBench bench({u"a"_s, u"b"_s, u"c"_s});
    const QString home = bench.served(talk(u"one"_s));
    for (int i = 0; i < 20; ++i) {
        bench.served();
        bench.pass(59min);
        const Pool::Choice choice = bench.choice(talk(u"one"_s));
        QCOMPARE(choice.accountId, home);
        QCOMPARE(choice.reason, u"same conversation"_s);
        bench.pool().succeeded(home, bench.now());
    }
}

void TstPool::quietConversationIsChosenAnew_data()
{
    QTest::addColumn<int>("setting");
    QTest::addColumn<int>("quiet");
    QTest::addColumn<QString>("reason");

    QTest::newRow("within the setting") << 300 << 300 << u"same conversation"_s;
    QTest::newRow("beyond it") << 300 << 301
                               << u"conversation moved: it was quiet for 301 s; round robin"_s;
    QTest::newRow("within the floor") << 0 << 60 << u"same conversation"_s;
    QTest::newRow("beyond the floor")
        << 0 << 61 << u"conversation moved: it was quiet for 61 s; round robin"_s;
}

void TstPool::quietConversationIsChosenAnew()
{
    QFETCH(int, setting);
    QFETCH(int, quiet);
    PoolSettings settings;
    settings.stickiness = std::chrono::seconds(setting);
    PoolBench bench({u"a"_s, u"b"_s}, settings);
    bench.served(talk(u"one"_s));
    bench.pass(std::chrono::seconds(quiet));
    QTEST(bench.choice(talk(u"one"_s)).reason, "reason");
}

void TstPool::moveHasItsReason_data()
{
    QTest::addColumn<int>("change");
    QTest::addColumn<QString>("why");

    QTest::newRow("removed") << 0 << u"its account was removed"_s;
    QTest::newRow("disabled") << 1
                              << u"its account cannot be used: disabled, or it needs a person"_s;
    QTest::newRow("exhausted") << 2 << u"its account is exhausted: its credits are used up"_s;
    QTest::newRow("cooling down, if only for seconds")
        << 3 << u"its account cools down for 3 s more: too many requests"_s;
    QTest::newRow("suspended") << 4 << u"its account cannot be used: too many requests"_s;
    QTest::newRow("lacks the model") << 5 << u"its account lacks the model"_s;
    QTest::newRow("tried for this request") << 6 << u"its account could not answer this request"_s;
    QTest::newRow("another one asked for") << 7 << u"another account was asked for"_s;
}

void TstPool::moveHasItsReason()
{
    QFETCH(int, change);
    QFETCH(QString, why);
    PoolBench bench({u"a"_s, u"b"_s, u"c"_s});
    Pool::Ask ask {u"one"_s, u"claude"_s};
    QCOMPARE(bench.served(ask), u"a"_s);
    switch (change) {
    case 0:
        bench.members().erase(bench.members().begin());
        break;
    case 1:
        bench.member(u"a"_s).usable = false;
        break;
    case 2:
        bench.member(u"a"_s).exhaustedUntil = bench.now().addDays(3);
        break;
    case 3:
        bench.fail(u"a"_s, AccountEffect::CoolDown, 3s);
        break;
    case 4:
        bench.fail(u"a"_s, AccountEffect::Suspended);
        break;
    case 5:
        bench.pool().modelRefused(u"a"_s, u"claude"_s, bench.now());
        break;
    case 6:
        ask.excluded = QStringList {u"a"_s};
        break;
    case 7:
        ask.only = u"b"_s;
        break;
    }
    bench.update();
    const Pool::Choice moved = bench.choice(ask);
    QCOMPARE(moved.accountId, u"b"_s);
    const QString rule = change == 7 ? u"asked for"_s : u"round robin"_s;
    QCOMPARE(moved.reason, u"conversation moved: "_s + why + u"; "_s + rule);
}

void TstPool::movedConversationStaysWhereItWent()
{
    PoolBench bench({u"a"_s, u"b"_s});
    QCOMPARE(bench.served(talk(u"one"_s)), u"a"_s);
    bench.fail(u"a"_s, AccountEffect::CoolDown, 3s);
    QCOMPARE(bench.served(talk(u"one"_s)), u"b"_s);
    bench.pass(10s);
    const Pool::Choice choice = bench.choice(talk(u"one"_s));
    QCOMPARE(choice.accountId, u"b"_s);
    QCOMPARE(choice.reason, u"same conversation"_s);
}

void TstPool::longNamesOfConversationsAreToldApart()
{
    PoolBench bench({u"a"_s, u"b"_s});
    const QString start(10'000, u'x');
    QCOMPARE(bench.served(talk(start + u'1')), u"a"_s);
    QCOMPARE(bench.served(talk(start + u'2')), u"b"_s);
    QCOMPARE(bench.served(talk(start + u'1')), u"a"_s);
}

void TstPool::modelRefusedIsTriedElsewhereFirst()
{
    PoolBench bench({u"a"_s, u"b"_s});
    const Pool::Ask ask {{}, u"opus"_s};
    bench.pool().modelRefused(u"a"_s, u"opus"_s, bench.now());
    QCOMPARE(bench.serve(3, ask), u"b b b"_s);
    QCOMPARE(bench.serve(2, {{}, u"haiku"_s}), u"a b"_s);

    bench.fail(u"b"_s, AccountEffect::CoolDown, 10s); // worth waiting for
    QCOMPARE(bench.refusal(ask)->why, Why::CoolingDown);
    QCOMPARE(bench.refusal(ask)->until, bench.now().addSecs(10));
    bench.pass(10s);
    bench.fail(u"b"_s, AccountEffect::MonthlyExhausted); // not worth it
    QCOMPARE(bench.choice(ask).reason, u"round robin; no other account has the model"_s);
}

void TstPool::modelRefusedIsForgotten()
{
    PoolBench bench({u"a"_s, u"b"_s});
    const Pool::Ask ask {{}, u"opus"_s};
    bench.pool().modelRefused(u"a"_s, u"opus"_s, bench.now());
    bench.pass(limits::ModelRefusedLifetime - 1ms);
    QCOMPARE(bench.served(ask), u"b"_s);
    bench.pass(1ms);
    QCOMPARE(bench.served(ask), u"a"_s);
    for (int i = 0; i < 1000; ++i)
        bench.pool().modelRefused(u"a"_s, QString::number(i), bench.now().addMSecs(i));
    QCOMPARE(bench.served({{}, u"999"_s}), u"b"_s);
    QCOMPARE(bench.served({{}, u"1"_s}), u"a"_s); // only so many are remembered
}

void TstPool::refusalSaysWhy_data()
{
    QTest::addColumn<QStringList>("ids");
    QTest::addColumn<QStringList>("excluded");
    QTest::addColumn<QString>("only");
    QTest::addColumn<QStringList>("lacking");
    QTest::addColumn<QStringList>("disabled");
    QTest::addColumn<Pool::Refusal::Why>("why");

    const QStringList none;
    const QStringList both {u"a"_s, u"b"_s};
    QTest::newRow("no accounts") << none << none << QString() << none << none << Why::NoAccounts;
    QTest::newRow("the wanted one is not there")
        << both << none << u"c"_s << none << none << Why::NoAccounts;
    QTest::newRow("all disabled") << both << none << QString() << none << both << Why::NoneUsable;
    QTest::newRow("all tried") << both << both << QString() << none << none << Why::AllTried;
    QTest::newRow("the wanted one tried")
        << both << QStringList {u"a"_s} << u"a"_s << none << none << Why::AllTried;
    QTest::newRow("all tried lack the model")
        << both << both << QString() << both << none << Why::ModelRefused;
    QTest::newRow("one of those tried has it")
        << both << both << QString() << QStringList {u"a"_s} << none << Why::AllTried;
    QTest::newRow("the one that has it is disabled")
        << both << both << QString() << QStringList {u"a"_s} << QStringList {u"b"_s}
        << Why::ModelRefused;
}

void TstPool::refusalSaysWhy()
{
    QFETCH(QStringList, ids);
    QFETCH(QStringList, excluded);
    QFETCH(QString, only);
    QFETCH(QStringList, lacking);
    QFETCH(QStringList, disabled);
    PoolBench bench(ids);
    for (const QString &id : disabled)
        bench.member(id).usable = false;
    bench.update();
    for (const QString &id : lacking)
        bench.pool().modelRefused(id, u"opus"_s, bench.now());
    const std::optional<Pool::Refusal> refusal = bench.refusal({{}, u"opus"_s, excluded, only});
    QVERIFY(refusal);
    QTEST(refusal->why, "why");
    QVERIFY(!refusal->until.isValid());
}

void TstPool::refusalNamesTheFirstReturn()
{
    PoolBench bench({u"a"_s, u"b"_s, u"c"_s});
    bench.fail(u"a"_s, AccountEffect::MonthlyExhausted);
    bench.fail(u"b"_s, AccountEffect::CoolDown, 100s);
    bench.fail(u"c"_s, AccountEffect::Suspended);
    QCOMPARE(bench.refusal()->why, Why::CoolingDown);
    QCOMPARE(bench.refusal()->until, bench.now().addSecs(100));
    // Tried for this request or not: the client is told when to come back.
    const Pool::Ask tried {{}, {}, {u"a"_s, u"b"_s, u"c"_s}};
    QCOMPARE(bench.refusal(tried)->until, bench.now().addSecs(100));

    bench.member(u"a"_s).exhaustedUntil = bench.now().addSecs(50);
    bench.update();
    QCOMPARE(bench.refusal()->why, Why::Exhausted);
    QCOMPARE(bench.refusal()->until, bench.now().addSecs(50));
}

void TstPool::onlyIsObeyed()
{
    PoolBench bench({u"a"_s, u"b"_s, u"c"_s});
    const Pool::Ask ask {u"one"_s, {}, {}, u"b"_s};
    QCOMPARE(bench.serve(3, ask), u"b b b"_s);
    bench.fail(u"b"_s, AccountEffect::CoolDown, 10s);
    QCOMPARE(bench.refusal(ask)->why, Why::CoolingDown);
    QCOMPARE(bench.serve(3), u"a c a"_s); // it took no turn of the others
}

void TstPool::changedListKeepsWhatIsRemembered()
{
    PoolBench bench({u"a"_s, u"b"_s, u"c"_s});
    QCOMPARE(bench.serve(3), u"a b c"_s);
    bench.fail(u"b"_s, AccountEffect::CoolDown, 100s);
    bench.members().erase(bench.members().begin());
    bench.members().push_back({u"d"_s});
    bench.members().push_back({u"d"_s}); // twice by mistake
    bench.update();
    QCOMPARE(bench.health(u"b"_s).state, State::CoolingDown);
    QCOMPARE(bench.health(u"c"_s).requests, 1);
    QCOMPARE(bench.serve(4), u"d c d c"_s);
    QCOMPARE(bench.health(u"a"_s).state, State::Unusable);

    bench.members().erase(bench.members().begin());
    bench.update();
    bench.member(u"b"_s); // comes back as a stranger
    bench.update();
    QCOMPARE(bench.health(u"b"_s), AccountHealth {});
}

void TstPool::unknownAccountsAreIgnored()
{
    PoolBench bench({u"a"_s});
    bench.pool().succeeded(u"x"_s, bench.now());
    bench.pool().failed(u"x"_s, AccountEffect::Suspended, 0s, u"why"_s, bench.now());
    bench.pool().abandoned(u"x"_s);
    bench.pool().modelRefused(u"x"_s, u"m"_s, bench.now());
    bench.pool().restore(u"x"_s);
    QCOMPARE(bench.health(u"x"_s).state, State::Unusable);
    QCOMPARE(bench.served(), u"a"_s);
}

QTEST_GUILESS_MAIN(TstPool)
#include "tst_pool.moc"
