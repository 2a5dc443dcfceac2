// SPDX-License-Identifier: MIT
// The gateway on its own thread against the simulator, through real sockets.
#include "app/base/limits.h"
#include "app/gateway/gateway.h"
#include "app/simulator/simulator.h"

#include <QElapsedTimer>
#include <QTcpSocket>
#include <QTest>
#include <QThread>

using namespace kirotray;

namespace {

const QString Arn = u"arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK"_s;

struct Answer
{
    int status = 0;
    QByteArray head;
    QByteArray body; ///< chunk framing removed
    bool isComplete = false;
};

QByteArray withoutChunks(QByteArray bytes, bool &isComplete)
{
    QByteArray out;
    isComplete = false;
    while (true) {
        const qsizetype line = bytes.indexOf("\r\n");
        if (line < 0)
            return out;
        const qsizetype size = bytes.first(line).toLongLong(nullptr, 16);
        if (size == 0) {
            isComplete = true;
            return out;
        }
        out += bytes.mid(line + 2, size);
        bytes.remove(0, line + 2 + size + 2);
    }
}

Answer parseAnswer(const QByteArray &bytes)
{
    Answer answer;
    const qsizetype end = bytes.indexOf("\r\n\r\n");
    if (end < 0)
        return answer;
    answer.head = bytes.first(end).toLower();
    answer.status = answer.head.mid(9, 3).toInt();
    const QByteArray rest = bytes.mid(end + 4);
    if (answer.head.contains("transfer-encoding: chunked")) {
        answer.body = withoutChunks(rest, answer.isComplete);
        return answer;
    }
    if (answer.status == 204) { // RFC 9110 §15.3.5: no content, no length
        answer.isComplete = true;
        return answer;
    }
    const qsizetype at = answer.head.indexOf("content-length: ");
    const qsizetype length = answer.head.mid(at + 16).split('\r').first().toLongLong();
    answer.body = rest.first(qMin(length, rest.size()));
    answer.isComplete = at >= 0 && rest.size() >= length;
    return answer;
}

} // namespace

class TstGateway : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanup();

    void answersBothApisStreamedAndWhole_data();
    void answersBothApisStreamedAndWhole();
    void mapsARefusalToTheCallersEnvelope_data();
    void mapsARefusalToTheCallersEnvelope();
    void retriesBeforeTheFirstByte_data();
    void retriesBeforeTheFirstByte();
    void neverFakesAnEnd_data();
    void neverFakesAnEnd();
    void renewsATokenOnceAndReportsASecondRefusal();
    void tellsWhyThereIsNoToken_data();
    void tellsWhyThereIsNoToken();
    void rendersServerRefusalsInTheCallersEnvelope_data();
    void rendersServerRefusalsInTheCallersEnvelope();
    void hidesServerRefusalsFromForeignPages();
    void endsACallThatIsNeverAnswered();
    void pingsWhileNothingComes();
    void pausesTheUpstreamOfASlowClient();
    void countsTokensOfLargeBodiesElsewhere();
    void tellsThatNoAccountIsThere();
    void abortsTheUpstreamWhenTheClientGoes();
    void recordsTheFlow();
    void refusesBadRequestsInTheCallersEnvelope_data();
    void refusesBadRequestsInTheCallersEnvelope();
    void translatesLargeBodiesElsewhere();
    void answersHealthWithoutAKeyAndPreflightsOfLocalPages();
    void stopsGracefully();
    void survivesBeingDestroyedWhileBusy();

private:
    Answer exchange(const QByteArray &path, const QByteArray &body, const QByteArray &headers = {});
    Answer send(const QByteArray &bytes);
    void script(const QByteArray &json) { QVERIFY(m_simulator.setScript(json)); }
    void startGateway();
    void stopGateway();

    Simulator m_simulator;
    QUrl m_upstream;
    std::unique_ptr<QThread> m_thread;
    Gateway *m_gateway = nullptr;
    quint16 m_port = 0;
    std::vector<FlowRecord> m_flows;
    std::vector<int> m_active;
    int m_stopped = 0;
    int m_tokensAsked = 0;
    Result<Secret> m_token = Secret(Simulator::demoAccessToken()); ///< what the keeper answers
    CallTiming m_timing;
    bool m_hasAccount = true;
};

