// SPDX-License-Identifier: MIT
// The gateway against the simulator: what clients are answered.
#include "app/base/limits.h"
#include "tests/gatewaybench.h"

using namespace kirotray;

namespace {

/// Anthropic's error envelope says the same as the request-id header.
bool repeatsRequestId(const Answer &answer)
{
    const QByteArray key = "\"request_id\":\"";
    const qsizetype at = answer.body.indexOf(key);
    if (at < 0)
        return false;
    const qsizetype begin = at + key.size();
    const QByteArray id = answer.body.mid(begin, answer.body.indexOf('"', begin) - begin);
    return !id.isEmpty() && answer.head.contains("\r\nrequest-id: " + id + "\r\n");
}

} // namespace

class TstGateway : public GatewayBench
{
    Q_OBJECT

private slots:
    void answersBothApisStreamedAndWhole_data();
    void answersBothApisStreamedAndWhole();
    void mapsARefusalToTheCallersEnvelope_data();
    void mapsARefusalToTheCallersEnvelope();
    void retriesBeforeTheFirstByte_data();
    void retriesBeforeTheFirstByte();
    void neverFakesAnEnd_data();
    void neverFakesAnEnd();
    void rendersServerRefusalsInTheCallersEnvelope_data();
    void rendersServerRefusalsInTheCallersEnvelope();
    void hidesServerRefusalsFromForeignPages();
    void countsTokensOfBodiesOfAnySize();
    void tellsThatNoAccountIsThere();
    void recordsTheFlow();
    void refusesBadRequestsInTheCallersEnvelope_data();
    void refusesBadRequestsInTheCallersEnvelope();
    void answersHealthWithoutAKeyAndPreflightsOfLocalPages();
};

void TstGateway::answersBothApisStreamedAndWhole_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArrayList>("parts");
    QTest::addRow("Anthropic whole")
        << QByteArray("/v1/messages") << anthropicBody(false) << QByteArray("application/json")
        << QByteArrayList {R"("text":"Good day.")", R"("stop_reason":"end_turn")",
                           R"("input_tokens":7)"};
    QTest::addRow("Anthropic stream")
        << QByteArray("/v1/messages") << anthropicBody(true) << QByteArray("text/event-stream")
        << QByteArrayList {"event: message_start", R"("text":"Good")", R"("text":" day.")",
                           "event: message_stop"};
    QTest::addRow("OpenAI whole") << QByteArray("/v1/chat/completions") << openaiBody(false)
                                  << QByteArray("application/json")
                                  << QByteArrayList {R"("content":"Good day.")",
                                                     R"("finish_reason":"stop")",
                                                     R"("prompt_tokens":7)"};
    QTest::addRow("OpenAI stream")
        << QByteArray("/v1/chat/completions") << openaiBody(true) << QByteArray("text/event-stream")
        << QByteArrayList {R"("content":"Good")", R"("content":" day.")", "data: [DONE]"};
}

void TstGateway::answersBothApisStreamedAndWhole()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, type);
    QFETCH(QByteArrayList, parts);
    script(R"({"rules":[{"steps":[{"text":"Good"},{"text":" day."},)"
           R"({"usage":{"inputTokens":7,"outputTokens":3},"stopReason":"END_TURN"}]}]})");
    const Answer answer = exchange(path, body);
    QCOMPARE(answer.status, 200);
    QVERIFY(answer.head.contains("content-type: " + type));
    QVERIFY(answer.head.contains("request-id: req_"));
    for (const QByteArray &part : parts)
        QVERIFY2(answer.body.contains(part), answer.body.constData());
}

