// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/flows/flowlog.h"
#include "app/flows/flowstatistics.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "flowsample.h"

using namespace kirotray;

namespace {

const QDateTime Noon(QDate(2026, 5, 4), QTime(12, 0), Qt::UTC);

FlowSample sampleAt(const QDateTime &time, qint64 firstByteMs = -1)
{
    FlowSample sample;
    sample.startedMs = time.toMSecsSinceEpoch();
    sample.account = u"a"_s;
    sample.model = u"m"_s;
    sample.client = u"c"_s;
    sample.firstByteMs = firstByteMs;
    return sample;
}

FlowTally tallyOver(const QDateTime &from, const QDateTime &to)
{
    Result<FlowTally> tally = FlowTally::over(from, to);
    return std::move(tally).value();
}

QStringList namesOf(const std::vector<FlowCount> &counts)
{
    QStringList names;
    for (const FlowCount &count : counts)
        names.append(count.name);
    return names;
}

} // namespace

class TstFlowStatistics : public QObject
{
    Q_OBJECT

private slots:
    void takesTheMedian_data();
    void takesTheMedian();
    void cutsTheTime_data();
    void cutsTheTime();
    void refusesTimes_data();
    void refusesTimes();
    void countsOnlyItsTime();
    void addsUpByName();
    void boundsTheLists();
    void readsTheRecords_data();
    void readsTheRecords();
};

void TstFlowStatistics::takesTheMedian_data()
{
    QTest::addColumn<QList<qint64>>("values");
    QTest::addColumn<qint64>("median");
    QTest::addRow("none") << QList<qint64> {} << qint64(-1);
    QTest::addRow("only unanswered ones") << QList<qint64> {-1, -1} << qint64(-1);
    QTest::addRow("one") << QList<qint64> {7} << qint64(7);
    QTest::addRow("nought counts") << QList<qint64> {0, 0, 9} << qint64(0);
    QTest::addRow("three, unsorted") << QList<qint64> {9, 1, 5} << qint64(5);
    QTest::addRow("four: between the middle two") << QList<qint64> {40, 10, 20, 30} << qint64(25);
    QTest::addRow("an outlier moves nothing") << QList<qint64> {1, 2, 3, 4, 1'000'000} << qint64(3);
    QTest::addRow("unanswered ones do not count") << QList<qint64> {-1, 4, -1, 6} << qint64(5);
}

void TstFlowStatistics::takesTheMedian()
{
    QFETCH(QList<qint64>, values);
    FlowTally tally = tallyOver(Noon, Noon.addSecs(60));
    for (const qint64 value : values)
        tally.add(sampleAt(Noon, value));
    QTEST(tally.statistics().total.firstByteMsMedian, "median");
}

void TstFlowStatistics::cutsTheTime_data()
{
    QTest::addColumn<QDateTime>("from");
    QTest::addColumn<QDateTime>("to");
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("last");
    QTest::addColumn<int>("steps");
    const QDateTime crooked = Noon.addSecs(10 * 60);
    QTest::addRow("one second") << Noon << Noon.addSecs(1) << u"2026-05-04T12:00:00Z"_s
                                << u"2026-05-04T12:00:00Z"_s << 1;
    QTest::addRow("whole hours") << Noon << Noon.addSecs(7200) << u"2026-05-04T12:00:00Z"_s
                                 << u"2026-05-04T13:00:00Z"_s << 2;
    QTest::addRow("from within an hour")
        << crooked << crooked.addSecs(3600) << u"2026-05-04T12:00:00Z"_s
        << u"2026-05-04T13:00:00Z"_s << 2;
    QTest::addRow("a day") << crooked << crooked.addDays(1) << u"2026-05-04T12:00:00Z"_s
                           << u"2026-05-05T12:00:00Z"_s << 25;
    QTest::addRow("two days are hours")
        << Noon << Noon.addDays(2) << u"2026-05-04T12:00:00Z"_s << u"2026-05-06T11:00:00Z"_s << 48;
    QTest::addRow("more are days") << Noon << Noon.addDays(2).addMSecs(1)
                                   << u"2026-05-04T00:00:00Z"_s << u"2026-05-06T00:00:00Z"_s << 3;
    QTest::addRow("thirty days") << Noon << Noon.addDays(30) << u"2026-05-04T00:00:00Z"_s
                                 << u"2026-06-03T00:00:00Z"_s << 31;
    QTest::addRow("another time zone is the same time")
        << Noon.toOffsetFromUtc(3600 * 5 + 1800) << Noon.addSecs(3600) << u"2026-05-04T12:00:00Z"_s
        << u"2026-05-04T12:00:00Z"_s << 1;
}