namespace {

QByteArray anthropic(bool isStream, const QByteArray &content = "Hello")
{
    return R"({"model":"claude-sonnet-4-5","max_tokens":100,"stream":)"
        + QByteArray(isStream ? "true" : "false") + R"(,"messages":[{"role":"user","content":")"
        + content + R"("}]})";
}

QByteArray openai(bool isStream)
{
    return R"({"model":"gpt-4o","stream":)" + QByteArray(isStream ? "true" : "false")
        + R"(,"messages":[{"role":"user","content":"Hello"}]})";
}

} // namespace

void TstGateway::initTestCase()
{
    qRegisterMetaType<FlowRecord>();
    qRegisterMetaType<GatewayConfig>();
    qRegisterMetaType<Secret>();
    qRegisterMetaType<Error>();
    const Result<QUrl> started = m_simulator.start();
    QVERIFY(started);
    m_upstream = started.value();
}

void TstGateway::startGateway()
{
    auto tables = std::make_shared<KiroTables>(*loadKiroTables(QString()).tables);
    const QStringList only {m_upstream.toString(QUrl::StripTrailingSlash)};
    tables->endpoints = {only, only, only, only, only, only, only};
    GatewayConfig config;
    config.apiKey = Secret("kt-key");
    config.tables = tables;
    config.timing = m_timing;
    m_thread = std::make_unique<QThread>();
    m_gateway = new Gateway;
    m_gateway->moveToThread(m_thread.get());
    connect(m_thread.get(), &QThread::finished, m_gateway, &QObject::deleteLater);
    m_tokensAsked = 0;
    connect(m_gateway, &Gateway::tokenNeeded, this, [this](const QString &id, const Secret &) {
        ++m_tokensAsked;
        QMetaObject::invokeMethod(m_gateway, [gateway = m_gateway, id, token = m_token] {
            gateway->answerToken(id, token);
        });
    });
    m_thread->start();
    AccountSnapshot account;
    account.identity = {u"one"_s, AccountKind::Social, {}, Arn, {}, {}, QString(64, u'0'), {}};
    std::vector<AccountSnapshot> accounts;
    if (m_hasAccount)
        accounts.push_back(account);
    // Connected through this thread's event loop; a signal spy would be called on the gateway's
    // thread.
    m_port = 0;
    m_flows.clear();
    m_active.clear();
    m_stopped = 0;
    connect(m_gateway, &Gateway::listening, this,
            [this](const QUrl &url) { m_port = static_cast<quint16>(url.port()); });
    connect(m_gateway, &Gateway::requestFinished, this,
            [this](const FlowRecord &flow) { m_flows.push_back(flow); });
    connect(m_gateway, &Gateway::activeRequestsChanged, this,
            [this](int count) { m_active.push_back(count); });
    connect(m_gateway, &Gateway::stopped, this, [this] { ++m_stopped; });
    QMetaObject::invokeMethod(m_gateway, [gateway = m_gateway, accounts, config] {
        gateway->setAccounts(accounts);
        gateway->start(config);
    });
    QTRY_VERIFY(m_port != 0);
}