void TstGateway::mapsARefusalToTheCallersEnvelope_data()
{
    QTest::addColumn<QByteArray>("httpError");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("anthropicType");
    QTest::addColumn<QByteArray>("openaiCode");
    const auto row = [](const char *name, const char *httpError, int status, const char *type,
                        const char *code) {
        QTest::addRow("%s", name) << QByteArray(httpError) << status << QByteArray(type)
                                  << QByteArray(code);
    };
    row("too long",
        R"({"status":400,"class":"ValidationException","reason":"PROMPT_TOO_LONG","message":"x"})",
        400, "invalid_request_error", R"("context_length_exceeded")");
    row("improperly formed",
        R"({"status":400,"class":"ValidationException","message":"Improperly formed request."})",
        400, "invalid_request_error", "null");
    row("monthly limit",
        R"({"status":402,"reason":"MONTHLY_REQUEST_COUNT","message":"You have reached the limit."})",
        429, "rate_limit_error", R"("insufficient_quota")");
    row("account rate",
        R"({"status":429,"reason":"USER_REQUEST_RATE_EXCEEDED","message":"Too many requests"})",
        429, "rate_limit_error", R"("rate_limit_exceeded")");
    row("suspended",
        R"({"status":403,"reason":"TEMPORARILY_SUSPENDED","message":"temporarily is suspended"})",
        403, "permission_error", R"("insufficient_permissions")");
    row("a page instead of JSON",
        R"({"status":503,"contentType":"text/html","rawBody":"<html>busy</html>"})", 502,
        "api_error", R"("upstream_error")");
}

void TstGateway::mapsARefusalToTheCallersEnvelope()
{
    QFETCH(QByteArray, httpError);
    QFETCH(int, status);
    QFETCH(QByteArray, anthropicType);
    QFETCH(QByteArray, openaiCode);
    script(R"({"rules":[{"httpError":)" + httpError + "}]}");
    const Answer first = exchange("/v1/messages", anthropicBody(true));
    const Answer second = exchange("/v1/chat/completions", openaiBody(true));
    QCOMPARE(first.status, status);
    QCOMPARE(second.status, status);
    QVERIFY2(first.body.contains("\"type\":\"" + anthropicType + '"'), first.body.constData());
    QVERIFY2(second.body.contains("\"code\":" + openaiCode), second.body.constData());
    QVERIFY(first.body.startsWith(R"({"type":"error","error":{)"));
    QVERIFY2(repeatsRequestId(first), first.body.constData());
    QVERIFY(second.body.startsWith(R"({"error":{)"));
}

void TstGateway::retriesBeforeTheFirstByte_data()
{
    QTest::addColumn<QByteArray>("failure");
    QTest::addRow("server error") << QByteArray(R"("httpError":{"status":500,"message":"x"})");
    QTest::addRow("connection dropped") << QByteArray(R"("steps":[{"drop":true}])");
    QTest::addRow("empty answer") << QByteArray(R"("steps":[])");
    QTest::addRow("exception frame") << QByteArray(
        R"("steps":[{"exception":{"type":"InternalServerException","message":"x"}}])");
    QTest::addRow("bad frame") << QByteArray(R"("steps":[{"badFrame":"preludeCrc"}])");
}

void TstGateway::retriesBeforeTheFirstByte()
{
    QFETCH(QByteArray, failure);
    script(R"({"rules":[{"times":1,)" + failure + R"(},{"steps":[{"text":"Good day."}]}]})");
    const int before = simulator.statistics().chatRequests;
    const Answer answer = exchange("/v1/messages", anthropicBody(true));
    QCOMPARE(answer.status, 200);
    QVERIFY2(answer.body.contains("Good day."), answer.body.constData());
    QVERIFY(answer.body.contains("event: message_stop"));
    QCOMPARE(simulator.statistics().chatRequests - before, 2);
}

void TstGateway::neverFakesAnEnd_data()
{
    QTest::addColumn<QByteArray>("last");
    QTest::addRow("connection dropped") << QByteArray(R"({"drop":true})");
    QTest::addRow("bad message CRC") << QByteArray(R"({"badFrame":"messageCrc"})");
    QTest::addRow("half a frame") << QByteArray(R"({"badFrame":"truncated"})");
    QTest::addRow("exception") << QByteArray(
        R"({"exception":{"type":"ThrottlingException","message":"x"}})");
    QTest::addRow("error frame") << QByteArray(
        R"({"error":{"code":"InternalError","message":"x"}})");
}

