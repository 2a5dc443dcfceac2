// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/base/result.h"
#include "app/context/contextsettings.h"
#include "app/context/summarycache.h"

#include <QTest>

using namespace kirotray;
using namespace std::chrono_literals;

namespace {

const SummaryCache::Time Start {1000s};

Summary summaryOf(const std::string &text)
{
    return {text, {4, 5000, 77}};
}

/// Groups of two messages each, of this many characters.
CutPlan planOf(std::size_t count, const std::vector<qint64> &characters)
{
    CutPlan plan;
    plan.count = count;
    CutPrefix prefix;
    for (const qint64 each : characters) {
        prefix.messages += 2;
        prefix.characters += each;
        prefix.fingerprint = prefix.fingerprint * 31 + quint64(each);
        plan.prefixes.push_back(prefix);
    }
    return plan;
}

} // namespace

class TstSummaryCache : public QObject
{
    Q_OBJECT

private slots:
    void aSummaryIsFoundUntilItIsTooOld()
    {
        SummaryCache cache;
        QVERIFY(cache.find(u"a"_s, Start, 180s) == nullptr);
        cache.put(u"a"_s, summaryOf("what was said"), Start);
        const Summary *found = cache.find(u"a"_s, Start + 180s, 180s);
        QVERIFY(found != nullptr);
        QCOMPARE(found->text, std::string("what was said"));
        QVERIFY(cache.find(u"a"_s, Start + 181s, 180s) == nullptr);
        QVERIFY(cache.find(u"b"_s, Start, 180s) == nullptr);
    }

    void aNewerSummaryReplacesTheOlder()
    {
        SummaryCache cache;
        cache.put(u"a"_s, summaryOf("old"), Start);
        cache.put(u"a"_s, summaryOf("new"), Start + 100s);
        QCOMPARE(cache.find(u"a"_s, Start + 200s, 180s)->text, std::string("new"));
        QCOMPARE(cache.size(), 1);
    }

    void theOldestGoWhenThereAreTooMany()
    {
        SummaryCache cache;
        for (int at = 0; at < limits::MaxSummaries + 10; ++at)
            cache.put(QString::number(at), summaryOf("s"), Start + std::chrono::seconds(at));
        QCOMPARE(cache.size(), qsizetype(limits::MaxSummaries));
        QVERIFY(cache.find(u"9"_s, Start, 1h) == nullptr);
        QVERIFY(cache.find(u"10"_s, Start, 1h) != nullptr);
    }

    void aFailureIsRememberedForAMinute()
    {
        SummaryCache cache;
        QVERIFY(!cache.hasFailedLately(u"a"_s, Start));
        cache.noteFailure(u"a"_s, Start);
        QVERIFY(cache.hasFailedLately(u"a"_s, Start + 59s));
        QVERIFY(!cache.hasFailedLately(u"a"_s, Start + 60s));
        QVERIFY(!cache.hasFailedLately(u"b"_s, Start));
        cache.put(u"a"_s, summaryOf("s"), Start + 1s);
        QVERIFY(!cache.hasFailedLately(u"a"_s, Start + 2s));
    }

    void aSummaryIsUsedAgainWhenLittleIsNew_data()
    {
        QTest::addColumn<int>("summarised"); // groups
        QTest::addColumn<int>("wanted"); // groups
        QTest::addColumn<qint64>("newCharacters"); // of each group
        QTest::addColumn<bool>("isUrgent");
        QTest::addColumn<int>("used"); // groups; 0: a new summary
        const auto row = [](const char *name, int summarised, int wanted, qint64 newCharacters,
                            bool isUrgent, int used) {
            QTest::addRow("%s", name) << summarised << wanted << newCharacters << isUrgent << used;
        };
        row("the same messages", 3, 3, 100, false, 3);
        row("the same messages, urgently", 3, 3, 100, true, 3);
        row("fewer messages", 3, 2, 100, false, 3);
        row("few new ones stay", 2, 3, 3999, false, 2);
        row("not when the request is too long already", 2, 3, 10, true, 0);
        row("too many new messages", 1, 3, 10, false, 0);
        row("too many new characters", 2, 3, 4000, false, 0);
    }
    void aSummaryIsUsedAgainWhenLittleIsNew()
    {
        QFETCH(int, summarised);
        QFETCH(int, wanted);
        QFETCH(qint64, newCharacters);
        QFETCH(bool, isUrgent);
        const CutPlan plan = planOf(std::size_t(wanted),
                                    {newCharacters, newCharacters, newCharacters, newCharacters});
        const Summary summary {"s", plan.prefixes[std::size_t(summarised) - 1]};
        const auto used = reusableFor(summary, plan, ContextSettings(), isUrgent);
        QTEST(int(used.value_or(0)), "used");
    }

    void aSummaryOfOtherMessagesIsNotUsed()
    {
        const CutPlan plan = planOf(2, {10, 20, 30});
        CutPrefix covers = plan.prefixes[1];
        QCOMPARE(coveredGroups({"s", covers}, plan), std::size_t(2));
        ++covers.fingerprint;
        QCOMPARE(coveredGroups({"s", covers}, plan), std::size_t(0));
        QVERIFY(!reusableFor({"s", covers}, plan, ContextSettings(), false));
    }
};

QTEST_GUILESS_MAIN(TstSummaryCache)
#include "tst_summarycache.moc"