void TstGateway::stopGateway()
{
    m_thread->quit();
    QVERIFY(m_thread->wait(10'000));
    m_thread.reset();
}

void TstGateway::init()
{
    m_hasAccount = true;
    m_token = Secret(Simulator::demoAccessToken());
    m_timing = {};
    startGateway();
}

void TstGateway::cleanup()
{
    if (m_thread)
        stopGateway();
}

Answer TstGateway::send(const QByteArray &bytes)
{
    QTcpSocket socket;
    QByteArray received;
    connect(&socket, &QTcpSocket::readyRead, &socket, [&] { received += socket.readAll(); });
    socket.connectToHost(u"127.0.0.1"_s, m_port);
    socket.write(bytes);
    Answer answer;
    const bool isDone = QTest::qWaitFor(
        [&] {
            answer = parseAnswer(received);
            return answer.isComplete || socket.state() == QAbstractSocket::UnconnectedState;
        },
        15'000);
    return isDone ? answer : Answer();
}

Answer TstGateway::exchange(const QByteArray &path, const QByteArray &body,
                            const QByteArray &headers)
{
    return send("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: kt-key\r\n" + headers
                + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
}

void TstGateway::answersBothApisStreamedAndWhole_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArrayList>("parts");
    QTest::addRow("Anthropic whole")
        << QByteArray("/v1/messages") << anthropic(false) << QByteArray("application/json")
        << QByteArrayList {R"("text":"Good day.")", R"("stop_reason":"end_turn")",
                           R"("input_tokens":7)"};
    QTest::addRow("Anthropic stream")
        << QByteArray("/v1/messages") << anthropic(true) << QByteArray("text/event-stream")
        << QByteArrayList {"event: message_start", R"("text":"Good")", R"("text":" day.")",
                           "event: message_stop"};
    QTest::addRow("OpenAI whole") << QByteArray("/v1/chat/completions") << openai(false)
                                  << QByteArray("application/json")
                                  << QByteArrayList {R"("content":"Good day.")",
                                                     R"("finish_reason":"stop")",
                                                     R"("prompt_tokens":7)"};
    QTest::addRow("OpenAI stream")
        << QByteArray("/v1/chat/completions") << openai(true) << QByteArray("text/event-stream")
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
        429, "rate_limit_error", R"("rate_limit_exceeded")");
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
    const Answer first = exchange("/v1/messages", anthropic(true));
    const Answer second = exchange("/v1/chat/completions", openai(true));
    QCOMPARE(first.status, status);
    QCOMPARE(second.status, status);
    QVERIFY2(first.body.contains("\"type\":\"" + anthropicType + '"'), first.body.constData());
    QVERIFY2(second.body.contains("\"code\":" + openaiCode), second.body.constData());
    QVERIFY(first.body.startsWith(R"({"type":"error","error":{)"));
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
    const int before = m_simulator.statistics().chatRequests;
    const Answer answer = exchange("/v1/messages", anthropic(true));
    QCOMPARE(answer.status, 200);
    QVERIFY2(answer.body.contains("Good day."), answer.body.constData());
    QVERIFY(answer.body.contains("event: message_stop"));
    QCOMPARE(m_simulator.statistics().chatRequests - before, 2);
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
    QVERIFY(exchange("/v1/messages", anthropic(true)).body.contains("message_stop"));
    QVERIFY(exchange("/v1/chat/completions", openai(true)).body.contains("[DONE]"));
    script(R"({"rules":[{"steps":[{"text":"Half an"},{"delayMs":30},)" + last + "]}]}");
    const int before = m_simulator.statistics().chatRequests;
    const Answer streamed = exchange("/v1/messages", anthropic(true));
    QVERIFY2(streamed.body.contains("event: error"), streamed.body.constData());
    QVERIFY(!streamed.body.contains("message_stop"));
    QVERIFY(!streamed.body.contains("end_turn"));
    const Answer chat = exchange("/v1/chat/completions", openai(true));
    QVERIFY2(chat.body.contains(R"(data: {"error":)"), chat.body.constData());
    QVERIFY(!chat.body.contains("[DONE]"));
    const Answer whole = exchange("/v1/messages", anthropic(false));
    QVERIFY2(whole.status >= 400, whole.body.constData());
    QCOMPARE(m_simulator.statistics().chatRequests - before, 3); // content was seen: no retry
}

void TstGateway::renewsATokenOnceAndReportsASecondRefusal()
{
    const QByteArray expired =
        R"("httpError":{"status":403,"message":"The bearer token included in the request is invalid."})";
    script(R"({"rules":[{"times":1,)" + expired + R"(},{"steps":[{"text":"Good day."}]}]})");
    QVERIFY(exchange("/v1/messages", anthropic(false)).body.contains("Good day."));
    // At first, after the refusal, and once more: this keeper has nothing newer.
    QCOMPARE(m_tokensAsked, 3);
    script(R"({"rules":[{)" + expired + "}]}");
    const int before = m_simulator.statistics().chatRequests;
    QCOMPARE(exchange("/v1/messages", anthropic(false)).status, 401);
    QCOMPARE(m_simulator.statistics().chatRequests - before, 2);
}

void TstGateway::tellsWhyThereIsNoToken_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("part");
    const auto row = [](const char *name, Error::Code code, int status, const char *part) {
        QTest::addRow("%s", name) << int(code) << status << QByteArray(part);
    };
    row("dead refresh token", Error::Code::Unauthorized, 401, "must be signed in again");
    row("locked keychain", Error::Code::Storage, 503, "cannot be read");
    row("token service is slow", Error::Code::Timeout, 504, "took too long");
    row("token service refuses for now", Error::Code::RateLimited, 429, "refused for now");
    row("no network", Error::Code::Network, 502, "failed");
}

void TstGateway::tellsWhyThereIsNoToken()
{
    QFETCH(int, code);
    QFETCH(QByteArray, part);
    m_token = Error {static_cast<Error::Code>(code), u"the reason"_s};
    const Answer anthropicAnswer = exchange("/v1/messages", anthropic(true));
    QTEST(anthropicAnswer.status, "status");
    QVERIFY2(anthropicAnswer.body.contains(part), anthropicAnswer.body.constData());
    QVERIFY(anthropicAnswer.body.startsWith(R"({"type":"error","error":{)"));
    const Answer openaiAnswer = exchange("/v1/chat/completions", openai(false));
    QTEST(openaiAnswer.status, "status");
    QVERIFY2(openaiAnswer.body.startsWith(R"({"error":{)"), openaiAnswer.body.constData());
    if (code == int(Error::Code::RateLimited))
        QVERIFY(openaiAnswer.head.contains("retry-after: 60"));
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

void TstGateway::endsACallThatIsNeverAnswered()
{
    stopGateway();
    m_timing.upstream.firstByte = m_timing.upstream.firstByteMax = std::chrono::milliseconds(100);
    startGateway();
    script(R"({"rules":[{"steps":[{"hang":true}]}]})");
    const Answer messages = exchange("/v1/messages", anthropic(true));
    QCOMPARE(messages.status, 504);
    QVERIFY2(messages.body.startsWith(R"({"type":"error","error":{)"), messages.body.constData());
    QCOMPARE(exchange("/v1/chat/completions", openai(false)).status, 504);
}

void TstGateway::pingsWhileNothingComes()
{
    stopGateway();
    m_timing.ping = std::chrono::milliseconds(60);
    startGateway();
    script(R"({"rules":[{"firstByteDelayMs":400,"steps":[{"text":"Good day."}]}]})");
    const Answer messages = exchange("/v1/messages", anthropic(true));
    QVERIFY(messages.body.startsWith("event: message_start"));
    const qsizetype ping = messages.body.indexOf("event: ping");
    QVERIFY2(ping > 0 && ping < messages.body.indexOf("Good day."), messages.body.constData());
    QVERIFY(exchange("/v1/chat/completions", openai(true)).body.contains("\n: ping\n"));
    // The stream has begun with a ping: a retry is still allowed, and a failure comes as an event.
    script(
        R"({"rules":[{"times":1,"firstByteDelayMs":400,"httpError":{"status":500,"message":"x"}},)"
        R"({"steps":[{"text":"At last."}]}]})");
    const Answer retried = exchange("/v1/messages", anthropic(true));
    QVERIFY2(retried.body.contains("At last."), retried.body.constData());
    QCOMPARE(retried.body.count("event: message_start"), 1);
    script(R"({"rules":[{"firstByteDelayMs":400,"httpError":{"status":429,)"
           R"("reason":"USER_REQUEST_RATE_EXCEEDED","message":"x"}}]})");
    const Answer failed = exchange("/v1/messages", anthropic(true));
    QCOMPARE(failed.status, 200);
    QVERIFY2(failed.body.contains("event: error") && failed.body.contains("rate_limit_error"),
             failed.body.constData());
}

void TstGateway::pausesTheUpstreamOfASlowClient()
{
    // 40 MB at once, to a client that does not read: what is under way must stay bounded, so the
    // simulator cannot get rid of it.
    script(R"({"rules":[{"steps":[{"burst":{"text":")" + QByteArray(20'000, 'x')
           + R"(","count":2000,"intervalMs":1}}]}]})");
    QTcpSocket socket;
    socket.setReadBufferSize(16 * 1024);
    socket.connectToHost(u"127.0.0.1"_s, m_port);
    const QByteArray body = anthropic(true);
    socket.write(
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: kt-key\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    QTRY_VERIFY(socket.bytesAvailable() > 0);
    QElapsedTimer clock;
    clock.start();
    // Sent in 2 s were it read; still running well after that, since nobody reads.
    QTRY_VERIFY_WITH_TIMEOUT(clock.elapsed() > 4000, 6000);
    QCOMPARE(m_simulator.statistics().activeStreams, 1);
    // And it goes on where it stopped.
    QByteArray tail;
    socket.setReadBufferSize(0);
    connect(&socket, &QTcpSocket::readyRead, &socket,
            [&] { tail = (tail + socket.readAll()).right(1000); });
    tail = socket.readAll();
    QTRY_VERIFY_WITH_TIMEOUT(tail.contains("message_stop"), 30'000);
}

void TstGateway::countsTokensOfLargeBodiesElsewhere()
{
    const auto count = [this](qsizetype size) {
        const Answer answer =
            exchange("/v1/messages/count_tokens", anthropic(false, QByteArray(size, 'x')));
        return answer.status == 200 ? answer.body : QByteArray();
    };
    QVERIFY(count(1000).startsWith(R"({"input_tokens":2)"));
    QVERIFY(count(limits::PrepareInline + 1000).startsWith(R"({"input_tokens":6)"));
    QCOMPARE(exchange("/v1/messages/count_tokens", "{").status, 400);
}

void TstGateway::tellsThatNoAccountIsThere()
{
    stopGateway();
    m_hasAccount = false;
    startGateway();
    const Answer answer = exchange("/v1/messages", anthropic(true));
    QCOMPARE(answer.status, 503);
    QVERIFY2(answer.body.contains("no Kiro account is set up"), answer.body.constData());
}

void TstGateway::abortsTheUpstreamWhenTheClientGoes()
{
    script(R"({"rules":[{"steps":[{"burst":{"text":"tick ","count":100000,"intervalMs":10}}]}]})");
    const int before = m_simulator.statistics().chatAborted;
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, m_port);
    const QByteArray body = anthropic(true);
    socket.write(
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: kt-key\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    QTRY_VERIFY(socket.bytesAvailable() > 1000);
    socket.abort();
    QTRY_COMPARE(m_simulator.statistics().chatAborted, before + 1);
    QTRY_COMPARE(m_flows.size(), std::size_t(1));
    QCOMPARE(m_flows.front().outcome, u"client-gone"_s);
}

void TstGateway::recordsTheFlow()
{
    script(
        R"({"rules":[{"steps":[{"text":"Good day."},)"
        R"({"usage":{"inputTokens":7,"outputTokens":3,"cacheReadTokens":2}},{"metering":0.5}]}]})");
    exchange("/v1/messages", anthropic(true));
    QTRY_COMPARE(m_flows.size(), std::size_t(1));
    const FlowRecord flow = m_flows.front();
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

void TstGateway::translatesLargeBodiesElsewhere()
{
    script(R"({"rules":[{"steps":[{"text":"Good day."}]}]})");
    const QByteArray text(limits::PrepareInline + 1000, 'x');
    QVERIFY(exchange("/v1/messages", anthropic(false, text)).body.contains("Good day."));
    // The client goes while its body is being translated.
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, m_port);
    const QByteArray body = anthropic(true, QByteArray(8'000'000, 'y'));
    socket.write(
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: kt-key\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\n\r\n" + body);
    QTRY_VERIFY(!m_active.empty() && m_active.back() == 1);
    socket.abort();
    QTRY_COMPARE(m_active.back(), 0);
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

void TstGateway::stopsGracefully()
{
    script(R"({"rules":[{"steps":[{"burst":{"text":"tick ","count":10,"intervalMs":20}}]}]})");
    connect(
        m_gateway, &Gateway::activeRequestsChanged, m_gateway,
        [gateway = m_gateway](int count) {
            if (count == 1)
                gateway->stop();
        },
        Qt::QueuedConnection);
    const Answer answer = exchange("/v1/messages", anthropic(true));
    QVERIFY2(answer.body.contains("message_stop"), answer.body.constData());
    QTRY_COMPARE(m_stopped, 1);
    QTcpSocket late;
    late.connectToHost(u"127.0.0.1"_s, m_port);
    QTRY_COMPARE(late.error(), QAbstractSocket::ConnectionRefusedError);
}

void TstGateway::survivesBeingDestroyedWhileBusy()
{
    script(R"({"rules":[{"steps":[{"burst":{"text":"tick ","count":100000,"intervalMs":1}}]}]})");
    for (int round = 0; round < 100; ++round) {
        QTcpSocket socket;
        socket.connectToHost(u"127.0.0.1"_s, m_port);
        const QByteArray body = anthropic(true, QByteArray(round % 2 == 0 ? 10 : 400'000, 'x'));
        socket.write("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nx-api-key: kt-key\r\n"
                     "Content-Length: "
                     + QByteArray::number(body.size()) + "\r\n\r\n" + body);
        if (round % 3 != 0)
            QTRY_VERIFY(socket.bytesAvailable() > 0);
        stopGateway();
        startGateway();
    }
}

QTEST_GUILESS_MAIN(TstGateway)
#include "tst_gateway.moc"
