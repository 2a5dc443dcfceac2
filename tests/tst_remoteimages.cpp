// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/gateway/remoteimages.h"
#include "tests/fakepeer.h"

#include <QTest>

using namespace kirotray;

namespace {

using Outcome = std::optional<ChatError>;

bool anyAddress(const QHostAddress &)
{
    return true;
}

ChatRequest requestWith(const std::vector<std::string> &urls)
{
    ChatRequest request;
    request.messages = {{Role::User, {TextPart {"look"}}}};
    for (std::size_t i = 0; i < urls.size(); ++i)
        request.messages.front().parts.emplace_back(
            ImagePart {"", urls[i], "images[" + std::to_string(i) + "]"});
    return request;
}

const ImagePart &imageOf(const ChatRequest &request, std::size_t index = 0)
{
    return std::get<ImagePart>(request.messages.front().parts.at(index + 1));
}

PeerScript redirect(const QByteArray &location)
{
    return PeerScript::reply(302, "", "Location: " + location + "\r\n");
}

} // namespace

class TstRemoteImages : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_peer = std::make_unique<FakePeer>();
        m_http = std::make_unique<HttpClient>();
    }

    void seesWhetherThereAreAny()
    {
        ChatRequest request = requestWith({});
        QVERIFY(!hasRemoteImages(request));
        request.messages.front().parts.emplace_back(ImagePart {"AAAA", "", ""});
        QVERIFY(!hasRemoteImages(request));
        ToolResultPart result {"t", "text"};
        result.images = {{"AAAA", "", ""}};
        request.messages.front().parts.emplace_back(result);
        QVERIFY(!hasRemoteImages(request));
        result.images.push_back({"", "https://a.example/x.png", ""});
        request.messages.front().parts.emplace_back(result);
        QVERIFY(hasRemoteImages(request));
        QVERIFY(hasRemoteImages(requestWith({"https://a.example/x.png"})));
    }

    void tellsPublicAddresses_data()
    {
        QTest::addColumn<bool>("isPublic");
        for (const char *address :
             {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "192.0.1.1",
              "2606:4700::1111", "2a00:1450::5", "64:ff9b::808:808", "::ffff:8.8.8.8"})
            QTest::addRow("%s", address) << true;
        for (const char *address : {"127.0.0.1",
                                    "127.9.9.9",
                                    "0.0.0.0",
                                    "10.1.2.3",
                                    "172.16.0.1",
                                    "172.31.255.255",
                                    "192.168.1.1",
                                    "169.254.169.254",
                                    "100.64.0.1",
                                    "100.127.255.255",
                                    "192.0.0.1",
                                    "198.18.0.1",
                                    "203.0.113.9",
                                    "224.0.0.1",
                                    "240.0.0.1",
                                    "255.255.255.255",
                                    "::",
                                    "::1",
                                    "::ffff:127.0.0.1",
                                    "::ffff:10.0.0.1",
                                    "fe80::1",
                                    "fec0::1",
                                    "fc00::1",
                                    "fd00:ec2::254",
                                    "ff02::1",
                                    "64:ff9b::7f00:1",
                                    "64:ff9b::a00:1",
                                    "2001:db8::1",
                                    "2001::1",
                                    "2002:7f00:1::1",
                                    "::7f00:1"})
            QTest::addRow("%s", address) << false;
    }
    void tellsPublicAddresses()
    {
        QFETCH(bool, isPublic);
        const QHostAddress address(QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY(!address.isNull());
        QCOMPARE(isPublicAddress(address), isPublic);
    }

    void fetchesThePicturesOfMessagesAndToolResults()
    {
        ChatRequest request = requestWith({url("/a.png")});
        ToolResultPart result {"t", "text"};
        result.images = {{"AAAA", "", "kept"}, {"", url("/b.png?k=1#part"), "b"}};
        request.messages.push_back({Role::User, {result}});
        m_peer->always(PeerScript::reply(200, "\x89PNG"));
        const Outcome outcome = fetch(request);
        QVERIFY2(!outcome, outcome ? outcome->message.c_str() : "");
        QVERIFY(!hasRemoteImages(request));
        const std::string expected = QByteArray("\x89PNG").toBase64().toStdString();
        QVERIFY(imageOf(request) == (ImagePart {expected, "", "images[0]"}));
        const auto &images = std::get<ToolResultPart>(request.messages[1].parts[0]).images;
        QVERIFY(images[0] == (ImagePart {"AAAA", "", "kept"}));
        QVERIFY(images[1] == (ImagePart {expected, "", "b"}));
        QCOMPARE(m_peer->requestCount(), 2);
        QList<QByteArray> lines;
        for (const PeerRequest &asked : m_peer->requests()) {
            lines.append(asked.line());
            QVERIFY(asked.field("accept").contains("image/png"));
            QVERIFY(asked.field("authorization").isNull());
        }
        QVERIFY(lines.contains("GET /a.png HTTP/1.1"));
        QVERIFY(lines.contains("GET /b.png?k=1 HTTP/1.1"));
    }

    void aRequestWithoutAnyIsDoneFromTheEventLoop()
    {
        ChatRequest request = requestWith({});
        QVERIFY(!fetch(request));
        QCOMPARE(m_peer->requestCount(), 0);
    }

    void aNameIsLookedUpAndItsAddressAsked()
    {
        const std::string named = "http://localhost:" + std::to_string(m_peer->port()) + "/a.png";
        ChatRequest request = requestWith({named});
        m_peer->always(PeerScript::reply(200, "x"));
        const Outcome outcome = fetch(request);
        QVERIFY2(!outcome, outcome ? outcome->message.c_str() : "");
        QCOMPARE(m_peer->requests().front().field("host"),
                 "localhost:" + QByteArray::number(m_peer->port()));
    }

    void nothingInsideIsReached_data()
    {
        QTest::addColumn<QByteArray>("host");
        for (const char *host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]",
                                 "2130706433", "0x7f.1", "169.254.169.254", "10.0.0.1"})
            QTest::addRow("%s", host) << QByteArray(host);
    }
    void nothingInsideIsReached()
    {
        QFETCH(QByteArray, host);
        ChatRequest request = requestWith(
            {("http://" + host + ':' + QByteArray::number(m_peer->port()) + "/").toStdString()});
        m_peer->always(PeerScript::reply(200, "x"));
        const Outcome outcome = fetch(request, isPublicAddress);
        QVERIFY(outcome);
        QCOMPARE(outcome->kind, ChatError::Kind::InvalidRequest);
        QCOMPARE(outcome->param, std::string("images[0]"));
        QVERIFY2(outcome->message.find("public internet") != std::string::npos,
                 outcome->message.c_str());
        QCOMPARE(m_peer->requestCount(), 0);
        QVERIFY(hasRemoteImages(request));
    }

    void someAddressesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("url");
        for (const char *url :
             {"file:///etc/passwd", "ftp://a.example/x", "data:image/png;base64,AAAA", "http://",
              "nonsense", "https://user:secret@a.example/x", "http:///x", "gopher://127.0.0.1/"})
            QTest::addRow("%s", url) << QByteArray(url);
        QTest::addRow("endless") << "https://a.example/" + QByteArray(10'000, 'x');
        QTest::addRow("unknown host") << QByteArray("http://no-such-host.invalid/x");
    }
    void someAddressesAreRefused()
    {
        QFETCH(QByteArray, url);
        ChatRequest request = requestWith({url.toStdString()});
        const Outcome outcome = fetch(request);
        QVERIFY(outcome);
        QCOMPARE(outcome->kind, ChatError::Kind::InvalidRequest);
        QCOMPARE(outcome->param, std::string("images[0]"));
        QVERIFY(outcome->message.find("secret") == std::string::npos);
    }

    void redirectsAreFollowed()
    {
        ChatRequest request = requestWith({url("/a")});
        m_peer->next(redirect("/b"));
        m_peer->next(redirect(QByteArray::fromStdString(url("/c"))));
        m_peer->next(PeerScript::reply(200, "x"));
        const Outcome outcome = fetch(request);
        QVERIFY2(!outcome, outcome ? outcome->message.c_str() : "");
        QCOMPARE(m_peer->requestCount(), 3);
        QCOMPARE(m_peer->requests().back().line(), QByteArray("GET /c HTTP/1.1"));
    }

    void aRedirectLeadsNowhereElse_data()
    {
        QTest::addColumn<QByteArray>("location");
        QTest::addColumn<int>("requests");
        QTest::addRow("file") << QByteArray("file:///etc/passwd") << 1;
        QTest::addRow("data") << QByteArray("data:image/png;base64,AAAA") << 1;
        QTest::addRow("nowhere") << QByteArray() << 1;
        QTest::addRow("credentials") << QByteArray("http://u:p@127.0.0.1/") << 1;
        QTest::addRow("inside") << QByteArray("http://10.0.0.1/") << 1;
        QTest::addRow("in circles") << QByteArray("/a") << 4;
    }
    void aRedirectLeadsNowhereElse()
    {
        QFETCH(QByteArray, location);
        QFETCH(int, requests);
        ChatRequest request = requestWith({url("/a")});
        m_peer->always(redirect(location));
        // Everything but the peer's own address is inside.
        const Outcome outcome = fetch(request, [](const QHostAddress &address) {
            return address == QHostAddress(QHostAddress::LocalHost);
        });
        QVERIFY(outcome);
        QCOMPARE(m_peer->requestCount(), requests);
    }

    void aBadAnswerIsAnError_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("why");
        QTest::addRow("not found") << 404 << QByteArray("no") << QByteArray("404");
        QTest::addRow("server error") << 500 << QByteArray("no") << QByteArray("500");
        QTest::addRow("empty") << 200 << QByteArray() << QByteArray("empty");
        QTest::addRow("too large")
            << 200 << QByteArray(limits::MaxReplyBody + 1, 'x') << QByteArray("4 MiB");
    }
    void aBadAnswerIsAnError()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, why);
        ChatRequest request = requestWith({url("/secret-token")});
        m_peer->always(PeerScript::reply(status, body));
        const Outcome outcome = fetch(request);
        QVERIFY(outcome);
        QVERIFY2(outcome->message.find(why.toStdString()) != std::string::npos,
                 outcome->message.c_str());
        QVERIFY(outcome->message.find("127.0.0.1") != std::string::npos);
        QVERIFY(outcome->message.find("secret-token") == std::string::npos);
    }

    void aServerThatIsNotThereIsAnError()
    {
        QTcpServer closed;
        QVERIFY(closed.listen(QHostAddress::LocalHost));
        const std::string gone = "http://127.0.0.1:" + std::to_string(closed.serverPort()) + "/";
        closed.close();
        ChatRequest request = requestWith({gone});
        const Outcome outcome = fetch(request);
        QVERIFY(outcome);
        QVERIFY(outcome->message.find("cannot be reached") != std::string::npos);
    }

    void tooManyAreRefusedBeforeTheFirst()
    {
        const std::vector<std::string> urls(limits::MaxRemoteImages + 1, url("/a"));
        ChatRequest request = requestWith(urls);
        const Outcome outcome = fetch(request);
        QVERIFY(outcome);
        QCOMPARE(outcome->param, "images[" + std::to_string(limits::MaxRemoteImages) + "]");
        QCOMPARE(m_peer->requestCount(), 0);
    }

    void anOldPictureThatIsGoneDoesNotBlockTheConversation()
    {
        ChatRequest request = requestWith({url("/gone"), "ftp://a.example/", url("/gone")});
        Message last;
        last.parts.emplace_back(ImagePart {"", url("/new"), "new"});
        request.messages.push_back(last);
        m_peer->always(PeerScript::reply(404, "gone"));
        m_peer->next(PeerScript::reply(404, "gone"));
        m_peer->next(PeerScript::reply(404, "gone"));
        m_peer->next(PeerScript::reply(200, "x"));
        const Outcome outcome = fetch(request);
        QVERIFY2(!outcome, outcome ? outcome->message.c_str() : "");
        QVERIFY(std::get<ImagePart>(request.messages.back().parts.front()).url.empty());
        QVERIFY(!imageOf(request).url.empty()); // left to the builder, which notes it
    }

    void ofALongConversationTheNewestAreFetched()
    {
        ChatRequest request =
            requestWith(std::vector<std::string>(limits::MaxRemoteImages + 2, url("/a")));
        request.messages.emplace_back();
        m_peer->always(PeerScript::reply(200, "x"));
        QVERIFY(!fetch(request));
        QCOMPARE(m_peer->requestCount(), limits::MaxRemoteImages);
        QVERIFY(!imageOf(request, 1).url.empty());
        QVERIFY(imageOf(request, 2).url.empty());
    }

    void onlyAFewAreFetchedAtATime()
    {
        ChatRequest request =
            requestWith(std::vector<std::string>(limits::MaxRemoteImages, url("/a")));
        m_peer->always(PeerScript().hold().send(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"));
        Outcome outcome;
        bool isDone = false;
        fetchRemoteImages(
            *m_http, {ProxyChoice::Kind::None}, request, this,
            [&](Outcome result) {
                outcome = std::move(result);
                isDone = true;
            },
            anyAddress);
        int most = 0;
        const bool ended = QTest::qWaitFor([&] {
            most = std::max(most, m_http->activeCalls());
            if (m_peer->requestCount() >= std::min(4, limits::MaxRemoteImages))
                m_peer->release();
            return isDone;
        });
        QVERIFY(ended);
        QVERIFY2(!outcome, outcome ? outcome->message.c_str() : "");
        QCOMPARE(m_peer->requestCount(), limits::MaxRemoteImages);
        QCOMPARE(most, 4);
        QVERIFY(!hasRemoteImages(request));
    }

    void theFirstFailureEndsTheOthers()
    {
        ChatRequest request = requestWith({url("/a"), "ftp://a.example/", url("/b")});
        m_peer->always(PeerScript().hold());
        const Outcome outcome = fetch(request);
        QVERIFY(outcome);
        QCOMPARE(outcome->param, std::string("images[1]"));
        QTRY_COMPARE(m_http->activeCalls(), 0);
    }

    void nothingIsReportedToAContextThatIsGone()
    {
        ChatRequest request = requestWith({url("/a")});
        m_peer->always(PeerScript().hold());
        auto context = std::make_unique<QObject>();
        bool isDone = false;
        fetchRemoteImages(
            *m_http, {}, request, context.get(), [&](const Outcome &) { isDone = true; },
            anyAddress);
        QTRY_COMPARE(m_peer->requestCount(), 1);
        context.reset();
        QTRY_COMPARE(m_http->activeCalls(), 0);
        QVERIFY(!isDone);
    }

private:
    std::string url(const char *path)
    {
        return m_peer->url(QString::fromLatin1(path)).toString().toStdString();
    }
    Outcome fetch(ChatRequest &request,
                  const std::function<bool(const QHostAddress &)> &isAllowed = anyAddress)
    {
        std::optional<Outcome> outcome;
        fetchRemoteImages(
            *m_http, {ProxyChoice::Kind::None}, request, this,
            [&outcome](Outcome result) { outcome = std::move(result); }, isAllowed);
        if (outcome || !QTest::qWaitFor([&outcome] { return outcome.has_value(); }, 20'000))
            return ChatError {ChatError::Kind::Internal, "no outcome, or at once", {}, {}};
        return *outcome;
    }

    std::unique_ptr<FakePeer> m_peer;
    std::unique_ptr<HttpClient> m_http;
};

QTEST_GUILESS_MAIN(TstRemoteImages)
#include "tst_remoteimages.moc"
