// SPDX-License-Identifier: MIT
#include "app/accounts/pacing.h"
#include "app/base/result.h"
#include "app/base/settings.h"

#include <QHash>
#include <QTest>

#include <algorithm>
#include <array>
#include <random>

using namespace kirotray;
using namespace std::chrono_literals;

class TstPacing : public QObject
{
    Q_OBJECT

private slots:
    void startsAreAsFastAsTheLimitsAllow_data();
    void startsAreAsFastAsTheLimitsAllow();
    void idleAccountHasItsBurstAgain();
    void fullAccountWaitsForAnEnd();
    void othersAreNotHeldUpByOneAccount();
    void switchedOffNeverWaits();
    void removedAccountIsForgotten();
    void loweredLimitHoldsAtOnce();
    void limitsHoldInEveryWindow_data();
    void limitsHoldInEveryWindow();
    void agentIsHeldUpLittle_data();
    void agentIsHeldUpLittle();
};

namespace {

using Ms = std::chrono::milliseconds;

/// A free account, all limits wide.
PacingSettings wideSettings()
{
    PacingSettings settings;
    settings.enabled = true;
    settings.minGap = 0ms;
    settings.perAccount = 1'000'000;
    settings.total = 1'000'000;
    settings.concurrency = 1'000'000;
    return settings;
}

const Pacing::Time Zero {1000h};

/// When `count` requests of "a" start that all come at once, in ms; each ends at once.
QList<int> startsOf(Pacing &pacing, int count)
{
    QList<int> starts;
    Pacing::Time now = Zero;
    while (starts.size() < count) {
        now += pacing.waitOf(u"a"_s, now).value_or(1h);
        pacing.started(u"a"_s, now);
        pacing.ended(u"a"_s);
        starts.append(static_cast<int>(std::chrono::ceil<Ms>(now - Zero).count()));
    }
    return starts;
}

} // namespace

