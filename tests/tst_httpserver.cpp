// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "tests/keepingserver.h"

#include <QPointer>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

using namespace kirotray;
using namespace std::chrono_literals;

class TstHttpServer : public QObject
{
    Q_OBJECT
private slots:
    void requestReachesTheHandlerWhole();
    void keptConnectionServesManyRequests();
    void pipelinedRequestsAreAnsweredInOrderOneAtATime();
    void pipelinedFloodIsAnsweredCompletely();
    void pipelinedAnswersWaitForASlowReader();
    void bodiesArriveInAnyPieces_data();
    void bodiesArriveInAnyPieces();
    void continueIsSentWhenTheBodyIsWelcome();
    void continueIsNotSentToARefusedRequest_data();
    void continueIsNotSentToARefusedRequest();
    void optionsAndUnusualMethodsReachTheHandler();
    void badRequestsGetTheRenderedErrorAndAreClosed_data();
    void badRequestsGetTheRenderedErrorAndAreClosed();
    void refusalIsReadableAfterAnUploadThatNobodyReads();
    void errorAfterHeadHasABody();
    void filterRefusesBeforeTheBody();
    void bodiesOfAllConnectionsAreBounded();
    void slowHeaderTimesOut();
    void slowBodyTimesOut();
    void idleConnectionIsClosedSilently();
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

QTEST_GUILESS_MAIN(TstHttpServer)
#include "tst_httpserver.moc"
