// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "tests/simulatorbench.h"

#include <QTest>

#include <vector>

using namespace kirotray;

/// Chat over the whole box: what it plays, refuses, counts and survives.
class TstSimulator : public SimulatorBench
{
    Q_OBJECT

private slots:
    void answersWithTheDemo();
    void speaksTheJsonBinding();
    void playsScripts_data();
    void playsScripts();
    void writesWhatTheCutPlanSays();
    void cutsTheConnection_data();
    void cutsTheConnection();
    void hangsUntilTheCallerGoes();
    void answersWithScriptedErrors_data();
    void answersWithScriptedErrors();
    void refusesWhatTheServiceRefuses();
    void picksTheFirstRuleThatMatches_data();
    void picksTheFirstRuleThatMatches();
    void keepsTheLastRequests();
    void ruleIsUsedUpAfterItsTimes();
    void countsWhatArrives();
    void carriesManyStreams();
    void waitsForASlowReader();
    void brokenScriptChangesNothing();
    void diesWithStreamsOpen();
    void namesItselfForEveryPurpose();
};

void TstSimulator::answersWithTheDemo()
{
    const RawCall *call = chat(chatBody("早上好"));
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->status(), 200);
    QCOMPARE(call->header("content-type"), QByteArray("application/vnd.amazon.eventstream"));
    QCOMPARE(call->header("x-amzn-codewhisperer-conversation-id"), QByteArray("c-1"));
    QVERIFY2(call->text().contains(u"早上好"), qPrintable(call->text()));
    const QStringList frames = call->frames();
    QVERIFY(frames.filter(u"assistantResponseEvent"_s).size() > 10); // word by word
    QVERIFY(frames.at(frames.size() - 3).startsWith(uR"(metadataEvent {"stopReason":"END_TURN")"));
    QVERIFY(frames.at(frames.size() - 2).startsWith(u"contextUsageEvent "));
    QVERIFY(frames.at(frames.size() - 1).startsWith(u"meteringEvent "));
}

void TstSimulator::speaksTheJsonBinding()
{
    setScript(R"({"rules":[{"steps":[{"text":"a"}]}]})");
    const QByteArray target = "X-Amz-Target: AmazonCodeWhispererStreamingService.";
    const RawCall *call =
        post("/", chatBody(), Simulator::demoAccessToken(), {target + "GenerateAssistantResponse"});
    const RawCall *unknown = post("/", "{}", Simulator::demoAccessToken(), {target + "Nothing"});
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->frames().value(0), uR"(initial-response {"conversationId":"c-1"})"_s);
    QTRY_VERIFY(unknown->isComplete());
    QCOMPARE(unknown->status(), 404);
}

void TstSimulator::playsScripts_data()
{
    QTest::addColumn<QByteArray>("rule");
    QTest::addColumn<QStringList>("frames");
    const auto row = [](const char *name, const char *rule, const QStringList &frames) {
        QTest::addRow("%s", name) << QByteArray(rule) << frames;
    };
    const QString a = uR"(assistantResponseEvent {"content":"a"})"_s;
    const QString b = uR"(assistantResponseEvent {"content":"b"})"_s;
    row("no steps at all", R"({"steps":[]})", {});
    row("steps in order", R"({"steps":[{"text":"a"},{"delayMs":5},{"text":"b"}]})", {a, b});
    row("repeated", R"({"steps":[{"text":"a"}],"repeat":3})", {a, a, a});
    row("in pieces", R"({"steps":[{"text":"ab","chunk":1,"intervalMs":1}]})", {a, b});
    row("burst in time", R"({"steps":[{"burst":{"text":"a","count":4,"intervalMs":1}}]})",
        {a, a, a, a});
    row("cut into bytes", R"({"steps":[{"text":"a"},{"text":"b"}],"cut":[1]})", {a, b});
    row("late first byte", R"({"steps":[{"text":"a"}],"firstByteDelayMs":20})", {a});
    row("exception", R"({"steps":[{"text":"a"},{"exception":{"type":"error","message":"m"}}]})",
        {a, uR"(error {"message":"m","reason":null})"_s});
    row("bad message CRC", R"({"steps":[{"text":"a"},{"badFrame":"messageCrc"}]})",
        {a, u"MESSAGE_CRC"_s});
    row("bad prelude CRC", R"({"steps":[{"badFrame":"preludeCrc"}]})", {u"PRELUDE_CRC"_s});
    row("garbage", R"({"steps":[{"text":"a"},{"badFrame":"garbage"}]})", {a, u"PRELUDE_CRC"_s});
    row("truncated", R"({"steps":[{"text":"a"},{"badFrame":"truncated"}]})", {a, u"rest of 64"_s});
}

