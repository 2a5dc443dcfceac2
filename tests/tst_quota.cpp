// SPDX-License-Identifier: MIT
#include "app/accounts/quota.h"
#include "app/base/limits.h"

#include <QTest>

using namespace kirotray;

namespace {

const QDateTime Now(QDate(2026, 3, 15), QTime(12, 0), Qt::UTC);
const QDateTime MonthEnd(QDate(2026, 4, 1), QTime(0, 0), Qt::UTC);

Quota quotaOf(double used, double limit, const QDateTime &reset = MonthEnd)
{
    Quota quota;
    quota.usage.emplace();
    quota.usage->used = used;
    quota.usage->limit = limit;
    quota.usage->nextReset = reset;
    quota.usage->exhausted = used >= limit;
    quota.readAt = Now;
    return quota;
}

Quota withOverage(double used, double limit, double overages = 0, double cap = 0)
{
    Quota quota = quotaOf(used, limit);
    quota.usage->overageEnabled = true;
    quota.usage->overages = overages;
    quota.usage->overageCap = cap;
    quota.usage->exhausted = cap > 0 && overages >= cap;
    return quota;
}

UsageSample hoursAgo(double hours, double used)
{
    return {Now.addMSecs(-static_cast<qint64>(hours * 3'600'000)), used};
}

double daysFromNow(const QDateTime &at)
{
    return static_cast<double>(Now.msecsTo(at)) / 86'400'000;
}

} // namespace

class TstQuota : public QObject
{
    Q_OBJECT

private slots:
    void countsItsOwnCharges();
    void tellsWhatIsStale_data();
    void tellsWhatIsStale();
    void tellsUntilWhenAnAccountRests_data();
    void tellsUntilWhenAnAccountRests();
    void takesTheAccountsHardStop();
    void knowsNothingOfThePeriodAfterTheReset();
    void foreseesASteadyEnd();
    void foreseesNothing_data();
    void foreseesNothing();
    void anEndBeyondTheResetIsNoEnd();
    void theRangeEndsAtTheReset();
    void daysThatDifferWidenTheRange();
    void aBurstOfMinutesIsNoPaceForTheDay();
    void whatLiesBeforeAResetDoesNotCount_data();
    void whatLiesBeforeAResetDoesNotCount();
    void onlyTheLastWeekIsThePresent();
    void ownChargesCountBeforeTheNextReading();
    void idleTimeSlowsThePace();
    void usedUpCreditsEndNow();
};

void TstQuota::countsItsOwnCharges()
{
    Quota quota;
    QCOMPARE(quota.remaining(), 0.0);
    quota = quotaOf(10, 50);
    quota.chargedSince = 15;
    QCOMPARE(quota.used(), 25.0);
    QCOMPARE(quota.remaining(), 25.0);
    quota.chargedSince = 100;
    QCOMPARE(quota.remaining(), 0.0);
}

void TstQuota::tellsWhatIsStale_data()
{
    QTest::addColumn<bool>("wasRead");
    QTest::addColumn<QDateTime>("readAt");
    QTest::addColumn<bool>("isStale");
    const auto hour = std::chrono::seconds(limits::UsageStaleAfter).count();
    QTest::addRow("never read") << false << QDateTime() << true;
    QTest::addRow("just now") << true << Now << false;
    QTest::addRow("an hour ago") << true << Now.addSecs(-hour) << false;
    QTest::addRow("longer ago") << true << Now.addSecs(-hour - 1) << true;
    QTest::addRow("by a clock that was ahead") << true << Now.addSecs(7200) << true;
    QTest::addRow("nobody knows when") << true << QDateTime() << true;
}

void TstQuota::tellsWhatIsStale()
{
    QFETCH(bool, wasRead);
    QFETCH(QDateTime, readAt);
    QFETCH(bool, isStale);
    Quota quota;
    if (wasRead)
        quota = quotaOf(1, 2);
    quota.readAt = readAt;
    QCOMPARE(quota.isStale(Now), isStale);
}

