// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/http/httpserver.h"
#include "tests/httptestclient.h"

#include <QSignalSpy>
#include <QTest>
#include <QTimer>

#include <deque>

using namespace kirotray;
using namespace std::chrono_literals;

namespace {

const QByteArray HttpGet = "GET /path?x=1 HTTP/1.1\r\nHost: a\r\n\r\n";

QByteArray postOf(const QByteArray &body, const QByteArray &fields = {})
{
    return "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: " + QByteArray::number(body.size())
        + "\r\n" + fields + "\r\n" + body;
}

HttpResponse responseOf(const QByteArray &body, int status = 200)
{
    HttpResponse response;
    response.status = status;
    response.headers.append("Content-Type", "application/json");
    response.body = body;
    return response;
}

QByteArray bodyOf(const HttpExchange &exchange)
{
    return QByteArray::fromStdString(exchange.request().body);
}

/// A server on a free port that keeps every exchange for the test to answer.
struct KeepingServer
{
    explicit KeepingServer(const HttpServerLimits &serverLimits = {})
        : server(std::make_unique<HttpServer>(serverLimits))
    {
        server->setHandler(
            [this](HttpExchange exchange) { exchanges.push_back(std::move(exchange)); });
        const Result<quint16> bound = server->listen(QHostAddress::LocalHost, 0);
        port = bound ? bound.value() : quint16(0);
    }
    /// Answers each request with its own path and body.
    void echo()
    {
        server->setHandler([](HttpExchange exchange) {
            exchange.respond(responseOf(exchange.request().head.path + ' ' + bodyOf(exchange)));
        });
    }
    HttpExchange take()
    {
        HttpExchange exchange = std::move(exchanges.front());
        exchanges.pop_front();
        return exchange;
    }

    std::deque<HttpExchange> exchanges; // destroyed after the server
    std::unique_ptr<HttpServer> server;
    quint16 port = 0;
};

/// Waits for the next answer; a macro, because it returns from the test when there is none.
#define NEXT_ANSWER(client, ...)                                                                   \
    answer.reset();                                                                                \
    QTRY_VERIFY(answer || (answer = (client).takeAnswer(__VA_ARGS__)))
#define TRY_ANSWER(client, ...)                                                                    \
    std::optional<WireAnswer> answer;                                                              \
    NEXT_ANSWER(client, __VA_ARGS__)

} // namespace

class TstHttpServer : public QObject
{
    Q_OBJECT
private slots:
    void requestReachesTheHandlerWhole();
    void wholeAnswerIsFramed();
    void framingAndUnsafeFieldsOfAnAnswerAreLeftOut();
    void keptConnectionServesManyRequests();
    void pipelinedRequestsAreAnsweredInOrderOneAtATime();
    void pipelinedFloodIsAnsweredCompletely();
    void pipelinedAnswersWaitForASlowReader();
    void bodiesArriveInAnyPieces_data();
    void bodiesArriveInAnyPieces();
    void continueIsSentWhenTheBodyIsWelcome();
    void continueIsNotSentToARefusedRequest_data();
    void continueIsNotSentToARefusedRequest();
    void headHasALengthAndNoBody();
    void optionsAndUnusualMethodsReachTheHandler();
    void noContentHasNoLength();
    void oldClientsAreClosedAfterTheAnswer();
    void oldClientsGetAStreamUntilTheEnd();
    void closeIsHonoured();
    void badRequestsGetTheRenderedErrorAndAreClosed_data();
    void badRequestsGetTheRenderedErrorAndAreClosed();
    void refusalIsReadableAfterAnUploadThatNobodyReads();
    void errorAfterHeadHasABody();
    void filterRefusesBeforeTheBody();
    void bodiesOfAllConnectionsAreBounded();
    void slowHeaderTimesOut();
    void slowBodyTimesOut();
    void idleConnectionIsClosedSilently();
    void streamIsChunked();
    void writesOfOneTurnLeaveTogether();
    void slowReaderIsReportedAndDrained();
    void readerWithoutProgressIsCut();
    void clientThatLeavesIsNoticed_data();
    void clientThatLeavesIsNoticed();
    void droppedExchangeAnswers500();
    void droppedStreamLooksIncomplete_data();
    void droppedStreamLooksIncomplete();
    void finishedExchangeTouchesNoLaterRequest();
    void eventsEndWithTheExchange();
    void answerMayEndWithinItsOwnSignal();
    void fullServerClosesAnIdleConnection();
    void fullServerAnswers503();
    void twoAddressesShareAPort();
    void takenPortIsAnError();
    void stopLetsRunningExchangesEnd();
    void stopCutsWhatIsLeftAfterTheGrace();
    void stopWithoutConnectionsReportsAtOnce();
    void serverListensAgainAfterStop();
    void busyServerMayBeDestroyed();
    void manyStreamsRunAtOnce();
};

void TstHttpServer::requestReachesTheHandlerWhole()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send("POST /a%20b?c=d%26&e=&f HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nContent-Length: 5\r\n"
                "\r\nhello");
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange exchange = kept.take();
    QCOMPARE(kept.server->activeExchanges(), 1);
    const HttpRequestHead &head = exchange.request().head;
    QCOMPARE(head.method, "POST");
    QCOMPARE(head.path, "/a%20b");
    QCOMPARE(queryValue(head.query, "c"), "d&");
    QVERIFY(!queryValue(head.query, "e").isNull() && queryValue(head.query, "e").isEmpty());
    QVERIFY(!queryValue(head.query, "f").isNull());
    QVERIFY(queryValue(head.query, "g").isNull());
    QCOMPARE(head.headers.value("x-ONE"), "1");
    QVERIFY(head.headers.value("x-two").isNull());
    QCOMPARE(head.contentLength, std::optional<qint64>(5));
    QCOMPARE(head.peer, QHostAddress(QHostAddress::LocalHost));
    const HttpRequest request = exchange.takeRequest();
    QCOMPARE(request.body, "hello");
    QVERIFY(exchange.request().body.empty() && exchange.request().head.path.isEmpty());
    exchange.respond(responseOf("{}"));
    QCOMPARE(kept.server->activeExchanges(), 0);
    TRY_ANSWER(client);
}

