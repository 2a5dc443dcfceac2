// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "tests/keepingserver.h"

#include <QPointer>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

using namespace kirotray;
using namespace std::chrono_literals;

class TstHttpExchange : public QObject
{
    Q_OBJECT
private slots:
    void wholeAnswerIsFramed();
    void framingAndUnsafeFieldsOfAnAnswerAreLeftOut();
    void headHasALengthAndNoBody();
    void noContentHasNoLength();
    void oldClientsAreClosedAfterTheAnswer();
    void oldClientsGetAStreamUntilTheEnd();
    void closeIsHonoured();
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
    void manyStreamsRunAtOnce();
};

void TstHttpExchange::wholeAnswerIsFramed()
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

void TstHttpExchange::framingAndUnsafeFieldsOfAnAnswerAreLeftOut()
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

void TstHttpExchange::headHasALengthAndNoBody()
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

void TstHttpExchange::noContentHasNoLength()
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

void TstHttpExchange::oldClientsAreClosedAfterTheAnswer()
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

void TstHttpExchange::oldClientsGetAStreamUntilTheEnd()
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

void TstHttpExchange::closeIsHonoured()
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

void TstHttpExchange::streamIsChunked()
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

void TstHttpExchange::writesOfOneTurnLeaveTogether()
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

void TstHttpExchange::slowReaderIsReportedAndDrained()
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

void TstHttpExchange::readerWithoutProgressIsCut()
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

void TstHttpExchange::clientThatLeavesIsNoticed_data()
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

void TstHttpExchange::clientThatLeavesIsNoticed()
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

void TstHttpExchange::droppedExchangeAnswers500()
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

void TstHttpExchange::droppedStreamLooksIncomplete_data()
{
    QTest::addColumn<bool>("isAborted");
    QTest::addRow("dropped") << false;
    QTest::addRow("aborted") << true;
}

void TstHttpExchange::droppedStreamLooksIncomplete()
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

void TstHttpExchange::finishedExchangeTouchesNoLaterRequest()
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

void TstHttpExchange::eventsEndWithTheExchange()
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

void TstHttpExchange::answerMayEndWithinItsOwnSignal()
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

void TstHttpExchange::manyStreamsRunAtOnce()
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

QTEST_GUILESS_MAIN(TstHttpExchange)
#include "tst_httpexchange.moc"
