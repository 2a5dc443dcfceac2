// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/flows/flowdatabase.h"
#include "app/flows/flowmemory.h"

#include <QFile>
#include <QSignalSpy>
#include <QSqlQuery>

#include "flowlogbench.h"

#ifdef Q_OS_UNIX
#include <csignal>
#include <sys/resource.h>
#endif

using namespace kirotray;

class TstFlowStorage : public FlowLogBench
{
    Q_OBJECT

private slots:
    void removesWhatIsTooOld_data() { stores(); }
    void removesWhatIsTooOld();
    void removesTheOldestBeyondItsSize();
    void memoryHasABound();
    void writesAllBeforeItEnds();
    void keepsThemForTheNextRun();
    void answersWhatWasAskedWhenItEnds();
    void staysSilentWhenTheAskerIsGone();
    void setsADamagedFileAside_data();
    void setsADamagedFileAside();
    void noticesDamageWhileItRuns();
    void usesMemoryWhereNoFileCanBe();
    void usesMemoryInAReadOnlyFolder();
    void tellsThatThePluginIsMissing();
    void waitsWhileTheFileIsLocked();
    void goesOnWhenThereIsRoomAgain();
    void leavesOutWhatCannotWait();
    void onlyItsOwnerMayReadTheFile();
};

void TstFlowStorage::removesWhatIsTooOld()
{
    openAsRow();
    const qint64 day = 24 * 3600;
    add({flowRecord(u"old"_s, flowTime(9 * day)), flowRecord(u"marked"_s, flowTime(9 * day)),
         flowRecord(u"young"_s, flowTime(6 * day))});
    QVERIFY(*changed(u"marked"_s, {true, {}, {}}).result);
    QCOMPARE(found().size(), std::size_t(3));
    log->setSettings({true, 7, 64 * limits::MiB, 0});
    QCOMPARE(idsOf(found()), (QStringList {u"young"_s, u"marked"_s}));
}

void TstFlowStorage::removesTheOldestBeyondItsSize()
{
    open();
    constexpr qint64 Bound = 600 * 1024;
    log->setSettings({true, 30, Bound, 0});
    std::vector<FlowRecord> records = flowRecords(4000);
    add({records.begin(), records.begin() + 1});
    QVERIFY(*changed(u"00000000"_s, {true, {}, {}}).result);
    add({records.begin() + 1, records.end()});
    FlowFilter filter;
    filter.limit = limits::MaxFlowPage;
    const QStringList ids = idsOf(found(filter));
    QCOMPARE(ids.front(), records.back().id);
    filter.bookmarked = true;
    QCOMPARE(found(filter).size(), std::size_t(1));
    FlowFilter oldest;
    oldest.to = records[100].startedAt;
    oldest.bookmarked = false;
    QCOMPARE(found(oldest).size(), std::size_t(0));
    QVERIFY2(ids.size() > 100, "far more was removed than was asked for");
    log.reset(); // the write-ahead log goes into the file
    QVERIFY2(QFile(file).size() <= Bound + 512 * 1024,
             qPrintable(QString::number(QFile(file).size())));
}

void TstFlowStorage::memoryHasABound()
{
    FlowMemory memory;
    std::vector<FlowRecord> records = flowRecords(limits::MaxFlowQueue + 50);
    QVERIFY(memory.insert(records));
    QVERIFY(memory.change(u"00000000"_s, {true, {}, {}}));
    QVERIFY(memory.trim(flowTime(1'000'000), 0));
    QVERIFY(memory.entry(u"00000000"_s));
    QVERIFY(!memory.entry(records[50].id));
    QVERIFY(memory.entry(records[51].id));
}

void TstFlowStorage::writesAllBeforeItEnds()
{
    open();
    add(flowRecords(5000));
    log.reset();
    open();
    FlowFilter filter;
    filter.limit = limits::MaxFlowPage;
    std::size_t count = 0;
    while (true) {
        const std::vector<FlowEntry> page = found(filter);
        if (page.empty())
            break;
        count += page.size();
        filter.before = page.back().record.id;
    }
    QCOMPARE(count, std::size_t(5000));
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join(u' ')));
}

void TstFlowStorage::keepsThemForTheNextRun()
{
    open();
    add(flowRecords(2));
    QVERIFY(*changed(u"00000001"_s, {true, u"note"_s, {{u"tag"_s}}}).result);
    log.reset();
    open();
    const std::vector<FlowEntry> entries = found();
    QCOMPARE(entries.size(), std::size_t(2));
    QVERIFY(entries[0].bookmarked);
    QCOMPARE(entries[0].tags, QStringList {u"tag"_s});
    QVERIFY(asideFiles().isEmpty());
}

