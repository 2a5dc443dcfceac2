// SPDX-License-Identifier: MIT
// The gateway against the simulator: how calls live and end.
#include "app/base/limits.h"
#include "tests/gatewaybench.h"

#include <QElapsedTimer>
#include <QTcpSocket>

using namespace kirotray;

class TstGatewayCalls : public GatewayBench
{
    Q_OBJECT

private slots:
    void renewsATokenOnceAndReportsASecondRefusal();
    void tellsWhyThereIsNoToken_data();
    void tellsWhyThereIsNoToken();
    void endsACallThatIsNeverAnswered();
    void pingsWhileNothingComes();
    void pausesTheUpstreamOfASlowClient();
    void abortsTheUpstreamWhenTheClientGoes();
    void translatesLargeBodiesElsewhere();
    void stopsGracefully();
    void survivesBeingDestroyedWhileBusy();
};

void TstGatewayCalls::renewsATokenOnceAndReportsASecondRefusal()
{
    const QByteArray expired =
        R"("httpError":{"status":403,"message":"The bearer token included in the request is invalid."})";
    script(R"({"rules":[{"times":1,)" + expired + R"(},{"steps":[{"text":"Good day."}]}]})");
    QVERIFY(exchange("/v1/messages", anthropicBody(false)).body.contains("Good day."));
    // At first, after the refusal, and once more: this keeper has nothing newer.
    QCOMPARE(tokensAsked, 3);
    script(R"({"rules":[{)" + expired + "}]}");
    const int before = simulator.statistics().chatRequests;
    QCOMPARE(exchange("/v1/messages", anthropicBody(false)).status, 401);
    QCOMPARE(simulator.statistics().chatRequests - before, 2);
}

void TstGatewayCalls::tellsWhyThereIsNoToken_data()
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

void TstGatewayCalls::tellsWhyThereIsNoToken()
{
    QFETCH(int, code);
    QFETCH(QByteArray, part);
    token = Error {static_cast<Error::Code>(code), u"the reason"_s};
    const Answer anthropicAnswer = exchange("/v1/messages", anthropicBody(true));
    QTEST(anthropicAnswer.status, "status");
    QVERIFY2(anthropicAnswer.body.contains(part), anthropicAnswer.body.constData());
    QVERIFY(anthropicAnswer.body.startsWith(R"({"type":"error","error":{)"));
    const Answer openaiAnswer = exchange("/v1/chat/completions", openaiBody(false));
    QTEST(openaiAnswer.status, "status");
    QVERIFY2(openaiAnswer.body.startsWith(R"({"error":{)"), openaiAnswer.body.constData());
    if (code == int(Error::Code::RateLimited))
        QVERIFY(openaiAnswer.head.contains("retry-after: 60"));
}

void TstGatewayCalls::endsACallThatIsNeverAnswered()
{
    stopGateway();
    timing.upstream.firstByte = timing.upstream.firstByteMax = std::chrono::milliseconds(100);
    startGateway();
    script(R"({"rules":[{"steps":[{"hang":true}]}]})");
    const Answer messages = exchange("/v1/messages", anthropicBody(true));
    QCOMPARE(messages.status, 504);
    QVERIFY2(messages.body.startsWith(R"({"type":"error","error":{)"), messages.body.constData());
    QCOMPARE(exchange("/v1/chat/completions", openaiBody(false)).status, 504);
}

void TstGatewayCalls::pingsWhileNothingComes()
{
    stopGateway();
    timing.ping = std::chrono::milliseconds(60);
    startGateway();
    script(R"({"rules":[{"firstByteDelayMs":400,"steps":[{"text":"Good day."}]}]})");
    const Answer messages = exchange("/v1/messages", anthropicBody(true));
    QVERIFY(messages.body.startsWith("event: message_start"));
    const qsizetype ping = messages.body.indexOf("event: ping");
    QVERIFY2(ping > 0 && ping < messages.body.indexOf("Good day."), messages.body.constData());
    QVERIFY(exchange("/v1/chat/completions", openaiBody(true)).body.contains("\n: ping\n"));
    // The stream has begun with a ping: a retry is still allowed, and a failure comes as an event.
    script(
        R"({"rules":[{"times":1,"firstByteDelayMs":400,"httpError":{"status":500,"message":"x"}},)"
        R"({"steps":[{"text":"At last."}]}]})");
    const Answer retried = exchange("/v1/messages", anthropicBody(true));
    QVERIFY2(retried.body.contains("At last."), retried.body.constData());
    QCOMPARE(retried.body.count("event: message_start"), 1);
    script(R"({"rules":[{"firstByteDelayMs":400,"httpError":{"status":429,)"
           R"("reason":"USER_REQUEST_RATE_EXCEEDED","message":"x"}}]})");
    const Answer failed = exchange("/v1/messages", anthropicBody(true));
    QCOMPARE(failed.status, 200);
    QVERIFY2(failed.body.contains("event: error") && failed.body.contains("rate_limit_error"),
             failed.body.constData());
}