void TstGateway::neverFakesAnEnd()
{
    QFETCH(QByteArray, last);
    // The host is known to close its answers from now on.
    script(R"({"rules":[{"steps":[{"text":"Whole."},{"contextUsage":1},{"metering":0.1}]}]})");
    QVERIFY(exchange("/v1/messages", anthropicBody(true)).body.contains("message_stop"));
    QVERIFY(exchange("/v1/chat/completions", openaiBody(true)).body.contains("[DONE]"));
    script(R"({"rules":[{"steps":[{"text":"Half an"},{"delayMs":30},)" + last + "]}]}");
    const int before = simulator.statistics().chatRequests;
    const Answer streamed = exchange("/v1/messages", anthropicBody(true));
    QVERIFY2(streamed.body.contains("event: error"), streamed.body.constData());
    QVERIFY2(repeatsRequestId(streamed), streamed.body.constData());
    QVERIFY(!streamed.body.contains("message_stop"));
    QVERIFY(!streamed.body.contains("end_turn"));
    const Answer chat = exchange("/v1/chat/completions", openaiBody(true));
    QVERIFY2(chat.body.contains(R"(data: {"error":)"), chat.body.constData());
    QVERIFY(!chat.body.contains("[DONE]"));
    const Answer whole = exchange("/v1/messages", anthropicBody(false));
    QVERIFY2(whole.status >= 400, whole.body.constData());
    QCOMPARE(simulator.statistics().chatRequests - before, 3); // content was seen: no retry
}

void TstGateway::rendersServerRefusalsInTheCallersEnvelope_data()
{
    QTest::addColumn<QByteArray>("headers");
    QTest::addColumn<int>("status");
    QByteArray many;
    for (int i = 0; i < 300; ++i)
        many += "x-" + QByteArray::number(i) + ": y\r\n";
    const QByteArray key = "x-api-key: kt-key\r\n";
    QTest::addRow("60 MB body") << key + "Content-Length: 62914560\r\n" << 413;
    QTest::addRow("300 headers") << many << 431;
    QTest::addRow("two lengths") << QByteArray("Content-Length: 3\r\nContent-Length: 4\r\n") << 400;
    QTest::addRow("length with chunked")
        << QByteArray("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") << 400;
    QTest::addRow("unknown coding") << key + "Content-Encoding: br\r\nContent-Length: 3\r\n" << 415;
}

void TstGateway::rendersServerRefusalsInTheCallersEnvelope()
{
    QFETCH(QByteArray, headers);
    const QByteArray rest = " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n";
    const Answer messages = send("POST /v1/messages" + rest);
    QTEST(messages.status, "status");
    QVERIFY2(messages.body.startsWith(R"({"type":"error","error":{)"), messages.body.constData());
    const Answer completions = send("POST /v1/chat/completions" + rest);
    QTEST(completions.status, "status");
    QVERIFY2(completions.body.startsWith(R"({"error":{)"), completions.body.constData());
}