void TstHttpServer::wholeAnswerIsFramed()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    kept.take().respond(responseOf("{\"a\":1}", 429));
    QTRY_COMPARE(client.received(),
                 "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\n"
                 "Content-Length: 7\r\n\r\n{\"a\":1}");
    QCOMPARE(reasonPhrase(200), "OK");
    QCOMPARE(reasonPhrase(511), "Network Authentication Required");
    QCOMPARE(reasonPhrase(299), "Unknown");
    QCOMPARE(reasonPhrase(999), "Unknown");
}

void TstHttpServer::framingAndUnsafeFieldsOfAnAnswerAreLeftOut()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpResponse response = responseOf("ok");
    response.headers.append("content-length", "99");
    response.headers.append("Transfer-Encoding", "chunked");
    response.headers.append("X-Split", "a\r\nSet-Cookie: b");
    response.headers.append("X Bad", "c");
    response.headers.append("X-Good", "d");
    kept.take().respond(response);
    TRY_ANSWER(client);
    QCOMPARE(answer->head,
             "http/1.1 200 ok\r\ncontent-type: application/json\r\nx-good: d\r\n"
             "content-length: 2\r\n");
}

void TstHttpServer::keptConnectionServesManyRequests()
{
    KeepingServer kept;
    kept.echo();
    HttpTestClient client(kept.port);
    for (int i = 0; i < 50; ++i) {
        const QByteArray body = QByteArray(i * 100, 'b');
        client.send(postOf(body));
        TRY_ANSWER(client);
        QCOMPARE(answer->body, "/post " + body);
    }
    QCOMPARE(kept.server->connectionCount(), 1);
    QVERIFY(!client.isClosed());
}

void TstHttpServer::pipelinedRequestsAreAnsweredInOrderOneAtATime()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(postOf("1") + postOf("2") + HttpGet + postOf("4"));
    for (const QByteArray body : {"1", "2", "", "4"}) {
        QTRY_COMPARE(kept.exchanges.size(), size_t(1));
        QCOMPARE(kept.server->activeExchanges(), 1);
        QCOMPARE(bodyOf(kept.exchanges.front()), body);
        QVERIFY(!client.takeAnswer());
        kept.take().respond(responseOf("answer " + body));
        TRY_ANSWER(client);
        QCOMPARE(answer->body, "answer " + body);
    }
}

void TstHttpServer::pipelinedFloodIsAnsweredCompletely()
{
    // More than the connection and the socket's buffer hold: the rest waits in the kernel.
    constexpr int count = 3000;
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    QByteArray flood;
    for (int i = 0; i < count; ++i)
        flood += postOf(QByteArray::number(i), "X-Filler: " + QByteArray(200, 'f') + "\r\n");
    QVERIFY(flood.size() > 8 * limits::MaxPipelined);
    client.send(flood);
    HttpExchange first = kept.take();
    kept.echo();
    first.respond(responseOf("first"));
    for (int i = -1; i < count; ++i) {
        TRY_ANSWER(client);
        QCOMPARE(answer->body, i < 0 ? QByteArray("first") : "/post " + QByteArray::number(i));
    }
}

void TstHttpServer::pipelinedAnswersWaitForASlowReader()
{
    KeepingServer kept;
    int answered = 0;
    const QByteArray large(limits::MiB, 'l');
    kept.server->setHandler([&](HttpExchange exchange) {
        ++answered;
        exchange.respond(responseOf(large));
    });
    HttpTestClient client(kept.port);
    client.socket().setReadBufferSize(1024);
    constexpr int count = 40; // loopback sockets hold a few megabytes
    client.send(HttpGet.repeated(count));
    QSignalSpy readSpy(&client.socket(), &QTcpSocket::readyRead);
    QTRY_VERIFY(answered > 0 && !readSpy.isEmpty());
    // The echo of another connection proves that the server had time to go on.
    HttpTestClient other(kept.port);
    for (int i = 0; i < 3; ++i) {
        const int before = answered;
        other.send(HttpGet);
        TRY_ANSWER(other);
        QVERIFY(answered > before);
    }
    QVERIFY(answered < count);
    client.socket().setReadBufferSize(0);
    for (int i = 0; i < count; ++i) {
        TRY_ANSWER(client);
        QCOMPARE(answer->body.size(), large.size());
    }
}

void TstHttpServer::bodiesArriveInAnyPieces_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("body");
    const QByteArray start = "POST / HTTP/1.1\r\nHost: a\r\n";
    QTest::addRow("length") << postOf("hello") << QByteArray("hello");
    QTest::addRow("chunked") << start
            + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nA: b\r\n\r\n"
                             << QByteArray("hello");
    const QByteArray gzip =
        QByteArray::fromHex("1f8b08000000000002ffcb48cdc9c9070086a6103605000000");
    QTest::addRow("gzip") << postOf(gzip, "Content-Encoding: gzip\r\n") << QByteArray("hello");
    QTest::addRow("gzip in chunks")
        << start + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
            + QByteArray::number(gzip.size(), 16) + "\r\n" + gzip + "\r\n0\r\n\r\n"
        << QByteArray("hello");
}

