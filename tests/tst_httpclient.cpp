// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/net/httpclient.h"
#include "app/net/managerpool.h"
#include "tests/fakepeer.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <memory>
#include <set>

using namespace kirotray;
using namespace std::chrono_literals;

namespace {

const QByteArray EndlessHeader =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

QByteArray chunk(const QByteArray &bytes)
{
    return QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n";
}

OutboundRequest requestTo(const QUrl &url)
{
    OutboundRequest request;
    request.url = url;
    request.body = "{}";
    request.lane = u"account-1"_s;
    return request;
}

/// Everything a call reports, in the order it does.
struct Watched
{
    explicit Watched(HttpCall *watchedCall, bool isReading = true)
        : call(watchedCall)
        , headers(watchedCall, &HttpCall::headersReceived)
        , reads(watchedCall, &HttpCall::readyRead)
        , finished(watchedCall, &HttpCall::finished)
    {
        if (isReading)
            QObject::connect(watchedCall, &HttpCall::readyRead, watchedCall,
                             [this, watchedCall] { body += watchedCall->readAll(); });
    }
    bool waitForEnd() { return !finished.isEmpty() || finished.wait(20s / 1ms); }
    bool succeeded() const { return finished.size() == 1 && finished[0][0].toBool(); }
    bool failedWith(Error::Code code) const
    {
        return finished.size() == 1 && !finished[0][0].toBool() && call->error().code == code;
    }

    HttpCall *call;
    QByteArray body;
    QSignalSpy headers;
    QSignalSpy reads;
    QSignalSpy finished;
};

/// A SOCKS5 proxy (RFC 1928, RFC 1929) that answers every request itself.
class SocksPeer : public QTcpServer
{
public:
    explicit SocksPeer(bool wantsPassword)
        : m_wantsPassword(wantsPassword)
    {
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QIODevice::readyRead, this, [this, socket] { read(socket); });
        });
        listen(QHostAddress::LocalHost);
    }

    QByteArray target; ///< name and port asked for
    QByteArray credentials;

private:
    void read(QTcpSocket *socket)
    {
        const QByteArray bytes = socket->readAll();
        switch (m_stage++) {
        case 0:
            m_stage += m_wantsPassword ? 0 : 1;
            socket->write(m_wantsPassword ? QByteArray("\x05\x02", 2) : QByteArray("\x05\x00", 2));
            return;
        case 1:
            credentials = bytes.mid(2, bytes[1]) + ':' + bytes.mid(3 + bytes[1]);
            socket->write(QByteArray("\x01\x00", 2));
            return;
        case 2:
            target = bytes.mid(5, bytes[4]) + ':'
                + QByteArray::number(static_cast<quint8>(bytes[bytes.size() - 2]) * 256
                                     + static_cast<quint8>(bytes.back()));
            socket->write(QByteArray("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10));
            return;
        case 3:
            socket->write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsocks");
            return;
        default:
            return;
        }
    }

    bool m_wantsPassword;
    int m_stage = 0;
};

} // namespace

