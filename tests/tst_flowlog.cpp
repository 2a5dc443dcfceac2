// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/flows/flowlog.h"
#include "app/flows/flowmemory.h"

#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include "flowsample.h"

#ifdef Q_OS_UNIX
#include <csignal>
#include <sys/resource.h>
#endif

using namespace kirotray;

namespace {

constexpr int AnswerTimeout = 20'000;

/// What a call answered; counts its answers.
template <typename T>
struct Got
{
    std::optional<Result<T>> result;
    int answers = 0;
    FlowLog::Callback<T> taker()
    {
        return [this](Result<T> answer) {
            result.emplace(std::move(answer));
            ++answers;
        };
    }
    const T &value() const { return result->value(); }
};

QStringList idsOf(const std::vector<FlowEntry> &entries)
{
    QStringList ids;
    for (const FlowEntry &entry : entries)
        ids.append(entry.record.id);
    return ids;
}

} // namespace

/// Rows named "file" and "memory" say which of the two stores is meant.
class TstFlowLog : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void keepsEveryField_data() { stores(); }
    void keepsEveryField();
    void findsWhatTheFilterMeans_data();
    void findsWhatTheFilterMeans();
    void takesNoTextForSql();
    void pagesFromNewToOld_data() { stores(); }
    void pagesFromNewToOld();
    void changesWhatTheUserAdds_data() { stores(); }
    void changesWhatTheUserAdds();
    void refusesChangesThatAreTooLarge_data();
    void refusesChangesThatAreTooLarge();
    void knowsNoUnknownFlow_data() { stores(); }
    void knowsNoUnknownFlow();
    void keepsBothOfOneId_data() { stores(); }
    void keepsBothOfOneId();
    void clearsAllButBookmarks_data() { stores(); }
    void clearsAllButBookmarks();
    void removesWhatIsTooOld_data() { stores(); }
    void removesWhatIsTooOld();
    void removesTheOldestBeyondItsSize();
    void memoryHasABound();
    void tellsWhatWasAddedOnceItIsFound();
    void keepsNothingWhenSwitchedOff();
    void writesAllBeforeItEnds();
    void keepsThemForTheNextRun();
    void answersWhatWasAskedWhenItEnds();
    void staysSilentWhenTheAskerIsGone();
    void setsADamagedFileAside_data();
    void setsADamagedFileAside();
    void noticesDamageWhileItRuns();
    void usesMemoryWhereNoFileCanBe();
    void waitsWhileTheFileIsLocked();
    void goesOnWhenThereIsRoomAgain();
    void leavesOutWhatCannotWait();
    void onlyItsOwnerMayReadTheFile();
    void forgetsOldBodies();
    void staysQuickWithTenThousand();

private:
    static void stores();
    void open(bool isFile = true);
    void openAsRow();
    void add(const std::vector<FlowRecord> &records);
    std::vector<FlowEntry> found(const FlowFilter &filter = {});
    QStringList asideFiles() const;
    Got<Done> changed(const QString &id, const FlowLog::Change &change);

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
    std::unique_ptr<FlowLog> m_log;
    QStringList m_problems;
};

void TstFlowLog::stores()
{
    QTest::addColumn<bool>("isFile");
    QTest::addRow("file") << true;
    QTest::addRow("memory") << false;
}

void TstFlowLog::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_file = m_folder->filePath(u"flows.sqlite"_s);
    m_problems.clear();
}

void TstFlowLog::cleanup()
{
    m_log.reset();
    QVERIFY2(QSqlDatabase::connectionNames().isEmpty(), "a connection was left");
}

void TstFlowLog::open(bool isFile)
{
    m_log = std::make_unique<FlowLog>(isFile ? m_file : QString());
    connect(m_log.get(), &FlowLog::problem, this,
            [this](const QString &what) { m_problems.append(what); });
}

void TstFlowLog::openAsRow()
{
    QFETCH(bool, isFile);
    open(isFile);
}