void TstHttpServer::bodiesArriveInAnyPieces()
{
    QFETCH(const QByteArray, input);
    QFETCH(const QByteArray, body);
    KeepingServer kept;
    HttpTestClient client(kept.port);
    QTRY_COMPARE(client.socket().state(), QAbstractSocket::ConnectedState);
    client.socket().setSocketOption(QAbstractSocket::LowDelayOption, 1);
    client.send(input); // whole
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    QCOMPARE(bodyOf(kept.exchanges.front()), body);
    kept.take().respond(responseOf("{}"));
    for (const char byte : input) { // one byte at a time
        client.socket().write(&byte, 1);
        QTRY_COMPARE(client.socket().bytesToWrite(), 0);
    }
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    QCOMPARE(bodyOf(kept.exchanges.front()), body);
}

void TstHttpServer::continueIsSentWhenTheBodyIsWelcome()
{
    KeepingServer kept;
    kept.echo();
    HttpTestClient client(kept.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
    QTRY_COMPARE(client.received(), "HTTP/1.1 100 Continue\r\n\r\n");
    QVERIFY(client.takeAnswer());
    client.send("ok");
    TRY_ANSWER(client);
    QCOMPARE(answer->body, "/ ok");
    // HTTP/1.0 knows no 100.
    HttpTestClient old(kept.port);
    old.send("POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nok");
    QTRY_VERIFY(old.received().startsWith("HTTP/1.1 200 "));
}

void TstHttpServer::continueIsNotSentToARefusedRequest_data()
{
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<int>("status");
    QTest::addRow("too large") << QByteArray("Content-Length: 60000000\r\nExpect: 100-continue\r\n")
                               << 413;
    QTest::addRow("unknown coding")
        << QByteArray("Content-Length: 6\r\nContent-Encoding: br\r\nExpect: 100-continue\r\n")
        << 415;
    QTest::addRow("refused by the filter")
        << QByteArray("Content-Length: 6\r\nX-Refuse: 1\r\nExpect: 100-continue\r\n") << 401;
    QTest::addRow("unknown expectation")
        << QByteArray("Content-Length: 6\r\nExpect: tea\r\n") << 417;
}

void TstHttpServer::continueIsNotSentToARefusedRequest()
{
    QFETCH(const QByteArray, fields);
    QFETCH(const int, status);
    KeepingServer kept;
    kept.server->setHeadFilter([](const HttpRequestHead &head) -> std::optional<HttpResponse> {
        if (head.headers.contains("x-refuse"))
            return responseOf("no", 401);
        return {};
    });
    HttpTestClient client(kept.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
    TRY_ANSWER(client);
    QCOMPARE(answer->status, status);
    QVERIFY(answer->hasLine("connection: close"));
    QTRY_VERIFY(client.isClosed());
    QVERIFY(kept.exchanges.empty());
}

void TstHttpServer::headHasALengthAndNoBody()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    kept.take().respond(responseOf("12345"));
    TRY_ANSWER(client, true);
    QVERIFY(answer->hasLine("content-length: 5"));
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    kept.take().respond(responseOf("next"));
    NEXT_ANSWER(client);
    QCOMPARE(answer->body, "next");
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange stream = kept.take();
    stream.beginStream(200, {});
    stream.write("not sent");
    stream.end();
    NEXT_ANSWER(client, true);
    QVERIFY(answer->hasLine("transfer-encoding: chunked"));
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    kept.take().respond(responseOf("next"));
    NEXT_ANSWER(client);
    QCOMPARE(answer->body, "next");
}

void TstHttpServer::optionsAndUnusualMethodsReachTheHandler()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    for (const QByteArray line : {"OPTIONS *", "OPTIONS /v1", "PURGE /", "TRACE /", "M-SEARCH /"}) {
        client.send(line + " HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n");
        QTRY_COMPARE(kept.exchanges.size(), size_t(1));
        const HttpRequestHead head = kept.exchanges.front().request().head;
        QCOMPARE(head.method + ' ' + head.path, line);
        kept.take().respond(responseOf({}, 405));
        TRY_ANSWER(client);
        QCOMPARE(answer->status, 405);
        QVERIFY(answer->hasLine("content-length: 0"));
    }
}

void TstHttpServer::noContentHasNoLength()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet + HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    kept.take().respond(responseOf("left out", 204));
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange stream = kept.take();
    stream.beginStream(204, {});
    stream.write("left out");
    stream.end();
    QTRY_COMPARE(client.received(),
                 "HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\n\r\n"
                 "HTTP/1.1 204 No Content\r\n\r\n");
    QVERIFY(!client.isClosed());
}

void TstHttpServer::oldClientsAreClosedAfterTheAnswer()
{
    KeepingServer kept;
    kept.echo();
    HttpTestClient client(kept.port);
    client.send("GET /old HTTP/1.0\r\n\r\n");
    TRY_ANSWER(client);
    QCOMPARE(answer->body, "/old ");
    QVERIFY(answer->hasLine("connection: close"));
    QTRY_VERIFY(client.isClosed());
    HttpTestClient keeping(kept.port);
    for (int i = 0; i < 2; ++i) {
        keeping.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        NEXT_ANSWER(keeping);
        QVERIFY(answer->hasLine("connection: keep-alive"));
    }
}

