// SPDX-License-Identifier: MIT
#include "app/admin/flowreplay.h"
#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/gateway/flowcapture.h"
#include "app/kiro/eventstream.h"

#include "gatewaybench.h"

using namespace kirotray;

namespace {

struct Api
{
    const char *name;
    QByteArray path;
    QByteArray body;
    bool isStream;
};

std::vector<Api> apis()
{
    const QByteArray gemini = R"({"contents":[{"role":"user","parts":[{"text":"Hello"}]}]})";
    const QByteArray responses = R"({"model":"gpt-4o","input":"Hello"})";
    const QByteArray streamed = R"({"model":"gpt-4o","input":"Hello","stream":true})";
    return {
        {"messages", "/v1/messages", anthropicBody(false), false},
        {"messages, streamed", "/v1/messages", anthropicBody(true), true},
        {"messages, buffered", "/cc/v1/messages", anthropicBody(true), true},
        {"chat", "/v1/chat/completions", openaiBody(false), false},
        {"chat, streamed", "/v1/chat/completions", openaiBody(true), true},
        {"responses", "/v1/responses", responses, false},
        {"responses, streamed", "/v1/responses", streamed, true},
        {"gemini", "/v1beta/models/gemini-2.5-pro:generateContent", gemini, false},
        {"gemini, streamed", "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse", gemini,
         true},
    };
}

void addApiRows()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    for (const Api &api : apis())
        QTest::addRow("%s", api.name) << api.path << api.body;
}

/// The types of the events, each line a document of its own.
QStringList eventTypes(const QByteArray &events)
{
    QStringList types;
    for (const QByteArray &line : events.split('\n')) {
        if (line.isEmpty())
            continue;
        const Result<JsonDocument> document = JsonDocument::parse(line.toStdString());
        const bool isEvent = document && document.value().root()["payload"].isObject();
        types.append(
            isEvent ? QString::fromStdString(std::string(document.value().root()["type"].string()))
                    : u"no event"_s);
    }
    return types;
}

} // namespace

class TstFlowCapture : public GatewayBench
{
    Q_OBJECT

private slots:
    void keepsTheFourViews_data() { addApiRows(); }
    void keepsTheFourViews();
    void keepsNothingWhenOff_data() { addApiRows(); }
    void keepsNothingWhenOff();
    void canBeSwitchedWhileItRuns();
    void keepsWhatWasRefusedHere();
    void keepsWhatTheUpstreamRefused();
    void keepsTheLastAttempt();
    void cutsWhatIsTooLarge();
    void cutsEventsAtTheirEnds();
    void cutsBetweenCharacters();
    void writesEventsOnOneLineEach();
    void repeatsAFlow_data() { addApiRows(); }
    void repeatsAFlow();
    void onlyTheAdministratorNamesAReplay();

private:
    void record();
    FlowBodiesPtr bodiesOf(std::size_t flow);

    std::vector<FlowBodiesPtr> m_bodies;
};

void TstFlowCapture::record()
{
    script(R"({"rules":[{"steps":[{"text":"Good"},{"text":" day."}]}]})");
    policy.recordsBodies = true;
    accounts = {demoAccount(u"one"_s), demoAccount(u"two"_s)};
    startGateway();
    m_bodies.clear();
    connect(
        gateway.get(), &GatewayThread::requestFinished, this,
        [this](const FlowRecord &, const FlowBodiesPtr &bodies) { m_bodies.push_back(bodies); });
}

FlowBodiesPtr TstFlowCapture::bodiesOf(std::size_t flow)
{
    (void)QTest::qWaitFor([this, flow] { return m_bodies.size() > flow; }, 10'000);
    return m_bodies.size() > flow && m_bodies[flow] ? m_bodies[flow]
                                                    : std::make_shared<const FlowBodies>();
}

void TstFlowCapture::keepsTheFourViews()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    record();
    const Answer answer = exchange(path, body);
    QCOMPARE(answer.status, 200);
    const FlowBodiesPtr bodies = bodiesOf(0);
    QCOMPARE(bodies->clientRequest, body);
    QCOMPARE(bodies->upstreamRequest, simulator.statistics().lastChatBody);
    QCOMPARE(bodies->clientAnswer, answer.body);
    QVERIFY(!bodies->isCut);
    const QStringList types = eventTypes(bodies->upstreamEvents);
    QVERIFY2(types.count(u"assistantResponseEvent"_s) == 2, bodies->upstreamEvents.constData());
    QVERIFY2(!types.contains(u"no event"_s), bodies->upstreamEvents.constData());
    QVERIFY(bodies->upstreamEvents.contains(" day."));
    for (const QByteArray &view : {bodies->clientRequest, bodies->upstreamRequest,
                                   bodies->upstreamEvents, bodies->clientAnswer}) {
        QVERIFY(!view.contains(Simulator::demoAccessToken()));
        QVERIFY(!view.contains("kt-key"));
    }
}