void TstGatewayCalls::pausesTheUpstreamOfASlowClient()
{
    // 40 MB at once, to a client that does not read: what is under way must stay bounded, so the
    // simulator cannot get rid of it.
    script(R"({"rules":[{"steps":[{"burst":{"text":")" + QByteArray(20'000, 'x')
           + R"(","count":2000,"intervalMs":1}}]}]})");
    QTcpSocket socket;
    socket.setReadBufferSize(16 * 1024);
    socket.connectToHost(u"127.0.0.1"_s, port);
    const QByteArray body = anthropicBody(true);
    socket.write(post("/v1/messages", body));
    QTRY_VERIFY(socket.bytesAvailable() > 0);
    QElapsedTimer clock;
    clock.start();
    // Sent in 2 s were it read; still running well after that, since nobody reads.
    QTRY_VERIFY_WITH_TIMEOUT(clock.elapsed() > 4000, 6000);
    QCOMPARE(simulator.statistics().activeStreams, 1);
    // And it goes on where it stopped.
    QByteArray tail;
    socket.setReadBufferSize(0);
    connect(&socket, &QTcpSocket::readyRead, &socket,
            [&] { tail = (tail + socket.readAll()).right(1000); });
    tail = socket.readAll();
    QTRY_VERIFY_WITH_TIMEOUT(tail.contains("message_stop"), 30'000);
}

void TstGatewayCalls::abortsTheUpstreamWhenTheClientGoes()
{
    script(R"({"rules":[{"steps":[{"burst":{"text":"tick ","count":100000,"intervalMs":10}}]}]})");
    const int before = simulator.statistics().chatAborted;
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, port);
    const QByteArray body = anthropicBody(true);
    socket.write(post("/v1/messages", body));
    QTRY_VERIFY(socket.bytesAvailable() > 1000);
    socket.abort();
    QTRY_COMPARE(simulator.statistics().chatAborted, before + 1);
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QCOMPARE(flows.front().outcome, u"client-gone"_s);
}

void TstGatewayCalls::translatesLargeBodiesElsewhere()
{
    script(R"({"rules":[{"steps":[{"text":"Good day."}]}]})");
    const QByteArray text(limits::PrepareInline + 1000, 'x');
    QVERIFY(exchange("/v1/messages", anthropicBody(false, text)).body.contains("Good day."));
    // The client goes while its body is being translated.
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, port);
    const QByteArray body = anthropicBody(true, QByteArray(8'000'000, 'y'));
    socket.write(post("/v1/messages", body));
    QTRY_VERIFY(!active.empty() && active.back() == 1);
    socket.abort();
    QTRY_COMPARE(active.back(), 0);
}

void TstGatewayCalls::stopsGracefully()
{
    script(R"({"rules":[{"steps":[{"burst":{"text":"tick ","count":10,"intervalMs":20}}]}]})");
    connect(gateway.get(), &GatewayThread::activeRequestsChanged, gateway.get(), [this](int count) {
        if (count == 1)
            gateway->stop();
    });
    const Answer answer = exchange("/v1/messages", anthropicBody(true));
    QVERIFY2(answer.body.contains("message_stop"), answer.body.constData());
    QTRY_COMPARE(stoppedCount, 1);
    QTcpSocket late;
    late.connectToHost(u"127.0.0.1"_s, port);
    QTRY_COMPARE(late.error(), QAbstractSocket::ConnectionRefusedError);
}

void TstGatewayCalls::survivesBeingDestroyedWhileBusy()
{
    script(R"({"rules":[{"steps":[{"burst":{"text":"tick ","count":100000,"intervalMs":1}}]}]})");
    for (int round = 0; round < 100; ++round) {
        QTcpSocket socket;
        socket.connectToHost(u"127.0.0.1"_s, port);
        const QByteArray body = anthropicBody(true, QByteArray(round % 2 == 0 ? 10 : 400'000, 'x'));
        socket.write(post("/v1/messages", body));
        if (round % 3 != 0)
            QTRY_VERIFY(socket.bytesAvailable() > 0);
        stopGateway();
        startGateway();
    }
}

QTEST_GUILESS_MAIN(TstGatewayCalls)
#include "tst_gatewaycalls.moc"