void TstHttpServer::oldClientsGetAStreamUntilTheEnd()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange exchange = kept.take();
    exchange.beginStream(200, {});
    exchange.write("one");
    exchange.write("two");
    exchange.end();
    QTRY_VERIFY(client.isClosed());
    QCOMPARE(client.received(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwo");
}

void TstHttpServer::closeIsHonoured()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    const QByteArray large(4 * limits::MiB, 'x'); // leaves in many writes
    kept.take().respond(responseOf(large));
    QTRY_VERIFY(client.isClosed());
    const std::optional<WireAnswer> answer = client.takeAnswer();
    QVERIFY(answer);
    QCOMPARE(answer->body.size(), large.size());
    QVERIFY(answer->hasLine("connection: close"));
    QVERIFY(kept.exchanges.empty()); // the second request is not answered
}

void TstHttpServer::badRequestsGetTheRenderedErrorAndAreClosed_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("path");
    const QByteArray start = "POST /v1/messages HTTP/1.1\r\nHost: a\r\n";
    const QByteArray path = "/v1/messages";
    QTest::addRow("not HTTP") << QByteArray("hello\r\n") << 400 << QByteArray();
    QTest::addRow("two lengths") << start + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"
                                 << 400 << path;
    QTest::addRow("long line") << "GET /" + QByteArray(limits::MaxRequestLine, 'a') << 414
                               << QByteArray();
    QTest::addRow("300 headers") << start + QByteArray("A: b\r\n").repeated(300) + "\r\n"
                                 << 431 << path;
    QTest::addRow("60 MB announced") << start + "Content-Length: 60000000\r\n\r\n" << 413 << path;
    QTest::addRow("60 MB in chunks")
        << start + "Transfer-Encoding: chunked\r\n\r\n3938700\r\n" + QByteArray(60'000'000, 'a')
        << 413 << path;
    QTest::addRow("unknown coding") << start + "Content-Encoding: br\r\nContent-Length: 1\r\n\r\n"
                                    << 415 << path;
    QTest::addRow("not gzip") << start + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"
                              << 400 << path;
    QTest::addRow("truncated gzip")
        << start + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b" << 400 << path;
    QTest::addRow("bad chunk") << start + "Transfer-Encoding: chunked\r\n\r\nx\r\n" << 400 << path;
}

void TstHttpServer::badRequestsGetTheRenderedErrorAndAreClosed()
{
    QFETCH(const QByteArray, input);
    QFETCH(const int, status);
    QFETCH(const QByteArray, path);
    KeepingServer kept;
    QHostAddress peer;
    kept.server->setErrorRenderer(
        [&peer](const HttpRequestHead &head, int code, const QByteArray &message) {
            peer = head.peer;
            return responseOf(head.path + '|' + message, code);
        });
    HttpTestClient client(kept.port);
    client.send(input);
    TRY_ANSWER(client);
    QCOMPARE(answer->status, status);
    QVERIFY(answer->hasLine("connection: close"));
    QCOMPARE(answer->body.left(answer->body.indexOf('|')), path);
    QVERIFY(answer->body.size() > path.size() + 1);
    QCOMPARE(peer, QHostAddress(QHostAddress::LocalHost));
    QTRY_VERIFY(client.isClosed());
    QVERIFY(kept.exchanges.empty());
    QTRY_COMPARE(kept.server->connectionCount(), 0);
}

void TstHttpServer::refusalIsReadableAfterAnUploadThatNobodyReads()
{
    // A close with unread input would reset the connection and lose the answer.
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.socket().setReadBufferSize(1); // as a client that first sends everything
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\n\r\n");
    client.send(QByteArray(60'000'000, 'a'));
    QTRY_COMPARE_WITH_TIMEOUT(client.socket().bytesToWrite(), 0, 20000);
    client.socket().setReadBufferSize(0);
    TRY_ANSWER(client);
    QCOMPARE(answer->status, 413);
}

void TstHttpServer::errorAfterHeadHasABody()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    kept.take().respond(responseOf("x"));
    TRY_ANSWER(client, true);
    client.send("nonsense\r\n");
    NEXT_ANSWER(client);
    QCOMPARE(answer->status, 400);
    QVERIFY(!answer->body.isEmpty());
}

void TstHttpServer::filterRefusesBeforeTheBody()
{
    KeepingServer kept;
    kept.server->setHeadFilter([](const HttpRequestHead &head) -> std::optional<HttpResponse> {
        if (head.headers.value("authorization") == "good" && !head.peer.isNull())
            return {};
        return responseOf("who", 401);
    });
    HttpTestClient client(kept.port);
    client.send(HttpGet); // no body: the connection is good for another try
    TRY_ANSWER(client);
    QCOMPARE(answer->status, 401);
    QVERIFY(!answer->hasLine("connection: close"));
    client.send(HttpGet + postOf("hello", "Authorization: good\r\n"));
    NEXT_ANSWER(client);
    QCOMPARE(answer->status, 401);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    kept.take().respond(responseOf("in"));
    NEXT_ANSWER(client);
    QCOMPARE(answer->body, "in");
    client.send(postOf("hello")); // with a body it is closed
    NEXT_ANSWER(client);
    QCOMPARE(answer->status, 401);
    QVERIFY(answer->hasLine("connection: close"));
    QTRY_VERIFY(client.isClosed());
}