void TstFlowStorage::answersWhatWasAskedWhenItEnds()
{
    auto *closing = new FlowLog(file);
    closing->add(flowRecord(u"a"_s, flowTime(1)), {});
    Got<std::vector<FlowEntry>> got;
    Got<Done> again;
    closing->find({}, this, [this, closing, &got, &again](Result<std::vector<FlowEntry>> answer) {
        got.taker()(std::move(answer));
        closing->clear(this, again.taker());
    });
    delete closing;
    QCOMPARE(got.answers, 1);
    QCOMPARE(got.value().size(), std::size_t(1));
    QCOMPARE(again.answers, 1);
    QCOMPARE(again.result->error().code, Error::Code::Cancelled);
}

void TstFlowStorage::staysSilentWhenTheAskerIsGone()
{
    open();
    add(flowRecords(1));
    int answers = 0;
    auto asker = std::make_unique<QObject>();
    log->find({}, asker.get(), [&answers](const auto &) { ++answers; });
    log->clear(asker.get(), [&answers](const auto &) { ++answers; });
    log->change(u"x"_s, {{}, QString(9999, u'n'), {}}, asker.get(),
                [&answers](const auto &) { ++answers; });
    asker.reset();
    QCOMPARE(found().size(), std::size_t(0)); // asked behind them
    QCOMPARE(answers, 0);
}

void TstFlowStorage::setsADamagedFileAside_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("kind");
    QTest::addRow("no database")
        << QByteArray("not a database, and long enough to be read ").repeated(100) << u"broken"_s;
    QTest::addRow("half a header")
        << QByteArray("SQLite format 3\0garbage", 23) + QByteArray(80, 'x') << u"broken"_s;
    QTest::addRow("foreign table")
        << QByteArray("CREATE TABLE flows (a); PRAGMA user_version = 1") << u"broken"_s;
    QTest::addRow("later version") << QByteArray("PRAGMA user_version = 99") << u"newer"_s;
}

void TstFlowStorage::setsADamagedFileAside()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, kind);
    if (content.contains("PRAGMA")) {
        {
            QSqlDatabase other = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"other"_s);
            other.setDatabaseName(file);
            QVERIFY(other.open());
            QSqlQuery query(other);
            for (const QByteArray &statement : content.split(';'))
                QVERIFY(query.exec(QString::fromLatin1(statement)));
        }
        QSqlDatabase::removeDatabase(u"other"_s);
    } else {
        QFile handle(file);
        QVERIFY(handle.open(QIODevice::WriteOnly));
        handle.write(content);
    }
    open();
    add(flowRecords(2));
    QCOMPARE(found().size(), std::size_t(2));
    QCOMPARE(problems.size(), 1);
    const QStringList aside = asideFiles();
    QCOMPARE(aside.size(), 1);
    QVERIFY2(aside.front().startsWith(u"flows.sqlite."_s + kind + u'-'), qPrintable(aside.front()));
    QVERIFY2(problems.front().contains(aside.front()), qPrintable(problems.front()));
    if (!content.contains("PRAGMA")) {
        QFile handle(folder->filePath(aside.front()));
        QVERIFY(handle.open(QIODevice::ReadOnly));
        QCOMPARE(handle.readAll(), content);
    }
    log.reset();
    open();
    QCOMPARE(found().size(), std::size_t(2)); // the new one is a sound file
    QCOMPARE(problems.size(), 1);
}

void TstFlowStorage::noticesDamageWhileItRuns()
{
    open();
    add(flowRecords(3000));
    QVERIFY(!found().empty());
    log.reset();
    QFile handle(file);
    QVERIFY(handle.open(QIODevice::ReadWrite));
    const qint64 size = handle.size();
    QVERIFY(handle.seek(8192)); // behind the schema
    handle.write(QByteArray(size - 8192, '\x7f'));
    handle.close();
    open();
    FlowFilter filter;
    filter.limit = limits::MaxFlowPage;
    QCOMPARE(found(filter).size(), std::size_t(0));
    QCOMPARE(asideFiles().size(), 1);
    QCOMPARE(problems.size(), 1);
    add(flowRecords(2));
    QCOMPARE(found().size(), std::size_t(2));
    QCOMPARE(problems.size(), 1);
}

void TstFlowStorage::usesMemoryWhereNoFileCanBe()
{
    file = folder->filePath(u"missing/flows.sqlite"_s);
    open();
    add(flowRecords(2));
    QCOMPARE(found().size(), std::size_t(2));
    QCOMPARE(problems.size(), 1);
    QVERIFY2(problems.front().contains(u"memory"), qPrintable(problems.front()));
}

