// SPDX-License-Identifier: MIT
#include "app/accounts/keylimits.h"

#include <QTest>

#include <random>

using namespace kirotray;

using Why = KeyLimits::Refusal::Why;

Q_DECLARE_METATYPE(kirotray::KeyLimits::Refusal::Why)

class TstKeyLimits : public QObject
{
    Q_OBJECT

private slots:
    void modelsAreAllowedByPatterns_data();
    void modelsAreAllowedByPatterns();
    void refusalSaysWhyAndUntilWhen_data();
    void refusalSaysWhyAndUntilWhen();
    void requestsSideBySideDoNotPassTheLimit();
    void refusedRequestsAreNotCounted_data();
    void refusedRequestsAreNotCounted();
    void creditsAreCountedWhenTheyAreKnown();
    void nextDayStartsAnew();
    void newListKeepsTheLargerCounts();
    void unknownKeysAreAllowed();
    void noWalkPassesALimit();
};

namespace {

const QDateTime Noon(QDate(2026, 3, 14), QTime(12, 0)); // local

ClientKey keyOf(const QString &name, std::optional<int> requests = {},
                std::optional<double> credits = {})
{
    ClientKey key;
    key.id = u"id-of-"_s + name;
    key.name = name;
    key.requestsPerDay = requests;
    key.creditsPerDay = credits;
    return key;
}

KeyLimits limitsOf(const ClientKey &key)
{
    KeyLimits limits;
    limits.setKeys({key}, Noon);
    return limits;
}

FlowRecord flowOf(const QString &key, int attempts = 1, int status = 200,
                  std::optional<double> credits = {})
{
    FlowRecord flow;
    flow.clientKey = key;
    flow.attempts = attempts;
    flow.status = status;
    flow.credits = credits;
    return flow;
}

bool isAllowed(KeyLimits &limits, const QString &name, const QDateTime &now = Noon)
{
    return !limits.admit(name, u"claude-sonnet-4.5"_s, now);
}

} // namespace

void TstKeyLimits::modelsAreAllowedByPatterns_data()
{
    QTest::addColumn<QStringList>("patterns");
    QTest::addColumn<QString>("model");
    QTest::addColumn<bool>("isAllowed");

    QTest::newRow("no patterns") << QStringList {} << u"anything"_s << true;
    QTest::newRow("the same") << QStringList {u"gpt-4o"_s} << u"gpt-4o"_s << true;
    QTest::newRow("another case") << QStringList {u"GPT-4o"_s} << u"gpt-4O"_s << true;
    QTest::newRow("a part only") << QStringList {u"gpt-4o"_s} << u"gpt-4o-mini"_s << false;
    QTest::newRow("a star at the end")
        << QStringList {u"claude-*"_s} << u"claude-opus-4.5"_s << true;
    QTest::newRow("a star in between")
        << QStringList {u"claude-*-4.5"_s} << u"claude-opus-4.5"_s << true;
    QTest::newRow("a star alone") << QStringList {u"*"_s} << u"x"_s << true;
    QTest::newRow("one of several")
        << QStringList {u"gpt-*"_s, u"*haiku*"_s} << u"claude-haiku-4.5"_s << true;
    QTest::newRow("none of several")
        << QStringList {u"gpt-*"_s, u"*haiku*"_s} << u"claude-opus-4.5"_s << false;
    QTest::newRow("no model named") << QStringList {u"gpt-*"_s} << QString() << true;
}

void TstKeyLimits::modelsAreAllowedByPatterns()
{
    QFETCH(QStringList, patterns);
    QFETCH(QString, model);
    ClientKey key = keyOf(u"k"_s);
    key.models = patterns;
    QTEST(!limitsOf(key).admit(u"k"_s, model, Noon), "isAllowed");
}