void TstHttpServer::bodiesOfAllConnectionsAreBounded()
{
    HttpServerLimits serverLimits;
    serverLimits.maxBodiesTotal = 1000;
    KeepingServer kept(serverLimits);
    HttpTestClient first(kept.port);
    first.send(postOf(QByteArray(800, 'a')));
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    for (const QByteArray fields :
         {"Content-Length: 800\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n320\r\n"}) {
        HttpTestClient second(kept.port);
        second.send("POST / HTTP/1.1\r\nHost: a\r\n" + fields + QByteArray(800, 'b'));
        TRY_ANSWER(second);
        QCOMPARE(answer->status, 503);
    }
    HttpTestClient small(kept.port);
    small.send(postOf(QByteArray(200, 'a')));
    QTRY_COMPARE(kept.exchanges.size(), size_t(2));
    HttpExchange answering = kept.take();
    answering.beginStream(200, {}); // from here on its body counts no more
    HttpTestClient third(kept.port);
    third.send(postOf(QByteArray(800, 'c')));
    QTRY_COMPARE(kept.exchanges.size(), size_t(2));
    kept.exchanges.clear();
    HttpTestClient fourth(kept.port);
    fourth.send(postOf(QByteArray(1000, 'd')));
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
}

void TstHttpServer::slowHeaderTimesOut()
{
    HttpServerLimits serverLimits;
    serverLimits.headerTimeout = 100ms;
    KeepingServer kept(serverLimits);
    HttpTestClient client(kept.port);
    client.send("GET / HTTP/1.1\r\nHost");
    TRY_ANSWER(client);
    QCOMPARE(answer->status, 408);
    QTRY_VERIFY(client.isClosed());
    // A byte now and then does not help.
    HttpTestClient dripping(kept.port);
    QTimer drip;
    drip.callOnTimeout(&drip, [&dripping] { dripping.send("G"); });
    dripping.send("GET /");
    drip.start(20ms);
    NEXT_ANSWER(dripping);
    QCOMPARE(answer->status, 408);
}

void TstHttpServer::slowBodyTimesOut()
{
    HttpServerLimits serverLimits;
    serverLimits.bodyIdleTimeout = 100ms;
    KeepingServer kept(serverLimits);
    HttpTestClient client(kept.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
    TRY_ANSWER(client);
    QCOMPARE(answer->status, 408);
    QTRY_VERIFY(client.isClosed());
    QVERIFY(kept.exchanges.empty());
}

void TstHttpServer::idleConnectionIsClosedSilently()
{
    HttpServerLimits serverLimits;
    serverLimits.keepAliveTimeout = 100ms;
    KeepingServer kept(serverLimits);
    HttpTestClient fresh(kept.port);
    HttpTestClient used(kept.port);
    used.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    QTRY_VERIFY(fresh.isClosed()); // while the other one waits for its answer
    QCOMPARE(fresh.received(), QByteArray());
    QVERIFY(!used.isClosed());
    kept.take().respond(responseOf("late"));
    QTRY_VERIFY(used.isClosed());
    QVERIFY(used.takeAnswer());
    QCOMPARE(used.received(), QByteArray());
}

void TstHttpServer::streamIsChunked()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet + HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange exchange = kept.take();
    QVERIFY(exchange.isOpen());
    QVERIFY(!exchange.isStreaming());
    exchange.write("before the beginning"); // ignored
    exchange.end();
    HttpHeaders headers;
    headers.append("Content-Type", "text/event-stream");
    exchange.beginStream(200, headers);
    QVERIFY(exchange.isStreaming());
    const QByteArray head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n";
    QTRY_COMPARE(client.received(), head);
    exchange.write("data: 1\n\n");
    QTRY_COMPARE(client.received(), head + "9\r\ndata: 1\n\n\r\n");
    exchange.write({}); // an empty chunk would be the end
    exchange.respond(responseOf("too late", 500)); // ignored
    exchange.write(QByteArray(20, 'x'));
    exchange.end();
    QVERIFY(!exchange.isOpen());
    QVERIFY(!exchange.isStreaming());
    exchange.write("after the end");
    TRY_ANSWER(client);
    QCOMPARE(answer->body, "data: 1\n\n" + QByteArray(20, 'x'));
    QTRY_COMPARE(kept.exchanges.size(), size_t(1)); // the pipelined one
}

void TstHttpServer::writesOfOneTurnLeaveTogether()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange exchange = kept.take();
    exchange.beginStream(200, {});
    QTRY_COMPARE(exchange.unsentBytes(), 0);
    QTRY_VERIFY(client.received().endsWith("\r\n\r\n"));
    const qsizetype before = client.received().size();
    QSignalSpy readSpy(&client.socket(), &QTcpSocket::readyRead);
    for (int i = 0; i < 200; ++i)
        exchange.write("data: some event\n\n");
    QCOMPARE(exchange.unsentBytes(), 200 * 24);
    QTRY_COMPARE(client.received().size() - before, 200 * 24);
    QCOMPARE(readSpy.size(), 1); // one segment: one write
    QCOMPARE(exchange.unsentBytes(), 0);
}

void TstHttpServer::slowReaderIsReportedAndDrained()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.socket().setReadBufferSize(4096);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange exchange = kept.take();
    exchange.beginStream(200, {});
    QSignalSpy drainedSpy(exchange.events(), &HttpExchangeEvents::drained);
    QSignalSpy goneSpy(exchange.events(), &HttpExchangeEvents::clientGone);
    const QByteArray piece(64 * limits::KiB, 'p');
    qint64 written = 0;
    int quiet = 0; // turns without room, in a row
    QTimer writer;
    writer.callOnTimeout(&writer, [&] {
        const bool hasRoom = exchange.unsentBytes() <= limits::ClientBacklogHigh;
        if (hasRoom) {
            exchange.write(piece);
            written += piece.size();
        }
        quiet = hasRoom ? 0 : quiet + 1;
    });
    writer.start(1ms);
    // The kernel's buffers fill first; then what is unsent stays.
    QTRY_VERIFY(quiet >= 20);
    writer.stop();
    QVERIFY(exchange.unsentBytes() > limits::ClientBacklogHigh);
    QVERIFY(exchange.unsentBytes() < limits::ClientBacklogHigh + 2 * piece.size());
    drainedSpy.clear();
    client.socket().setReadBufferSize(0);
    QTRY_VERIFY((client.received(), drainedSpy.size() == 1));
    QVERIFY(exchange.unsentBytes() < limits::ClientBacklogLow);
    QVERIFY(goneSpy.isEmpty());
    exchange.end();
    TRY_ANSWER(client);
    QCOMPARE(answer->body.size(), written);
    QCOMPARE(drainedSpy.size(), 1);
}