void TstFlowStorage::usesMemoryInAReadOnlyFolder()
{
    const QFileDevice::Permissions before = QFile::permissions(folder->path());
    QVERIFY(QFile::setPermissions(folder->path(), QFileDevice::ReadOwner | QFileDevice::ExeOwner));
    const bool isClosed = !QFile(folder->filePath(u"probe"_s)).open(QIODevice::WriteOnly);
    if (isClosed) {
        open();
        add(flowRecords(2));
        const std::size_t count = found().size();
        log.reset();
        QFile::setPermissions(folder->path(), before);
        QCOMPARE(count, std::size_t(2));
        QCOMPARE(problems.size(), 1);
        QVERIFY2(problems.front().contains(u"memory"), qPrintable(problems.front()));
        return;
    }
    QFile::setPermissions(folder->path(), before);
    QSKIP("This user may write everywhere.");
}

void TstFlowStorage::tellsThatThePluginIsMissing()
{
    FlowDatabase database(file, u"QNONE"_s);
    QVERIFY(!database.open());
    QCOMPARE(database.fault(), FlowStore::Fault::NoDriver);
    QVERIFY(!QFile::exists(file));
}

void TstFlowStorage::waitsWhileTheFileIsLocked()
{
    open();
    QCOMPARE(found().size(), std::size_t(0));
    QSignalSpy added(log.get(), &FlowLog::added);
    {
        QSqlDatabase other = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"other"_s);
        other.setDatabaseName(file);
        QVERIFY(other.open());
        QSqlQuery query(other);
        QVERIFY(query.exec(u"BEGIN IMMEDIATE"_s));
        add(flowRecords(2));
        QTRY_COMPARE(problems.size(), 1);
        add({flowRecord(u"late"_s, flowTime(0))});
        log->setSettings({}); // tries again, in vain
        QTest::qWait(1500); // SQLite gives up after a second: nothing to wait for may come
        QCOMPARE(added.size(), 0);
        QVERIFY(query.exec(u"COMMIT"_s));
    }
    QSqlDatabase::removeDatabase(u"other"_s);
    log->setSettings({});
    QTRY_COMPARE_WITH_TIMEOUT(added.size(), 3, FlowAnswerTimeout);
    QCOMPARE(found().size(), std::size_t(3));
    QCOMPARE(problems.size(), 1); // told once
}

void TstFlowStorage::goesOnWhenThereIsRoomAgain()
{
#ifdef Q_OS_UNIX
    open();
    add(flowRecords(1));
    QCOMPARE(found().size(), std::size_t(1));
    // No file of this process may grow: what a full disk does to the database.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before {};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 64 * 1024;
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &none), 0);
    std::vector<FlowRecord> records = flowRecords(3000);
    records.erase(records.begin()); // its id is taken
    add(records);
    const bool told = QTest::qWaitFor([this] { return !problems.isEmpty(); }, FlowAnswerTimeout);
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &before), 0);
    QVERIFY(told);
    QCOMPARE(found().size(), std::size_t(1)); // all of a batch or none
    QSignalSpy added(log.get(), &FlowLog::added);
    log->setSettings({});
    QTRY_COMPARE_WITH_TIMEOUT(added.size(), 2999, FlowAnswerTimeout);
    QCOMPARE(problems.size(), 1);
    QVERIFY(asideFiles().isEmpty());
#else
    QSKIP("The file size limit is one of Unix.");
#endif
}

void TstFlowStorage::leavesOutWhatCannotWait()
{
    open();
    QSignalSpy added(log.get(), &FlowLog::added);
    add(flowRecords(limits::MaxFlowQueue + 7)); // all in one turn of the loop
    QTRY_COMPARE_WITH_TIMEOUT(added.size(), limits::MaxFlowQueue, FlowAnswerTimeout);
    QTRY_COMPARE(problems.size(), 2);
    QVERIFY2(problems[1].contains(u" 7 "), qPrintable(problems[1]));
}

void TstFlowStorage::onlyItsOwnerMayReadTheFile()
{
#ifdef Q_OS_UNIX
    open();
    add(flowRecords(1));
    QCOMPARE(found().size(), std::size_t(1));
    const QFileDevice::Permissions others = QFileDevice::ReadGroup | QFileDevice::WriteGroup
        | QFileDevice::ReadOther | QFileDevice::WriteOther;
    for (const QString &suffix : {u""_s, u"-wal"_s, u"-shm"_s})
        QVERIFY2(!(QFile::permissions(file + suffix) & others), qPrintable(suffix));
#else
    QSKIP("Windows gives files of the user's folder to the user.");
#endif
}

QTEST_GUILESS_MAIN(TstFlowStorage)
#include "tst_flowstorage.moc"