void TstFlowLog::add(const std::vector<FlowRecord> &records)
{
    for (const FlowRecord &record : records)
        m_log->add(record, {});
}

std::vector<FlowEntry> TstFlowLog::found(const FlowFilter &filter)
{
    Got<std::vector<FlowEntry>> got;
    m_log->find(filter, this, got.taker());
    const bool came = QTest::qWaitFor([&got] { return got.answers > 0; }, AnswerTimeout);
    if (!came || !*got.result)
        return {};
    return got.value();
}

Got<Done> TstFlowLog::changed(const QString &id, const FlowLog::Change &change)
{
    auto got = std::make_shared<Got<Done>>();
    m_log->change(id, change, this, [got](Result<Done> answer) {
        got->result.emplace(std::move(answer));
        ++got->answers;
    });
    (void)QTest::qWaitFor([&got] { return got->answers > 0; }, AnswerTimeout);
    return *got;
}

QStringList TstFlowLog::asideFiles() const
{
    return QDir(m_folder->path()).entryList({u"flows.sqlite.*-20*"_s}, QDir::Files);
}

void TstFlowLog::keepsEveryField()
{
    openAsRow();
    FlowRecord record = flowRecord(u"0a0b0c0d"_s, flowTime(5));
    record.replayOf = u"01020304"_s;
    record.tries.push_back({u"account-2"_s, u"\"q\"\n.example"_s, 429, u"too many requests"_s, 7});
    record.changes.append(u"another"_s);
    FlowRecord other = flowRecord(u"0a0b0c0e"_s, flowTime(1));
    other.credits.reset();
    other.isUsageEstimated = true;
    other.stream = false;
    other.tries.clear();
    other.changes.clear();
    other.firstByteMs = -1;
    other.accountReason = QString();
    add({record, other});
    const std::vector<FlowEntry> entries = found();
    QCOMPARE(entries.size(), std::size_t(2));
    const FlowRecord &back = entries[1].record;
    QCOMPARE(back.id, record.id);
    QCOMPARE(back.startedAt, record.startedAt);
    QCOMPARE(back.startedAt.timeSpec(), Qt::UTC);
    QCOMPARE(back.route, record.route);
    QCOMPARE(back.dialect, record.dialect);
    QCOMPARE(back.stream, true);
    QCOMPARE(back.modelAsked, record.modelAsked);
    QCOMPARE(back.modelUsed, record.modelUsed);
    QCOMPARE(back.client, record.client);
    QCOMPARE(back.clientKey, record.clientKey);
    QCOMPARE(back.conversation, record.conversation);
    QCOMPARE(back.accountId, record.accountId);
    QCOMPARE(back.accountReason, record.accountReason);
    QCOMPARE(back.status, record.status);
    QCOMPARE(back.outcome, record.outcome);
    QCOMPARE(back.replayOf, record.replayOf);
    QCOMPARE(back.attempts, record.attempts);
    QVERIFY(back.tries == record.tries);
    QCOMPARE(back.queuedMs, record.queuedMs);
    QCOMPARE(back.firstByteMs, record.firstByteMs);
    QCOMPARE(back.totalMs, record.totalMs);
    QCOMPARE(back.inputTokens, record.inputTokens);
    QCOMPARE(back.cachedTokens, record.cachedTokens);
    QCOMPARE(back.outputTokens, record.outputTokens);
    QCOMPARE(back.isUsageEstimated, false);
    QCOMPARE(back.credits, record.credits);
    QCOMPARE(back.changes, record.changes);
    const FlowRecord &plain = entries[0].record;
    QVERIFY(!plain.credits);
    QVERIFY(plain.isUsageEstimated);
    QVERIFY(!plain.stream);
    QVERIFY(plain.tries.empty());
    QVERIFY(plain.changes.isEmpty());
    QCOMPARE(plain.firstByteMs, -1);
    QVERIFY(!entries[0].hasBodies);
}