void TstHttpServer::readerWithoutProgressIsCut()
{
    HttpServerLimits serverLimits;
    serverLimits.stallTimeout = 150ms;
    KeepingServer kept(serverLimits);
    HttpTestClient client(kept.port);
    client.socket().setReadBufferSize(4096);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange exchange = kept.take();
    exchange.beginStream(200, {});
    QSignalSpy goneSpy(exchange.events(), &HttpExchangeEvents::clientGone);
    exchange.write(QByteArray(64 * limits::MiB, 'p'));
    QTRY_COMPARE(goneSpy.size(), 1);
    QVERIFY(!exchange.isOpen());
    QTRY_COMPARE(kept.server->connectionCount(), 0);
    // The same when the answer is complete and only its delivery hangs.
    HttpTestClient second(kept.port);
    second.socket().setReadBufferSize(4096);
    second.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    kept.take().respond(responseOf(QByteArray(64 * limits::MiB, 'p')));
    QTRY_COMPARE(kept.server->connectionCount(), 0);
}

void TstHttpServer::clientThatLeavesIsNoticed_data()
{
    QTest::addColumn<bool>("isStreaming");
    QTest::addColumn<QByteArray>("behind");
    QTest::addColumn<bool>("isReset");
    QTest::addRow("before the answer") << false << QByteArray() << false;
    QTest::addRow("reset before the answer") << false << QByteArray() << true;
    QTest::addRow("within a stream") << true << QByteArray() << false;
    QTest::addRow("reset within a stream") << true << QByteArray() << true;
    QTest::addRow("with pipelined requests waiting") << true << HttpGet.repeated(100) << false;
}

void TstHttpServer::clientThatLeavesIsNoticed()
{
    QFETCH(const bool, isStreaming);
    QFETCH(const QByteArray, behind);
    QFETCH(const bool, isReset);
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet + behind);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange exchange = kept.take();
    if (isStreaming) {
        exchange.beginStream(200, {});
        QTRY_VERIFY(client.received().endsWith("\r\n\r\n"));
    }
    QPointer<HttpExchangeEvents> events = exchange.events();
    QSignalSpy goneSpy(events, &HttpExchangeEvents::clientGone);
    if (isReset)
        client.socket().abort();
    else
        client.socket().disconnectFromHost();
    QTRY_COMPARE(goneSpy.size(), 1); // nothing is written meanwhile
    QVERIFY(!exchange.isOpen());
    QVERIFY(!exchange.events());
    QCOMPARE(exchange.unsentBytes(), 0);
    exchange.beginStream(200, {});
    exchange.write("nobody");
    exchange.respond(responseOf("nobody"));
    exchange.end();
    exchange.abort();
    QCOMPARE(kept.server->activeExchanges(), 0);
    QTRY_COMPARE(kept.server->connectionCount(), 0);
    QTRY_VERIFY(!events);
    QCOMPARE(goneSpy.size(), 1);
    QVERIFY(kept.exchanges.empty());
}

void TstHttpServer::droppedExchangeAnswers500()
{
    KeepingServer kept;
    kept.server->setErrorRenderer([](const HttpRequestHead &head, int code, const QByteArray &) {
        return responseOf(head.method + ' ' + head.path, code);
    });
    HttpTestClient client(kept.port);
    client.send(postOf("1"));
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    {
        HttpExchange exchange = kept.take();
        exchange.takeRequest();
    }
    TRY_ANSWER(client);
    QCOMPARE(answer->status, 500);
    QCOMPARE(answer->body, "POST /post");
    QVERIFY(!answer->hasLine("connection: close"));
    client.send(HttpGet + HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    kept.exchanges.front() = HttpExchange(); // assignment drops as well
    NEXT_ANSWER(client);
    QCOMPARE(answer->status, 500);
    kept.exchanges.clear();
    kept.server->setHandler({});
    NEXT_ANSWER(client);
    QCOMPARE(answer->status, 500);
}

void TstHttpServer::droppedStreamLooksIncomplete_data()
{
    QTest::addColumn<bool>("isAborted");
    QTest::addRow("dropped") << false;
    QTest::addRow("aborted") << true;
}

void TstHttpServer::droppedStreamLooksIncomplete()
{
    QFETCH(const bool, isAborted);
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    {
        HttpExchange exchange = kept.take();
        exchange.beginStream(200, {});
        exchange.write("part");
        if (isAborted)
            exchange.abort();
        QVERIFY(exchange.isOpen() != isAborted);
    }
    QTRY_VERIFY(client.isClosed());
    QVERIFY(client.received().endsWith("4\r\npart\r\n"));
    QVERIFY(!client.takeAnswer());
    QTRY_COMPARE(kept.server->connectionCount(), 0);
}

void TstHttpServer::finishedExchangeTouchesNoLaterRequest()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet + HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange first = kept.take();
    first.respond(responseOf("first"));
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    QVERIFY(!first.isOpen());
    first.respond(responseOf("again"));
    first.beginStream(200, {});
    first.abort();
    first = HttpExchange();
    HttpExchange moved = std::move(kept.exchanges.front());
    kept.exchanges.clear(); // what was moved from has nothing to drop
    QVERIFY(moved.isOpen());
    QCOMPARE(moved.request().head.path, "/path");
    moved.respond(responseOf("second"));
    TRY_ANSWER(client);
    QCOMPARE(answer->body, "first");
    NEXT_ANSWER(client);
    QCOMPARE(answer->body, "second");
    QCOMPARE(client.received(), QByteArray());
}