void TstQuota::tellsUntilWhenAnAccountRests_data()
{
    QTest::addColumn<Quota>("quota");
    QTest::addColumn<QDateTime>("stopping");
    QTest::addColumn<QDateTime>("paying");
    const auto row = [](const char *name, const Quota &quota, const QDateTime &stopping,
                        const QDateTime &paying) {
        QTest::addRow("%s", name) << quota << stopping << paying;
    };
    const QDateTime free;
    const auto charged = [](Quota quota, double credits) {
        quota.chargedSince = credits;
        return quota;
    };
    const auto readAt = [](Quota quota, const QDateTime &at) {
        quota.readAt = at;
        return quota;
    };
    row("never read", Quota(), free, free);
    row("credits left", quotaOf(49, 50), free, free);
    row("used up", quotaOf(50, 50), MonthEnd, MonthEnd);
    row("used up by our own requests", charged(quotaOf(40, 50), 10), MonthEnd, MonthEnd);
    row("reset passed since", quotaOf(50, 50, Now), free, free);
    row("reset unknown", quotaOf(50, 50, {}), MonthEnd, MonthEnd);
    row("reset unknown, read last month", readAt(quotaOf(50, 50, {}), Now.addDays(-20)), free,
        free);
    row("reset unknown, read in December",
        readAt(quotaOf(50, 50, {}), QDateTime(QDate(2026, 12, 31), QTime(23, 0), Qt::UTC)),
        QDateTime(QDate(2027, 1, 1), QTime(0, 0), Qt::UTC),
        QDateTime(QDate(2027, 1, 1), QTime(0, 0), Qt::UTC));
    row("overage, credits left", withOverage(49, 50), free, free);
    row("overage begins", withOverage(50, 50), MonthEnd, free);
    row("overage begins by our own requests", charged(withOverage(40, 50), 10), MonthEnd, free);
    row("overage below its cap", withOverage(50, 50, 9, 10), MonthEnd, free);
    row("overage at its cap", withOverage(50, 50, 10, 10), MonthEnd, MonthEnd);
    row("overage at its cap by our own requests", charged(withOverage(48, 50, 9, 10), 3), MonthEnd,
        MonthEnd);
    row("own requests that the plan still covers", charged(withOverage(40, 50, 9, 10), 5), free,
        free);
}

void TstQuota::tellsUntilWhenAnAccountRests()
{
    QFETCH(Quota, quota);
    QFETCH(QDateTime, stopping);
    QFETCH(QDateTime, paying);
    QCOMPARE(exhaustedUntil(quota, true, Now), stopping);
    QCOMPARE(exhaustedUntil(quota, false, Now), paying);
}

void TstQuota::takesTheAccountsHardStop()
{
    Account account;
    QVERIFY2(account.stopsBeforeOverage, "the default");
    const Quota quota = withOverage(60, 50);
    QCOMPARE(quotaNumbers(account, quota, Now).exhaustedUntil, MonthEnd);
    account.stopsBeforeOverage = false;
    QVERIFY(!quotaNumbers(account, quota, Now).exhaustedUntil.isValid());
    QCOMPARE(quotaNumbers(account, quota, Now).remaining, std::optional<double>(0));
    QVERIFY(!quotaNumbers(account, {}, Now).remaining);
}

void TstQuota::knowsNothingOfThePeriodAfterTheReset()
{
    const Quota quota = quotaOf(20, 50, Now.addSecs(-1));
    QVERIFY(!quotaNumbers({}, quota, Now).remaining);
    QCOMPARE(quotaNumbers({}, quota, Now.addSecs(-2)).remaining, std::optional<double>(30));
}

