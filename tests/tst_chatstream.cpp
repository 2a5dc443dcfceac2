// SPDX-License-Identifier: MIT
#include "tests/chatstreambench.h"

#include <QPointer>

using namespace kirotray;
using namespace kirotray::chatstreambench;

class TstChatStream : public ChatStreamBench
{
    Q_OBJECT

private slots:
    void initTestCase() { loadTables(); }
    void init() { open(); }
    void cleanup() { close(); }
    void sendsTheRequest();
    void streamsAnAnswer_data();
    void streamsAnAnswer();
    void tellsWhenThingsCame();
    void holdsAHostToItsClosingEvents_data();
    void holdsAHostToItsClosingEvents();
    void abortsWhenDestroyed();
    void mayBeDestroyedByItsOwnSignals_data();
    void mayBeDestroyedByItsOwnSignals();
    void holdsEventsBackWhilePaused();
    void mayBeResumedWhileItDelivers();
};

void TstChatStream::sendsTheRequest()
{
    m_peer->always(streamOf(helloFrame()));
    const ChatStream::Attempt given = attempt();
    Watched watched(*m_http, given);
    watched.stream->start();
    QTRY_VERIFY(watched.hasEnded());
    QCOMPARE(m_peer->requestCount(), 1);
    const PeerRequest &request = m_peer->requests().front();
    QCOMPARE(request.line(), QByteArray("POST /generateAssistantResponse HTTP/1.1"));
    QCOMPARE(request.field("authorization"), QByteArray("Bearer token-1"));
    QCOMPARE(request.field("amz-sdk-invocation-id"), given.invocationId);
    QCOMPARE(
        request.body,
        requestBody(*given.request, profileArnFor(*given.tables, given.identity, given.baseUrl)));
}

void TstChatStream::streamsAnAnswer_data()
{
    QTest::addColumn<PeerScript>("script");
    const QByteArray frames = helloFrame() + bytesOf(textFrame(" world"));
    const QByteArray body = chunkOf(frames) + LastChunk;
    QTest::addRow("at once") << PeerScript().send(StreamHead + body);
    QTest::addRow("byte by byte") << PeerScript().sendInPieces(StreamHead + body, 1);
    QTest::addRow("in odd pieces") << PeerScript().sendInPieces(StreamHead + body, 7);
    QTest::addRow("with a length") << PeerScript::reply(
        200, frames, "content-type: Application/vnd.amazon.eventstream; charset=x\r\n");
    QTest::addRow("until the connection closes")
        << PeerScript()
               .send("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                     "Content-Type: application/vnd.amazon.eventstream\r\n\r\n"
                     + frames)
               .close();
}

void TstChatStream::streamsAnAnswer()
{
    QFETCH(const PeerScript, script);
    m_peer->next(script);
    Watched watched(*m_http, attempt());
    watched.stream->start();
    QTRY_VERIFY(watched.hasEnded());
    QCOMPARE(watched.successes, 1);
    QCOMPARE(watched.failures, 0);
    QCOMPARE(describeAll(watched.events), u"text(Hello) | text( world) | finished end_turn"_s);
    QVERIFY(watched.stream->hasContent());
}

void TstChatStream::tellsWhenThingsCame()
{
    m_peer->next(PeerScript().send(StreamHead).hold().send(chunkOf(helloFrame()) + LastChunk));
    Watched watched(*m_http, attempt());
    QCOMPARE(watched.stream->headerMs(), -1);
    watched.stream->start();
    QTRY_VERIFY(watched.stream->headerMs() >= 0);
    QCOMPARE(watched.stream->firstContentMs(), -1);
    m_peer->release();
    QTRY_VERIFY(watched.hasEnded());
    QVERIFY(watched.stream->firstContentMs() >= watched.stream->headerMs());
}

void TstChatStream::holdsAHostToItsClosingEvents_data()
{
    QTest::addColumn<QByteArray>("frames");
    QTest::addColumn<bool>("isWhole");
    const auto frame = [](const char *type, const char *payload) {
        return QByteArray::fromStdString(eventFrame(type, payload));
    };
    const QByteArray text = helloFrame();
    QTest::addRow("text alone") << text << false;
    QTest::addRow("metadata") << text + frame("metadataEvent", "{\"stopReason\":\"END_TURN\"}")
                              << true;
    QTest::addRow("context usage")
        << text + frame("contextUsageEvent", "{\"contextUsagePercentage\":1}") << true;
    QTest::addRow("metering") << text + frame("meteringEvent", "{\"usage\":0.1}") << true;
    QTest::addRow("a call that was cut is told as one")
        << frame("toolUseEvent", "{\"toolUseId\":\"a\",\"name\":\"f\",\"input\":\"{\"}") << true;
}

