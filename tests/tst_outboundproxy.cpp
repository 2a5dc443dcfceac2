// SPDX-License-Identifier: MIT
#include "app/net/systemproxy.h"
#include "tests/callbench.h"

#include <QSemaphore>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <atomic>

using namespace kirotray;

namespace {

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

class TstOutboundProxy : public QObject
{
    Q_OBJECT

private slots:
    void init() { m = std::make_unique<CallBench>(); }
    void cleanup() { m.reset(); }

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
        request.proxy = {ProxyChoice::Kind::Http, u"127.0.0.1"_s, m->peer->port(), user, u"pw"_s};
        Watched call(m->client->start(request, m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.succeeded(), qPrintable(call.call->error().what));
        QCOMPARE(m->peer->requestCount(), 1);
        const PeerRequest &seen = m->peer->requests().front();
        QCOMPARE(seen.line(), "POST http://upstream.test/chat?x=1 HTTP/1.1");
        QCOMPARE(seen.field("proxy-authorization"), credentials);
        QCOMPARE(seen.body, "{}");
    }

    void asksAnHttpProxyForATunnel()
    {
        m->peer->always(PeerScript::reply(403, "no"));
        OutboundRequest request = requestTo(QUrl(u"https://upstream.test/chat"_s));
        request.headers = {{"Authorization", "Bearer t"}};
        request.proxy = {ProxyChoice::Kind::Http, u"127.0.0.1"_s, m->peer->port()};
        Watched call(m->client->start(request, m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Network));
        QVERIFY(m->peer->requestCount() > 0);
        const PeerRequest &seen = m->peer->requests().front();
        QCOMPARE(seen.line(), "CONNECT upstream.test:443 HTTP/1.1");
        QVERIFY(seen.field("authorization").isNull());
    }

    void aProxyThatWantsAPasswordIsANetworkError()
    {
        m->peer->always(PeerScript::reply(407, "no", "Proxy-Authenticate: Basic realm=x\r\n"));
        OutboundRequest request = requestTo(QUrl(u"http://upstream.test/chat"_s));
        request.proxy = {ProxyChoice::Kind::Http, u"127.0.0.1"_s, m->peer->port()};
        Watched call(m->client->start(request, m->owner.get()));
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
        Watched call(m->client->start(request, m->owner.get()));
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
        Watched local(m->start());
        OutboundRequest request = requestTo(QUrl(u"http://upstream.test/chat"_s));
        Watched remote(m->client->start(request, m->owner.get()));
        const bool ended = local.waitForEnd() && remote.waitForEnd();
        before.isNull() ? qunsetenv("http_proxy") : qputenv("http_proxy", before);
        QVERIFY(ended);
        QCOMPARE(local.body, "hello");
        QCOMPARE(remote.body, "proxied");
        QCOMPARE(proxy.requestCount(), 1);
        QCOMPARE(proxy.requests().front().line(), "POST http://upstream.test/chat HTTP/1.1");
    }

    void asksTheSystemOnceForATarget()
    {
        std::atomic<int> questions = 0;
        QUrl asked;
        SystemProxy system([&questions, &asked](const QUrl &url) {
            ++questions;
            asked = url;
            return QNetworkProxy(QNetworkProxy::Socks5Proxy, u"p"_s, 1);
        });
        std::vector<QNetworkProxy> answers;
        const auto ask = [&](const QString &url) {
            system.resolve(QUrl(url), m->owner.get(),
                           [&answers](const QNetworkProxy &proxy) { answers.push_back(proxy); });
        };
        ask(u"https://upstream.test/chat?code=secret"_s);
        QCOMPARE(answers.size(), 0U);
        QTRY_COMPARE(answers.size(), 1U);
        QCOMPARE(answers[0].type(), QNetworkProxy::Socks5Proxy);
        QCOMPARE(asked, QUrl(u"https://upstream.test"_s)); // the rest is none of its business
        ask(u"https://upstream.test/other"_s);
        QCOMPARE(answers.size(), 2U); // known: at once
        QCOMPARE(questions, 1);
        ask(u"https://other.test/"_s);
        QTRY_COMPARE(answers.size(), 3U);
        QCOMPARE(questions, 2);
        ask(u"http://localhost:1/"_s);
        QCOMPARE(answers.size(), 4U);
        QCOMPARE(answers[3].type(), QNetworkProxy::NoProxy);
        QCOMPARE(questions, 2);
    }

    void anAnswerForNobodyIsDropped()
    {
        QSemaphore mayAnswer;
        auto system = std::make_unique<SystemProxy>([&mayAnswer](const QUrl &) {
            mayAnswer.acquire();
            return QNetworkProxy(QNetworkProxy::NoProxy);
        });
        bool isCalled = false;
        bool isOtherCalled = false;
        QObject other;
        const QUrl url(u"https://upstream.test/"_s);
        system->resolve(url, m->owner.get(), [&](const QNetworkProxy &) { isCalled = true; });
        system->resolve(url, &other, [&](const QNetworkProxy &) { isOtherCalled = true; });
        m->owner.reset();
        system.reset();
        mayAnswer.release(2);
        QTRY_VERIFY(isOtherCalled);
        QVERIFY(!isCalled);
    }

private:
    std::unique_ptr<CallBench> m;
};

QTEST_GUILESS_MAIN(TstOutboundProxy)
#include "tst_outboundproxy.moc"
