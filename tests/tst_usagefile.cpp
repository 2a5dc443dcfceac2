// SPDX-License-Identifier: MIT
#include "app/accounts/usagefile.h"
#include "app/base/limits.h"
#include "tests/fulldisk.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace kirotray;

namespace {

const QDateTime Now(QDate(2026, 3, 15), QTime(12, 0), Qt::UTC);

UsageRecord fullRecord()
{
    UsageRecord record;
    record.quota.usage.emplace();
    UsageSummary &usage = *record.quota.usage;
    usage.used = 412.37;
    usage.limit = 1000;
    usage.unit = u"Credits"_s;
    usage.planTitle = u"KIRO PRO"_s;
    usage.planType = u"Q_DEVELOPER_STANDALONE_PRO"_s;
    usage.email = u"user@example.com"_s;
    usage.userId = u"d-1"_s;
    usage.nextReset = Now.addDays(10);
    usage.parts = {{UsagePart::Kind::Plan, {}, 400, 900, {}, true},
                   {UsagePart::Kind::Bonus, u"Welcome"_s, 12.37, 100, Now.addDays(3), true},
                   {UsagePart::Kind::Trial, {}, 0.1, 500, Now.addDays(-3), false}};
    usage.overageEnabled = true;
    usage.overageCapable = true;
    usage.overages = 1.5;
    usage.overageCap = 10'000;
    usage.overageRate = 0.04;
    usage.overageCharges = 0.06;
    usage.currency = u"USD"_s;
    usage.exhausted = true;
    record.quota.readAt = Now;
    record.quota.chargedSince = 3.25;
    record.samples = {{Now.addSecs(-3600), 400}, {Now, 412.37}};
    record.isLow = true;
    return record;
}

} // namespace

class TstUsageFile : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void givesBackWhatWasSaved();
    void isPrivate();
    void aMissingFileIsEmpty();
    void aDamagedFileIsSetAside_data();
    void aDamagedFileIsSetAside();
    void aFolderThatCannotBeWrittenIsAnError();
    void aFullDiskKeepsTheOldFile();
    void samplesOfOneMomentReplaceEachOther();
    void aResetKeepsItsSample();
    void samplesCoverAWeekAndAreBounded();
    void samplesOfTheFutureAreDropped();

private:
    QString file() const { return m_folder->filePath(u"usage.json"_s); }
    void write(const QByteArray &text)
    {
        QFile target(file());
        QVERIFY(target.open(QIODevice::WriteOnly));
        target.write(text);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TstUsageFile::givesBackWhatWasSaved()
{
    UsageRecords records;
    records[{u"one"_s}] = fullRecord();
    records[{u"two"_s}] = UsageRecord();
    QVERIFY(saveUsage(file(), records));
    QVERIFY(loadUsage(file()) == records);
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList {u"usage.json"_s});
}

void TstUsageFile::isPrivate()
{
    QVERIFY(saveUsage(file(), {}));
    const QFileDevice::Permissions others = QFileDevice::ReadGroup | QFileDevice::ReadOther
        | QFileDevice::WriteGroup | QFileDevice::WriteOther;
    QVERIFY(!(QFile::permissions(file()) & others));
}

void TstUsageFile::aMissingFileIsEmpty()
{
    QVERIFY(loadUsage(file()).empty());
    QVERIFY(QDir(m_folder->path()).isEmpty());
}

void TstUsageFile::aDamagedFileIsSetAside_data()
{
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char *name, const QByteArray &text) {
        QTest::addRow("%s", name) << text;
    };
    const auto account = [](const QByteArray &members) {
        return "{\"version\":1,\"accounts\":[{\"id\":\"a\"," + members + "}]}";
    };
    row("empty", "");
    row("zeroes", QByteArray(4096, '\0'));
    row("cut off", "{\"version\":1,\"accounts\":[{\"id\":");
    row("a list", "[]");
    row("no version", "{\"accounts\":[]}");
    row("a later version", "{\"version\":2,\"accounts\":[]}");
    row("no accounts", "{\"version\":1}");
    row("an account without id", "{\"version\":1,\"accounts\":[{}]}");
    row("a number as text", account("\"readAt\":\"now\""));
    row("an unknown part", account("\"usage\":{\"parts\":[{\"kind\":9}]}"));
    row("a part that is none", account("\"usage\":{\"parts\":[7]}"));
    row("a sample of one number", account("\"samples\":[[1]]"));
    row("samples the wrong way round", account("\"samples\":[[2,1],[1,1]]"));
}