void TstHttpServer::eventsEndWithTheExchange()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange exchange = kept.take();
    QPointer<HttpExchangeEvents> events = exchange.events();
    QVERIFY(events);
    QCOMPARE(exchange.events(), events.data());
    QSignalSpy goneSpy(events, &HttpExchangeEvents::clientGone);
    exchange.respond(responseOf("ok"));
    QVERIFY(!exchange.events());
    QTRY_VERIFY(!events);
    client.socket().abort();
    QTRY_COMPARE(kept.server->connectionCount(), 0);
    QVERIFY(goneSpy.isEmpty());
    QVERIFY(!HttpExchange().events());
}

void TstHttpServer::answerMayEndWithinItsOwnSignal()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    auto exchange = std::make_unique<HttpExchange>(kept.take());
    exchange->beginStream(200, {});
    connect(exchange->events(), &HttpExchangeEvents::drained, this, [&exchange] {
        exchange->end();
        exchange.reset();
    });
    exchange->write(QByteArray(4 * limits::MiB, 'x'));
    TRY_ANSWER(client);
    QVERIFY(!exchange);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    exchange = std::make_unique<HttpExchange>(kept.take());
    connect(exchange->events(), &HttpExchangeEvents::clientGone, this,
            [&exchange] { exchange.reset(); });
    client.socket().abort();
    QTRY_VERIFY(!exchange);
}

void TstHttpServer::fullServerClosesAnIdleConnection()
{
    HttpServerLimits serverLimits;
    serverLimits.maxConnections = 2;
    KeepingServer kept(serverLimits);
    HttpTestClient busy(kept.port);
    busy.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpTestClient idle(kept.port);
    QTRY_COMPARE(kept.server->connectionCount(), 2);
    HttpTestClient third(kept.port);
    third.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(2));
    QTRY_VERIFY(idle.isClosed());
    kept.take().respond(responseOf("busy"));
    TRY_ANSWER(busy);
    QCOMPARE(answer->body, "busy");
}

void TstHttpServer::fullServerAnswers503()
{
    HttpServerLimits serverLimits;
    serverLimits.maxConnections = 2;
    KeepingServer kept(serverLimits);
    HttpTestClient first(kept.port);
    HttpTestClient second(kept.port);
    first.send(HttpGet);
    second.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(2));
    HttpTestClient third(kept.port);
    third.send(HttpGet);
    TRY_ANSWER(third);
    QCOMPARE(answer->status, 503);
    QTRY_VERIFY(third.isClosed());
    QCOMPARE(kept.exchanges.size(), size_t(2));
    // Far too many are not even answered; memory stays bounded.
    std::deque<HttpTestClient> crowd;
    for (int i = 0; i < 3 * limits::MaxRefusals; ++i)
        crowd.emplace_back(kept.port);
    int most = 0;
    const auto allClosed = [&] {
        most = std::max(most, kept.server->connectionCount());
        return std::ranges::all_of(crowd, [](const HttpTestClient &one) { return one.isClosed(); });
    };
    QTRY_VERIFY(allClosed());
    QVERIFY(most <= serverLimits.maxConnections + limits::MaxRefusals);
    kept.exchanges.clear(); // both are answered with 500 and stay, idle
    NEXT_ANSWER(first);
    NEXT_ANSWER(second);
    HttpTestClient fourth(kept.port);
    fourth.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
}

void TstHttpServer::twoAddressesShareAPort()
{
    KeepingServer kept;
    kept.echo();
    const Result<quint16> second = kept.server->listen(QHostAddress::LocalHostIPv6, kept.port);
    if (!second)
        QSKIP("This machine has no IPv6 loopback");
    QCOMPARE(second.value(), kept.port);
    for (const auto address : {QHostAddress::LocalHost, QHostAddress::LocalHostIPv6}) {
        HttpTestClient client(kept.port, QHostAddress(address));
        client.send(HttpGet);
        TRY_ANSWER(client);
        QCOMPARE(answer->status, 200);
    }
}

void TstHttpServer::takenPortIsAnError()
{
    KeepingServer kept;
    HttpServer other;
    const Result<quint16> bound = other.listen(QHostAddress::LocalHost, kept.port);
    QVERIFY(!bound);
    QCOMPARE(bound.error().code, Error::Code::Network);
    QVERIFY(!bound.error().what.isEmpty());
    QVERIFY(!other.isListening());
    QVERIFY(kept.server->isListening());
}

