// SPDX-License-Identifier: MIT
#include "app/accounts/conversations.h"
#include "app/base/limits.h"
#include "tests/poolbench.h"

#include <QElapsedTimer>
#include <QHash>
#include <QTest>

#include <algorithm>
#include <random>

using namespace kirotray;
using namespace std::chrono_literals;

using State = AccountHealth::State;

Q_DECLARE_METATYPE(kirotray::PoolStrategy)

/// What must hold whatever happens: random walks with fixed seeds.
class TstPoolProperties : public QObject
{
    Q_OBJECT

private slots:
    void noWalkBreaksTheRules_data();
    void noWalkBreaksTheRules();
    void sharesAreFair_data();
    void sharesAreFair();
    void conversationsAreBounded();
    void manyAccountsAreFast_data();
    void manyAccountsAreFast();
};

namespace {

constexpr std::array AllStrategies {PoolStrategy::RoundRobin, PoolStrategy::LeastUsed,
                                    PoolStrategy::MostQuota, PoolStrategy::Priority,
                                    PoolStrategy::FillFirst};

class Dice
{
public:
    explicit Dice(unsigned seed)
        : m_engine(seed)
    {
    }
    int below(int end) { return static_cast<int>(m_engine() % static_cast<unsigned>(end)); }
    bool oneIn(int chances) { return below(chances) == 0; }

private:
    std::mt19937 m_engine;
};

QStringList accountIds(int count)
{
    QStringList ids;
    for (int i = 0; i < count; ++i)
        ids.append(u"account-"_s + QString::number(i));
    return ids;
}

/// One random walk, and what an account may not do, worked out apart from the pool.
class PoolWalk
{
public:
    PoolWalk(PoolStrategy strategy, unsigned seed)
        : m_dice(seed)
        , m_ids(accountIds(8))
        , m_bench(m_ids, settingsOf(strategy))
    {
        for (const QString &id : m_ids)
            m_facts.insert(id, {});
    }