void TstFlowLog::findsWhatTheFilterMeans_data()
{
    QTest::addColumn<bool>("isFile");
    QTest::addColumn<FlowFilter>("filter");
    QTest::addColumn<QStringList>("ids");
    const QDateTime noon(QDate(2026, 5, 4), QTime(12, 0), Qt::UTC);
    struct Row
    {
        const char *name;
        FlowFilter filter;
        QStringList ids;
    };
    std::vector<Row> rows;
    const auto row = [&rows](const char *name, const QStringList &ids) -> FlowFilter & {
        rows.push_back({name, {}, ids});
        return rows.back().filter;
    };
    (void)row("everything, newest first", {u"d"_s, u"c"_s, u"b"_s, u"a"_s});
    row("an account", {u"b"_s}).accountId = u"account-2"_s;
    row("the model that was used", {u"b"_s}).model = u"CLAUDE_OPUS"_s;
    row("the model that was asked for", {u"c"_s}).model = u"auto"_s;
    row("a client", {u"c"_s}).client = u"codex"_s;
    row("a client key", {u"c"_s}).clientKey = u"desk"_s;
    row("a dialect", {u"c"_s}).dialect = u"openai"_s;
    row("failures", {u"b"_s}).failed = true;
    row("no failures, hang-ups among them", {u"d"_s, u"c"_s, u"a"_s}).failed = false;
    row("bookmarks", {u"a"_s}).bookmarked = true;
    row("no bookmarks", {u"d"_s, u"c"_s, u"b"_s}).bookmarked = false;
    row("a tag", {u"a"_s}).tag = u"slow one"_s;
    row("part of a tag", {}).tag = u"slow"_s;
    row("from a time on", {u"d"_s, u"c"_s}).from = noon.addSecs(2);
    row("up to a time, itself excluded", {u"b"_s, u"a"_s}).to = noon.addSecs(2);
    row("words of an outcome, in capitals", {u"b"_s}).text = u"OVERLOADED"_s;
    row("words of a note", {u"a"_s}).text = u"f\u00dcr die"_s;
    row("a part of a tag, as text", {u"a"_s}).text = u"slow"_s;
    row("a part of a model", {u"b"_s}).text = u"opus"_s;
    row("a percent sign is no wildcard", {}).text = u"%"_s;
    row("nothing that exists", {}).text = u"zzz"_s;
    row("before one", {u"b"_s, u"a"_s}).before = u"c"_s;
    row("before an unknown one", {}).before = u"nobody"_s;
    FlowFilter &both = row("all conditions together", {});
    both.client = u"codex"_s;
    both.accountId = u"account-2"_s;
    row("two at most", {u"d"_s, u"c"_s}).limit = 2;
    row("a limit of nought is one", {u"d"_s}).limit = 0;
    for (const Row &each : rows)
        for (const bool isFile : {true, false})
            QTest::addRow("%s, %s", isFile ? "file" : "memory", each.name)
                << isFile << each.filter << each.ids;
}