class TstHttpClient : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_client = std::make_unique<HttpClient>();
        m_peer = std::make_unique<FakePeer>();
        m_peer->always(PeerScript::reply(200, "hello"));
        m_owner = std::make_unique<QObject>();
    }
    void cleanup()
    {
        m_owner.reset();
        m_client.reset();
        m_peer.reset();
    }

    void deliversStatusHeadersAndBody()
    {
        m_peer->always(PeerScript::reply(201, "hello", "X-Amzn-RequestId: r-1\r\n"));
        Watched call(start());
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(call.headers.size(), 1);
        QCOMPARE(call.call->status(), 201);
        QCOMPARE(call.call->header("x-amzn-requestID"), "r-1");
        QVERIFY(call.call->header("absent").isNull());
        QCOMPARE(call.body, "hello");
        QCOMPARE(call.call->requestId().size(), 8);
        QCOMPARE(m_client->activeCalls(), 0);
    }

    void emitsNothingBeforeTheEventLoopRuns()
    {
        OutboundRequest refused = requestTo(m_peer->url());
        refused.headers = {{"X-Bad", "a\r\nInjected: 1"}};
        Watched call(m_client->start(refused, m_owner.get()));
        QCOMPARE(call.finished.size(), 0);
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::BadInput));
    }

    void refusesWhatMustNotReachTheWire_data()
    {
        QTest::addColumn<QUrl>("url");
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        const QUrl good = QUrl(u"http://127.0.0.1:1/"_s);
        QTest::addRow("file address") << QUrl(u"file:///etc/passwd"_s) << QByteArray("GET")
                                      << QByteArray("A") << QByteArray("b");
        QTest::addRow("no host") << QUrl(u"http:///x"_s) << QByteArray("GET") << QByteArray("A")
                                 << QByteArray("b");
        QTest::addRow("empty address")
            << QUrl() << QByteArray("GET") << QByteArray("A") << QByteArray("b");
        QTest::addRow("user in the address")
            << QUrl(u"http://me:pw@127.0.0.1:1/"_s) << QByteArray("GET") << QByteArray("A")
            << QByteArray("b");
        QTest::addRow("method with a space")
            << good << QByteArray("GET /") << QByteArray("A") << QByteArray("b");
        QTest::addRow("empty method") << good << QByteArray() << QByteArray("A") << QByteArray("b");
        QTest::addRow("name with a colon")
            << good << QByteArray("GET") << QByteArray("A:") << QByteArray("b");
        QTest::addRow("line feed in a value")
            << good << QByteArray("GET") << QByteArray("A") << QByteArray("b\nC: d");
        QTest::addRow("zero byte in a value")
            << good << QByteArray("GET") << QByteArray("A") << QByteArray("b\0c", 3);
    }
    void refusesWhatMustNotReachTheWire()
    {
        QFETCH(QUrl, url);
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, value);
        OutboundRequest request = requestTo(url);
        request.method = method;
        request.headers = {{name, value}};
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::BadInput));
        QCOMPARE(m_client->activeCalls(), 0);
    }

    void sendsTheHeaderVerbatim()
    {
        OutboundRequest request = requestTo(m_peer->url(u"/generate?x=1"_s));
        request.headers = {{"User-Agent", "aws-sdk-js/1.0.27 ua/2.1 os/linux#6 KiroIDE-0.8-abc"},
                           {"x-amz-user-agent", "aws-sdk-js/1.0.27"},
                           {"TokenType", "API_KEY"},
                           {"Content-Type", "application/x-amz-json-1.0"},
                           {"Authorization", "Bearer t"},
                           {"Cookie", "a=b"}};
        request.body = "{\"a\":1}";
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(m_peer->requestCount(), 1);
        const PeerRequest &seen = m_peer->requests().front();
        QCOMPARE(seen.line(), "POST /generate?x=1 HTTP/1.1");
        QCOMPARE(seen.body, "{\"a\":1}");
        QByteArray ordered;
        for (const auto &[name, value] : request.headers) {
            QVERIFY2(seen.head.contains("\r\n" + name + ": " + value + "\r\n")
                         || seen.head.endsWith("\r\n" + name + ": " + value),
                     seen.head.constData());
            ordered += name;
        }
        qsizetype at = 0;
        for (const auto &[name, value] : request.headers) {
            const qsizetype found = seen.head.indexOf("\r\n" + name + ": ", at);
            QVERIFY2(found > 0, seen.head.constData());
            at = found;
        }
        QCOMPARE(seen.field("accept-encoding"), "identity");
        QCOMPARE(seen.field("accept-language"), "*");
        QCOMPARE(seen.field("content-length"), "7");
    }

    void fillsInNothingThatNamesTheSystem()
    {
        Watched call(start());
        QVERIFY(call.waitForEnd());
        const PeerRequest &seen = m_peer->requests().front();
        QVERIFY2(seen.field("user-agent").startsWith("KiroTray/"), seen.head.constData());
        QCOMPARE(seen.field("accept-language"), "*");
        QVERIFY(seen.field("cookie").isNull());
    }

    void sendsEveryMethod_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("body");
        for (const char *method : {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"}) {
            QTest::addRow("%s", method) << QByteArray(method) << QByteArray();
            if (method != QByteArray("HEAD"))
                QTest::addRow("%s with a body", method) << QByteArray(method) << QByteArray("{}");
        }
    }
    void sendsEveryMethod()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, body);
        if (method == "HEAD")
            m_peer->always(PeerScript().send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
        OutboundRequest request = requestTo(m_peer->url());
        request.method = method;
        request.body = body;
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.succeeded(), qPrintable(call.call->error().what));
        QCOMPARE(m_peer->requests().front().line(), method + " / HTTP/1.1");
        QCOMPARE(m_peer->requests().front().body, body);
        QCOMPARE(call.body, method == "HEAD" ? "" : "hello");
    }

    void errorStatusIsASuccessHere_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("fields");
        for (const int status : {400, 401, 402, 403, 404, 409, 410, 418, 429, 500, 502, 503, 504})
            QTest::addRow("%d", status) << status << QByteArray();
        QTest::addRow("401 Basic") << 401 << QByteArray("WWW-Authenticate: Basic realm=x\r\n");
        QTest::addRow("401 Bearer") << 401 << QByteArray("WWW-Authenticate: Bearer\r\n");
        QTest::addRow("401 Digest")
            << 401 << QByteArray("WWW-Authenticate: Digest realm=\"x\", nonce=\"y\"\r\n");
    }
    void errorStatusIsASuccessHere()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, fields);
        m_peer->always(PeerScript::reply(status, R"({"message":"no"})", fields));
        Watched call(start());
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.succeeded(), qPrintable(call.call->error().what));
        QCOMPARE(call.call->status(), status);
        QCOMPARE(call.body, R"({"message":"no"})");
        QCOMPARE(m_peer->requestCount(), 1);
    }

    void doesNotFollowRedirects()
    {
        FakePeer elsewhere;
        const QByteArray location = elsewhere.url(u"/next"_s).toEncoded();
        m_peer->always(PeerScript::reply(302, "", "Location: " + location + "\r\n"));
        Watched call(start());
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(call.call->status(), 302);
        QCOMPARE(call.call->header("location"), location);
        QCOMPARE(elsewhere.connectionCount(), 0);
    }

    void keepsNoCookies()
    {
        m_peer->always(PeerScript::reply(200, "x", "Set-Cookie: a=b; Path=/\r\n"));
        for (int i = 0; i < 2; ++i) {
            Watched call(start());
            QVERIFY(call.waitForEnd());
        }
        QCOMPARE(m_peer->requestCount(), 2);
        QVERIFY(m_peer->requests()[1].field("cookie").isNull());
    }

    void reusesAConnection()
    {
        for (int i = 0; i < 5; ++i) {
            Watched call(start());
            QVERIFY(call.waitForEnd());
            QVERIFY(call.succeeded());
        }
        QCOMPARE(m_peer->requestCount(), 5);
        QCOMPARE(m_peer->connectionCount(), 1);
        QCOMPARE(m_client->managerCount(), 1);
    }

    void deliversPiecesAsTheyCome()
    {
        PeerScript script;
        script.send(EndlessHeader).send(chunk("one"));
        m_peer->always(script);
        Watched call(start());
        QTRY_COMPARE(call.body, "one");
        QCOMPARE(call.finished.size(), 0);
    }

    void readsAnAnswerInOneBytePieces()
    {
        PeerScript script;
        script.sendInPieces(EndlessHeader + chunk("hello ") + chunk("world") + "0\r\n\r\n", 1);
        m_peer->always(script);
        Watched call(start());
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(call.body, "hello world");
    }

    void sixtyFourStreamsLiveAtOnceWithSixPerManager()
    {
        PeerScript script;
        script.send(EndlessHeader).send(chunk("live"));
        m_peer->always(script);
        std::vector<std::unique_ptr<Watched>> calls;
        for (int i = 0; i < 64; ++i)
            calls.push_back(std::make_unique<Watched>(start()));
        for (const auto &call : calls)
            QTRY_COMPARE(call->body, "live");
        QCOMPARE(m_peer->openCount(), 64);
        QCOMPARE(m_client->activeCalls(), 64);
        QCOMPARE(m_client->managerCount(), 11); // 64 / 6, rounded up
        m_owner.reset();
        QCOMPARE(m_client->activeCalls(), 0);
        QTRY_COMPARE(m_peer->openCount(), 0);
    }

    void lanesAndProxiesDoNotShareConnections()
    {
        const auto fetchOne = [this](const QString &lane, const ProxyChoice &proxy) {
            OutboundRequest request = requestTo(m_peer->url());
            request.lane = lane;
            request.proxy = proxy;
            Watched call(m_client->start(request, m_owner.get()));
            return call.waitForEnd() && call.succeeded();
        };
        const ProxyChoice throughPeer {ProxyChoice::Kind::Http, u"127.0.0.1"_s, m_peer->port()};
        QVERIFY(fetchOne(u"a"_s, {}));
        QVERIFY(fetchOne(u"a"_s, {}));
        QCOMPARE(m_peer->connectionCount(), 1);
        QVERIFY(fetchOne(u"b"_s, {}));
        QCOMPARE(m_peer->connectionCount(), 2);
        QCOMPARE(m_client->managerCount(), 2);
        QVERIFY(fetchOne(u"a"_s, throughPeer));
        QCOMPARE(m_peer->connectionCount(), 3);
        QCOMPARE(m_client->managerCount(), 3);
    }

    void deletesIdleManagers()
    {
        const auto pool = std::make_shared<ManagerPool>(50ms);
        {
            const ManagerLease first = pool->lease(u"a"_s, QNetworkProxy::NoProxy);
            ManagerLease second = pool->lease(u"b"_s, QNetworkProxy::NoProxy);
            QCOMPARE(pool->managerCount(), 2);
            second.giveBack();
            QTRY_COMPARE(pool->managerCount(), 1); // the idle one, not the leased one
            QCOMPARE(pool->leaseCount(), 1);
        }
        QTRY_COMPARE(pool->managerCount(), 0);
        {
            const ManagerLease last = pool->lease(u"a"_s, QNetworkProxy::NoProxy);
            pool->close();
            QCOMPARE(pool->managerCount(), 1);
        }
        QCOMPARE(pool->managerCount(), 0);
    }

    void endsAfterEachTimeLimit_data()
    {
        QTest::addColumn<PeerScript>("script");
        QTest::addColumn<int>("firstByteMs");
        QTest::addColumn<int>("idleMs");
        QTest::addColumn<int>("totalMs");
        QTest::addColumn<QString>("which");
        QTest::addRow("no answer") << PeerScript() << 150 << 60'000 << 60'000 << u"first byte"_s;
        QTest::addRow("half a header") << PeerScript().send("HTTP/1.1 200 OK\r\nX-A") << 150
                                       << 60'000 << 60'000 << u"first byte"_s;
        QTest::addRow("silence after the header")
            << PeerScript().send(EndlessHeader) << 60'000 << 150 << 60'000 << u"idle"_s;
        QTest::addRow("silence after a piece")
            << PeerScript().send(EndlessHeader).wait(20ms).send(chunk("x")) << 60'000 << 150
            << 60'000 << u"idle"_s;
        PeerScript drip;
        drip.send(EndlessHeader);
        for (int i = 0; i < 300; ++i)
            drip.send(chunk("x")).wait(20ms);
        QTest::addRow("never silent, never done") << drip << 60'000 << 60'000 << 400 << u"total"_s;
        QTest::addRow("total before the first byte")
            << PeerScript() << 60'000 << 60'000 << 150 << u"total"_s;
    }
    void endsAfterEachTimeLimit()
    {
        QFETCH(PeerScript, script);
        QFETCH(int, firstByteMs);
        QFETCH(int, idleMs);
        QFETCH(int, totalMs);
        QFETCH(QString, which);
        m_peer->always(script);
        OutboundRequest request = requestTo(m_peer->url());
        request.firstByteTimeout = std::chrono::milliseconds(firstByteMs);
        request.idleTimeout = std::chrono::milliseconds(idleMs);
        request.totalTimeout = std::chrono::milliseconds(totalMs);
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Timeout));
        QVERIFY2(call.call->error().what.startsWith(which), qPrintable(call.call->error().what));
        QCOMPARE(m_client->activeCalls(), 0);
        QTRY_COMPARE(m_peer->openCount(), 0);
    }

    void aStreamMayTakeLongerThanItsIdleLimit()
    {
        PeerScript script;
        script.send(EndlessHeader);
        for (int i = 0; i < 12; ++i)
            script.send(chunk("x")).wait(50ms);
        m_peer->always(script.send("0\r\n\r\n"));
        OutboundRequest request = requestTo(m_peer->url());
        request.idleTimeout = 400ms; // the stream takes 600 ms
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.succeeded(), qPrintable(call.call->error().what));
        QCOMPARE(call.body, "xxxxxxxxxxxx");
    }

    void aPauseIsNotSilence()
    {
        PeerScript script;
        m_peer->always(script.send(EndlessHeader).send(chunk("x")));
        OutboundRequest request = requestTo(m_peer->url());
        request.idleTimeout = 100ms;
        request.totalTimeout = 700ms;
        Watched call(m_client->start(request, m_owner.get()));
        QTRY_COMPARE(call.body, "x");
        call.call->pause();
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Timeout));
        QVERIFY2(call.call->error().what.startsWith(u"total"_s),
                 qPrintable(call.call->error().what));
    }

    void anAbortIsSeenByThePeerAtOnceAndEndsOnce()
    {
        PeerScript script;
        m_peer->always(script.send(EndlessHeader).send(chunk("x")));
        Watched call(start());
        QTRY_COMPARE(call.body, "x");
        QSignalSpy closed(m_peer.get(), &FakePeer::connectionClosed);
        QElapsedTimer clock;
        clock.start();
        call.call->abort();
        call.call->abort();
        QCOMPARE(call.finished.size(), 0); // queued
        QCOMPARE(m_client->activeCalls(), 0);
        QVERIFY(closed.wait());
        QVERIFY2(clock.elapsed() < 500, qPrintable(QString::number(clock.elapsed())));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Cancelled));
        call.call->abort();
        QCoreApplication::processEvents();
        QCOMPARE(call.finished.size(), 1);
    }

    void abortsInsideEverySignal_data()
    {
        QTest::addColumn<QString>("where");
        QTest::addColumn<bool>("destroys");
        for (const bool destroys : {false, true})
            for (const char *where : {"headers", "read", "finished"})
                QTest::addRow("%s in %s", destroys ? "destroy" : "abort", where)
                    << QString::fromLatin1(where) << destroys;
    }
    void abortsInsideEverySignal()
    {
        QFETCH(QString, where);
        QFETCH(bool, destroys);
        auto *call = start();
        QSignalSpy gone(call, &QObject::destroyed);
        QSignalSpy finished(call, &HttpCall::finished);
        bool reached = false;
        const auto act = [&reached, call, destroys] {
            reached = true;
            if (destroys)
                delete call;
            else
                call->abort();
        };
        if (where == u"headers"_s)
            connect(call, &HttpCall::headersReceived, m_owner.get(), act);
        else if (where == u"read"_s)
            connect(call, &HttpCall::readyRead, m_owner.get(), act);
        else
            connect(call, &HttpCall::finished, m_owner.get(), act);
        QTRY_VERIFY(reached);
        if (destroys)
            QCOMPARE(gone.size(), 1);
        else
            QTRY_COMPARE(finished.size(), 1);
        QTRY_COMPARE(m_client->activeCalls(), 0);
        Watched next(start()); // nothing is broken
        QVERIFY(next.waitForEnd());
        QVERIFY(next.succeeded());
    }

    void aClientDestroyedInsideASignalLeavesItsCalls()
    {
        PeerScript script;
        script.send(EndlessHeader).send(chunk("x")).wait(50ms).send(chunk("y")).send("0\r\n\r\n");
        m_peer->always(script);
        Watched other(start());
        Watched call(start());
        connect(call.call, &HttpCall::readyRead, m_owner.get(), [this] { m_client.reset(); });
        QVERIFY(call.waitForEnd());
        QVERIFY(other.waitForEnd());
        QVERIFY(call.succeeded());
        QVERIFY(other.succeeded());
        QVERIFY(!m_client);
        QCOMPARE(call.body, "xy");
        QTRY_COMPARE(m_peer->openCount(), 0);
    }

    void destroyedEarlyNothingIsCalled()
    {
        PeerScript script;
        m_peer->always(script.send(EndlessHeader));
        HttpCall *call = start();
        QSignalSpy finished(call, &HttpCall::finished);
        QTRY_COMPARE(m_peer->requestCount(), 1);
        QSignalSpy closed(m_peer.get(), &FakePeer::connectionClosed);
        delete call;
        QCOMPARE(m_client->activeCalls(), 0);
        QVERIFY(closed.wait());
        QCOMPARE(finished.size(), 0);
    }

    void aPauseStopsTheSender()
    {
        // More than both ends' socket buffers and what Qt reads before the limit is in force.
        const QByteArray block(1024 * 1024, 'x');
        PeerScript script;
        script.send(EndlessHeader).send(chunk("first")).wait(300ms);
        for (int i = 0; i < 64; ++i)
            script.send(chunk(block));
        m_peer->always(script.send("0\r\n\r\n"));
        Watched call(start());
        QTRY_COMPARE(call.body, "first");
        call.call->pause();
        QTRY_VERIFY(m_peer->unsentBytes() > 32 * 1024 * 1024);
        const qsizetype reads = call.reads.size();
        qint64 before = -1; // the sender has come to a stop
        QTRY_VERIFY(std::exchange(before, m_peer->unsentBytes()) == m_peer->unsentBytes());
        QVERIFY2(before > 32 * 1024 * 1024, qPrintable(QString::number(before)));
        QCOMPARE(call.reads.size(), reads);
        QCOMPARE(call.finished.size(), 0);
        call.call->resume();
        QCOMPARE(call.reads.size(), reads); // announced from the event loop
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(call.body.size(), 64 * block.size() + 5);
    }

    void aPauseHoldsTheEndBack_data()
    {
        QTest::addColumn<bool>("aborts");
        QTest::addRow("resumed") << false;
        QTest::addRow("aborted") << true;
    }
    void aPauseHoldsTheEndBack()
    {
        QFETCH(bool, aborts);
        Watched call(start());
        connect(call.call, &HttpCall::headersReceived, call.call, &HttpCall::pause);
        QTRY_COMPARE(m_client->activeCalls(), 0); // all has arrived
        QCOMPARE(call.headers.size(), 1);
        QCOMPARE(call.reads.size(), 0);
        QCOMPARE(call.finished.size(), 0);
        if (aborts) {
            call.call->abort();
            QVERIFY(call.waitForEnd());
            QVERIFY(call.failedWith(Error::Code::Cancelled));
            QCOMPARE(call.call->readAll(), "hello");
            return;
        }
        call.call->resume();
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(call.body, "hello");
    }

    void keepsTheBodyForAReaderThatWaitsForTheEnd()
    {
        HttpCall *started = start();
        Watched call(started, false);
        QVERIFY(call.waitForEnd());
        QCOMPARE(started->readAll(), "hello");
        QCOMPARE(started->readAll(), "");
    }

    void reportsABrokenConnection_data()
    {
        QTest::addColumn<PeerScript>("script");
        QTest::addColumn<int>("status");
        QTest::addRow("closed without an answer") << PeerScript().close() << 0;
        QTest::addRow("reset without an answer") << PeerScript().reset() << 0;
        QTest::addRow("closed in the header")
            << PeerScript().send("HTTP/1.1 200 OK\r\nX-A").close() << 0;
        const QByteArray nine = "Status\r\nContent-Length: 9\r\n\r\n";
        QTest::addRow("closed before the length is reached")
            << PeerScript().send("HTTP/1.1 200 " + nine + "abc").close() << 200;
        QTest::addRow("closed before the first byte")
            << PeerScript().send("HTTP/1.1 200 " + nine).close() << 200;
        QTest::addRow("an error status, then cut")
            << PeerScript().send("HTTP/1.1 500 " + nine + "abc").close() << 500;
        QTest::addRow("no HTTP") << PeerScript().send("SSH-2.0-x\r\n\r\n").close() << 0;
    }
    void reportsABrokenConnection()
    {
        QFETCH(PeerScript, script);
        QFETCH(int, status);
        m_peer->always(script);
        Watched call(start());
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.failedWith(Error::Code::Network), qPrintable(call.call->error().what));
        QCOMPARE(call.call->status(), status);
        QCOMPARE(m_peer->requestCount(), 1); // never sent twice
        QVERIFY(!call.call->error().what.isEmpty());
    }

    /// Whether Qt tells such an end from a proper one is a race inside it; that it is one end, and
    /// that all bytes are there, is not.
    void aCutChunkedAnswerEndsOnceWithItsBytes_data()
    {
        QTest::addColumn<PeerScript>("script");
        QTest::addRow("inside a chunk") << PeerScript().send(EndlessHeader + "9\r\nabc").close();
        QTest::addRow("between chunks") << PeerScript().send(EndlessHeader + chunk("abc")).close();
        QTest::addRow("reset")
            << PeerScript().send(EndlessHeader + chunk("abc")).wait(50ms).reset();
    }
    void aCutChunkedAnswerEndsOnceWithItsBytes()
    {
        QFETCH(PeerScript, script);
        m_peer->always(script);
        Watched call(start());
        QVERIFY(call.waitForEnd());
        QCOMPARE(call.finished.size(), 1);
        QVERIFY(call.succeeded() || call.failedWith(Error::Code::Network));
        QCOMPARE(call.body, "abc");
        QCOMPARE(m_peer->requestCount(), 1);
    }

    void reportsARefusedConnectionWithoutTheQuery()
    {
        const QUrl url = m_peer->url(u"/x?code=verysecret"_s);
        m_peer.reset();
        Watched call(m_client->start(requestTo(url), m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Network));
        QVERIFY(!call.call->error().what.contains(u"verysecret"_s));
    }

    void bodyIsNotSentAgainOverAStaleConnection()
    {
        Watched first(start());
        QVERIFY(first.waitForEnd());
        m_peer->next(PeerScript().reset());
        Watched second(start());
        QVERIFY(second.waitForEnd());
        QVERIFY2(second.failedWith(Error::Code::Network), qPrintable(second.call->error().what));
        QCOMPARE(m_peer->requestCount(), 2);
        Watched third(start());
        QVERIFY(third.waitForEnd());
        QVERIFY(third.succeeded());
    }

    void anIdleConnectionThatThePeerClosedIsReplaced()
    {
        m_peer->next(PeerScript::reply(200, "one").close());
        Watched first(start());
        QVERIFY(first.waitForEnd());
        QTRY_COMPARE(m_peer->openCount(), 0);
        Watched second(start());
        QVERIFY(second.waitForEnd());
        QVERIFY2(second.succeeded(), qPrintable(second.call->error().what));
        QCOMPARE(m_peer->requestCount(), 2);
    }

    void aPeerThatDoesNotReadIsATimeout()
    {
        m_peer->stopReading();
        OutboundRequest request = requestTo(m_peer->url());
        request.body = QByteArray(32 * 1024 * 1024, 'x');
        request.firstByteTimeout = 300ms;
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Timeout));
    }

    void sendsALargeBodyWhole()
    {
        OutboundRequest request = requestTo(m_peer->url());
        for (int i = 0; request.body.size() < 8 * 1024 * 1024; ++i)
            request.body += QByteArray::number(i) + ' ';
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QVERIFY(m_peer->requests().front().body == request.body);
    }

    void fetchesAWholeReplyOnce()
    {
        m_peer->always(PeerScript::reply(429, R"({"message":"slow"})", "Retry-After: 3\r\n"));
        std::vector<Result<HttpReply>> answers;
        m_client->fetch(requestTo(m_peer->url()), m_owner.get(),
                        [&answers](Result<HttpReply> answer) { answers.push_back(answer); });
        QCOMPARE(answers.size(), 0U);
        QTRY_COMPARE(answers.size(), 1U);
        QVERIFY(answers[0]);
        QCOMPARE(answers[0].value().status, 429);
        QCOMPARE(answers[0].value().body, R"({"message":"slow"})");
        QCOMPARE(answers[0].value().header("retry-after"), "3");
        QVERIFY(answers[0].value().header("nothing").isNull());
        QTRY_VERIFY(m_owner->children().isEmpty());
    }

    void fetchFails_data()
    {
        QTest::addColumn<PeerScript>("script");
        QTest::addColumn<Error::Code>("code");
        QTest::addColumn<int>("status");
        const QByteArray tooMuch(limits::MaxReplyBody + 1, 'x');
        QTest::addRow("too large")
            << PeerScript::reply(200, tooMuch) << Error::Code::Upstream << 200;
        QTest::addRow("endless") << PeerScript().send(EndlessHeader).send(chunk(tooMuch))
                                 << Error::Code::Upstream << 200;
        QTest::addRow("cut")
            << PeerScript().send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").close()
            << Error::Code::Network << 0;
        QTest::addRow("silent") << PeerScript() << Error::Code::Timeout << 0;
    }
    void fetchFails()
    {
        QFETCH(PeerScript, script);
        QFETCH(Error::Code, code);
        QFETCH(int, status);
        m_peer->always(script);
        OutboundRequest request = requestTo(m_peer->url());
        request.firstByteTimeout = 500ms;
        std::vector<Result<HttpReply>> answers;
        m_client->fetch(request, m_owner.get(),
                        [&answers](Result<HttpReply> answer) { answers.push_back(answer); });
        QTRY_COMPARE(answers.size(), 1U);
        QVERIFY(!answers[0]);
        QCOMPARE(answers[0].error().code, code);
        QCOMPARE(answers[0].error().httpStatus, status);
        QTRY_COMPARE(m_client->activeCalls(), 0);
        QTRY_VERIFY(m_owner->children().isEmpty());
        QCOMPARE(answers.size(), 1U);
    }

    void fetchAcceptsTheLargestReply()
    {
        m_peer->always(PeerScript::reply(200, QByteArray(limits::MaxReplyBody, 'x')));
        std::vector<Result<HttpReply>> answers;
        m_client->fetch(requestTo(m_peer->url()), m_owner.get(),
                        [&answers](Result<HttpReply> answer) { answers.push_back(answer); });
        QTRY_COMPARE(answers.size(), 1U);
        QVERIFY(answers[0]);
        QCOMPARE(answers[0].value().body.size(), limits::MaxReplyBody);
    }

    void fetchIsSilentWhenItsContextIsGone()
    {
        PeerScript script;
        m_peer->always(script.send(EndlessHeader));
        bool isCalled = false;
        m_client->fetch(requestTo(m_peer->url()), m_owner.get(),
                        [&isCalled](const Result<HttpReply> &) { isCalled = true; });
        QTRY_COMPARE(m_peer->requestCount(), 1);
        QSignalSpy closed(m_peer.get(), &FakePeer::connectionClosed);
        m_owner.reset();
        QVERIFY(closed.wait());
        QVERIFY(!isCalled);
    }

    void fetchMayDestroyItsContext()
    {
        m_client->fetch(requestTo(m_peer->url()), m_owner.get(),
                        [this](const Result<HttpReply> &) { m_owner.reset(); });
        QTRY_VERIFY(!m_owner);
        QTRY_COMPARE(m_client->activeCalls(), 0);
    }

    void goesThroughAnHttpProxy_data()
    {
        QTest::addColumn<QString>("user");
        QTest::addColumn<QByteArray>("credentials");
        QTest::addRow("open") << QString() << QByteArray();
        QTest::addRow("with a password") << u"me"_s << QByteArray("Basic bWU6cHc=");
    }
    void goesThroughAnHttpProxy()
    {
        QFETCH(QString, user);
        QFETCH(QByteArray, credentials);
        OutboundRequest request = requestTo(QUrl(u"http://upstream.test/chat?x=1"_s));
        request.proxy = {ProxyChoice::Kind::Http, u"127.0.0.1"_s, m_peer->port(), user, u"pw"_s};
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.succeeded(), qPrintable(call.call->error().what));
        QCOMPARE(m_peer->requestCount(), 1);
        const PeerRequest &seen = m_peer->requests().front();
        QCOMPARE(seen.line(), "POST http://upstream.test/chat?x=1 HTTP/1.1");
        QCOMPARE(seen.field("proxy-authorization"), credentials);
        QCOMPARE(seen.body, "{}");
    }

    void asksAnHttpProxyForATunnel()
    {
        m_peer->always(PeerScript::reply(403, "no"));
        OutboundRequest request = requestTo(QUrl(u"https://upstream.test/chat"_s));
        request.headers = {{"Authorization", "Bearer t"}};
        request.proxy = {ProxyChoice::Kind::Http, u"127.0.0.1"_s, m_peer->port()};
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Network));
        QVERIFY(m_peer->requestCount() > 0);
        const PeerRequest &seen = m_peer->requests().front();
        QCOMPARE(seen.line(), "CONNECT upstream.test:443 HTTP/1.1");
        QVERIFY(seen.field("authorization").isNull());
    }

    void aProxyThatWantsAPasswordIsANetworkError()
    {
        m_peer->always(PeerScript::reply(407, "no", "Proxy-Authenticate: Basic realm=x\r\n"));
        OutboundRequest request = requestTo(QUrl(u"http://upstream.test/chat"_s));
        request.proxy = {ProxyChoice::Kind::Http, u"127.0.0.1"_s, m_peer->port()};
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Network));
    }

    void goesThroughASocksProxy_data()
    {
        QTest::addColumn<bool>("wantsPassword");
        QTest::addRow("open") << false;
        QTest::addRow("with a password") << true;
    }
    void goesThroughASocksProxy()
    {
        QFETCH(bool, wantsPassword);
        SocksPeer socks(wantsPassword);
        OutboundRequest request = requestTo(QUrl(u"http://upstream.test/chat"_s));
        request.proxy = {ProxyChoice::Kind::Socks5, u"127.0.0.1"_s, socks.serverPort()};
        if (wantsPassword) {
            request.proxy.user = u"me"_s;
            request.proxy.password = u"pw"_s;
        }
        Watched call(m_client->start(request, m_owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.succeeded(), qPrintable(call.call->error().what));
        QCOMPARE(call.body, "socks");
        QCOMPARE(socks.target, "upstream.test:80"); // the proxy resolves the name
        QCOMPARE(socks.credentials, wantsPassword ? QByteArray("me:pw") : QByteArray());
    }

    void usesTheSystemProxyButNeverForThisMachine()
    {
        FakePeer proxy;
        proxy.always(PeerScript::reply(200, "proxied"));
        const QByteArray before = qgetenv("http_proxy");
        qputenv("http_proxy", proxy.url(QString()).toEncoded());
        Watched local(start());
        OutboundRequest request = requestTo(QUrl(u"http://upstream.test/chat"_s));
        Watched remote(m_client->start(request, m_owner.get()));
        const bool ended = local.waitForEnd() && remote.waitForEnd();
        before.isNull() ? qunsetenv("http_proxy") : qputenv("http_proxy", before);
        QVERIFY(ended);
        QCOMPARE(local.body, "hello");
        QCOMPARE(remote.body, "proxied");
        QCOMPARE(proxy.requestCount(), 1);
        QCOMPARE(proxy.requests().front().line(), "POST http://upstream.test/chat HTTP/1.1");
    }

private:
    HttpCall *start() { return m_client->start(requestTo(m_peer->url()), m_owner.get()); }

    std::unique_ptr<HttpClient> m_client;
    std::unique_ptr<FakePeer> m_peer;
    std::unique_ptr<QObject> m_owner;
};

QTEST_GUILESS_MAIN(TstHttpClient)
#include "tst_httpclient.moc"
