// SPDX-License-Identifier: MIT
// The gateway against the simulator: what an answer says of itself, kept answers, held answers.
#include "app/base/json.h"
#include "tests/gatewaybench.h"

#include <QRegularExpression>

using namespace kirotray;

namespace {

QByteArray header(const Answer &answer, const QByteArray &name)
{
    for (const QByteArray &line : answer.head.split('\n'))
        if (line.toLower().startsWith(name + ':'))
            return line.mid(name.size() + 1).trimmed();
    return {};
}

/// Of the one thinking block of an answer or a stream.
QByteArray signatureOf(const QByteArray &body)
{
    static const QRegularExpression found(u"\"signature\":\"([^\"]+)\""_s);
    return found.match(QString::fromUtf8(body)).captured(1).toUtf8();
}

} // namespace

class TstGatewayAnswers : public GatewayBench
{
    Q_OBJECT

private slots:
    void namesTheModelThatAnswers_data();
    void namesTheModelThatAnswers();
    void holdsAnAnswerUntilItsUsageIsKnown();
    void tellsAFailureOfAHeldAnswer();
    void answersClientsThatOnlyLook_data();
    void answersClientsThatOnlyLook();
    void refusesAWebSocketSoThatCodexPostsAtOnce();
    void namesTheLikelyCauseOfAnImproperRequest();
    void tellsHowMuchTooLongAPromptIs();
    void asksForCachingWhereTheApiCachesByItself();
    void replaysThinkingThatTheClientDoesNotShow_data();
    void replaysThinkingThatTheClientDoesNotShow();
    void keepsAnAnswerForTheNextOne();
};

void TstGatewayAnswers::namesTheModelThatAnswers_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("model");
    QTest::addRow("stream") << QByteArray("/v1/messages") << anthropicBody(true)
                            << QByteArray("claude-sonnet-4-5 -> claude-sonnet-4.5");
    QTest::addRow("whole") << QByteArray("/v1/messages") << anthropicBody(false)
                           << QByteArray("claude-sonnet-4-5 -> claude-sonnet-4.5");
    QTest::addRow("alias") << QByteArray("/v1/chat/completions") << openaiBody(false)
                           << QByteArray("gpt-4o -> claude-sonnet-4.5");
}

void TstGatewayAnswers::namesTheModelThatAnswers()
{
    QFETCH(const QByteArray, path);
    QFETCH(const QByteArray, body);
    script(R"({"rules":[{"steps":[{"text":"Good day."}]}]})");
    const Answer answer = exchange(path, body);
    QCOMPARE(answer.status, 200);
    QTEST(header(answer, "x-kirotray-model"), "model");
}

void TstGatewayAnswers::holdsAnAnswerUntilItsUsageIsKnown()
{
    stopGateway();
    timing.bufferedPing = std::chrono::milliseconds(60);
    startGateway();
    script(R"({"rules":[{"steps":[{"text":"Good"},{"delayMs":300},{"text":" day."},)"
           R"({"usage":{"inputTokens":4321,"outputTokens":7,"cacheReadTokens":11}}]}]})");
    const Answer answer = exchange("/cc/v1/messages?beta=true", anthropicBody(true));
    QCOMPARE(answer.status, 200);
    const qsizetype ping = answer.body.indexOf("event: ping");
    const qsizetype start = answer.body.indexOf("event: message_start");
    QVERIFY2(ping >= 0 && ping < start, answer.body.constData());
    const QByteArray first = answer.body.mid(start, answer.body.indexOf("\n\n", start) - start);
    QVERIFY2(first.contains("\"input_tokens\":4321"), first.constData());
    QVERIFY2(first.contains("\"cache_read_input_tokens\":11"), first.constData());
    QVERIFY(answer.body.contains("message_stop"));
    QCOMPARE(answer.body.count("event: message_start"), 1);
}