void TstFlowCapture::keepsNothingWhenOff()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    record();
    policy.recordsBodies = false;
    gateway->setPolicy(policy);
    QCOMPARE(exchange(path, body).status, 200);
    QTRY_COMPARE(m_bodies.size(), std::size_t(1));
    QVERIFY(!m_bodies.front());
}

void TstFlowCapture::canBeSwitchedWhileItRuns()
{
    record();
    for (const bool isOn : {true, false, true}) {
        policy.recordsBodies = isOn;
        gateway->setPolicy(policy);
        const std::size_t before = m_bodies.size();
        QCOMPARE(exchange("/v1/messages", anthropicBody(true)).status, 200);
        QTRY_COMPARE(m_bodies.size(), before + 1);
        QCOMPARE(bool(m_bodies.back()), isOn);
    }
}

void TstFlowCapture::keepsWhatWasRefusedHere()
{
    record();
    const QByteArray body = R"({"model":"claude-sonnet-4-5","messages":7})";
    const Answer answer = exchange("/v1/messages", body);
    QCOMPARE(answer.status, 400);
    const FlowBodiesPtr bodies = bodiesOf(0);
    QCOMPARE(bodies->clientRequest, body);
    QCOMPARE(bodies->clientAnswer, answer.body);
    QVERIFY(bodies->upstreamRequest.isEmpty());
    QVERIFY(bodies->upstreamEvents.isEmpty());
}

void TstFlowCapture::keepsWhatTheUpstreamRefused()
{
    record();
    script(R"({"rules":[{"httpError":{"status":400,"message":"Improperly formed request."}}]})");
    const Answer answer = exchange("/v1/messages", anthropicBody(true));
    QCOMPARE(answer.status, 400);
    const FlowBodiesPtr bodies = bodiesOf(0);
    QCOMPARE(bodies->clientAnswer, answer.body);
    QCOMPARE(eventTypes(bodies->upstreamEvents), QStringList {u"refusal"_s});
    QVERIFY(bodies->upstreamEvents.contains("\"status\":400"));
    QVERIFY(bodies->upstreamEvents.contains("Improperly formed"));
}

void TstFlowCapture::keepsTheLastAttempt()
{
    record();
    script(R"({"rules":[{"times":1,"httpError":{"status":500,"message":"Try again."}},)"
           R"({"steps":[{"text":"Good day."}]}]})");
    QCOMPARE(exchange("/v1/messages", anthropicBody(true)).status, 200);
    const FlowBodiesPtr bodies = bodiesOf(0);
    QVERIFY(flows.front().attempts > 1);
    QCOMPARE(bodies->upstreamRequest, simulator.statistics().lastChatBody);
    QVERIFY(!bodies->upstreamEvents.contains("Try again."));
    QVERIFY(bodies->upstreamEvents.contains("Good day."));
}

void TstFlowCapture::cutsWhatIsTooLarge()
{
    record();
    const QByteArray body = anthropicBody(true, QByteArray(limits::MaxFlowBody, 'x'));
    QVERIFY(exchange("/v1/messages", body).isComplete); // more than the model reads
    const FlowBodiesPtr bodies = bodiesOf(0);
    QVERIFY(bodies->isCut);
    QCOMPARE(bodies->clientRequest, body.first(limits::MaxFlowBody));
    QVERIFY(bodies->upstreamRequest.size() <= limits::MaxFlowBody);
    QVERIFY(!bodies->clientAnswer.isEmpty());
}

void TstFlowCapture::cutsEventsAtTheirEnds()
{
    FlowCapture capture("{}");
    const QByteArray payload = "{\"content\":\"" + QByteArray(limits::MiB, 'x') + "\"}";
    for (int i = 0; i < 3; ++i)
        capture.frameArrived({{{":event-type", EventStreamHeader::Type::String, "a"}},
                              {payload.constData(), std::size_t(payload.size())}});
    const FlowBodiesPtr bodies = capture.take();
    QVERIFY(bodies->isCut);
    QCOMPARE(eventTypes(bodies->upstreamEvents), QStringList {u"a"_s});
}