    /// Empty, or what went wrong.
    QString step()
    {
        m_bench.pass(std::chrono::milliseconds(m_dice.below(20'000)));
        if (m_dice.oneIn(200))
            m_bench.pass(12h);
        if (m_dice.oneIn(40))
            changeMember();
        if (m_dice.oneIn(15))
            restore();
        if (!m_running.empty() && m_dice.oneIn(2))
            answerOne();
        return m_running.size() < 40 ? request() : QString();
    }

    int choices() const { return m_choices; }
    int refusals() const { return m_refusals; }
    int probes() const { return m_probes; }
    int moves() const { return m_moves; }

private:
    struct Facts
    {
        bool isUsable = true;
        bool isBlocked = false;
        QDateTime reported; ///< exhausted until
        QDateTime guessed;
        QDateTime paused;
        int probes = 0; ///< that are not answered
    };
    struct Running
    {
        QString id;
        bool isProbe = false;
    };

    static PoolSettings settingsOf(PoolStrategy strategy)
    {
        PoolSettings settings;
        settings.strategy = strategy;
        settings.maxFailures = 2;
        return settings;
    }

    QString anyId() { return m_ids.at(m_dice.below(static_cast<int>(m_ids.size()))); }

    void changeMember()
    {
        const QString id = anyId();
        Facts &facts = m_facts[id];
        PoolMember &member = m_bench.member(id);
        if (m_dice.oneIn(2)) {
            const bool wasUsable = member.usable;
            member.usable = !member.usable || m_dice.oneIn(2);
            facts.isUsable = member.usable;
            facts.isBlocked = facts.isBlocked && (wasUsable || !member.usable);
        } else {
            const bool isSpent = m_dice.oneIn(3);
            member.exhaustedUntil =
                isSpent ? m_bench.now().addSecs(1 + m_dice.below(20'000)) : QDateTime();
            facts.reported = member.exhaustedUntil;
            if (isSpent)
                facts.guessed = {};
        }
        m_bench.update();
    }

    void restore()
    {
        const QString id = anyId();
        m_bench.pool().restore(id);
        Facts &facts = m_facts[id];
        facts = {facts.isUsable, false, facts.reported, {}, {}, 0};
    }

    void answerOne()
    {
        const auto at = m_running.begin() + m_dice.below(static_cast<int>(m_running.size()));
        const Running one = *at;
        m_running.erase(at);
        const QDateTime &now = m_bench.now();
        switch (m_dice.below(10)) {
        case 0:
            m_bench.pool().abandoned(one.id);
            m_facts[one.id].probes -= one.isProbe ? 1 : 0;
            break;
        case 1:
            m_bench.pool().modelRefused(one.id, u"opus"_s, now);
            m_bench.pool().failed(one.id, AccountEffect::None, 60s, u"no such model"_s, now);
            m_facts[one.id].probes -= one.isProbe ? 1 : 0;
            break;
        case 2:
        case 3:
        case 4:
            failOne(one.id);
            break;
        default:
            m_bench.pool().succeeded(one.id, now);
            endProbe(one.id);
        }
        m_facts[one.id].probes = std::max(0, m_facts[one.id].probes);
    }

    void failOne(const QString &id)
    {
        const QDateTime &now = m_bench.now();
        const QDate today = now.date();
        Facts &facts = m_facts[id];
        const std::chrono::seconds pause(m_dice.below(100));
        AccountEffect effect = AccountEffect::CoolDown;
        if (m_dice.oneIn(8)) {
            effect = m_dice.oneIn(2) ? AccountEffect::AuthProblem : AccountEffect::Suspended;
            facts.isBlocked = true;
        } else if (m_dice.oneIn(8)) {
            effect = AccountEffect::MonthlyExhausted;
            const QDate next = QDate(today.year(), today.month(), 1).addMonths(1);
            if (!facts.reported.isValid() || facts.reported <= now)
                facts.guessed = QDateTime(next, QTime(0, 0), Qt::UTC);
        } else {
            facts.paused =
                std::max(facts.paused, now.addSecs(pause.count() == 0 ? 60 : pause.count()));
        }
        m_bench.pool().failed(id, effect, pause, u"failed"_s, now);
        endProbe(id);
    }

    /// A success or failure of an account ends its probe, whichever request it was of.
    void endProbe(const QString &id)
    {
        m_facts[id].probes = 0;
        for (Running &one : m_running)
            one.isProbe = one.isProbe && one.id != id;
    }

    QString request()
    {
        Pool::Ask ask;
        if (!m_dice.oneIn(4))
            ask.conversation = u"talk-"_s + QString::number(m_dice.below(30));
        ask.model = m_dice.oneIn(4) ? u"opus"_s : u"sonnet"_s;
        while (m_dice.oneIn(4))
            ask.excluded.append(anyId());
        if (m_dice.oneIn(10))
            ask.only = anyId();
        QHash<QString, AccountHealth> before;
        for (const QString &id : m_ids)
            before.insert(id, m_bench.health(id));
        const auto answer = m_bench.ask(ask);
        if (const auto *choice = std::get_if<Pool::Choice>(&answer))
            return judge(*choice, ask, before);
        return judge(std::get<Pool::Refusal>(answer), ask, before);
    }

    QString judge(const Pool::Choice &choice, const Pool::Ask &ask,
                  const QHash<QString, AccountHealth> &before)
    {
        ++m_choices;
        const QDateTime &now = m_bench.now();
        Facts &facts = m_facts[choice.accountId];
        const State was = before.value(choice.accountId).state;
        if (!facts.isUsable || facts.isBlocked)
            return u"picked an account that cannot be used"_s;
        if (now < facts.reported || now < facts.guessed)
            return u"picked an exhausted account"_s;
        if (now < facts.paused)
            return u"picked an account that cools down"_s;
        if (ask.excluded.contains(choice.accountId))
            return u"picked an excluded account"_s;
        if (!ask.only.isEmpty() && ask.only != choice.accountId)
            return u"picked another account than the one asked for"_s;
        if (was != (choice.isProbe ? State::Probing : State::Ready))
            return u"probe and state do not agree"_s;
        if (choice.isProbe && ++facts.probes > 1)
            return u"two probes at once"_s;
        m_probes += choice.isProbe ? 1 : 0;
        m_running.push_back({choice.accountId, choice.isProbe});
        if (m_bench.health(choice.accountId).requests
            != before.value(choice.accountId).requests + 1)
            return u"the request was not counted"_s;
        return judgeMove(choice, ask);
    }

    QString judgeMove(const Pool::Choice &choice, const Pool::Ask &ask)
    {
        if (choice.reason.isEmpty())
            return u"no reason"_s;
        if (ask.conversation.isEmpty())
            return {};
        const QString home = m_homes.value(ask.conversation);
        m_homes.insert(ask.conversation, choice.accountId);
        const bool hasMoved = !home.isEmpty() && home != choice.accountId;
        m_moves += hasMoved ? 1 : 0;
        if (hasMoved != choice.reason.startsWith(u"conversation moved: its "_s)
            && hasMoved != choice.reason.startsWith(u"conversation moved: it was quiet"_s)
            && hasMoved != choice.reason.startsWith(u"conversation moved: another account"_s))
            return u"a move and its reason do not agree: "_s + choice.reason;
        return {};
    }

    QString judge(const Pool::Refusal &refusal, const Pool::Ask &ask,
                  const QHash<QString, AccountHealth> &before)
    {
        ++m_refusals;
        for (const QString &id : m_ids) {
            const bool isAllowed =
                !ask.excluded.contains(id) && (ask.only.isEmpty() || ask.only == id);
            if (isAllowed && ask.model != u"opus" && before.value(id).state == State::Ready)
                return u"refused although an account was ready"_s;
        }
        const bool hasTime = refusal.why == Pool::Refusal::Why::Exhausted
            || refusal.why == Pool::Refusal::Why::CoolingDown;
        if (hasTime != (refusal.until > m_bench.now()))
            return u"a refusal without the right time"_s;
        return {};
    }

    Dice m_dice;
    QStringList m_ids;
    PoolBench m_bench;
    QHash<QString, Facts> m_facts;
    QHash<QString, QString> m_homes;
    std::vector<Running> m_running;
    int m_choices = 0;
    int m_refusals = 0;
    int m_probes = 0;
    int m_moves = 0;
};

} // namespace

void TstPoolProperties::noWalkBreaksTheRules_data()
{
    QTest::addColumn<PoolStrategy>("strategy");
    QTest::addColumn<unsigned>("seed");
    for (const PoolStrategy strategy : AllStrategies) {
        for (unsigned seed = 1; seed <= 5; ++seed)
            QTest::addRow("%s %u", qPrintable(toString(strategy)), seed) << strategy << seed;
    }
}

void TstPoolProperties::noWalkBreaksTheRules()
{
    QFETCH(PoolStrategy, strategy);
    QFETCH(unsigned, seed);
    PoolWalk walk(strategy, seed);
    for (int step = 0; step < 5000; ++step) {
        const QString wrong = walk.step();
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong + u" in step "_s + QString::number(step)));
    }
    // The walk has been everywhere.
    QVERIFY(walk.choices() > 1000);
    QVERIFY(walk.refusals() > 20);
    QVERIFY(walk.probes() > 10);
    QVERIFY(walk.moves() > 100);
}

void TstPoolProperties::sharesAreFair_data()
{
    QTest::addColumn<PoolStrategy>("strategy");
    QTest::addColumn<int>("accounts");
    QTest::addColumn<bool>("pauses");

    for (const PoolStrategy strategy : {PoolStrategy::RoundRobin, PoolStrategy::LeastUsed}) {
        for (const int accounts : {2, 3, 7, 20, 200}) {
            const QString name = toString(strategy) + u' ' + QString::number(accounts);
            QTest::addRow("%s", qPrintable(name)) << strategy << accounts << false;
            QTest::addRow("%s with pauses", qPrintable(name)) << strategy << accounts << true;
        }
    }
}

/// Round robin shares out new conversations, least used shares out requests.
void TstPoolProperties::sharesAreFair()
{
    QFETCH(PoolStrategy, strategy);
    QFETCH(int, accounts);
    QFETCH(bool, pauses);
    constexpr int Share = 500;
    Dice dice(static_cast<unsigned>(accounts));
    const QStringList ids = accountIds(accounts);
    PoolSettings settings;
    settings.strategy = strategy;
    PoolBench bench(ids, settings);
    QHash<QString, int> shares;
    int step = 0;
    for (int given = 0; given < Share * accounts;) {
        bench.pass(100ms);
        if (pauses && ++step % 40 == 0)
            bench.fail(ids.at(step / 40 % accounts), AccountEffect::CoolDown, 2s);
        const QString talk =
            dice.oneIn(3) ? QString() : u"talk-"_s + QString::number(dice.below(given / 4 + 10));
        const Pool::Choice choice = bench.choice({talk, {}});
        if (choice.accountId == u"refused")
            continue;
        bench.pool().succeeded(choice.accountId, bench.now());
        if (strategy == PoolStrategy::LeastUsed || choice.reason != u"same conversation") {
            ++given;
            ++shares[choice.accountId];
        }
    }
    QCOMPARE(shares.size(), accounts);
    for (const QString &id : ids) {
        const int share = shares.value(id);
        QVERIFY2(std::abs(share - Share) <= Share / 20,
                 qPrintable(id + u" got "_s + QString::number(share)));
    }
}

void TstPoolProperties::conversationsAreBounded()
{
    Conversations conversations(1000);
    for (int i = 0; i < 50'000; ++i) {
        conversations.put(QString::number(i), u"a"_s, i);
        conversations.put(u"busy"_s, u"b"_s, i);
    }
    QCOMPARE(conversations.size(), 1000U);
    QVERIFY(conversations.find(u"busy"_s));
    QVERIFY(conversations.find(u"49999"_s));
    QVERIFY(conversations.find(u"49001"_s));
    QVERIFY(!conversations.find(u"49000"_s));

    PoolBench bench(accountIds(2));
    const Pool::Ask first {u"the first"_s, {}};
    bench.served(first);
    QCOMPARE(bench.choice(first).reason, u"same conversation"_s);
    for (int i = 0; i < limits::MaxConversations; ++i)
        bench.served({QString::number(i), {}});
    QCOMPARE(bench.choice(first).reason, u"round robin"_s);
}

void TstPoolProperties::manyAccountsAreFast_data()
{
    QTest::addColumn<int>("accounts");
    QTest::newRow("200") << 200;
    QTest::newRow("500") << 500;
}

void TstPoolProperties::manyAccountsAreFast()
{
    QFETCH(int, accounts);
    constexpr int Requests = 4000;
    for (const PoolStrategy strategy : AllStrategies) {
        PoolSettings settings;
        settings.strategy = strategy;
        PoolBench bench(accountIds(accounts), settings);
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < Requests; ++i)
            bench.served({QString::number(i), u"opus"_s});
        const double each = static_cast<double>(timer.nsecsElapsed()) / Requests / 1000;
        qInfo("%s: %.1f us a request", qPrintable(toString(strategy)), each);
        QVERIFY(each < 2000); // tens of microseconds are usual; sanitizers take their share
    }
}

QTEST_GUILESS_MAIN(TstPoolProperties)
#include "tst_poolproperties.moc"
