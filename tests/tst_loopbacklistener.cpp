// SPDX-License-Identifier: MIT
#include "app/login/loopbacklistener.h"
#include "tests/httptestclient.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTest>

#include <memory>

using namespace kirotray;

namespace {

const QByteArray State = "the-state-of-this-sign-in";

QByteArray get(const QByteArray &target, quint16 port, const QByteArray &host = "localhost")
{
    return "GET " + target + " HTTP/1.1\r\nHost: " + host + ':' + QByteArray::number(port)
        + "\r\n\r\n";
}

} // namespace

/// Sends one request and waits for its whole answer.
#define TRY_ANSWER_TO(client, request)                                                             \
    (client).send(request);                                                                        \
    std::optional<WireAnswer> answer;                                                              \
    QTRY_VERIFY(answer || (answer = (client).takeAnswer()))

class TstLoopbackListener : public QObject
{
    Q_OBJECT
private slots:
    void init();
    void cleanup();

    void redirectWithTheRightStateIsTold_data();
    void redirectWithTheRightStateIsTold();
    void strayRequestIsAnsweredAndIgnored_data();
    void strayRequestIsAnsweredAndIgnored();
    void garbageDoesNotHurt_data();
    void garbageDoesNotHurt();
    void nothingIsAwaitedWithoutAState();
    void refusalOfTheServiceIsShownEscapedAndTold();
    void pageIsInTheUsersLanguage();
    void pageLoadsNothingAndIsNotKept();
    void browserMayComeAgain();
    void takenPortGivesWayToTheNext_data();
    void takenPortGivesWayToTheNext();
    void noFreePortIsAnError();
    void lastPageArrivesWhenTheListenerIsDestroyedAtOnce();
    void portIsFreeAfterwards();
    void servicePortsAreThoseOfTheService();

    void pastedAddressIsTaken_data();
    void pastedAddressIsTaken();
    void pastedTextThatIsNoAddressIsRefused_data();
    void pastedTextThatIsNoAddressIsRefused();

private:
    std::unique_ptr<LoopbackListener> m_listener;
    std::unique_ptr<QSignalSpy> m_redirects;
};

void TstLoopbackListener::init()
{
    m_listener = std::make_unique<LoopbackListener>(u"en"_s);
    QVERIFY(m_listener->listen({0}));
    m_listener->expect(State);
    m_redirects = std::make_unique<QSignalSpy>(m_listener.get(), &LoopbackListener::redirected);
}

void TstLoopbackListener::cleanup()
{
    m_redirects.reset();
    m_listener.reset();
}

void TstLoopbackListener::redirectWithTheRightStateIsTold_data()
{
    QTest::addColumn<QHostAddress>("address");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("path");
    const QHostAddress four(QHostAddress::LocalHost);
    QTest::newRow("localhost") << four << QByteArray("localhost") << QByteArray("/oauth/callback");
    QTest::newRow("the address") << four << QByteArray("127.0.0.1")
                                 << QByteArray("/oauth/callback");
    QTest::newRow("the portal's path")
        << four << QByteArray("LocalHost") << QByteArray("/signin/callback");
    QTest::newRow("the bare origin") << four << QByteArray("localhost") << QByteArray("/");
    QTcpServer probe;
    if (probe.listen(QHostAddress::LocalHostIPv6)) {
        const QHostAddress six(QHostAddress::LocalHostIPv6);
        QTest::newRow("localhost over IPv6")
            << six << QByteArray("localhost") << QByteArray("/oauth/callback");
        QTest::newRow("the IPv6 address")
            << six << QByteArray("[::1]") << QByteArray("/oauth/callback");
    }
}

void TstLoopbackListener::redirectWithTheRightStateIsTold()
{
    QFETCH(QHostAddress, address);
    QFETCH(QByteArray, host);
    QFETCH(QByteArray, path);
    HttpTestClient browser(m_listener->port(), address);
    TRY_ANSWER_TO(browser, get(path + "?code=a%2Bb+c&state=" + State, m_listener->port(), host));
    QCOMPARE(answer->status, 200);
    QVERIFY(answer->body.contains("Sign-in received"));
    QCOMPARE(m_redirects->count(), 1);
    const auto redirect = m_redirects->first().first().value<LoginRedirect>();
    QCOMPARE(redirect.path, path);
    QCOMPARE(redirect.value("code"), QByteArray("a+b+c"));
    QVERIFY(redirect.value("absent").isNull());
    QVERIFY(!redirect.failure());
}