void TstQuota::foreseesASteadyEnd()
{
    std::vector<UsageSample> samples;
    for (int day = 6; day >= 0; --day)
        samples.push_back(hoursAgo(day * 24, 600 - day * 100));
    const auto forecast = forecastOf(samples, quotaOf(600, 1000), Now);
    QVERIFY(forecast);
    QCOMPARE(forecast->creditsPerDay, 100.0);
    QCOMPARE(daysFromNow(forecast->endsAt), 4.0);
    QCOMPARE(forecast->earliest, forecast->endsAt);
    QCOMPARE(forecast->latest, forecast->endsAt);
}

void TstQuota::foreseesNothing_data()
{
    QTest::addColumn<std::vector<UsageSample>>("samples");
    QTest::addColumn<Quota>("quota");
    const std::vector<UsageSample> rising {hoursAgo(24, 10), hoursAgo(0, 20)};
    QTest::addRow("never read") << rising << Quota();
    QTest::addRow("no samples") << std::vector<UsageSample>() << quotaOf(20, 50);
    QTest::addRow("one sample") << std::vector<UsageSample> {hoursAgo(0, 20)} << quotaOf(20, 50);
    QTest::addRow("no use") << std::vector<UsageSample> {hoursAgo(24, 20), hoursAgo(0, 20)}
                            << quotaOf(20, 50);
    QTest::addRow("both at once") << std::vector<UsageSample> {hoursAgo(0, 10), hoursAgo(0, 20)}
                                  << quotaOf(20, 50);
    QTest::addRow("samples of the future")
        << std::vector<UsageSample> {hoursAgo(-3, 10), hoursAgo(-2, 20)} << quotaOf(20, 50);
    QTest::addRow("samples of months ago")
        << std::vector<UsageSample> {hoursAgo(2000, 10), hoursAgo(1900, 20)} << quotaOf(20, 50);
    QTest::addRow("the period is over") << rising << quotaOf(20, 50, Now);
    QTest::addRow("just reset") << std::vector<UsageSample> {hoursAgo(24, 10), hoursAgo(1, 40),
                                                             hoursAgo(0, 0)}
                                << quotaOf(0, 50);
}

void TstQuota::foreseesNothing()
{
    QFETCH(std::vector<UsageSample>, samples);
    QFETCH(Quota, quota);
    QVERIFY(!forecastOf(samples, quota, Now));
}

void TstQuota::anEndBeyondTheResetIsNoEnd()
{
    const auto forecast =
        forecastOf({hoursAgo(48, 0), hoursAgo(24, 1), hoursAgo(0, 2)}, quotaOf(2, 1000), Now);
    QVERIFY(forecast);
    QCOMPARE(forecast->creditsPerDay, 1.0);
    QVERIFY(!forecast->endsAt.isValid());
    QVERIFY(!forecast->earliest.isValid());
    QVERIFY(!forecast->latest.isValid());
}

void TstQuota::theRangeEndsAtTheReset()
{
    // 10 a day, and 16 days left: hardly any doubt is needed to come to the reset.
    const auto forecast =
        forecastOf({hoursAgo(72, 0), hoursAgo(48, 0), hoursAgo(24, 28), hoursAgo(0, 30)},
                   quotaOf(30, 190), Now);
    QVERIFY(forecast);
    QCOMPARE(daysFromNow(forecast->endsAt), 16.0);
    QVERIFY(forecast->earliest < forecast->endsAt);
    QCOMPARE(forecast->latest, MonthEnd);
}

void TstQuota::daysThatDifferWidenTheRange()
{
    const auto forecast = forecastOf(
        {hoursAgo(96, 0), hoursAgo(72, 20), hoursAgo(48, 20), hoursAgo(24, 40), hoursAgo(0, 40)},
        quotaOf(40, 80), Now);
    QVERIFY(forecast);
    QCOMPARE(forecast->creditsPerDay, 10.0);
    QCOMPARE(daysFromNow(forecast->endsAt), 4.0);
    // The paces are 0, 20, 0, 20: the mean's error is sqrt(400 / 3 / 4) = 5.77 a day.
    QVERIFY(qAbs(daysFromNow(forecast->earliest) - 40 / 15.7735) < 0.001);
    QVERIFY(qAbs(daysFromNow(forecast->latest) - 40 / 4.2265) < 0.001);
}

