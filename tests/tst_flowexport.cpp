// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/flows/flowlog.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include "flowsample.h"

using namespace kirotray;

namespace {

const QString Secret1 = u"aoaAAAAAGkXyZ1a2b3c4d5e6f7"_s;

} // namespace

class TstFlowExport : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_log = std::make_unique<FlowLog>(QString()); }
    void writesALineForEach();
    void writesEveryField();
    void writesWhatTheFilterFinds();
    void writesMoreThanAPage();
    void writesNothing_data();
    void writesNothing();
    void writesHarThatReadersTake();
    void addsBodiesOnlyWhenAsked_data();
    void addsBodiesOnlyWhenAsked();
    void masksEveryText_data();
    void masksEveryText();

private:
    QByteArray exported(FlowExport format, bool withBodies = false, const FlowFilter &filter = {});

    std::unique_ptr<FlowLog> m_log;
};

QByteArray TstFlowExport::exported(FlowExport format, bool withBodies, const FlowFilter &filter)
{
    std::optional<Result<QByteArray>> got;
    m_log->exportText(filter, format, withBodies, this,
                      [&got](Result<QByteArray> text) { got.emplace(std::move(text)); });
    if (!QTest::qWaitFor([&got] { return got.has_value(); }, 30'000) || !*got)
        return "no answer";
    return got->value();
}

void TstFlowExport::writesALineForEach()
{
    for (const FlowRecord &record : flowRecords(3))
        m_log->add(record, {});
    const QByteArray text = exported(FlowExport::JsonLines);
    QVERIFY(text.endsWith('\n'));
    const QList<QByteArray> lines = text.trimmed().split('\n');
    QCOMPARE(lines.size(), 3);
    QCOMPARE(QJsonDocument::fromJson(lines[0])[u"id"_s].toString(), u"00000002"_s);
    QCOMPARE(QJsonDocument::fromJson(lines[2])[u"id"_s].toString(), u"00000000"_s);
}

void TstFlowExport::writesEveryField()
{
    FlowRecord record = flowRecord(u"0a0b0c0d"_s, QDateTime({2026, 5, 4}, {12, 0}, Qt::UTC));
    m_log->setSettings({true, 100'000, limits::MiB, 0});
    record.replayOf = u"01020304"_s;
    record.outcome = u"a \"quoted\"\nline"_s;
    m_log->add(record, {});
    const QJsonObject line = QJsonDocument::fromJson(exported(FlowExport::JsonLines)).object();
    const QJsonObject expected {
        {u"id"_s, u"0a0b0c0d"_s},
        {u"startedAt"_s, u"2026-05-04T12:00:00.000Z"_s},
        {u"route"_s, u"POST /v1/messages"_s},
        {u"dialect"_s, u"anthropic"_s},
        {u"stream"_s, true},
        {u"modelAsked"_s, u"claude-sonnet-4-5"_s},
        {u"modelUsed"_s, u"CLAUDE_SONNET_4_5"_s},
        {u"client"_s, u"claude-code"_s},
        {u"clientKey"_s, u"laptop"_s},
        {u"conversation"_s, u"c0ffee"_s},
        {u"accountId"_s, u"account-1"_s},
        {u"accountReason"_s, u"the first in order"_s},
        {u"status"_s, 200},
        {u"outcome"_s, u"a \"quoted\"\nline"_s},
        {u"replayOf"_s, u"01020304"_s},
        {u"attempts"_s, 1},
        {u"tries"_s,
         QJsonArray {QJsonObject {{u"accountId"_s, u"account-1"_s},
                                  {u"host"_s, u"q.example"_s},
                                  {u"status"_s, 200},
                                  {u"what"_s, u"ok"_s},
                                  {u"ms"_s, 40}}}},
        {u"queuedMs"_s, 5},
        {u"firstByteMs"_s, 120},
        {u"totalMs"_s, 900},
        {u"inputTokens"_s, 1000},
        {u"cachedTokens"_s, 600},
        {u"outputTokens"_s, 50},
        {u"isUsageEstimated"_s, false},
        {u"credits"_s, 0.25},
        {u"changes"_s, QJsonArray {u"a tool name was shortened"_s}},
        {u"bookmarked"_s, false},
        {u"note"_s, QString()},
        {u"tags"_s, QJsonArray()},
    };
    QCOMPARE(line, expected);
}

void TstFlowExport::writesWhatTheFilterFinds()
{
    std::vector<FlowRecord> records = flowRecords(4);
    records[1].client = u"codex"_s;
    for (const FlowRecord &record : records)
        m_log->add(record, {});
    FlowFilter filter;
    filter.client = u"codex"_s;
    const QByteArray text = exported(FlowExport::JsonLines, false, filter);
    QCOMPARE(QJsonDocument::fromJson(text)[u"id"_s].toString(), u"00000001"_s);
}

void TstFlowExport::writesMoreThanAPage()
{
    for (const FlowRecord &record : flowRecords(2 * limits::MaxFlowPage + 3))
        m_log->add(record, {});
    FlowFilter filter;
    filter.limit = 10; // of a page, not of an export
    const QByteArray text = exported(FlowExport::JsonLines, false, filter);
    QCOMPARE(text.count('\n'), 2 * limits::MaxFlowPage + 3);
    const QJsonDocument har = QJsonDocument::fromJson(exported(FlowExport::Har));
    QCOMPARE(har[u"log"_s][u"entries"_s].toArray().size(), 2 * limits::MaxFlowPage + 3);
}

void TstFlowExport::writesNothing_data()
{
    QTest::addColumn<FlowExport>("format");
    QTest::addRow("JSON lines") << FlowExport::JsonLines;
    QTest::addRow("HAR") << FlowExport::Har;
}

void TstFlowExport::writesNothing()
{
    QFETCH(FlowExport, format);
    const QByteArray text = exported(format);
    if (format == FlowExport::JsonLines) {
        QCOMPARE(text, QByteArray());
        return;
    }
    const QJsonObject log = QJsonDocument::fromJson(text)[u"log"_s].toObject();
    QCOMPARE(log[u"version"_s].toString(), u"1.2"_s);
    QVERIFY(log[u"entries"_s].isArray());
}

void TstFlowExport::writesHarThatReadersTake()
{
    FlowRecord failed = flowRecord(u"b"_s, flowTime(0));
    failed.status = 503;
    failed.outcome = u"The service is busy."_s;
    failed.firstByteMs = -1;
    failed.queuedMs = 5000; // more than the whole: clocks differ
    m_log->add(flowRecord(u"a"_s, flowTime(1)), {});
    m_log->add(failed, {});
    const QJsonObject log = QJsonDocument::fromJson(exported(FlowExport::Har))[u"log"_s].toObject();
    QVERIFY(!log[u"creator"_s][u"name"_s].toString().isEmpty());
    QVERIFY(!log[u"creator"_s][u"version"_s].toString().isEmpty());
    const QJsonArray entries = log[u"entries"_s].toArray();
    QCOMPARE(entries.size(), 2);
    for (const QJsonValue &entry : entries) {
        QVERIFY(
            QDateTime::fromString(entry[u"startedDateTime"_s].toString(), Qt::ISODate).isValid());
        QVERIFY(entry[u"cache"_s].isObject());
        for (const QString &side : {u"request"_s, u"response"_s}) {
            QVERIFY(entry[side][u"headers"_s].isArray());
            QVERIFY(entry[side][u"cookies"_s].isArray());
            QCOMPARE(entry[side][u"httpVersion"_s].toString(), u"HTTP/1.1"_s);
            QVERIFY(entry[side][u"headersSize"_s].isDouble());
            QVERIFY(entry[side][u"bodySize"_s].isDouble());
        }
        QCOMPARE(entry[u"request"_s][u"method"_s].toString(), u"POST"_s);
        QCOMPARE(entry[u"request"_s][u"url"_s].toString(), u"http://localhost/v1/messages"_s);
        QVERIFY(entry[u"request"_s][u"queryString"_s].isArray());
        QVERIFY(entry[u"response"_s][u"content"_s][u"mimeType"_s].isString());
        QVERIFY(entry[u"response"_s][u"redirectURL"_s].isString());
        double sum = 0;
        for (const QString &phase : {u"blocked"_s, u"send"_s, u"wait"_s, u"receive"_s}) {
            const double ms = entry[u"timings"_s][phase].toDouble(-1);
            QVERIFY2(ms >= 0, qPrintable(phase));
            sum += ms;
        }
        QCOMPARE(sum, entry[u"time"_s].toDouble());
    }
    QCOMPARE(entries[0][u"response"_s][u"status"_s].toInt(), 503);
    QCOMPARE(entries[0][u"response"_s][u"content"_s][u"mimeType"_s].toString(),
             u"application/json"_s);
    QCOMPARE(entries[1][u"response"_s][u"content"_s][u"mimeType"_s].toString(),
             u"text/event-stream"_s);
    QCOMPARE(entries[1][u"timings"_s][u"wait"_s].toInt(), 115);
    QCOMPARE(entries[1][u"_flow"_s][u"id"_s].toString(), u"a"_s);
}

void TstFlowExport::addsBodiesOnlyWhenAsked_data()
{
    QTest::addColumn<FlowExport>("format");
    QTest::addColumn<bool>("withBodies");
    for (const bool withBodies : {false, true}) {
        const char *asked = withBodies ? "asked" : "not asked";
        QTest::addRow("JSON lines, %s", asked) << FlowExport::JsonLines << withBodies;
        QTest::addRow("HAR, %s", asked) << FlowExport::Har << withBodies;
    }
}

void TstFlowExport::addsBodiesOnlyWhenAsked()
{
    QFETCH(FlowExport, format);
    QFETCH(bool, withBodies);
    FlowBodies bodies;
    bodies.clientRequest = R"({"view":"viewone"})";
    bodies.upstreamRequest = R"({"view":"viewtwo"})";
    bodies.upstreamEvents = "{\"view\":\"viewthree\"}\n";
    bodies.clientAnswer = "data: viewfour \xff\n\n"; // not UTF-8
    m_log->add(flowRecord(u"a"_s, flowTime(1)), std::make_shared<const FlowBodies>(bodies));
    const QByteArray text = exported(format, withBodies);
    const QJsonDocument document = QJsonDocument::fromJson(text);
    QVERIFY(document.isObject());
    for (const char *view : {"viewone", "viewtwo", "viewthree", "viewfour"})
        QCOMPARE(text.contains(view), withBodies);
    if (!withBodies)
        return;
    if (format == FlowExport::JsonLines) {
        QCOMPARE(document[u"bodies"_s][u"clientRequest"_s].toString(), u"{\"view\":\"viewone\"}"_s);
        return;
    }
    const QJsonValue entry = document[u"log"_s][u"entries"_s][0];
    QCOMPARE(entry[u"request"_s][u"postData"_s][u"text"_s].toString(), u"{\"view\":\"viewone\"}"_s);
    QVERIFY(entry[u"response"_s][u"content"_s][u"text"_s].toString().contains(u"viewfour"));
    QCOMPARE(entry[u"_upstreamRequest"_s].toString(), u"{\"view\":\"viewtwo\"}"_s);
}

void TstFlowExport::masksEveryText_data()
{
    QTest::addColumn<FlowExport>("format");
    QTest::addColumn<QString>("secret");
    for (const QString &secret :
         {Secret1, u"aorAAAAAGkXyZ1a2b3c4d5e6f7"_s, u"ksk_A1b2C3d4E5f6"_s,
          u"sk-ant-api03-A1b2C3d4E5f6G7h8"_s, u"Bearer A1b2C3d4E5f6"_s, u"password=hunter22"_s}) {
        QTest::addRow("JSON lines, %s", qPrintable(secret)) << FlowExport::JsonLines << secret;
        QTest::addRow("HAR, %s", qPrintable(secret)) << FlowExport::Har << secret;
    }
}

void TstFlowExport::masksEveryText()
{
    QFETCH(FlowExport, format);
    QFETCH(QString, secret);
    FlowRecord record = flowRecord(u"a"_s, flowTime(1));
    const QString text = u"see "_s + secret + u" there"_s;
    for (QString *field : {&record.route, &record.modelAsked, &record.modelUsed, &record.client,
                           &record.clientKey, &record.accountReason, &record.outcome,
                           &record.tries[0].what, &record.tries[0].host, &record.changes[0]})
        *field = text;
    FlowBodies bodies;
    bodies.clientRequest = bodies.upstreamRequest =
        QJsonDocument(QJsonObject {{u"text"_s, text}}).toJson();
    bodies.upstreamEvents = bodies.clientAnswer = text.toUtf8();
    m_log->add(record, std::make_shared<const FlowBodies>(bodies));
    m_log->change(u"a"_s, {{}, text, {{text}}}, this, [](const auto &) {});
    const QByteArray out = exported(format, true);
    QVERIFY(QJsonDocument::fromJson(out).isObject());
    QVERIFY2(out.count("***") >= 16, out.constData());
    const QByteArray hidden = secret.section(u' ', -1).section(u'=', -1).toUtf8();
    QVERIFY2(!out.contains(hidden), out.constData());
}

QTEST_GUILESS_MAIN(TstFlowExport)
#include "tst_flowexport.moc"
