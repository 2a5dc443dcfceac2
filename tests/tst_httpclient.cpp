// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/net/managerpool.h"
#include "tests/callbench.h"

#include <QTest>

using namespace kirotray;

class TstHttpClient : public QObject
{
    Q_OBJECT

private slots:
    void init() { m = std::make_unique<CallBench>(); }
    void cleanup() { m.reset(); }

    void deliversStatusHeadersAndBody()
    {
        m->peer->always(PeerScript::reply(201, "hello", "X-Amzn-RequestId: r-1\r\n"));
        Watched call(m->start());
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(call.headers.size(), 1);
        QCOMPARE(call.call->status(), 201);
        QCOMPARE(call.call->header("x-amzn-requestID"), "r-1");
        QVERIFY(call.call->header("absent").isNull());
        QCOMPARE(call.body, "hello");
        QCOMPARE(call.call->requestId().size(), 8);
        QCOMPARE(m->client->activeCalls(), 0);
    }

    void emitsNothingBeforeTheEventLoopRuns()
    {
        OutboundRequest refused = requestTo(m->peer->url());
        refused.headers = {{"X-Bad", "a\r\nInjected: 1"}};
        Watched call(m->client->start(refused, m->owner.get()));
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
        Watched call(m->client->start(request, m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::BadInput));
        QCOMPARE(m->client->activeCalls(), 0);
    }