void TstKeyLimits::refusalSaysWhyAndUntilWhen_data()
{
    QTest::addColumn<bool>("enabled");
    QTest::addColumn<QStringList>("models");
    QTest::addColumn<int>("requests");
    QTest::addColumn<double>("credits");
    QTest::addColumn<KeyLimits::Refusal::Why>("why");
    QTest::addColumn<QString>("what");
    QTest::addColumn<bool>("hasTime");

    QTest::newRow("disabled") << false << QStringList {} << 5 << 5.0 << Why::Disabled
                              << u"the key 'work' is disabled"_s << false;
    QTest::newRow("model")
        << true << QStringList {u"gpt-*"_s, u"o3"_s} << 5 << 5.0 << Why::Model
        << u"the key 'work' does not allow the model 'opus'; it allows gpt-*, o3"_s << false;
    QTest::newRow("requests") << true << QStringList {} << 3 << 5.0 << Why::Requests
                              << u"the key 'work' has used its 3 requests of today; they come back "
                                 "at 2026-03-15 00:00 local time"_s
                              << true;
    QTest::newRow("no requests at all")
        << true << QStringList {} << 0 << 5.0 << Why::Requests
        << u"the key 'work' has used its 0 requests of today; they come back "
           "at 2026-03-15 00:00 local time"_s
        << true;
    QTest::newRow("credits") << true << QStringList {} << 5 << 2.5 << Why::Credits
                             << u"the key 'work' has used its 2.5 credits of today; they come back "
                                "at 2026-03-15 00:00 local time"_s
                             << true;
}

void TstKeyLimits::refusalSaysWhyAndUntilWhen()
{
    QFETCH(bool, enabled);
    QFETCH(QStringList, models);
    QFETCH(int, requests);
    QFETCH(double, credits);
    QFETCH(bool, hasTime);
    ClientKey key = keyOf(u"work"_s, requests, credits);
    key.enabled = enabled;
    key.models = models;
    key.day = Noon.date();
    key.requestsToday = 3;
    key.creditsToday = 2.5;
    const std::optional<KeyLimits::Refusal> refusal =
        limitsOf(key).admit(u"work"_s, u"opus"_s, Noon);
    QVERIFY(refusal);
    QTEST(refusal->why, "why");
    QTEST(refusal->what, "what");
    QCOMPARE(refusal->until, hasTime ? QDate(2026, 3, 15).startOfDay().toUTC() : QDateTime());
}

void TstKeyLimits::requestsSideBySideDoNotPassTheLimit()
{
    KeyLimits limits = limitsOf(keyOf(u"k"_s, 3));
    QVERIFY(isAllowed(limits, u"k"_s));
    QVERIFY(isAllowed(limits, u"k"_s));
    QVERIFY(isAllowed(limits, u"k"_s));
    QVERIFY(!isAllowed(limits, u"k"_s)); // though none has ended
    QCOMPARE(limits.requestsToday(u"k"_s), 3);
}

void TstKeyLimits::refusedRequestsAreNotCounted_data()
{
    QTest::addColumn<int>("attempts");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("count");

    QTest::newRow("answered") << 1 << 200 << 1;
    QTest::newRow("answered without the upstream") << 0 << 200 << 1;
    QTest::newRow("failed upstream") << 3 << 502 << 1;
    QTest::newRow("refused before") << 0 << 400 << 0;
    QTest::newRow("no account") << 0 << 503 << 0;
}

void TstKeyLimits::refusedRequestsAreNotCounted()
{
    QFETCH(int, attempts);
    QFETCH(int, status);
    KeyLimits limits = limitsOf(keyOf(u"k"_s));
    isAllowed(limits, u"k"_s);
    limits.ended(flowOf(u"k"_s, attempts, status), Noon);
    QTEST(limits.requestsToday(u"k"_s), "count");
}