void TstFlowLog::findsWhatTheFilterMeans()
{
    openAsRow();
    const QDateTime noon(QDate(2026, 5, 4), QTime(12, 0), Qt::UTC);
    m_log->setSettings({true, 100'000, 64 * limits::MiB, 0});
    FlowRecord a = flowRecord(u"a"_s, noon);
    FlowRecord b = flowRecord(u"b"_s, noon.addSecs(1));
    b.accountId = u"account-2"_s;
    b.modelUsed = u"CLAUDE_OPUS"_s;
    b.outcome = u"The model is overloaded."_s;
    FlowRecord c = flowRecord(u"c"_s, noon.addSecs(2));
    c.client = u"codex"_s;
    c.clientKey = u"desk"_s;
    c.dialect = u"openai"_s;
    c.modelAsked = u"auto"_s;
    FlowRecord d = flowRecord(u"d"_s, noon.addSecs(3));
    d.outcome = u"client-gone"_s;
    add({b, d, a, c}); // they end in another order than they start
    QVERIFY(*changed(u"a"_s, {true, u"f\u00fcr die Akte"_s, {{u"slow one"_s, u"two"_s}}}).result);
    QFETCH(FlowFilter, filter);
    QFETCH(QStringList, ids);
    QCOMPARE(idsOf(found(filter)), ids);
}

void TstFlowLog::takesNoTextForSql()
{
    open();
    add(flowRecords(3));
    const QString hostile = u"x' OR 1=1; DROP TABLE flows; --"_s;
    FlowFilter filter;
    filter.text = filter.accountId = filter.tag = filter.before = hostile;
    QCOMPARE(found(filter).size(), std::size_t(0));
    FlowRecord record = flowRecord(hostile, flowTime(0));
    record.client = hostile;
    add({record});
    filter = {};
    filter.client = hostile;
    QCOMPARE(idsOf(found(filter)), QStringList {hostile});
    QCOMPARE(found().size(), std::size_t(4));
}

void TstFlowLog::pagesFromNewToOld()
{
    openAsRow();
    std::vector<FlowRecord> records = flowRecords(25);
    for (std::size_t i = 5; i < 15; ++i)
        records[i].startedAt = records[5].startedAt; // the page ends within one instant
    add(records);
    QStringList ids;
    FlowFilter filter;
    filter.limit = 10;
    while (true) {
        const std::vector<FlowEntry> page = found(filter);
        if (page.empty())
            break;
        ids += idsOf(page);
        filter.before = page.back().record.id;
        QVERIFY(ids.size() <= 25);
    }
    QStringList expected;
    for (auto it = records.rbegin(); it != records.rend(); ++it)
        expected.append(it->id);
    QCOMPARE(ids, expected);
}

void TstFlowLog::changesWhatTheUserAdds()
{
    openAsRow();
    add(flowRecords(2));
    const QString id = u"00000001"_s;
    QVERIFY(*changed(id, {true, u"look here"_s, {{u" b  c "_s, u"a"_s, u"a"_s, u""_s}}}).result);
    Got<FlowEntry> got;
    m_log->entry(id, this, got.taker());
    QTRY_COMPARE(got.answers, 1);
    QVERIFY(got.value().bookmarked);
    QCOMPARE(got.value().note, u"look here"_s);
    QCOMPARE(got.value().tags, (QStringList {u"b c"_s, u"a"_s}));
    // What is absent stays.
    QVERIFY(*changed(id, {std::nullopt, u""_s, std::nullopt}).result);
    m_log->entry(id, this, got.taker());
    QTRY_COMPARE(got.answers, 2);
    QVERIFY(got.value().bookmarked);
    QCOMPARE(got.value().note, QString());
    QCOMPARE(got.value().tags.size(), 2);
}

void TstFlowLog::refusesChangesThatAreTooLarge_data()
{
    QTest::addColumn<QString>("note");
    QTest::addColumn<QStringList>("tags");
    QTest::addColumn<bool>("fits");
    const auto tags = [](int count) {
        QStringList list;
        for (int i = 0; i < count; ++i)
            list.append(QString::number(i));
        return list;
    };
    const QString longest(limits::MaxFlowNote, u'n');
    QTest::addRow("the longest note") << longest << QStringList() << true;
    QTest::addRow("a longer note") << longest + u'n' << QStringList() << false;
    QTest::addRow("bytes count") << QString(limits::MaxFlowNote / 2, u'\u00fc') + u'n'
                                 << QStringList() << false;
    QTest::addRow("the most tags") << QString() << tags(limits::MaxFlowTags) << true;
    QTest::addRow("one more") << QString() << tags(limits::MaxFlowTags + 1) << false;
    QTest::addRow("a long tag") << QString() << QStringList {QString(65, u't')} << false;
}

void TstFlowLog::refusesChangesThatAreTooLarge()
{
    QFETCH(QString, note);
    QFETCH(QStringList, tags);
    QFETCH(bool, fits);
    open();
    add(flowRecords(1));
    const Got<Done> got = changed(u"00000000"_s, {std::nullopt, note, tags});
    QCOMPARE(got.answers, 1);
    QCOMPARE(bool(*got.result), fits);
    if (!fits)
        QCOMPARE(got.result->error().code, Error::Code::BadInput);
    QCOMPARE(found().front().note, fits ? note : QString());
}

void TstFlowLog::knowsNoUnknownFlow()
{
    openAsRow();
    add(flowRecords(1));
    Got<FlowEntry> got;
    m_log->entry(u"nobody"_s, this, got.taker());
    QTRY_COMPARE(got.answers, 1);
    QCOMPARE(got.result->error().code, Error::Code::BadInput);
    QCOMPARE(changed(u"nobody"_s, {true, {}, {}}).result->error().code, Error::Code::BadInput);
    QVERIFY(!m_log->bodies(u"nobody"_s));
}

void TstFlowLog::keepsBothOfOneId()
{
    openAsRow();
    FlowRecord older = flowRecord(u"0a0b0c0d"_s, flowTime(60));
    older.client = u"older"_s;
    add({older, flowRecord(u"0a0b0c0d"_s, flowTime(1))});
    const std::vector<FlowEntry> entries = found();
    QCOMPARE(entries.size(), std::size_t(2));
    QCOMPARE(entries[0].record.id, u"0a0b0c0d"_s);
    QCOMPARE(entries[0].record.client, u"claude-code"_s);
    QCOMPARE(entries[1].record.client, u"older"_s);
    QVERIFY(entries[1].record.id.startsWith(u"0a0b0c0d-"));
}

void TstFlowLog::clearsAllButBookmarks()
{
    openAsRow();
    m_log->add(flowRecord(u"kept"_s, flowTime(2)), flowBodies(10));
    m_log->add(flowRecord(u"gone"_s, flowTime(1)), flowBodies(10));
    QVERIFY(*changed(u"kept"_s, {true, {}, {}}).result);
    QVERIFY(m_log->bodies(u"gone"_s));
    Got<Done> got;
    m_log->clear(this, got.taker());
    QTRY_COMPARE(got.answers, 1);
    QVERIFY(*got.result);
    QCOMPARE(idsOf(found()), QStringList {u"kept"_s});
    QVERIFY(found().front().hasBodies);
    QVERIFY(!m_log->bodies(u"gone"_s));
}

void TstFlowLog::removesWhatIsTooOld()
{
    openAsRow();
    const qint64 day = 24 * 3600;
    add({flowRecord(u"old"_s, flowTime(9 * day)), flowRecord(u"marked"_s, flowTime(9 * day)),
         flowRecord(u"young"_s, flowTime(6 * day))});
    QVERIFY(*changed(u"marked"_s, {true, {}, {}}).result);
    QCOMPARE(found().size(), std::size_t(3));
    m_log->setSettings({true, 7, 64 * limits::MiB, 0});
    QCOMPARE(idsOf(found()), (QStringList {u"young"_s, u"marked"_s}));
}

void TstFlowLog::removesTheOldestBeyondItsSize()
{
    open();
    constexpr qint64 Bound = 600 * 1024;
    m_log->setSettings({true, 30, Bound, 0});
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
    m_log.reset(); // the write-ahead log goes into the file
    QVERIFY2(QFile(m_file).size() <= Bound + 512 * 1024,
             qPrintable(QString::number(QFile(m_file).size())));
}

void TstFlowLog::memoryHasABound()
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

void TstFlowLog::tellsWhatWasAddedOnceItIsFound()
{
    open();
    QSignalSpy added(m_log.get(), &FlowLog::added);
    add(flowRecords(3));
    QCOMPARE(added.size(), 0);
    QTRY_COMPARE(added.size(), 3);
    QCOMPARE(added[2][0].value<FlowRecord>().id, u"00000002"_s);
    QCOMPARE(found().size(), std::size_t(3));
    QCOMPARE(added.size(), 3);
}

void TstFlowLog::keepsNothingWhenSwitchedOff()
{
    open();
    m_log->setSettings({false, 30, 64 * limits::MiB, limits::MiB});
    m_log->add(flowRecord(u"a"_s, flowTime(0)), flowBodies(10));
    QCOMPARE(found().size(), std::size_t(0));
    QVERIFY(!m_log->bodies(u"a"_s));
}

void TstFlowLog::writesAllBeforeItEnds()
{
    open();
    add(flowRecords(5000));
    m_log.reset();
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
    QVERIFY2(m_problems.isEmpty(), qPrintable(m_problems.join(u' ')));
}

void TstFlowLog::keepsThemForTheNextRun()
{
    open();
    add(flowRecords(2));
    QVERIFY(*changed(u"00000001"_s, {true, u"note"_s, {{u"tag"_s}}}).result);
    m_log.reset();
    open();
    const std::vector<FlowEntry> entries = found();
    QCOMPARE(entries.size(), std::size_t(2));
    QVERIFY(entries[0].bookmarked);
    QCOMPARE(entries[0].tags, QStringList {u"tag"_s});
    QVERIFY(asideFiles().isEmpty());
}

void TstFlowLog::answersWhatWasAskedWhenItEnds()
{
    auto *log = new FlowLog(m_file);
    log->add(flowRecord(u"a"_s, flowTime(1)), {});
    Got<std::vector<FlowEntry>> got;
    Got<Done> again;
    log->find({}, this, [this, log, &got, &again](Result<std::vector<FlowEntry>> answer) {
        got.taker()(std::move(answer));
        log->clear(this, again.taker());
    });
    delete log;
    QCOMPARE(got.answers, 1);
    QCOMPARE(got.value().size(), std::size_t(1));
    QCOMPARE(again.answers, 1);
    QCOMPARE(again.result->error().code, Error::Code::Cancelled);
}

void TstFlowLog::staysSilentWhenTheAskerIsGone()
{
    open();
    add(flowRecords(1));
    int answers = 0;
    auto asker = std::make_unique<QObject>();
    m_log->find({}, asker.get(), [&answers](const auto &) { ++answers; });
    m_log->clear(asker.get(), [&answers](const auto &) { ++answers; });
    m_log->change(u"x"_s, {{}, QString(9999, u'n'), {}}, asker.get(),
                  [&answers](const auto &) { ++answers; });
    asker.reset();
    QCOMPARE(found().size(), std::size_t(0)); // asked behind them
    QCOMPARE(answers, 0);
}

void TstFlowLog::setsADamagedFileAside_data()
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

void TstFlowLog::setsADamagedFileAside()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, kind);
    if (content.contains("PRAGMA")) {
        {
            QSqlDatabase other = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"other"_s);
            other.setDatabaseName(m_file);
            QVERIFY(other.open());
            QSqlQuery query(other);
            for (const QByteArray &statement : content.split(';'))
                QVERIFY(query.exec(QString::fromLatin1(statement)));
        }
        QSqlDatabase::removeDatabase(u"other"_s);
    } else {
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    open();
    add(flowRecords(2));
    QCOMPARE(found().size(), std::size_t(2));
    QCOMPARE(m_problems.size(), 1);
    const QStringList aside = asideFiles();
    QCOMPARE(aside.size(), 1);
    QVERIFY2(aside.front().startsWith(u"flows.sqlite."_s + kind + u'-'), qPrintable(aside.front()));
    QVERIFY2(m_problems.front().contains(aside.front()), qPrintable(m_problems.front()));
    if (!content.contains("PRAGMA")) {
        QFile file(m_folder->filePath(aside.front()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), content);
    }
    m_log.reset();
    open();
    QCOMPARE(found().size(), std::size_t(2)); // the new one is a sound file
    QCOMPARE(m_problems.size(), 1);
}