void TstLoopbackListener::strayRequestIsAnsweredAndIgnored_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    const quint16 port = 0; // replaced
    const QByteArray good = "/oauth/callback?code=c&state=" + State;
    QTest::newRow("favicon") << get("/favicon.ico", port) << 404;
    QTest::newRow("another path") << get("/oauth/callback2?code=c&state=" + State, port) << 404;
    QTest::newRow("no state") << get("/oauth/callback?code=c", port) << 400;
    QTest::newRow("empty state") << get("/oauth/callback?code=c&state=", port) << 400;
    QTest::newRow("wrong state") << get("/oauth/callback?code=c&state=x" + State.mid(1), port)
                                 << 400;
    QTest::newRow("longer state") << get(good + "x", port) << 400;
    QTest::newRow("refusal without state")
        << get("/oauth/callback?error=access_denied", port) << 400;
    QTest::newRow("a foreign host") << get(good, port, "evil.example") << 421;
    QTest::newRow("a name that begins like ours")
        << get(good, port, "localhost.evil.example") << 421;
    QTest::newRow("posted") << get(good, port).replace("GET", "POST") << 404;
    QTest::newRow("asked for in advance") << get(good, port).replace("GET", "OPTIONS") << 404;
}

void TstLoopbackListener::strayRequestIsAnsweredAndIgnored()
{
    QFETCH(QByteArray, request);
    QFETCH(int, status);
    const quint16 port = m_listener->port();
    HttpTestClient browser(port);
    TRY_ANSWER_TO(browser, request.replace(":0\r\n", ':' + QByteArray::number(port) + "\r\n"));
    QCOMPARE(answer->status, status);
    QVERIFY(answer->body.contains("Nothing to do here"));
    QCOMPARE(m_redirects->count(), 0);
    // The sign-in goes on.
    HttpTestClient second(port);
    second.send(get("/oauth/callback?code=c&state=" + State, port));
    QTRY_COMPARE(m_redirects->count(), 1);
}

void TstLoopbackListener::garbageDoesNotHurt_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("zeros") << QByteArray(1000, '\0');
    QTest::newRow("a TLS hello") << QByteArray::fromHex("160301020001fc0303")
            + QByteArray(400, 'x');
    QTest::newRow("no line end") << QByteArray(100'000, 'A');
    QTest::newRow("another protocol") << QByteArray("SSH-2.0-OpenSSH_9.2\r\n");
    QTest::newRow("a large body") << QByteArray(
        "POST /oauth/callback HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Length: 99999999\r\n\r\n");
}

void TstLoopbackListener::garbageDoesNotHurt()
{
    QFETCH(QByteArray, bytes);
    const quint16 port = m_listener->port();
    HttpTestClient noise(port);
    noise.send(bytes);
    HttpTestClient browser(port);
    TRY_ANSWER_TO(browser, get("/oauth/callback?code=c&state=" + State, port));
    QCOMPARE(answer->status, 200);
    QCOMPARE(m_redirects->count(), 1);
}

void TstLoopbackListener::nothingIsAwaitedWithoutAState()
{
    m_listener->expect({});
    HttpTestClient browser(m_listener->port());
    TRY_ANSWER_TO(browser, get("/oauth/callback?code=c&state=", m_listener->port()));
    QCOMPARE(answer->status, 400);
    QCOMPARE(m_redirects->count(), 0);
}

void TstLoopbackListener::refusalOfTheServiceIsShownEscapedAndTold()
{
    HttpTestClient browser(m_listener->port());
    TRY_ANSWER_TO(
        browser,
        get("/oauth/callback?error=access_denied&error_description=No+%3Cb%3Eway&state=" + State,
            m_listener->port()));
    QVERIFY(answer->body.contains("Sign-in failed"));
    QVERIFY(answer->body.contains("No &lt;b&gt;way"));
    QCOMPARE(m_redirects->count(), 1);
    const auto failure = m_redirects->first().first().value<LoginRedirect>().failure();
    QVERIFY(failure);
    QCOMPARE(failure->code, Error::Code::Unauthorized);
    QVERIFY(failure->what.contains(u"No <b>way"_s));
}

void TstLoopbackListener::pageIsInTheUsersLanguage()
{
    LoopbackListener chinese(u"zh_CN"_s);
    QVERIFY(chinese.listen({0}));
    chinese.expect(State);
    HttpTestClient browser(chinese.port());
    TRY_ANSWER_TO(browser, get("/oauth/callback?code=c&state=" + State, chinese.port()));
    QVERIFY(QString::fromUtf8(answer->body).contains(u"已收到登录信息"_s));
    QVERIFY(answer->body.contains("lang=\"zh-CN\""));
}

void TstLoopbackListener::pageLoadsNothingAndIsNotKept()
{
    HttpTestClient browser(m_listener->port());
    TRY_ANSWER_TO(browser, get("/oauth/callback?code=c0de&state=" + State, m_listener->port()));
    QVERIFY(answer->head.contains("content-security-policy: default-src 'none'"));
    QVERIFY(answer->hasLine("cache-control: no-store"));
    QVERIFY(answer->hasLine("referrer-policy: no-referrer"));
    QVERIFY(!answer->body.contains("http://"));
    QVERIFY(!answer->body.contains("https:"));
    QVERIFY(!answer->body.contains("c0de"));
    QVERIFY(!answer->body.contains(State));
}