void TstGateway::hidesServerRefusalsFromForeignPages()
{
    const auto refused = [this](const QByteArray &origin) {
        return send("POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: " + origin
                    + "\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
    };
    QCOMPARE(refused("https://evil.example").status, 400);
    QVERIFY(!refused("https://evil.example").head.contains("access-control-allow-origin"));
    const Answer local = send("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                              "Origin: http://localhost:3000\r\n\r\n");
    QCOMPARE(local.status, 401); // and the page may read why
    QVERIFY(local.head.contains("access-control-allow-origin: http://localhost:3000"));
}

void TstGateway::countsTokensOfBodiesOfAnySize()
{
    const auto count = [this](int words) {
        const QByteArray text = QByteArray("word ").repeated(words);
        const Answer answer = exchange("/v1/messages/count_tokens", anthropicBody(false, text));
        const QByteArray number = answer.body.mid(sizeof("{\"input_tokens\":") - 1).chopped(1);
        return answer.status == 200 ? number.toInt() : 0;
    };
    const int thousand = count(1000);
    QVERIFY2(thousand > 1000 && thousand < 1300, qPrintable(QString::number(thousand)));
    const int many = count(100 * 1000); // larger than limits::PrepareInline
    QVERIFY2(many > 95 * thousand && many < 105 * thousand, qPrintable(QString::number(many)));
    QCOMPARE(exchange("/v1/messages/count_tokens", "{").status, 400);
}

void TstGateway::tellsThatNoAccountIsThere()
{
    stopGateway();
    hasAccount = false;
    startGateway();
    const Answer answer = exchange("/v1/messages", anthropicBody(true));
    QCOMPARE(answer.status, 503);
    QVERIFY2(answer.body.contains("no Kiro account is set up"), answer.body.constData());
}

void TstGateway::recordsTheFlow()
{
    script(
        R"({"rules":[{"steps":[{"text":"Good day."},)"
        R"({"usage":{"inputTokens":7,"outputTokens":3,"cacheReadTokens":2}},{"metering":0.5}]}]})");
    exchange("/v1/messages", anthropicBody(true));
    QTRY_COMPARE(flows.size(), std::size_t(1));
    const FlowRecord flow = flows.front();
    QCOMPARE(flow.route, u"POST /v1/messages"_s);
    QCOMPARE(flow.modelAsked, u"claude-sonnet-4-5"_s);
    QCOMPARE(flow.modelUsed, u"claude-sonnet-4.5"_s);
    QCOMPARE(flow.accountId, u"one"_s);
    QCOMPARE(flow.status, 200);
    QCOMPARE(flow.outcome, u"ok"_s);
    QCOMPARE(flow.attempts, 1);
    QCOMPARE(flow.inputTokens, 9);
    QCOMPARE(flow.cachedTokens, 2);
    QCOMPARE(flow.outputTokens, 3);
    QVERIFY(!flow.isUsageEstimated);
    QCOMPARE(flow.credits.value_or(0), 0.5);
    QVERIFY(flow.firstByteMs >= 0 && flow.totalMs >= flow.firstByteMs);
}

void TstGateway::refusesBadRequestsInTheCallersEnvelope_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("part");
    const QByteArray messages = "/v1/messages";
    const QByteArray completions = "/v1/chat/completions";
    const auto row = [](const char *name, const QByteArray &path, const QByteArray &body,
                        int status, const char *part) {
        QTest::addRow("%s", name) << path << body << status << QByteArray(part);
    };
    row("no JSON", messages, "{\"model\":", 400, "invalid JSON");
    row("empty body", messages, "", 400, "invalid JSON");
    row("wrong type", messages,
        R"({"model":"claude-sonnet-4.5","max_tokens":"many","messages":[{"role":"user","content":"x"}]})",
        400, "max_tokens: expected a number");
    row("deep wrong type", completions,
        R"({"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":7}]}]})",
        400, "messages[0].content[0].text: expected a string");
    row("no messages", messages, R"({"model":"claude-sonnet-4.5","max_tokens":5,"messages":[]})",
        400, "messages");
    row("unknown model", messages,
        R"({"model":"nothing-like-it","max_tokens":5,"messages":[{"role":"user","content":"x"}]})",
        404, "nothing-like-it");
    row("unknown model, OpenAI", completions,
        R"({"model":"nothing-like-it","messages":[{"role":"user","content":"x"}]})", 404,
        "model_not_found");
}

void TstGateway::refusesBadRequestsInTheCallersEnvelope()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, part);
    const Answer answer = exchange(path, body);
    QTEST(answer.status, "status");
    QVERIFY2(answer.body.contains(part), answer.body.constData());
    QVERIFY(answer.body.startsWith(path == "/v1/messages" ? R"({"type":"error")" : R"({"error":)"));
}

void TstGateway::answersHealthWithoutAKeyAndPreflightsOfLocalPages()
{
    const Answer health = send("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    QCOMPARE(health.status, 200);
    QVERIFY(health.body.contains(R"("name":"kirotray")"));
    const QByteArray preflight = "OPTIONS /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                 "Access-Control-Request-Method: POST\r\nOrigin: ";
    const Answer local = send(preflight + "http://localhost:3000\r\n\r\n");
    QCOMPARE(local.status, 204);
    QVERIFY(local.head.contains("access-control-allow-origin: http://localhost:3000"));
    const Answer foreign = send(preflight + "https://evil.example\r\n\r\n");
    QCOMPARE(foreign.status, 403);
    QVERIFY(!foreign.head.contains("access-control-allow-origin"));
}

QTEST_GUILESS_MAIN(TstGateway)
#include "tst_gateway.moc"