void TstFlowLog::noticesDamageWhileItRuns()
{
    open();
    add(flowRecords(3000));
    QVERIFY(!found().empty());
    m_log.reset();
    QFile file(m_file);
    QVERIFY(file.open(QIODevice::ReadWrite));
    const qint64 size = file.size();
    QVERIFY(file.seek(8192)); // behind the schema
    file.write(QByteArray(size - 8192, '\x7f'));
    file.close();
    open();
    FlowFilter filter;
    filter.limit = limits::MaxFlowPage;
    QCOMPARE(found(filter).size(), std::size_t(0));
    QCOMPARE(asideFiles().size(), 1);
    QCOMPARE(m_problems.size(), 1);
    add(flowRecords(2));
    QCOMPARE(found().size(), std::size_t(2));
    QCOMPARE(m_problems.size(), 1);
}

void TstFlowLog::usesMemoryWhereNoFileCanBe()
{
    m_file = m_folder->filePath(u"missing/flows.sqlite"_s);
    open();
    add(flowRecords(2));
    QCOMPARE(found().size(), std::size_t(2));
    QCOMPARE(m_problems.size(), 1);
    QVERIFY2(m_problems.front().contains(u"memory"), qPrintable(m_problems.front()));
}

void TstFlowLog::waitsWhileTheFileIsLocked()
{
    open();
    QCOMPARE(found().size(), std::size_t(0));
    QSignalSpy added(m_log.get(), &FlowLog::added);
    {
        QSqlDatabase other = QSqlDatabase::addDatabase(u"QSQLITE"_s, u"other"_s);
        other.setDatabaseName(m_file);
        QVERIFY(other.open());
        QSqlQuery query(other);
        QVERIFY(query.exec(u"BEGIN IMMEDIATE"_s));
        add(flowRecords(2));
        QTRY_COMPARE(m_problems.size(), 1);
        add({flowRecord(u"late"_s, flowTime(0))});
        m_log->setSettings({}); // tries again, in vain
        QTest::qWait(1500); // SQLite gives up after a second: nothing to wait for may come
        QCOMPARE(added.size(), 0);
        QVERIFY(query.exec(u"COMMIT"_s));
    }
    QSqlDatabase::removeDatabase(u"other"_s);
    m_log->setSettings({});
    QTRY_COMPARE_WITH_TIMEOUT(added.size(), 3, AnswerTimeout);
    QCOMPARE(found().size(), std::size_t(3));
    QCOMPARE(m_problems.size(), 1); // told once
}