void TstSimulator::playsScripts()
{
    QFETCH(QByteArray, rule);
    setScript(R"({"rules":[)" + rule + "]}");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->status(), 200);
    QTEST(call->frames(), "frames");
}

void TstSimulator::writesWhatTheCutPlanSays()
{
    setScript(R"({"rules":[{"steps":[{"text":"a"},{"text":"b"}],"cut":[5,7,100]}]})");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    const QList<qsizetype> sizes = call->chunkSizes();
    QCOMPARE(sizes.mid(0, 3), (QList<qsizetype> {5, 7, 100}));
    QCOMPARE(sizes.size(), 5);
}

void TstSimulator::cutsTheConnection_data()
{
    QTest::addColumn<QByteArray>("steps");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("frames");
    QTest::addRow("before the header") << QByteArray(R"({"drop":true})") << 0 << 0;
    QTest::addRow("after the header") << QByteArray(R"({"begin":true},{"drop":true})") << 200 << 0;
    QTest::addRow("after a frame")
        << QByteArray(R"({"text":"a"},{"drop":true},{"text":"b"})") << 200 << 1;
}

void TstSimulator::cutsTheConnection()
{
    QFETCH(QByteArray, steps);
    setScript(R"({"rules":[{"steps":[)" + steps + "]}]}");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isClosed());
    QVERIFY(!call->isComplete());
    QTEST(call->status(), "status");
    QTEST(static_cast<int>(call->frames().size()), "frames");
    QCOMPARE(m_simulator->statistics().activeStreams, 0);
    QCOMPARE(m_simulator->statistics().chatAborted, 0); // it was us
}

void TstSimulator::hangsUntilTheCallerGoes()
{
    setScript(R"({"rules":[{"match":{"nth":1},"steps":[{"hang":true}]},
                           {"steps":[{"text":"a"},{"hang":true},{"text":"b"}]}]})");
    RawCall *silent = chat();
    QTRY_COMPARE(m_simulator->statistics().activeStreams, 1);
    RawCall *call = chat();
    QTRY_COMPARE(call->frames().size(), 1);
    QCOMPARE(m_simulator->statistics().activeStreams, 2);
    QVERIFY(silent->received().isEmpty());
    silent->hangUp();
    call->hangUp();
    QTRY_COMPARE(m_simulator->statistics().chatAborted, 2);
    QCOMPARE(m_simulator->statistics().activeStreams, 0);
    QCOMPARE(m_simulator->statistics().peakStreams, 2);
}

void TstSimulator::answersWithScriptedErrors_data()
{
    QTest::addColumn<QByteArray>("error");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("errorType");
    QTest::addColumn<QByteArray>("retryAfter");
    QTest::addRow("quota")
        << QByteArray(
               R"({"status":402,"class":"ServiceQuotaExceededException",)"
               R"("reason":"MONTHLY_REQUEST_COUNT","message":"You have reached the limit."})")
        << 402
        << QByteArray(
               R"({"message":"You have reached the limit.","reason":"MONTHLY_REQUEST_COUNT"})")
        << QByteArray("ServiceQuotaExceededException") << QByteArray();
    QTest::addRow("retry after") << QByteArray(
        R"({"status":429,"message":"slow","retryAfter":"7"})")
                                 << 429 << QByteArray(R"({"message":"slow","reason":null})")
                                 << QByteArray() << QByteArray("7");
    QTest::addRow("page of a front end")
        << QByteArray(R"({"status":503,"contentType":"text/html","rawBody":"<html>"})") << 503
        << QByteArray("<html>") << QByteArray() << QByteArray();
}