void TstLoopbackListener::browserMayComeAgain()
{
    HttpTestClient browser(m_listener->port());
    for (int round = 1; round <= 2; ++round) {
        TRY_ANSWER_TO(browser, get("/oauth/callback?code=c&state=" + State, m_listener->port()));
        QCOMPARE(answer->status, 200);
        QCOMPARE(m_redirects->count(), round);
    }
    TRY_ANSWER_TO(browser, get("/favicon.ico", m_listener->port()));
    QCOMPARE(answer->status, 404);
}

void TstLoopbackListener::takenPortGivesWayToTheNext_data()
{
    QTest::addColumn<QHostAddress>("where");
    QTest::newRow("taken on IPv4") << QHostAddress(QHostAddress::LocalHost);
    QTest::newRow("taken everywhere") << QHostAddress(QHostAddress::AnyIPv4);
    QTcpServer probe;
    if (probe.listen(QHostAddress::LocalHostIPv6))
        QTest::newRow("taken on IPv6 only") << QHostAddress(QHostAddress::LocalHostIPv6);
}

void TstLoopbackListener::takenPortGivesWayToTheNext()
{
    QFETCH(QHostAddress, where);
    QTcpServer squid;
    QVERIFY(squid.listen(where));
    quint16 next = 0;
    {
        LoopbackListener probe(u"en"_s);
        QVERIFY(probe.listen({0}));
        next = probe.port();
    }
    LoopbackListener listener(u"en"_s);
    const Result<quint16> port = listener.listen({squid.serverPort(), next});
    QVERIFY(port);
    QCOMPARE(port.value(), next);
}

void TstLoopbackListener::noFreePortIsAnError()
{
    QTcpServer squid;
    QVERIFY(squid.listen(QHostAddress::LocalHost));
    LoopbackListener listener(u"en"_s);
    const Result<quint16> port = listener.listen({squid.serverPort()});
    QVERIFY(!port);
    QCOMPARE(port.error().code, Error::Code::Network);
    QCOMPARE(listener.port(), 0);
}

void TstLoopbackListener::lastPageArrivesWhenTheListenerIsDestroyedAtOnce()
{
    const quint16 port = m_listener->port();
    connect(m_listener.get(), &LoopbackListener::redirected, this, [this] {
        m_redirects.reset();
        m_listener.reset();
    });
    HttpTestClient browser(port);
    TRY_ANSWER_TO(browser, get("/oauth/callback?code=c&state=" + State, port));
    QCOMPARE(answer->status, 200);
    QVERIFY(!m_listener);
    QTRY_VERIFY(browser.isClosed());
}

void TstLoopbackListener::portIsFreeAfterwards()
{
    const quint16 port = m_listener->port();
    m_redirects.reset();
    m_listener.reset();
    LoopbackListener again(u"en"_s);
    QVERIFY(again.listen({port}));
}

void TstLoopbackListener::servicePortsAreThoseOfTheService()
{
    const QList<quint16> ports {3128, 4649, 6588, 8008, 9091, 49153, 50153, 51153, 52153, 53153};
    QCOMPARE(LoopbackListener::servicePorts(), ports);
}

void TstLoopbackListener::pastedAddressIsTaken_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("localhost") << QByteArray("http://localhost:3128/oauth/callback?code=c&state=s")
                               << QByteArray("/oauth/callback");
    QTest::newRow("an address, with white space")
        << QByteArray(" http://127.0.0.1:9/oauth/callback?code=c&state=s\n")
        << QByteArray("/oauth/callback");
    QTest::newRow("custom scheme")
        << QByteArray("kiro://kiro.kiroAgent/authenticate-success?code=c&state=s")
        << QByteArray("/authenticate-success");
    QTest::newRow("bare origin") << QByteArray("http://localhost:3128?code=c&state=s")
                                 << QByteArray("/");
}

void TstLoopbackListener::pastedAddressIsTaken()
{
    QFETCH(QByteArray, text);
    const Result<LoginRedirect> redirect = pastedRedirect(Secret(text));
    QVERIFY(redirect);
    QTEST(redirect.value().path, "path");
    QCOMPARE(redirect.value().value("code"), QByteArray("c"));
    QVERIFY(redirect.value().hasState("s"));
}

void TstLoopbackListener::pastedTextThatIsNoAddressIsRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("a bare code") << QByteArray("s3cret-code");
    QTest::newRow("another host") << QByteArray("http://evil.example/oauth/callback?code=s3cret");
    QTest::newRow("another scheme") << QByteArray("file:///oauth/callback?code=s3cret");
    QTest::newRow("no query") << QByteArray("http://localhost:3128/oauth/callback");
    QTest::newRow("too long") << "http://localhost:3128/?code=s3cret" + QByteArray(40'000, 'x');
}

void TstLoopbackListener::pastedTextThatIsNoAddressIsRefused()
{
    QFETCH(QByteArray, text);
    const Result<LoginRedirect> redirect = pastedRedirect(Secret(text));
    QVERIFY(!redirect);
    QCOMPARE(redirect.error().code, Error::Code::BadInput);
    QVERIFY(!describe(redirect.error()).contains(u"s3cret"_s));
}

QTEST_GUILESS_MAIN(TstLoopbackListener)
#include "tst_loopbacklistener.moc"