void TstFlowLog::goesOnWhenThereIsRoomAgain()
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
    const bool told = QTest::qWaitFor([this] { return !m_problems.isEmpty(); }, AnswerTimeout);
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &before), 0);
    QVERIFY(told);
    QCOMPARE(found().size(), std::size_t(1)); // all of a batch or none
    QSignalSpy added(m_log.get(), &FlowLog::added);
    m_log->setSettings({});
    QTRY_COMPARE_WITH_TIMEOUT(added.size(), 2999, AnswerTimeout);
    QCOMPARE(m_problems.size(), 1);
    QVERIFY(asideFiles().isEmpty());
#else
    QSKIP("The file size limit is one of Unix.");
#endif
}

void TstFlowLog::leavesOutWhatCannotWait()
{
    open();
    QSignalSpy added(m_log.get(), &FlowLog::added);
    add(flowRecords(limits::MaxFlowQueue + 7)); // all in one turn of the loop
    QTRY_COMPARE_WITH_TIMEOUT(added.size(), limits::MaxFlowQueue, AnswerTimeout);
    QTRY_COMPARE(m_problems.size(), 2);
    QVERIFY2(m_problems[1].contains(u" 7 "), qPrintable(m_problems[1]));
}

void TstFlowLog::onlyItsOwnerMayReadTheFile()
{
#ifdef Q_OS_UNIX
    open();
    add(flowRecords(1));
    QCOMPARE(found().size(), std::size_t(1));
    const QFileDevice::Permissions others = QFileDevice::ReadGroup | QFileDevice::WriteGroup
        | QFileDevice::ReadOther | QFileDevice::WriteOther;
    for (const QString &suffix : {u""_s, u"-wal"_s, u"-shm"_s})
        QVERIFY2(!(QFile::permissions(m_file + suffix) & others), qPrintable(suffix));
#else
    QSKIP("Windows gives files of the user's folder to the user.");
#endif
}