void TstGatewayAnswers::tellsAFailureOfAHeldAnswer()
{
    script(R"({"rules":[{"httpError":{"status":402,"reason":"MONTHLY_REQUEST_COUNT",)"
           R"("message":"You have reached the limit."}}]})");
    QCOMPARE(exchange("/cc/v1/messages", anthropicBody(true)).status, 429);
    script(R"({"rules":[{"steps":[{"text":"Good"},)"
           R"({"exception":{"type":"ThrottlingException","message":"x"}}]}]})");
    const Answer cut = exchange("/cc/v1/messages", anthropicBody(true));
    QVERIFY2(!cut.body.contains("Good"), cut.body.constData());
    QVERIFY2(cut.status != 200 || cut.body.contains("event: error"), cut.body.constData());
}

void TstGatewayAnswers::answersClientsThatOnlyLook_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addRow("telemetry") << post("/api/event_logging/batch", R"({"events":[]})");
    QTest::addRow("telemetry of a newer kind")
        << post("/api/event_logging/v2/batch", R"({"events":[]})");
    QTest::addRow("is anybody there")
        << QByteArray("HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: kt-key\r\n"
                      "Connection: close\r\n\r\n");
}

void TstGatewayAnswers::answersClientsThatOnlyLook()
{
    QFETCH(const QByteArray, request);
    QCOMPARE(send(request).status, 200);
}

