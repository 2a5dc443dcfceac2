// SPDX-License-Identifier: MIT
// The gateway against the simulator: what an answer says of itself, kept answers, held answers.
#include "app/base/json.h"
#include "tests/gatewaybench.h"

using namespace kirotray;

namespace {

QByteArray header(const Answer &answer, const QByteArray &name)
{
    for (const QByteArray &line : answer.head.split('\n'))
        if (line.toLower().startsWith(name + ':'))
            return line.mid(name.size() + 1).trimmed();
    return {};
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

QTEST_GUILESS_MAIN(TstGatewayAnswers)
#include "tst_gatewayanswers.moc"