void TstSimulator::answersWithScriptedErrors()
{
    QFETCH(QByteArray, error);
    setScript(R"({"rules":[{"firstByteDelayMs":5,"httpError":)" + error + "}]}");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QTEST(call->status(), "status");
    QTEST(call->body(), "body");
    QTEST(call->header("x-amzn-errortype"), "errorType");
    QTEST(call->header("retry-after"), "retryAfter");
    QCOMPARE(m_simulator->statistics().chatRefused, 1);
}

void TstSimulator::refusesWhatTheServiceRefuses()
{
    const RawCall *call = chat(chatBody("hi", "no-such-model"));
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->status(), 400);
    QCOMPARE(call->header("x-amzn-errortype"), QByteArray("ValidationException"));
    QCOMPARE(member(call->body(), "reason"), QByteArray("INVALID_MODEL_ID"));
    QCOMPARE(m_simulator->statistics().chatRefused, 1);
}

void TstSimulator::picksTheFirstRuleThatMatches_data()
{
    QTest::addColumn<QByteArray>("match");
    QTest::addColumn<bool>("matches");
    const auto row = [](const char *name, const char *match, bool matches) {
        QTest::addRow("%s", name) << QByteArray(match) << matches;
    };
    row("nothing asked", "{}", true);
    row("text", R"({"text":"h"})", true);
    row("other text", R"({"text":"x"})", false);
    row("model", R"({"model":"claude-sonnet-4.5"})", true);
    row("part of a model", R"({"model":"claude"})", false);
    row("first request", R"({"nth":1})", true);
    row("second request", R"({"nth":2})", false);
    row("no tool results", R"({"toolResults":false})", true);
    row("tool results", R"({"toolResults":true})", false);
    row("undeclared tool", R"({"tool":"f"})", false);
    row("token", R"({"token":"Demo"})", true);
    row("other token", R"({"token":"demo"})", false);
    row("one of two fails", R"({"text":"h","nth":2})", false);
}

void TstSimulator::picksTheFirstRuleThatMatches()
{
    QFETCH(QByteArray, match);
    QFETCH(bool, matches);
    setScript(R"({"rules":[{"match":)" + match
              + R"(,"steps":[{"text":"yes"}]},{"steps":[{"text":"no"}]}]})");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->text(), matches ? u"yes"_s : u"no"_s);
}

void TstSimulator::keepsTheLastRequests()
{
    setScript(R"({"record":2,"rules":[{"name":"greeting","match":{"text":"two"},"steps":[]}]})");
    for (const QByteArray &body : {chatBody("one"), chatBody("two"), QByteArray("{}")}) {
        const RawCall *call = chat(body);
        QTRY_VERIFY(call->isComplete());
    }
    const std::vector<SimulatorRequest> requests = m_simulator->requests();
    QCOMPARE(requests.size(), std::size_t(2));
    QCOMPARE(requests[0].body, chatBody("two"));
    QCOMPARE(requests[0].rule, QByteArray("greeting"));
    QVERIFY(requests[0].refusal.isEmpty());
    QCOMPARE(requests[1].body, QByteArray("{}"));
    QVERIFY(!requests[1].refusal.isEmpty());
    setScript("{}");
    QVERIFY(m_simulator->requests().empty());
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QVERIFY(m_simulator->requests().empty());
}

void TstSimulator::ruleIsUsedUpAfterItsTimes()
{
    const QByteArray script =
        R"({"rules":[{"times":2,"steps":[{"text":"x"}]},{"steps":[{"text":"y"}]}]})";
    setScript(script);
    QString texts;
    for (int i = 0; i < 3; ++i) {
        const RawCall *call = chat();
        QTRY_VERIFY(call->isComplete());
        texts += call->text();
    }
    QCOMPARE(texts, u"xxy"_s);
    setScript(script);
    const RawCall *again = chat();
    QTRY_VERIFY(again->isComplete());
    QCOMPARE(again->text(), u"x"_s);
}