void TstPacing::startsAreAsFastAsTheLimitsAllow_data()
{
    QTest::addColumn<int>("gap");
    QTest::addColumn<int>("burst");
    QTest::addColumn<int>("perAccount");
    QTest::addColumn<int>("total");
    QTest::addColumn<QList<int>>("starts");

    QTest::newRow("no limit") << 0 << 1 << 100 << 100 << QList<int> {0, 0, 0, 0, 0};
    QTest::newRow("gap") << 1000 << 1 << 100 << 100 << QList<int> {0, 1000, 2000, 3000, 4000};
    QTest::newRow("gap after a burst")
        << 1000 << 3 << 100 << 100 << QList<int> {0, 0, 0, 1000, 2000};
    QTest::newRow("starts a minute of an account")
        << 1000 << 3 << 4 << 100 << QList<int> {0, 0, 0, 1000, 60'000, 60'000, 60'000, 61'000};
    QTest::newRow("starts a minute of all")
        << 0 << 1 << 100 << 2 << QList<int> {0, 0, 60'000, 60'000, 120'000};
}

void TstPacing::startsAreAsFastAsTheLimitsAllow()
{
    QFETCH(int, gap);
    QFETCH(int, burst);
    QFETCH(int, perAccount);
    QFETCH(int, total);
    QFETCH(QList<int>, starts);
    PacingSettings settings = wideSettings();
    settings.minGap = Ms(gap);
    settings.burst = burst;
    settings.perAccount = perAccount;
    settings.total = total;
    Pacing pacing;
    pacing.setSettings(settings);
    QCOMPARE(startsOf(pacing, static_cast<int>(starts.size())), starts);
}

void TstPacing::idleAccountHasItsBurstAgain()
{
    PacingSettings settings = wideSettings();
    settings.minGap = 1s;
    settings.burst = 3;
    Pacing pacing;
    pacing.setSettings(settings);
    startsOf(pacing, 3);
    QCOMPARE(pacing.waitOf(u"a"_s, Zero), 1000ms);
    QCOMPARE(pacing.waitOf(u"a"_s, Zero + 300ms), 700ms);
    const Pacing::Time later = Zero + 2s; // two of three starts are back
    for (const Ms wait : {0ms, 0ms, 1000ms}) {
        QCOMPARE(pacing.waitOf(u"a"_s, later), wait);
        pacing.started(u"a"_s, later);
    }
}

void TstPacing::fullAccountWaitsForAnEnd()
{
    PacingSettings settings = wideSettings();
    settings.concurrency = 2;
    Pacing pacing;
    pacing.setSettings(settings);
    pacing.started(u"a"_s, Zero);
    QCOMPARE(pacing.waitOf(u"a"_s, Zero), 0ms);
    pacing.started(u"a"_s, Zero);
    QCOMPARE(pacing.running(u"a"_s), 2);
    QVERIFY(!pacing.waitOf(u"a"_s, Zero + 24h));
    QCOMPARE(pacing.waitOf(u"b"_s, Zero), 0ms);
    pacing.ended(u"a"_s);
    QCOMPARE(pacing.waitOf(u"a"_s, Zero), 0ms);
    pacing.ended(u"a"_s);
    pacing.ended(u"a"_s); // once too often
    pacing.ended(u"unknown"_s);
    QCOMPARE(pacing.running(u"a"_s), 0);
    QCOMPARE(pacing.running(u"unknown"_s), 0);
}

void TstPacing::othersAreNotHeldUpByOneAccount()
{
    PacingSettings settings = wideSettings();
    settings.minGap = 1s;
    settings.burst = 1;
    settings.perAccount = 10;
    Pacing pacing;
    pacing.setSettings(settings);
    startsOf(pacing, 10);
    QVERIFY(pacing.waitOf(u"a"_s, Zero) > 0ms);
    QCOMPARE(pacing.waitOf(u"b"_s, Zero), 0ms);
}

void TstPacing::switchedOffNeverWaits()
{
    PacingSettings settings = wideSettings();
    settings.minGap = 1s;
    settings.concurrency = 1;
    Pacing pacing;
    pacing.setSettings(settings);
    startsOf(pacing, 20);
    settings.enabled = false;
    pacing.setSettings(settings);
    for (int i = 0; i < 100; ++i)
        pacing.started(u"a"_s, Zero);
    QCOMPARE(pacing.waitOf(u"a"_s, Zero), 0ms);
    QCOMPARE(pacing.running(u"a"_s), 100);

    settings.enabled = true; // what runs counts, what was started before does not
    pacing.setSettings(settings);
    QVERIFY(!pacing.waitOf(u"a"_s, Zero));
    for (int i = 0; i < 100; ++i)
        pacing.ended(u"a"_s);
    QCOMPARE(pacing.waitOf(u"a"_s, Zero), 0ms);
}

void TstPacing::removedAccountIsForgotten()
{
    PacingSettings settings = wideSettings();
    settings.concurrency = 1;
    Pacing pacing;
    pacing.setSettings(settings);
    pacing.started(u"a"_s, Zero);
    pacing.forget(u"a"_s);
    QCOMPARE(pacing.running(u"a"_s), 0);
    pacing.ended(u"a"_s); // of the request that ran on
    QCOMPARE(pacing.running(u"a"_s), 0);
    QCOMPARE(pacing.waitOf(u"a"_s, Zero), 0ms);
}

void TstPacing::loweredLimitHoldsAtOnce()
{
    PacingSettings settings = wideSettings();
    Pacing pacing;
    pacing.setSettings(settings);
    for (int i = 0; i < 10; ++i)
        pacing.started(u"a"_s, Zero + i * 1s);
    settings.perAccount = 4;
    pacing.setSettings(settings);
    QCOMPARE(pacing.waitOf(u"a"_s, Zero + 10s), 56s); // the seventh of them is out after 66 s
}

void TstPacing::limitsHoldInEveryWindow_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 60; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void TstPacing::limitsHoldInEveryWindow()
{
    QFETCH(unsigned, seed);
    std::mt19937 dice(seed);
    const auto upTo = [&dice](int most) {
        return static_cast<int>(dice() % static_cast<unsigned>(most)) + 1;
    };
    PacingSettings settings = wideSettings();
    settings.minGap = Ms(upTo(2000));
    settings.burst = upTo(6);
    settings.perAccount = upTo(60);
    settings.total = upTo(120);
    settings.concurrency = upTo(8);
    Pacing pacing;
    pacing.setSettings(settings);

    const std::array ids {u"a"_s, u"b"_s, u"c"_s};
    QHash<QString, std::vector<Pacing::Time>> starts;
    std::vector<Pacing::Time> all;
    Pacing::Time now = Zero;
    for (int step = 0; step < 3000; ++step) {
        now += Ms(upTo(400) - 1);
        const QString id = ids[static_cast<std::size_t>(upTo(3) - 1)];
        if (pacing.running(id) > 0 && upTo(3) == 1)
            pacing.ended(id);
        const std::optional<Ms> wait = pacing.waitOf(id, now);
        if (pacing.running(id) >= settings.concurrency) {
            QVERIFY(!wait);
            continue;
        }
        QVERIFY(wait);
        if (*wait > 0ms) { // no longer and no shorter than it says
            QCOMPARE(pacing.waitOf(id, now + *wait), 0ms);
            QVERIFY(pacing.waitOf(id, now + *wait - 1ms) > 0ms);
            continue;
        }
        pacing.started(id, now);
        starts[id].push_back(now);
        all.push_back(now);
    }

    const auto isBelow = [](const std::vector<Pacing::Time> &times, int limit, Ms length) {
        const auto most = static_cast<std::size_t>(limit);
        for (std::size_t i = most; i < times.size(); ++i) {
            if (times[i] - times[i - most] < length)
                return false;
        }
        return true;
    };
    QVERIFY(all.size() > 10);
    QVERIFY(isBelow(all, settings.total, 60s));
    for (const QString &id : ids) {
        QVERIFY(isBelow(starts[id], settings.perAccount, 60s));
        for (int more = 1; more <= 20; ++more) // the bucket: burst, and one for each gap
            QVERIFY(isBelow(starts[id], settings.burst + more - 1, settings.minGap * more));
    }
}

namespace {

/// What the calls of an agent's loops went through.
struct AgentRun
{
    int calls = 0;
    std::vector<Ms> waits;

    Ms share(double part) const
    {
        std::vector<Ms> sorted = waits;
        std::sort(sorted.begin(), sorted.end());
        return sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * part)];
    }
};