void TstHttpServer::stopLetsRunningExchangesEnd()
{
    KeepingServer kept;
    HttpTestClient idle(kept.port);
    HttpTestClient half(kept.port);
    half.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhal");
    HttpTestClient whole(kept.port);
    whole.send(HttpGet + HttpGet);
    HttpTestClient streaming(kept.port);
    streaming.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(2));
    QTRY_COMPARE(kept.server->connectionCount(), 4);
    HttpExchange first = kept.take();
    HttpExchange second = kept.take();
    first.beginStream(200, {});
    QSignalSpy stoppedSpy(kept.server.get(), &HttpServer::stopped);
    kept.server->stop(1h);
    QVERIFY(!kept.server->isListening());
    QCOMPARE(kept.server->activeExchanges(), 2);
    QTRY_VERIFY(idle.isClosed());
    TRY_ANSWER(half);
    QCOMPARE(answer->status, 503);
    HttpTestClient late(kept.port);
    QTRY_COMPARE(late.socket().error(), QAbstractSocket::ConnectionRefusedError);
    first.write("still ");
    first.write("here");
    second.respond(responseOf("answered"));
    first.end();
    QVERIFY(stoppedSpy.isEmpty());
    QTRY_COMPARE(stoppedSpy.size(), 1);
    QCOMPARE(kept.server->connectionCount(), 0);
    QTRY_VERIFY(whole.isClosed() && streaming.isClosed());
    const auto wholeAnswer = whole.takeAnswer();
    const auto streamAnswer = streaming.takeAnswer();
    QVERIFY(wholeAnswer && streamAnswer);
    // Whose exchange came first is not said.
    QVERIFY(wholeAnswer->body == "answered" ? streamAnswer->body == "still here"
                                            : wholeAnswer->body == "still here");
    QVERIFY(kept.exchanges.empty()); // the pipelined one was not begun
}

void TstHttpServer::stopCutsWhatIsLeftAfterTheGrace()
{
    KeepingServer kept;
    HttpTestClient client(kept.port);
    client.send(HttpGet);
    QTRY_COMPARE(kept.exchanges.size(), size_t(1));
    HttpExchange exchange = kept.take();
    exchange.beginStream(200, {});
    QTRY_VERIFY(!client.received().isEmpty());
    QSignalSpy goneSpy(exchange.events(), &HttpExchangeEvents::clientGone);
    QSignalSpy stoppedSpy(kept.server.get(), &HttpServer::stopped);
    kept.server->stop(50ms);
    QTRY_COMPARE(stoppedSpy.size(), 1);
    QCOMPARE(goneSpy.size(), 1);
    QVERIFY(!exchange.isOpen());
    QTRY_VERIFY(client.isClosed());
    QVERIFY(!client.takeAnswer());
}

void TstHttpServer::stopWithoutConnectionsReportsAtOnce()
{
    KeepingServer kept;
    QSignalSpy stoppedSpy(kept.server.get(), &HttpServer::stopped);
    kept.server->stop(1h);
    QVERIFY(stoppedSpy.isEmpty()); // never before stop() has returned
    QTRY_COMPARE(stoppedSpy.size(), 1);
    kept.server->stop(1h);
    QTRY_COMPARE(stoppedSpy.size(), 2);
}

void TstHttpServer::serverListensAgainAfterStop()
{
    KeepingServer kept;
    kept.echo();
    QSignalSpy stoppedSpy(kept.server.get(), &HttpServer::stopped);
    kept.server->stop(1h);
    QVERIFY(!kept.server->listen(QHostAddress::LocalHost, 0)); // not yet
    QTRY_COMPARE(stoppedSpy.size(), 1);
    const Result<quint16> again = kept.server->listen(QHostAddress::LocalHost, kept.port);
    QVERIFY(again);
    HttpTestClient client(again.value());
    client.send(HttpGet + HttpGet);
    for (int i = 0; i < 2; ++i) {
        TRY_ANSWER(client);
        QCOMPARE(answer->status, 200);
    }
}

void TstHttpServer::busyServerMayBeDestroyed()
{
    KeepingServer kept;
    std::deque<HttpTestClient> clients;
    for (const QByteArray &bytes :
         {HttpGet, HttpGet, HttpGet, QByteArray("GET"), QByteArray(), postOf("abc").chopped(1)}) {
        clients.emplace_back(kept.port);
        clients.back().send(bytes);
    }
    QTRY_COMPARE(kept.exchanges.size(), size_t(3));
    QTRY_COMPARE(kept.server->connectionCount(), 6);
    kept.exchanges[0].beginStream(200, {});
    kept.exchanges[1].beginStream(200, {});
    kept.exchanges[1].write(QByteArray(limits::MiB, 'x'));
    QPointer<HttpExchangeEvents> events = kept.exchanges[0].events();
    kept.server.reset();
    QVERIFY(!events);
    for (HttpExchange &exchange : kept.exchanges) {
        QVERIFY(!exchange.isOpen());
        exchange.write("nobody");
        exchange.respond(responseOf("nobody"));
    }
    kept.exchanges.clear();
    for (HttpTestClient &client : clients)
        QTRY_VERIFY(client.isClosed());
}

void TstHttpServer::manyStreamsRunAtOnce()
{
    constexpr int count = 300; // two descriptors each, and 1,024 are the usual bound
    KeepingServer kept;
    std::deque<HttpTestClient> clients;
    for (int i = 0; i < count; ++i) {
        clients.emplace_back(kept.port);
        clients.back().send(postOf(QByteArray::number(i)));
    }
    QTRY_COMPARE(kept.exchanges.size(), size_t(count));
    QCOMPARE(kept.server->activeExchanges(), count);
    for (HttpExchange &exchange : kept.exchanges)
        exchange.beginStream(200, {});
    for (int event = 0; event < 10; ++event) {
        for (HttpExchange &exchange : kept.exchanges)
            exchange.write(bodyOf(exchange) + ' ');
        QTRY_COMPARE(clients.back().received().count("299 \r\n"), event + 1);
    }
    for (HttpExchange &exchange : kept.exchanges)
        exchange.end();
    for (int i = 0; i < count; ++i) {
        TRY_ANSWER(clients[static_cast<size_t>(i)]);
        QCOMPARE(answer->body, (QByteArray::number(i) + ' ').repeated(10));
    }
}

QTEST_GUILESS_MAIN(TstHttpServer)
#include "tst_httpserver.moc"