/// Measured with Codex 0.169: one attempt at 426, seven with pauses (6.6 s) at 404, 405 and 501.
void TstGatewayAnswers::refusesAWebSocketSoThatCodexPostsAtOnce()
{
    const Answer answer =
        send("GET /v1/responses HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer kt-key\r\n"
             "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
    QCOMPARE(answer.status, 426);
}

void TstGatewayAnswers::namesTheLikelyCauseOfAnImproperRequest()
{
    script(R"({"rules":[{"httpError":{"status":400,"message":"Improperly formed request."}}]})");
    const Answer harmless = exchange("/v1/messages", anthropicBody(false));
    QVERIFY2(!harmless.body.contains("Likely cause"), harmless.body.constData());
    const Answer answer =
        exchange("/v1/messages", anthropicBody(false, QByteArray("word ").repeated(100 * 1000)));
    QCOMPARE(answer.status, 400);
    QVERIFY2(answer.body.contains("Likely cause") && answer.body.contains("messages[0]"),
             answer.body.constData());
}

void TstGatewayAnswers::tellsHowMuchTooLongAPromptIs()
{
    const QByteArray refusal =
        R"({"rules":[{"httpError":{"status":400,"reason":"CONTENT_LENGTH_EXCEEDS_THRESHOLD",)"
        R"("message":"Input is too long."}}]})";
    script(refusal);
    const Answer shortOne = exchange("/v1/messages", anthropicBody(false));
    QVERIFY2(shortOne.body.contains("prompt is too long")
                 && !shortOne.body.contains("tokens > 200000"),
             shortOne.body.constData());
    const QByteArray many = QByteArray("word ").repeated(250 * 1000);
    const Answer longOne = exchange("/v1/messages", anthropicBody(false, many));
    QCOMPARE(longOne.status, 400);
    QVERIFY2(longOne.body.contains(" tokens > 200000 maximum"), longOne.body.constData());
}

void TstGatewayAnswers::asksForCachingWhereTheApiCachesByItself()
{
    const QByteArray turns =
        R"("messages":[{"role":"user","content":"One"},{"role":"assistant","content":"Two"},)"
        R"({"role":"user","content":"Three"}]})";
    script(R"({"rules":[{"steps":[{"text":"Four"}]}]})");
    exchange("/v1/chat/completions", R"({"model":"gpt-4o",)" + turns);
    QCOMPARE(simulator.statistics().lastChatBody.count("cachePoint"), 2);
    exchange("/v1/messages", R"({"model":"claude-sonnet-4-5","max_tokens":9,)" + turns);
    QCOMPARE(simulator.statistics().lastChatBody.count("cachePoint"), 0); // the client says where
}

void TstGatewayAnswers::replaysThinkingThatTheClientDoesNotShow_data()
{
    QTest::addColumn<bool>("isStream");
    QTest::addRow("stream") << true;
    QTest::addRow("whole") << false;
}

/// The service takes thinking back whole or not at all; the client has the signature alone.
void TstGatewayAnswers::replaysThinkingThatTheClientDoesNotShow()
{
    QFETCH(const bool, isStream);
    const auto body = [&](const QByteArray &messages) {
        return R"({"model":"claude-opus-5-5","max_tokens":3000,"stream":)"
            + QByteArray(isStream ? "true" : "false")
            + R"(,"thinking":{"type":"adaptive","display":"omitted"},"messages":[)" + messages
            + "]}";
    };
    const QByteArray question = R"({"role":"user","content":"Why?"})";
    script(R"({"service":{"signatures":[{"signature":"c2ln","text":"Let me \u00e9 think."}]},)"
           R"("rules":[{"match":{"nth":1},"steps":[{"thinking":"Let me \u00e9 think.","chunk":3,)"
           R"("signature":"c2ln"},{"text":"Because."}]},)"
           R"({"steps":[{"text":"Indeed."}]}],"record":5})");
    const Answer first = exchange("/v1/messages", body(question));
    QCOMPARE(first.status, 200);
    QVERIFY2(!first.body.contains("think."), first.body.constData());
    const QByteArray signature = signatureOf(first.body);
    QVERIFY2(!signature.isEmpty(), first.body.constData());
    const Answer second = exchange(
        "/v1/messages",
        body(question + R"(,{"role":"assistant","content":[{"type":"thinking","thinking":"",)"
             + R"("signature":")" + signature + R"("},{"type":"text","text":"Because."}]},)"
             + R"({"role":"user","content":"Really?"})"));
    QCOMPARE(second.status, 200);
    QVERIFY2(second.body.contains("Indeed."), second.body.constData());
    const std::vector<SimulatorRequest> requests = simulator.requests();
    QCOMPARE(requests.size(), std::size_t(2)); // none was refused and asked again
    QCOMPARE(requests.back().refusal, QByteArray());
    QVERIFY2(requests.back().body.contains(R"("signature":"c2ln")"),
             requests.back().body.constData());
}

void TstGatewayAnswers::keepsAnAnswerForTheNextOne()
{
    script(R"({"rules":[{"steps":[{"text":"The answer is 42."}]}]})");
    const auto idOf = [](const Answer &answer) {
        const auto document = JsonDocument::parse(answer.body.toStdString());
        return QByteArray::fromStdString(std::string(document.value().root()["id"].string()));
    };
    const QByteArray first = idOf(exchange(
        "/v1/responses", R"({"model":"gpt-5.5","input":"What is it?","instructions":"Old."})"));
    const QByteArray second = idOf(
        exchange("/v1/responses",
                 R"({"model":"gpt-5.5","input":"Why?","previous_response_id":")" + first + "\"}"));
    const Answer third =
        exchange("/v1/responses",
                 R"({"model":"gpt-5.5","input":"Sure?","stream":true,"previous_response_id":")"
                     + second + "\"}");
    QVERIFY(third.body.contains("response.completed"));
    const QByteArray sent = simulator.statistics().lastChatBody;
    QCOMPARE(sent.count("What is it?"), 1);
    QCOMPARE(sent.count("Why?"), 1);
    QCOMPARE(sent.count("The answer is 42."), 2);
    QVERIFY(!sent.contains("Old.")); // instructions are not inherited
    const Answer unknown = exchange(
        "/v1/responses", R"({"model":"gpt-5.5","input":"x","previous_response_id":"resp_gone"})");
    QCOMPARE(unknown.status, 400);
    QVERIFY(unknown.body.contains("previous_response_not_found"));
}

QTEST_GUILESS_MAIN(TstGatewayAnswers)
#include "tst_gatewayanswers.moc"