void TstFlowStatistics::cutsTheTime()
{
    QFETCH(QDateTime, from);
    QFETCH(QDateTime, to);
    FlowTally tally = tallyOver(from, to);
    tally.add(sampleAt(from));
    tally.add(sampleAt(to.addMSecs(-1)));
    const FlowStatistics statistics = tally.statistics();
    QTEST(int(statistics.byTime.size()), "steps");
    QTEST(statistics.byTime.front().name, "first");
    QTEST(statistics.byTime.back().name, "last");
    QStringList names = namesOf(statistics.byTime);
    QVERIFY(names.removeDuplicates() == 0);
    qint64 sum = 0;
    for (const FlowCount &step : statistics.byTime)
        sum += step.requests;
    QCOMPARE(sum, 2);
    QVERIFY(statistics.byTime.front().requests > 0);
    QVERIFY(statistics.byTime.back().requests > 0);
}

void TstFlowStatistics::refusesTimes_data()
{
    QTest::addColumn<QDateTime>("from");
    QTest::addColumn<QDateTime>("to");
    QTest::addColumn<bool>("fits");
    QTest::addRow("backwards") << Noon << Noon.addSecs(-1) << false;
    QTest::addRow("empty") << Noon << Noon << false;
    QTest::addRow("centuries") << Noon.addYears(-300) << Noon << false;
    QTest::addRow("a year") << Noon.addDays(-365) << Noon << true;
    QTest::addRow("no times: the last day") << QDateTime() << QDateTime() << true;
    QTest::addRow("no beginning: a day") << QDateTime() << Noon << true;
}

void TstFlowStatistics::refusesTimes()
{
    QFETCH(QDateTime, from);
    QFETCH(QDateTime, to);
    const Result<FlowTally> tally = FlowTally::over(from, to);
    QTEST(bool(tally), "fits");
    if (!tally)
        QCOMPARE(tally.error().code, Error::Code::BadInput);
    else if (!from.isValid())
        QCOMPARE(tally.value().from().msecsTo(tally.value().to()), 24 * 3600 * 1000);
}