void TstSimulator::countsWhatArrives()
{
    setScript(R"({"rules":[{"steps":[]}]})");
    const RawCall *call = chat(chatBody("count me"));
    QTRY_VERIFY(call->isComplete());
    const SimulatorStatistics counts = m_simulator->statistics();
    QCOMPARE(counts.chatRequests, 1);
    QCOMPARE(counts.chatRefused, 0);
    QCOMPARE(counts.activeStreams, 0);
    QCOMPARE(counts.peakStreams, 1);
    QCOMPARE(counts.lastChatBody, chatBody("count me"));
    QVERIFY(counts.lastChatHeaders.contains("Authorization: Bearer ***\n"));
    QVERIFY(counts.lastChatHeaders.contains("Content-Type: application/json\n"));
    QVERIFY(!counts.lastChatHeaders.contains(Simulator::demoAccessToken()));
}

void TstSimulator::carriesManyStreams()
{
    static constexpr int Streams = 200;
    setScript(R"({"rules":[{"steps":[{"text":"a"},{"hang":true}],"times":200},
                           {"steps":[{"text":"b","words":true,"intervalMs":2}]}]})");
    std::vector<RawCall *> calls;
    for (int i = 0; i < Streams; ++i)
        calls.push_back(chat());
    QTRY_COMPARE(m_simulator->statistics().activeStreams, Streams);
    const RawCall *other = chat(); // still served
    QTRY_VERIFY(other->isComplete());
    QCOMPARE(other->text(), u"b"_s);
    for (RawCall *call : calls) {
        QTRY_COMPARE(call->text(), u"a"_s);
        call->hangUp();
    }
    QTRY_COMPARE(m_simulator->statistics().activeStreams, 0);
    QCOMPARE(m_simulator->statistics().chatAborted, Streams);
}

void TstSimulator::waitsForASlowReader()
{
    // Far more than socket buffers hold; the reader begins late and gets every frame.
    static constexpr int Frames = 16'000;
    const QByteArray kilobyte(1024, 'x');
    setScript(R"({"rules":[{"steps":[{"burst":{"text":")" + kilobyte
              + R"(","count":16000}},{"metering":1}]}]})");
    RawCall *call = chat();
    call->pauseReading();
    QTRY_COMPARE(m_simulator->statistics().activeStreams, 1);
    const RawCall *between = post("/ListAvailableProfiles", "{}");
    QTRY_VERIFY(between->isComplete());
    QCOMPARE(m_simulator->statistics().activeStreams, 1);
    call->resumeReading();
    QTRY_VERIFY_WITH_TIMEOUT(call->isComplete(), 30'000);
    QCOMPARE(call->frames().size(), Frames + 1);
}

void TstSimulator::brokenScriptChangesNothing()
{
    setScript(R"({"rules":[{"steps":[{"text":"kept"}]}]})");
    const Result<Done> set = m_simulator->setScript(R"({"rules":[{"steps":[{"txt":""}]}]})");
    QVERIFY(!set);
    QCOMPARE(set.error().path, u"rules[0].steps[0]"_s);
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->text(), u"kept"_s);
}

void TstSimulator::diesWithStreamsOpen()
{
    setScript(R"({"rules":[{"steps":[{"text":"a"},{"hang":true}]}]})");
    const RawCall *call = chat();
    QTRY_COMPARE(call->text(), u"a"_s);
    m_simulator.reset();
    QTRY_VERIFY(call->isClosed());
    QVERIFY(!call->isComplete());
}

void TstSimulator::namesItselfForEveryPurpose()
{
    const auto document = JsonDocument::parse(m_simulator->endpointsJson().toStdString());
    QVERIFY(document);
    const std::string url = m_simulator->url().toString().toStdString();
    QVERIFY(QByteArray::fromStdString(url).startsWith("http://127.0.0.1:"));
    for (const char *key :
         {"chat", "control", "mcp", "socialAuth", "oidc", "portal", "ssoPortal"}) {
        const JsonValue urls = document.value().root()[key];
        QCOMPARE(urls.size(), 1);
        // The region is a part of the path: it decides who answers.
        const std::string region = urls.key() == "oidc" ? "/{region}" : "";
        QCOMPARE(std::string((*urls.begin()).string()), url + region);
    }
    QCOMPARE(m_simulator->start().value(), m_simulator->url()); // already there
}

QTEST_GUILESS_MAIN(TstSimulator)
#include "tst_simulator.moc"