void TstFlowCapture::cutsBetweenCharacters()
{
    FlowCapture capture("{}");
    const std::string euro = "\xe2\x82\xac";
    capture.answered(std::string(std::size_t(limits::MaxFlowBody) - 1, 'x'));
    capture.answered(euro); // one byte would fit
    capture.answered("y"); // would fit, but not behind what is missing
    const FlowBodiesPtr bodies = capture.take();
    QVERIFY(bodies->isCut);
    QCOMPARE(bodies->clientAnswer.size(), limits::MaxFlowBody - 1);
}

void TstFlowCapture::writesEventsOnOneLineEach()
{
    FlowCapture capture("{}");
    capture.attemptStarts("{\"first\":1}");
    capture.frameArrived({{}, "{}"});
    capture.attemptStarts("{\"second\":2}");
    capture.frameArrived({{{":event-type", EventStreamHeader::Type::String, "a"}},
                          "{\n  \"n\": 1.50,\n  \"t\": \"x\\ny\"\n}"});
    capture.frameArrived(
        {{{":exception-type", EventStreamHeader::Type::String, "Throttled"}}, "no \"JSON\"\xff"});
    capture.refused(503, "<html>\n</html>");
    const FlowBodiesPtr bodies = capture.take();
    QCOMPARE(bodies->upstreamRequest, QByteArray("{\"second\":2}"));
    QCOMPARE(
        bodies->upstreamEvents,
        QByteArray("{\"type\":\"a\",\"payload\":{\"n\":1.50,\"t\":\"x\\ny\"}}\n"
                   "{\"type\":\"Throttled\",\"payload\":\"no \\\"JSON\\\"\xef\xbf\xbd\"}\n"
                   "{\"type\":\"refusal\",\"status\":503,\"payload\":\"<html>\\n</html>\"}\n"));
    QVERIFY(!bodies->isCut);
}

void TstFlowCapture::repeatsAFlow()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    record();
    const Answer answer = exchange(path, body);
    QCOMPARE(answer.status, 200);
    const FlowBodiesPtr before = bodiesOf(0);
    FlowEntry flow;
    flow.record = flows.front();
    HttpClient http;
    std::optional<Result<ReplayOutcome>> outcome;
    const QUrl baseUrl(u"http://127.0.0.1:%1"_s.arg(port));
    replayFlow({http, baseUrl, Secret("kt-admin")}, flow, before, {u"two"_s, {}}, this,
               [&outcome](Result<ReplayOutcome> got) { outcome.emplace(std::move(got)); });
    QTRY_VERIFY(outcome);
    QVERIFY(*outcome);
    QVERIFY(outcome->value().sameStatus);
    const FlowBodiesPtr after = bodiesOf(1);
    const FlowRecord &second = flows[1];
    QCOMPARE(second.id, outcome->value().flowId);
    QCOMPARE(second.replayOf, flow.record.id);
    QCOMPARE(second.accountId, u"two"_s);
    QCOMPARE(second.route, flow.record.route);
    QCOMPARE(second.stream, flow.record.stream);
    QCOMPARE(second.modelUsed, flow.record.modelUsed);
    QCOMPARE(after->clientRequest, before->clientRequest);
    QCOMPARE(eventTypes(after->upstreamEvents), eventTypes(before->upstreamEvents));
    QCOMPARE(after->clientAnswer.size(), before->clientAnswer.size()); // but for its random ids
}

void TstFlowCapture::onlyTheAdministratorNamesAReplay()
{
    record();
    const QByteArray named = "x-kirotray-replay-of: 01020304\r\n";
    QCOMPARE(send(post("/v1/messages", anthropicBody(false), "kt-key", named)).status, 200);
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QCOMPARE(flows[0].replayOf, QString());
    QCOMPARE(send(post("/v1/messages", anthropicBody(false), "kt-admin", named)).status, 200);
    QTRY_COMPARE(flows.size(), std::size_t(2));
    QCOMPARE(flows[1].replayOf, u"01020304"_s);
}

QTEST_GUILESS_MAIN(TstFlowCapture)
#include "tst_flowcapture.moc"