void TstFlowLog::forgetsOldBodies()
{
    open(false);
    m_log->setSettings({true, 30, 64 * limits::MiB, 100});
    m_log->add(flowRecord(u"a"_s, flowTime(4)), flowBodies(40));
    m_log->add(flowRecord(u"b"_s, flowTime(3)), {});
    m_log->add(flowRecord(u"c"_s, flowTime(2)), flowBodies(40));
    QVERIFY(m_log->bodies(u"a"_s));
    m_log->add(flowRecord(u"d"_s, flowTime(1)), flowBodies(40));
    QVERIFY(!m_log->bodies(u"a"_s));
    QVERIFY(!m_log->bodies(u"b"_s));
    QCOMPARE(m_log->bodies(u"c"_s)->bytes(), 40);
    const std::vector<FlowEntry> entries = found();
    QCOMPARE(idsOf(entries), (QStringList {u"d"_s, u"c"_s, u"b"_s, u"a"_s}));
    QVERIFY(entries[1].hasBodies);
    QVERIFY(!entries[3].hasBodies);
    m_log->setSettings({true, 30, 64 * limits::MiB, 50});
    QVERIFY(!m_log->bodies(u"c"_s));
    QVERIFY(m_log->bodies(u"d"_s));
    m_log->add(flowRecord(u"e"_s, flowTime(0)), flowBodies(51)); // larger than the ring
    QVERIFY(!m_log->bodies(u"e"_s));
}