    void sendsTheHeaderVerbatim()
    {
        OutboundRequest request = requestTo(m->peer->url(u"/generate?x=1"_s));
        request.headers = {{"User-Agent", "aws-sdk-js/1.0.27 ua/2.1 os/linux#6 KiroIDE-0.8-abc"},
                           {"x-amz-user-agent", "aws-sdk-js/1.0.27"},
                           {"TokenType", "API_KEY"},
                           {"Content-Type", "application/x-amz-json-1.0"},
                           {"Authorization", "Bearer t"},
                           {"Cookie", "a=b"}};
        request.body = "{\"a\":1}";
        Watched call(m->client->start(request, m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(m->peer->requestCount(), 1);
        const PeerRequest &seen = m->peer->requests().front();
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
        Watched call(m->start());
        QVERIFY(call.waitForEnd());
        const PeerRequest &seen = m->peer->requests().front();
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
            m->peer->always(PeerScript().send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
        OutboundRequest request = requestTo(m->peer->url());
        request.method = method;
        request.body = body;
        Watched call(m->client->start(request, m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.succeeded(), qPrintable(call.call->error().what));
        QCOMPARE(m->peer->requests().front().line(), method + " / HTTP/1.1");
        QCOMPARE(m->peer->requests().front().body, body);
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
        m->peer->always(PeerScript::reply(status, R"({"message":"no"})", fields));
        Watched call(m->start());
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.succeeded(), qPrintable(call.call->error().what));
        QCOMPARE(call.call->status(), status);
        QCOMPARE(call.body, R"({"message":"no"})");
        QCOMPARE(m->peer->requestCount(), 1);
    }

    void doesNotFollowRedirects()
    {
        FakePeer elsewhere;
        const QByteArray location = elsewhere.url(u"/next"_s).toEncoded();
        m->peer->always(PeerScript::reply(302, "", "Location: " + location + "\r\n"));
        Watched call(m->start());
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(call.call->status(), 302);
        QCOMPARE(call.call->header("location"), location);
        QCOMPARE(elsewhere.connectionCount(), 0);
    }

    void keepsNoCookies()
    {
        m->peer->always(PeerScript::reply(200, "x", "Set-Cookie: a=b; Path=/\r\n"));
        for (int i = 0; i < 2; ++i) {
            Watched call(m->start());
            QVERIFY(call.waitForEnd());
        }
        QCOMPARE(m->peer->requestCount(), 2);
        QVERIFY(m->peer->requests()[1].field("cookie").isNull());
    }

    void reusesAConnection()
    {
        for (int i = 0; i < 5; ++i) {
            Watched call(m->start());
            QVERIFY(call.waitForEnd());
            QVERIFY(call.succeeded());
        }
        QCOMPARE(m->peer->requestCount(), 5);
        QCOMPARE(m->peer->connectionCount(), 1);
        QCOMPARE(m->client->managerCount(), 1);
    }

    void sixtyFourStreamsLiveAtOnceWithSixPerManager()
    {
        PeerScript script;
        script.send(EndlessHeader).send(chunk("live"));
        m->peer->always(script);
        std::vector<std::unique_ptr<Watched>> calls;
        for (int i = 0; i < 64; ++i)
            calls.push_back(std::make_unique<Watched>(m->start()));
        for (const auto &call : calls)
            QTRY_COMPARE(call->body, "live");
        QCOMPARE(m->peer->openCount(), 64);
        QCOMPARE(m->client->activeCalls(), 64);
        QCOMPARE(m->client->managerCount(), 11); // 64 / 6, rounded up
        m->owner.reset();
        QCOMPARE(m->client->activeCalls(), 0);
        QTRY_COMPARE(m->peer->openCount(), 0);
    }

    void lanesAndProxiesDoNotShareConnections()
    {
        const auto fetchOne = [this](const QString &lane, const ProxyChoice &proxy) {
            OutboundRequest request = requestTo(m->peer->url());
            request.lane = lane;
            request.proxy = proxy;
            Watched call(m->client->start(request, m->owner.get()));
            return call.waitForEnd() && call.succeeded();
        };
        const ProxyChoice throughPeer {ProxyChoice::Kind::Http, u"127.0.0.1"_s, m->peer->port()};
        QVERIFY(fetchOne(u"a"_s, {}));
        QVERIFY(fetchOne(u"a"_s, {}));
        QCOMPARE(m->peer->connectionCount(), 1);
        QVERIFY(fetchOne(u"b"_s, {}));
        QCOMPARE(m->peer->connectionCount(), 2);
        QCOMPARE(m->client->managerCount(), 2);
        QVERIFY(fetchOne(u"a"_s, throughPeer));
        QCOMPARE(m->peer->connectionCount(), 3);
        QCOMPARE(m->client->managerCount(), 3);
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

    void sendsALargeBodyWhole()
    {
        OutboundRequest request = requestTo(m->peer->url());
        for (int i = 0; request.body.size() < 8 * 1024 * 1024; ++i)
            request.body += QByteArray::number(i) + ' ';
        Watched call(m->client->start(request, m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QVERIFY(m->peer->requests().front().body == request.body);
    }

    void fetchesAWholeReplyOnce()
    {
        m->peer->always(PeerScript::reply(429, R"({"message":"slow"})", "Retry-After: 3\r\n"));
        std::vector<Result<HttpReply>> answers;
        m->client->fetch(requestTo(m->peer->url()), m->owner.get(),
                         [&answers](Result<HttpReply> answer) { answers.push_back(answer); });
        QCOMPARE(answers.size(), 0U);
        QTRY_COMPARE(answers.size(), 1U);
        QVERIFY(answers[0]);
        QCOMPARE(answers[0].value().status, 429);
        QCOMPARE(answers[0].value().body, R"({"message":"slow"})");
        QCOMPARE(answers[0].value().header("retry-after"), "3");
        QVERIFY(answers[0].value().header("nothing").isNull());
        QTRY_VERIFY(m->owner->children().isEmpty());
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
        m->peer->always(script);
        OutboundRequest request = requestTo(m->peer->url());
        request.firstByteTimeout = 500ms;
        std::vector<Result<HttpReply>> answers;
        m->client->fetch(request, m->owner.get(),
                         [&answers](Result<HttpReply> answer) { answers.push_back(answer); });
        QTRY_COMPARE(answers.size(), 1U);
        QVERIFY(!answers[0]);
        QCOMPARE(answers[0].error().code, code);
        QCOMPARE(answers[0].error().httpStatus, status);
        QTRY_COMPARE(m->client->activeCalls(), 0);
        QTRY_VERIFY(m->owner->children().isEmpty());
        QCOMPARE(answers.size(), 1U);
    }

    void fetchAcceptsTheLargestReply()
    {
        m->peer->always(PeerScript::reply(200, QByteArray(limits::MaxReplyBody, 'x')));
        std::vector<Result<HttpReply>> answers;
        m->client->fetch(requestTo(m->peer->url()), m->owner.get(),
                         [&answers](Result<HttpReply> answer) { answers.push_back(answer); });
        QTRY_COMPARE(answers.size(), 1U);
        QVERIFY(answers[0]);
        QCOMPARE(answers[0].value().body.size(), limits::MaxReplyBody);
    }

    void fetchIsSilentWhenItsContextIsGone()
    {
        PeerScript script;
        m->peer->always(script.send(EndlessHeader));
        bool isCalled = false;
        m->client->fetch(requestTo(m->peer->url()), m->owner.get(),
                         [&isCalled](const Result<HttpReply> &) { isCalled = true; });
        QTRY_COMPARE(m->peer->requestCount(), 1);
        QSignalSpy closed(m->peer.get(), &FakePeer::connectionClosed);
        m->owner.reset();
        QVERIFY(closed.wait());
        QVERIFY(!isCalled);
    }

    void fetchMayDestroyItsContext()
    {
        m->client->fetch(requestTo(m->peer->url()), m->owner.get(),
                         [this](const Result<HttpReply> &) { m->owner.reset(); });
        QTRY_VERIFY(!m->owner);
        QTRY_COMPARE(m->client->activeCalls(), 0);
    }

private:
    std::unique_ptr<CallBench> m;
};

QTEST_GUILESS_MAIN(TstHttpClient)
#include "tst_httpclient.moc"
