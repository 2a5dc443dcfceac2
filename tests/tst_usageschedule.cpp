// SPDX-License-Identifier: MIT
#include "app/accounts/usageschedule.h"

#include <QTest>

using namespace kirotray;

class TstUsageSchedule : public QObject
{
    Q_OBJECT

private slots:
    void tellsWhenTheNextReadingIsDue_data();
    void tellsWhenTheNextReadingIsDue();
};

namespace {

const QDateTime Now(QDate(2026, 3, 15), QTime(12, 0), Qt::UTC);

QDateTime minutesAgo(double minutes)
{
    return Now.addMSecs(-qRound64(minutes * 60'000));
}

} // namespace

void TstUsageSchedule::tellsWhenTheNextReadingIsDue_data()
{
    QTest::addColumn<QDateTime>("askedAt");
    QTest::addColumn<QDateTime>("usedAt");
    QTest::addColumn<bool>("failed");
    QTest::addColumn<double>("jitter");
    QTest::addColumn<int>("interval");
    QTest::addColumn<double>("dueInMinutes");
    const auto row = [](const char *name, const QDateTime &askedAt, const QDateTime &usedAt,
                        bool failed, double jitter, int interval, double due) {
        QTest::addRow("%s", name) << askedAt << usedAt << failed << jitter << interval << due;
    };
    const QDateTime never;
    row("never read", never, never, false, 0, 15, 0);
    row("never read, used", never, Now, false, 0, 15, 0);
    row("just read", Now, never, false, 0, 15, 15);
    row("read a while ago", minutesAgo(10), never, false, 0, 15, 5);
    row("overdue", minutesAgo(20), never, false, 0, 15, -5);
    row("later by jitter", Now, never, false, 1, 20, 22);
    row("sooner by jitter", Now, never, false, -1, 20, 18);
    row("never sooner than the shortest", Now, never, false, -1, 5, 5);
    row("an interval that is too short", Now, never, false, 0, 1, 5);
    row("used before the reading", minutesAgo(10), minutesAgo(11), false, 0, 15, 5);
    row("used just now", minutesAgo(10), Now, false, 0, 15, 0.5);
    row("used a while ago", minutesAgo(10), minutesAgo(5), false, 0, 15, -4.5);
    row("used right after the reading", minutesAgo(1), Now, false, 0, 15, 4);
    row("used shortly before the regular one", minutesAgo(14.9), Now, false, 0, 15, 0.1);
    row("failed", Now, never, true, 0, 60, 5);
    row("a clock that was put back", Now.addDays(1), never, false, 0, 15, 0);
}

void TstUsageSchedule::tellsWhenTheNextReadingIsDue()
{
    QFETCH(QDateTime, askedAt);
    QFETCH(QDateTime, usedAt);
    QFETCH(bool, failed);
    QFETCH(double, jitter);
    QFETCH(int, interval);
    QFETCH(double, dueInMinutes);
    UsageTimes times;
    times.askedAt = askedAt;
    times.usedAt = usedAt;
    times.failed = failed;
    times.jitter = jitter;
    const QDateTime due = nextReading(times, std::chrono::minutes(interval), Now);
    QCOMPARE(static_cast<double>(Now.msecsTo(due)) / 60'000, dueInMinutes);
}

QTEST_APPLESS_MAIN(TstUsageSchedule)
#include "tst_usageschedule.moc"
