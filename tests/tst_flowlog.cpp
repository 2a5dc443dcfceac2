// SPDX-License-Identifier: MIT
#include "app/base/limits.h"

#include <QElapsedTimer>
#include <QSignalSpy>

#include "flowlogbench.h"

using namespace kirotray;

class TstFlowLog : public FlowLogBench
{
    Q_OBJECT

private slots:
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
    void tellsWhatWasAddedOnceItIsFound();
    void keepsNoSecret_data() { stores(); }
    void keepsNoSecret();
    void keepsNothingWhenSwitchedOff();
    void forgetsOldBodies();
    void staysQuickWithTenThousand();
};

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
    log->setSettings({true, 100'000, 64 * limits::MiB, 0});
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
    log->entry(id, this, got.taker());
    QTRY_COMPARE(got.answers, 1);
    QVERIFY(got.value().bookmarked);
    QCOMPARE(got.value().note, u"look here"_s);
    QCOMPARE(got.value().tags, (QStringList {u"b c"_s, u"a"_s}));
    // What is absent stays.
    QVERIFY(*changed(id, {std::nullopt, u""_s, std::nullopt}).result);
    log->entry(id, this, got.taker());
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
    log->entry(u"nobody"_s, this, got.taker());
    QTRY_COMPARE(got.answers, 1);
    QCOMPARE(got.result->error().code, Error::Code::BadInput);
    QCOMPARE(changed(u"nobody"_s, {true, {}, {}}).result->error().code, Error::Code::BadInput);
    QVERIFY(!log->bodies(u"nobody"_s));
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
    log->add(flowRecord(u"kept"_s, flowTime(2)), flowBodies(10));
    log->add(flowRecord(u"gone"_s, flowTime(1)), flowBodies(10));
    QVERIFY(*changed(u"kept"_s, {true, {}, {}}).result);
    QVERIFY(log->bodies(u"gone"_s));
    Got<Done> got;
    log->clear(this, got.taker());
    QTRY_COMPARE(got.answers, 1);
    QVERIFY(*got.result);
    QCOMPARE(idsOf(found()), QStringList {u"kept"_s});
    QVERIFY(found().front().hasBodies);
    QVERIFY(!log->bodies(u"gone"_s));
}

void TstFlowLog::tellsWhatWasAddedOnceItIsFound()
{
    open();
    QSignalSpy added(log.get(), &FlowLog::added);
    add(flowRecords(3));
    QCOMPARE(added.size(), 0);
    QTRY_COMPARE(added.size(), 3);
    QCOMPARE(added[2][0].value<FlowRecord>().id, u"00000002"_s);
    QCOMPARE(found().size(), std::size_t(3));
    QCOMPARE(added.size(), 3);
}

void TstFlowLog::keepsNoSecret()
{
    openAsRow();
    const QString secret = u"aoaAAAAAGkXyZ1a2b3c4d5e6f7"_s;
    const QString text = u"The token "_s + secret + u" is refused."_s;
    FlowRecord record = flowRecord(u"a"_s, flowTime(0));
    record.outcome = record.client = record.modelAsked = record.tries[0].what = text;
    record.changes = {text};
    std::optional<FlowRecord> told;
    connect(log.get(), &FlowLog::added, this, [&told](const FlowRecord &added) { told = added; });
    add({record});
    const FlowRecord kept = found().front().record;
    QVERIFY(told);
    for (const FlowRecord &one : {kept, *told}) {
        QCOMPARE(one.outcome, u"The token *** is refused."_s);
        QCOMPARE(one.tries[0].what, one.outcome);
        QCOMPARE(one.changes, QStringList {one.outcome});
        QVERIFY(!one.client.contains(secret) && !one.modelAsked.contains(secret));
    }
}

void TstFlowLog::keepsNothingWhenSwitchedOff()
{
    open();
    log->setSettings({false, 30, 64 * limits::MiB, limits::MiB});
    log->add(flowRecord(u"a"_s, flowTime(0)), flowBodies(10));
    QCOMPARE(found().size(), std::size_t(0));
    QVERIFY(!log->bodies(u"a"_s));
}

void TstFlowLog::forgetsOldBodies()
{
    open(false);
    log->setSettings({true, 30, 64 * limits::MiB, 100});
    log->add(flowRecord(u"a"_s, flowTime(4)), flowBodies(40));
    log->add(flowRecord(u"b"_s, flowTime(3)), {});
    log->add(flowRecord(u"c"_s, flowTime(2)), flowBodies(40));
    QVERIFY(log->bodies(u"a"_s));
    log->add(flowRecord(u"d"_s, flowTime(1)), flowBodies(40));
    QVERIFY(!log->bodies(u"a"_s));
    QVERIFY(!log->bodies(u"b"_s));
    QCOMPARE(log->bodies(u"c"_s)->bytes(), 40);
    const std::vector<FlowEntry> entries = found();
    QCOMPARE(idsOf(entries), (QStringList {u"d"_s, u"c"_s, u"b"_s, u"a"_s}));
    QVERIFY(entries[1].hasBodies);
    QVERIFY(!entries[3].hasBodies);
    log->setSettings({true, 30, 64 * limits::MiB, 50});
    QVERIFY(!log->bodies(u"c"_s));
    QVERIFY(log->bodies(u"d"_s));
    log->add(flowRecord(u"e"_s, flowTime(0)), flowBodies(51)); // larger than the ring
    QVERIFY(!log->bodies(u"e"_s));
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
    log->statistics({}, {}, this, got.taker());
    QTRY_COMPARE_WITH_TIMEOUT(got.answers, 1, FlowAnswerTimeout);
    QVERIFY2(clock.elapsed() < 5000, qPrintable(QString::number(clock.elapsed())));
    QCOMPARE(got.value().total.requests, 10'000);
    QCOMPARE(got.value().total.failures, 1000);
    QCOMPARE(got.value().byAccount.size(), std::size_t(7));
}

QTEST_GUILESS_MAIN(TstFlowLog)
#include "tst_flowlog.moc"
