// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "tests/keepingserver.h"

#include <QPointer>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

using namespace kirotray;
using namespace std::chrono_literals;

class TstHttpServerLife : public QObject
{
    Q_OBJECT
private slots:
    void fullServerClosesAnIdleConnection();
    void fullServerAnswers503();
    void twoAddressesShareAPort();
    void takenPortIsAnError();
    void stopLetsRunningExchangesEnd();
    void stopCutsWhatIsLeftAfterTheGrace();
    void stopWithoutConnectionsReportsAtOnce();
    void serverListensAgainAfterStop();
    void busyServerMayBeDestroyed();
};

void TstHttpServerLife::fullServerClosesAnIdleConnection()
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

void TstHttpServerLife::fullServerAnswers503()
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

void TstHttpServerLife::twoAddressesShareAPort()
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

void TstHttpServerLife::takenPortIsAnError()
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

void TstHttpServerLife::stopLetsRunningExchangesEnd()
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

void TstHttpServerLife::stopCutsWhatIsLeftAfterTheGrace()
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

void TstHttpServerLife::stopWithoutConnectionsReportsAtOnce()
{
    KeepingServer kept;
    QSignalSpy stoppedSpy(kept.server.get(), &HttpServer::stopped);
    kept.server->stop(1h);
    QVERIFY(stoppedSpy.isEmpty()); // never before stop() has returned
    QTRY_COMPARE(stoppedSpy.size(), 1);
    kept.server->stop(1h);
    QTRY_COMPARE(stoppedSpy.size(), 2);
}

void TstHttpServerLife::serverListensAgainAfterStop()
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

void TstHttpServerLife::busyServerMayBeDestroyed()
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

QTEST_GUILESS_MAIN(TstHttpServerLife)
#include "tst_httpserverlife.moc"