void TstKeyLimits::creditsAreCountedWhenTheyAreKnown()
{
    KeyLimits limits = limitsOf(keyOf(u"k"_s, {}, 1.0));
    for (int i = 0; i < 4; ++i) {
        QVERIFY(isAllowed(limits, u"k"_s));
        limits.ended(flowOf(u"k"_s, 1, 200, 0.25), Noon);
    }
    QCOMPARE(limits.creditsToday(u"k"_s), 1.0);
    QVERIFY(!isAllowed(limits, u"k"_s));
    limits.ended(flowOf(u"other"_s, 1, 200, 100.0), Noon); // of a key that is gone
}

void TstKeyLimits::nextDayStartsAnew()
{
    KeyLimits limits = limitsOf(keyOf(u"k"_s, 1, 1.0));
    QVERIFY(isAllowed(limits, u"k"_s));
    limits.ended(flowOf(u"k"_s, 1, 200, 5), Noon);
    const QDateTime midnight = Noon.date().addDays(1).startOfDay();
    QVERIFY(!isAllowed(limits, u"k"_s, midnight.addMSecs(-1).toUTC()));
    QVERIFY(isAllowed(limits, u"k"_s, midnight.toUTC()));
    QCOMPARE(limits.requestsToday(u"k"_s), 1);
    QCOMPARE(limits.creditsToday(u"k"_s), 0.0);
}

void TstKeyLimits::newListKeepsTheLargerCounts()
{
    ClientKey key = keyOf(u"k"_s, 10);
    KeyLimits limits = limitsOf(key);
    for (int i = 0; i < 4; ++i)
        isAllowed(limits, u"k"_s);
    key.name = u"renamed"_s;
    key.day = Noon.date();
    key.requestsToday = 2; // the list is behind
    key.creditsToday = 7;
    limits.setKeys({key}, Noon);
    QCOMPARE(limits.requestsToday(u"renamed"_s), 4);
    QCOMPARE(limits.creditsToday(u"renamed"_s), 7.0);
    key.requestsToday = 9;
    limits.setKeys({key}, Noon);
    QCOMPARE(limits.requestsToday(u"renamed"_s), 9);
    key.day = Noon.date().addDays(-1); // of yesterday: nothing
    limits.setKeys({}, Noon);
    limits.setKeys({key}, Noon);
    QCOMPARE(limits.requestsToday(u"renamed"_s), 0);
}

void TstKeyLimits::unknownKeysAreAllowed()
{
    KeyLimits limits = limitsOf(keyOf(u"k"_s, 0));
    QVERIFY(isAllowed(limits, u"other"_s));
    QVERIFY(isAllowed(limits, {}));
    QCOMPARE(limits.requestsToday(u"other"_s), 0);
}

void TstKeyLimits::noWalkPassesALimit()
{
    for (unsigned seed = 1; seed <= 20; ++seed) {
        std::mt19937 dice(seed);
        const int most = static_cast<int>(dice() % 30);
        const double credits = static_cast<double>(dice() % 20);
        KeyLimits limits = limitsOf(keyOf(u"k"_s, most, credits));
        QDateTime now = Noon;
        int day = 0;
        int used = 0;
        double spent = 0;
        for (int step = 0; step < 3000; ++step) {
            now = now.addSecs(static_cast<int>(dice() % 600));
            if (const int today = static_cast<int>(Noon.daysTo(now)); today != day) {
                day = today;
                used = 0;
                spent = 0;
            }
            const bool allowed = isAllowed(limits, u"k"_s, now);
            QCOMPARE(allowed, used < most && spent < credits);
            if (!allowed)
                continue;
            ++used;
            const bool reaches = dice() % 4 != 0;
            const double cost = reaches ? 0.5 : 0;
            limits.ended(flowOf(u"k"_s, reaches ? 1 : 0, reaches ? 200 : 400, cost), now);
            used -= reaches ? 0 : 1;
            spent += cost;
        }
    }
}

QTEST_GUILESS_MAIN(TstKeyLimits)
#include "tst_keylimits.moc"