void TstChatStream::holdsAHostToItsClosingEvents()
{
    QFETCH(const QByteArray, frames);
    QFETCH(const bool, isWhole);
    for (const bool isExpected : {false, true}) {
        m_peer->next(PeerScript().send(StreamHead + chunkOf(frames) + LastChunk));
        ChatStream::Attempt given = attempt();
        given.expectsClosingEvents = isExpected;
        Watched watched(*m_http, std::move(given));
        watched.stream->start();
        QTRY_VERIFY(watched.hasEnded());
        QCOMPARE(watched.successes, isWhole || !isExpected ? 1 : 0);
    }
}

void TstChatStream::abortsWhenDestroyed()
{
    for (const PeerScript &script :
         {PeerScript(), PeerScript().send(StreamHead + chunkOf(helloFrame()))}) {
        m_peer->next(script);
        Watched watched(*m_http, attempt());
        watched.stream->start();
        const bool waitsForContent = !script.steps().empty();
        QTRY_VERIFY(waitsForContent ? watched.batches == 1 : m_peer->openCount() == 1);
        watched.stream.reset();
        QCOMPARE(m_http->activeCalls(), 0);
        QTRY_COMPARE(m_peer->openCount(), 0);
        QVERIFY(!watched.hasEnded());
    }
}

void TstChatStream::mayBeDestroyedByItsOwnSignals_data()
{
    QTest::addColumn<QByteArray>("frames");
    QTest::addColumn<int>("batch");
    QTest::addRow("by the first events") << helloFrame() << 1;
    QTest::addRow("by the last events") << helloFrame() << 2;
    QTest::addRow("by its success") << helloFrame() << 0;
    QTest::addRow("by its failure") << QByteArray() << 0;
}

void TstChatStream::mayBeDestroyedByItsOwnSignals()
{
    QFETCH(const QByteArray, frames);
    QFETCH(const int, batch);
    m_peer->next(PeerScript().send(StreamHead + chunkOf(frames)).wait(20ms).send(LastChunk));
    Watched watched(*m_http, attempt());
    const QPointer<ChatStream> alive(watched.stream.get());
    const auto destroy = [&watched] { watched.stream.reset(); };
    if (batch == 0) {
        connect(watched.stream.get(), &ChatStream::succeeded, &watched, destroy);
        connect(watched.stream.get(), &ChatStream::failed, &watched, destroy);
    }
    watched.onEvents = [&] {
        if (watched.batches == batch)
            destroy();
    };
    watched.stream->start();
    QTRY_VERIFY(!alive);
    QTRY_COMPARE(m_http->activeCalls(), 0);
    QCOMPARE(watched.hasEnded(), batch == 0);
}

void TstChatStream::holdsEventsBackWhilePaused()
{
    constexpr int Count = 50;
    const QByteArray frame = bytesOf(textFrame(std::string(100'000, 'k')));
    QByteArray frames;
    for (int i = 0; i < Count; ++i)
        frames += frame;
    m_peer->next(streamOf(frames));
    FakePeer other;
    other.always(streamOf(helloFrame()));

    Watched watched(*m_http, attempt());
    watched.onEvents = [&watched] {
        if (watched.batches == 1)
            watched.stream->pause();
    };
    watched.stream->start();
    QTRY_COMPARE(watched.batches, 1);
    // Other streams go on meanwhile.
    for (int i = 0; i < 10; ++i) {
        ChatStream::Attempt given = attempt();
        given.baseUrl = other.url({}).toString();
        Watched bystander(*m_http, given);
        bystander.stream->start();
        QTRY_COMPARE(bystander.successes, 1);
    }
    QCOMPARE(watched.batches, 1);
    watched.stream->resume();
    QTRY_COMPARE_WITH_TIMEOUT(watched.successes, 1, 20'000);
    QCOMPARE(watched.events.size(), Count + 1U);
}

void TstChatStream::mayBeResumedWhileItDelivers()
{
    QByteArray frames;
    for (int i = 0; i < 1000; ++i)
        frames += helloFrame();
    m_peer->next(streamOf(frames));
    Watched watched(*m_http, attempt());
    bool isDelivering = false;
    bool isNested = false;
    watched.onEvents = [&] {
        isNested = isNested || isDelivering;
        isDelivering = true;
        watched.stream->pause();
        watched.stream->resume();
        isDelivering = false;
    };
    watched.stream->start();
    QTRY_COMPARE(watched.successes, 1);
    QVERIFY(!isNested);
    QCOMPARE(watched.events.size(), 1001U);
}

QTEST_GUILESS_MAIN(TstChatStream)
#include "tst_chatstream.moc"