void TstFlowStatistics::countsOnlyItsTime()
{
    FlowTally tally = tallyOver(Noon, Noon.addSecs(60));
    tally.add(sampleAt(Noon.addMSecs(-1)));
    tally.add(sampleAt(Noon));
    tally.add(sampleAt(Noon.addMSecs(59'999)));
    tally.add(sampleAt(Noon.addSecs(60)));
    QCOMPARE(tally.statistics().total.requests, 2);
}

void TstFlowStatistics::addsUpByName()
{
    FlowTally tally = tallyOver(Noon, Noon.addSecs(60));
    FlowSample sample = sampleAt(Noon, 100);
    sample.inputTokens = 10;
    sample.cachedTokens = 4;
    sample.outputTokens = 3;
    sample.credits = 0.5;
    tally.add(sample);
    sample.account = u"b"_s;
    sample.failed = true;
    sample.firstByteMs = -1;
    tally.add(sample);
    tally.add(sample);
    sample.account = u"0"_s;
    tally.add(sample);
    const FlowStatistics statistics = tally.statistics();
    QCOMPARE(namesOf(statistics.byAccount), (QStringList {u"b"_s, u"0"_s, u"a"_s}));
    QCOMPARE(namesOf(statistics.byModel), QStringList {u"m"_s});
    QCOMPARE(namesOf(statistics.byClient), QStringList {u"c"_s});
    const FlowCount &b = statistics.byAccount.front();
    QCOMPARE(b.requests, 2);
    QCOMPARE(b.failures, 2);
    QCOMPARE(b.inputTokens, 20);
    QCOMPARE(b.cachedTokens, 8);
    QCOMPARE(b.outputTokens, 6);
    QCOMPARE(b.credits, 1.0);
    QCOMPARE(b.firstByteMsMedian, -1);
    QCOMPARE(statistics.total.requests, 4);
    QCOMPARE(statistics.total.failures, 3);
    QCOMPARE(statistics.total.firstByteMsMedian, 100);
    QVERIFY(statistics.total.name.isEmpty());
}

void TstFlowStatistics::boundsTheLists()
{
    FlowTally tally = tallyOver(Noon, Noon.addSecs(60));
    FlowSample sample = sampleAt(Noon);
    for (int i = 0; i < limits::MaxFlowPage + 10; ++i) {
        sample.model = QString::number(i);
        tally.add(sample);
    }
    sample.model = u"1009"_s; // the most used one stays
    tally.add(sample);
    const FlowStatistics statistics = tally.statistics();
    QCOMPARE(statistics.byModel.size(), std::size_t(limits::MaxFlowPage));
    QCOMPARE(statistics.byModel.front().name, u"1009"_s);
    QCOMPARE(statistics.total.requests, limits::MaxFlowPage + 11);
}

void TstFlowStatistics::readsTheRecords_data()
{
    QTest::addColumn<bool>("isFile");
    QTest::addRow("file") << true;
    QTest::addRow("memory") << false;
}

void TstFlowStatistics::readsTheRecords()
{
    QFETCH(bool, isFile);
    QTemporaryDir folder;
    FlowLog log(isFile ? folder.filePath(u"flows.sqlite"_s) : QString());
    const QDateTime now = QDateTime::currentDateTimeUtc();
    log.add(flowRecord(u"a"_s, now.addSecs(-10)), {});
    FlowRecord refused = flowRecord(u"b"_s, now.addSecs(-5));
    refused.modelUsed = QString(); // never got as far
    refused.outcome = u"No account is signed in."_s;
    refused.firstByteMs = -1;
    refused.credits.reset();
    log.add(refused, {});
    FlowRecord gone = flowRecord(u"c"_s, now.addSecs(-3));
    gone.outcome = u"client-gone"_s;
    gone.firstByteMs = 300;
    log.add(gone, {});
    log.add(flowRecord(u"before"_s, now.addDays(-3)), {});
    std::optional<FlowStatistics> statistics;
    log.statistics(now.addDays(-1), now, this, [&statistics](const Result<FlowStatistics> &got) {
        if (got)
            statistics = got.value();
    });
    QTRY_VERIFY(statistics);
    QCOMPARE(statistics->total.requests, 3);
    QCOMPARE(statistics->total.failures, 1);
    QCOMPARE(statistics->total.inputTokens, 3000);
    QCOMPARE(statistics->total.cachedTokens, 1800);
    QCOMPARE(statistics->total.outputTokens, 150);
    QCOMPARE(statistics->total.credits, 0.5);
    QCOMPARE(statistics->total.firstByteMsMedian, 210);
    QCOMPARE(namesOf(statistics->byModel),
             (QStringList {u"CLAUDE_SONNET_4_5"_s, u"claude-sonnet-4-5"_s}));
    QCOMPARE(statistics->byTime.size(), std::size_t(25));
    QCOMPARE(statistics->from, now.addDays(-1));
}

QTEST_GUILESS_MAIN(TstFlowStatistics)
#include "tst_flowstatistics.moc"