void TstQuota::aBurstOfMinutesIsNoPaceForTheDay()
{
    const auto forecast =
        forecastOf({hoursAgo(1.0 / 12, 0), hoursAgo(0, 10)}, quotaOf(10, 500), Now);
    QVERIFY(forecast);
    QCOMPARE(forecast->creditsPerDay, 240.0);
    QVERIFY(forecast->endsAt.isValid());
    QVERIFY(forecast->earliest < forecast->endsAt);
    QCOMPARE(forecast->latest, MonthEnd); // ten credits may be all of that day
}

void TstQuota::whatLiesBeforeAResetDoesNotCount_data()
{
    QTest::addColumn<std::vector<UsageSample>>("samples");
    QTest::addColumn<QDateTime>("reset");
    const std::vector<UsageSample> fall {hoursAgo(96, 100), hoursAgo(72, 900), hoursAgo(48, 0),
                                         hoursAgo(24, 10), hoursAgo(0, 20)};
    QTest::addRow("the numbers fall") << fall << MonthEnd;
    // A period of nothing, then one with more use than before the reset.
    const std::vector<UsageSample> rise {hoursAgo(96, 0), hoursAgo(72, 0), hoursAgo(48, 0),
                                         hoursAgo(24, 10), hoursAgo(0, 20)};
    QTest::addRow("the period begins between them") << rise << Now.addDays(-2).addMonths(1);
}

void TstQuota::whatLiesBeforeAResetDoesNotCount()
{
    QFETCH(std::vector<UsageSample>, samples);
    QFETCH(QDateTime, reset);
    const auto forecast = forecastOf(samples, quotaOf(20, 50, reset), Now);
    QVERIFY(forecast);
    QCOMPARE(forecast->creditsPerDay, 10.0);
    QCOMPARE(daysFromNow(forecast->endsAt), 3.0);
}

void TstQuota::onlyTheLastWeekIsThePresent()
{
    std::vector<UsageSample> samples {hoursAgo(13 * 24, 0), hoursAgo(8 * 24, 500)};
    for (int day = 7; day >= 0; --day)
        samples.push_back(hoursAgo(day * 24, 600 - day * 10));
    const auto forecast = forecastOf(samples, quotaOf(600, 700), Now);
    QVERIFY(forecast);
    QCOMPARE(forecast->creditsPerDay, 10.0);
}

void TstQuota::ownChargesCountBeforeTheNextReading()
{
    Quota quota = quotaOf(10, 50);
    quota.readAt = Now.addSecs(-1800);
    quota.chargedSince = 10;
    const auto forecast = forecastOf({hoursAgo(24, 0), hoursAgo(0.5, 10)}, quota, Now);
    QVERIFY(forecast);
    QCOMPARE(forecast->creditsPerDay, 20.0);
    QCOMPARE(daysFromNow(forecast->endsAt), 1.5);
}

void TstQuota::idleTimeSlowsThePace()
{
    const auto forecast =
        forecastOf({hoursAgo(2, 0), hoursAgo(1, 10), hoursAgo(0.5, 10)}, quotaOf(10, 50), Now);
    QVERIFY(forecast);
    QCOMPARE(forecast->creditsPerDay, 120.0);
}

void TstQuota::usedUpCreditsEndNow()
{
    const auto forecast = forecastOf({hoursAgo(24, 0), hoursAgo(0, 50)}, quotaOf(50, 50), Now);
    QVERIFY(forecast);
    QCOMPARE(forecast->endsAt, Now);
    QCOMPARE(forecast->earliest, Now);
    QCOMPARE(forecast->latest, Now);
}

QTEST_APPLESS_MAIN(TstQuota)
#include "tst_quota.moc"