struct AgentLoop
{
    Pacing::Time wants; ///< the next call
    Pacing::Time ends = {}; ///< of the running call
    Ms between {0}; ///< what it works after a call
    bool isRunning = false;
};

/// `loops` loops over ten minutes, `parallel` calls at the start of the first one. Each loop has a
/// call every three to ten seconds, half of it the model's answer.
AgentRun runAgent(const PacingSettings &settings, int loops, int parallel, unsigned seed)
{
    std::mt19937 dice(seed);
    const auto pause = [&dice] { return Ms(1500 + dice() % 3500); };
    Pacing pacing;
    pacing.setSettings(settings);
    std::vector<AgentLoop> all;
    for (int i = 0; i < loops; ++i)
        all.push_back({Zero + i * 200ms});
    for (int i = 1; i < parallel; ++i)
        all.push_back({Zero});
    AgentRun run;
    for (Pacing::Time now = Zero; now < Zero + 10min; now += 10ms) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            AgentLoop &loop = all[i];
            if (loop.isRunning && loop.ends <= now) {
                pacing.ended(u"a"_s);
                loop.isRunning = false;
                const bool isLoop = i < static_cast<std::size_t>(loops);
                loop.wants = isLoop ? now + pause() : Zero + 24h;
            }
            if (loop.isRunning || loop.wants > now || pacing.waitOf(u"a"_s, now) != 0ms)
                continue;
            pacing.started(u"a"_s, now);
            loop.isRunning = true;
            loop.ends = now + pause();
            ++run.calls;
            run.waits.push_back(std::chrono::duration_cast<Ms>(now - loop.wants));
        }
    }
    return run;
}

PacingSettings defaultSettings()
{
    PacingSettings settings;
    settings.enabled = keys::PacingEnabled.fallback;
    settings.minGap = Ms(keys::PacingMinGapMs.fallback);
    settings.burst = keys::PacingBurst.fallback;
    settings.perAccount = keys::PacingPerAccount.fallback;
    settings.total = keys::PacingTotal.fallback;
    settings.concurrency = keys::PacingConcurrency.fallback;
    return settings;
}

} // namespace

void TstPacing::agentIsHeldUpLittle_data()
{
    QTest::addColumn<int>("loops");
    QTest::addColumn<int>("parallel");
    QTest::addColumn<int>("usual"); // ms, nine of ten calls
    QTest::addColumn<int>("longest"); // ms

    QTest::newRow("one agent") << 1 << 1 << 10 << 10;
    QTest::newRow("one agent, four calls at the start") << 1 << 4 << 10 << 10;
    QTest::newRow("two agents") << 2 << 4 << 10 << 1500;
    QTest::newRow("three subagents") << 3 << 4 << 1000 << 10'000;
    // More is slowed down to what an account may do, and still served.
    QTest::newRow("four subagents") << 4 << 4 << 10'000 << 30'000;
    QTest::newRow("six subagents") << 6 << 4 << 40'000 << 50'000;
}

/// What the defaults do to an agent on one account.
void TstPacing::agentIsHeldUpLittle()
{
    QFETCH(int, loops);
    QFETCH(int, parallel);
    QFETCH(int, usual);
    QFETCH(int, longest);
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const AgentRun run = runAgent(defaultSettings(), loops, parallel, seed);
        QVERIFY(run.calls > 60 * loops || run.calls >= keys::PacingPerAccount.fallback * 10);
        QVERIFY2(run.share(0.9) <= Ms(usual), qPrintable(QString::number(run.share(0.9).count())));
        QVERIFY2(run.share(1) <= Ms(longest), qPrintable(QString::number(run.share(1).count())));
    }
}

QTEST_GUILESS_MAIN(TstPacing)
#include "tst_pacing.moc"