void TstFlowLog::staysQuickWithTenThousand()
{
    open();
    std::vector<FlowRecord> records = flowRecords(10'000);
    for (std::size_t i = 0; i < records.size(); ++i) {
        records[i].accountId = u"account-%1"_s.arg(i % 7);
        records[i].outcome = i % 10 == 0 ? u"The service is overloaded."_s : u"ok"_s;
    }
    QElapsedTimer clock;
    clock.start();
    add(records);
    QCOMPARE(found().size(), std::size_t(100));
    QVERIFY2(clock.elapsed() < 20'000, qPrintable(QString::number(clock.elapsed())));
    // Generous: this machine may be busy. Each takes a few milliseconds on an idle one.
    FlowFilter filter;
    filter.text = u"OVERLOADED"_s;
    filter.accountId = u"account-3"_s;
    filter.before = records[5000].id;
    clock.restart();
    QCOMPARE(found(filter).size(), std::size_t(72));
    QVERIFY2(clock.elapsed() < 3000, qPrintable(QString::number(clock.elapsed())));
    filter.text = u"nothing has this"_s;
    clock.restart();
    QCOMPARE(found(filter).size(), std::size_t(0));
    QVERIFY2(clock.elapsed() < 3000, qPrintable(QString::number(clock.elapsed())));
    Got<FlowStatistics> got;
    clock.restart();
    m_log->statistics({}, {}, this, got.taker());
    QTRY_COMPARE_WITH_TIMEOUT(got.answers, 1, AnswerTimeout);
    QVERIFY2(clock.elapsed() < 5000, qPrintable(QString::number(clock.elapsed())));
    QCOMPARE(got.value().total.requests, 10'000);
    QCOMPARE(got.value().total.failures, 1000);
    QCOMPARE(got.value().byAccount.size(), std::size_t(7));
}

QTEST_GUILESS_MAIN(TstFlowLog)
#include "tst_flowlog.moc"