void TstUsageFile::aDamagedFileIsSetAside()
{
    QFETCH(QByteArray, text);
    write(text);
    QVERIFY(loadUsage(file()).empty());
    const QStringList kept = QDir(m_folder->path()).entryList(QDir::Files);
    QCOMPARE(kept.size(), 1);
    QVERIFY(kept.first().startsWith(u"usage.json.broken-"_s));
    QFile aside(m_folder->filePath(kept.first()));
    QVERIFY(aside.open(QIODevice::ReadOnly));
    QCOMPARE(aside.readAll(), text);
}

void TstUsageFile::aFolderThatCannotBeWrittenIsAnError()
{
    const Result<Done> saved = saveUsage(m_folder->filePath(u"missing/usage.json"_s), {});
    QVERIFY(!saved);
    QCOMPARE(saved.error().code, Error::Code::Storage);
}

void TstUsageFile::aFullDiskKeepsTheOldFile()
{
#ifndef Q_OS_UNIX
    QSKIP("needs a limit for the size of files");
#else
    UsageRecords records;
    records[{u"one"_s}] = fullRecord();
    QVERIFY(saveUsage(file(), records));
    records[{u"two"_s}] = fullRecord();
    bool isSaved = true;
    {
        const FullDisk fullDisk;
        isSaved = bool(saveUsage(file(), records));
    }
    QVERIFY(!isSaved);
    QCOMPARE(loadUsage(file()).size(), 1U);
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList {u"usage.json"_s});
#endif
}

void TstUsageFile::samplesOfOneMomentReplaceEachOther()
{
    std::vector<UsageSample> samples;
    for (int minute = 0; minute < 10; ++minute)
        addSample(samples, {Now.addSecs(minute * 60), double(minute)});
    QCOMPARE(samples.size(), 2U);
    QCOMPARE(samples.front(), (UsageSample {Now, 0}));
    QCOMPARE(samples.back(), (UsageSample {Now.addSecs(9 * 60), 9}));
}

void TstUsageFile::aResetKeepsItsSample()
{
    std::vector<UsageSample> samples;
    addSample(samples, {Now, 10});
    addSample(samples, {Now.addSecs(60), 20});
    addSample(samples, {Now.addSecs(120), 0});
    addSample(samples, {Now.addSecs(180), 5});
    addSample(samples, {Now.addSecs(240), 6});
    const std::vector<UsageSample> expected {
        {Now, 10}, {Now.addSecs(60), 20}, {Now.addSecs(120), 0}, {Now.addSecs(240), 6}};
    QCOMPARE(samples, expected);
}

void TstUsageFile::samplesCoverAWeekAndAreBounded()
{
    std::vector<UsageSample> samples;
    for (int reading = 0; reading < 5000; ++reading)
        addSample(samples, {Now.addSecs(reading * 300), reading / 10.0});
    QVERIFY(std::ssize(samples) <= limits::MaxUsageSamples);
    QVERIFY(samples.front().at.daysTo(samples.back().at) >= 7);
}

void TstUsageFile::samplesOfTheFutureAreDropped()
{
    std::vector<UsageSample> samples {{Now.addSecs(-7200), 1}, {Now.addSecs(7200), 2}};
    addSample(samples, {Now, 3});
    const std::vector<UsageSample> expected {{Now.addSecs(-7200), 1}, {Now, 3}};
    QCOMPARE(samples, expected);
}

QTEST_APPLESS_MAIN(TstUsageFile)
#include "tst_usagefile.moc"
