// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "tests/chatstreambench.h"

using namespace kirotray;
using namespace kirotray::chatstreambench;

class TstChatStreamFailures : public ChatStreamBench
{
    Q_OBJECT

private slots:
    void initTestCase() { loadTables(); }
    void init() { open(); }
    void cleanup() { close(); }
    void failsWhenTheStreamIsCut_data();
    void failsWhenTheStreamIsCut();
    void failsOnADamagedStream_data();
    void failsOnADamagedStream();
    void judgesErrorStatuses_data();
    void judgesErrorStatuses();
    void readsNoMoreOfAnErrorThanItsLimit();
    void failsOnARefusalInsideTheStream_data();
    void failsOnARefusalInsideTheStream();
    void failsOnAnEmptyAnswer();
    void failsWhenNothingListens();
    void failsOnSilence_data();
    void failsOnSilence();
    void waitsLongerForALargerRequest();
};

void TstChatStreamFailures::failsWhenTheStreamIsCut_data()
{
    QTest::addColumn<QByteArray>("sent");
    QTest::addColumn<bool>("isTransportSound");
    QTest::addColumn<int>("texts");
    const QByteArray frame = helloFrame();
    const auto add = [&frame](const char *name, qsizetype kept, int texts) {
        const QByteArray sent = (frame + frame).left(kept);
        QTest::addRow("connection closed %s", name) << chunkOf(sent) << false << texts;
        if (kept % frame.size() != 0)
            QTest::addRow("answer ended %s", name) << chunkOf(sent) + LastChunk << true << texts;
    };
    add("before the first byte", 0, 0);
    add("within the prelude", 5, 0);
    add("behind the prelude", 12, 0);
    add("within the headers", 40, 0);
    add("within the payload", frame.size() - 10, 0);
    add("within the CRC", frame.size() - 1, 0);
    add("between two frames", frame.size(), 1);
    add("within the second prelude", frame.size() + 3, 1);
    add("within the second frame", frame.size() + 60, 1);
}

void TstChatStreamFailures::failsWhenTheStreamIsCut()
{
    QFETCH(const QByteArray, sent);
    QFETCH(const bool, isTransportSound);
    QFETCH(const int, texts);
    m_peer->next(PeerScript().send(StreamHead + sent).wait(0ms).close());
    ChatStream::Attempt given = attempt();
    given.expectsClosingEvents = true; // else a cut between two frames cannot be told from an end
    Watched watched(*m_http, std::move(given));
    watched.stream->start();
    QTRY_VERIFY(watched.hasEnded());
    QCOMPARE(watched.successes, 0);
    QCOMPARE(watched.failures, 1);
    QCOMPARE(static_cast<int>(watched.events.size()), texts);
    QCOMPARE(watched.stream->hasContent(), texts > 0);
    QCOMPARE(watched.failure.error.kind, ChatError::Kind::Upstream);
    QCOMPARE(watched.failure.effect, AccountEffect::None);
    // Over plain HTTP, Qt 6.4 reports a connection that closes in mid-reply either as an error or
    // as a whole reply (tst_httptls shows that it does not over TLS): a cut is a failure in both
    // cases.
    const KiroAction action = watched.failure.action;
    QVERIFY(action == KiroAction::RetryBackoff
            || (!isTransportSound && action == KiroAction::RetryNextHost));
}

void TstChatStreamFailures::failsOnADamagedStream_data()
{
    QTest::addColumn<QByteArray>("damaged");
    QTest::addColumn<QString>("error");
    const auto flipped = [](qsizetype at) {
        QByteArray frame = helloFrame();
        const qsizetype index = at < 0 ? frame.size() + at : at;
        frame[index] = static_cast<char>(frame.at(index) ^ 1);
        return frame;
    };
    QTest::addRow("length") << flipped(3) << u"PRELUDE_CRC"_s;
    QTest::addRow("payload") << flipped(-8) << u"MESSAGE_CRC"_s;
    QTest::addRow("no message type") << bytesOf(frameOf({}, "{}")) << u"PROTOCOL"_s;
    QTest::addRow("JSON") << bytesOf(eventFrame("toolUseEvent", "{")) << u"PAYLOAD_JSON"_s;
    QTest::addRow("UTF-8") << bytesOf(textFrame("\xC3")) << u"PAYLOAD_UTF8"_s;
}

void TstChatStreamFailures::failsOnADamagedStream()
{
    QFETCH(const QByteArray, damaged);
    QFETCH(const QString, error);
    // The peer goes on for ever: the stream has to give up by itself.
    m_peer->next(PeerScript().send(StreamHead + chunkOf(helloFrame() + damaged + helloFrame())));
    Watched watched(*m_http, attempt());
    watched.stream->start();
    QTRY_VERIFY(watched.hasEnded());
    QCOMPARE(watched.failures, 1);
    QCOMPARE(describeAll(watched.events), u"text(Hello)"_s);
    QCOMPARE(watched.failure.error.kind, ChatError::Kind::Upstream);
    QVERIFY(QString::fromStdString(watched.failure.error.message).contains(error));
    QTRY_COMPARE(m_peer->openCount(), 0);
}

void TstChatStreamFailures::judgesErrorStatuses_data()
{
    QTest::addColumn<PeerScript>("script");
    QTest::addColumn<KiroAction>("action");
    QTest::addColumn<ChatError::Kind>("kind");
    using Kind = ChatError::Kind;
    const QByteArray improper = R"({"message":"Improperly formed request.","reason":null})";
    QTest::addRow("400") << PeerScript::reply(400, improper) << KiroAction::RetryStrictSchema
                         << Kind::InvalidRequest;
    QTest::addRow("400 in pieces") << PeerScript().sendInPieces(
        "HTTP/1.1 400 Bad\r\nContent-Length: " + QByteArray::number(improper.size()) + "\r\n\r\n"
            + improper,
        1) << KiroAction::RetryStrictSchema
                                   << Kind::InvalidRequest;
    QTest::addRow("400 that breaks off")
        << PeerScript().send("HTTP/1.1 400 Bad\r\nContent-Length: 999\r\n\r\n" + improper).close()
        << KiroAction::RetryStrictSchema << Kind::InvalidRequest;
    QTest::addRow("401 without body")
        << PeerScript::reply(401, {}) << KiroAction::RefreshOnce << Kind::Authentication;
    QTest::addRow("class in the header")
        << PeerScript::reply(400, "{}", "x-amzn-errortype: AccountSuspendedException:x\r\n")
        << KiroAction::Fail << Kind::Permission;
    QTest::addRow("503 page") << PeerScript::reply(503, "<html>busy</html>")
                              << KiroAction::RetryBackoff << Kind::Upstream;
    QTest::addRow("redirection") << PeerScript::reply(302, {}, "Location: http://127.0.0.1:1/\r\n")
                                 << KiroAction::RetryNextHost << Kind::Upstream;
    QTest::addRow("200 page") << PeerScript::reply(200, "<html>sign in</html>",
                                                   "Content-Type: text/html\r\n")
                              << KiroAction::RetryNextHost << Kind::Upstream;
    QTest::addRow("200 without a type")
        << PeerScript::reply(200, helloFrame()) << KiroAction::RetryNextHost << Kind::Upstream;
    QTest::addRow("200 with a refusal") << PeerScript::reply(
        200, R"({"reason":"INSUFFICIENT_MODEL_CAPACITY"})", "Content-Type: application/json\r\n")
                                        << KiroAction::RetryBackoff << Kind::Overloaded;
    QTest::addRow("error status with a stream") << PeerScript::reply(
        500, helloFrame(), "Content-Type: application/vnd.amazon.eventstream\r\n")
                                                << KiroAction::RetryBackoff << Kind::Upstream;
}

void TstChatStreamFailures::judgesErrorStatuses()
{
    QFETCH(const PeerScript, script);
    m_peer->next(script);
    Watched watched(*m_http, attempt());
    watched.stream->start();
    QTRY_VERIFY(watched.hasEnded());
    QCOMPARE(watched.failures, 1);
    QCOMPARE(watched.successes, 0);
    QVERIFY(watched.events.empty());
    QTEST(watched.failure.action, "action");
    QTEST(watched.failure.error.kind, "kind");
}

void TstChatStreamFailures::readsNoMoreOfAnErrorThanItsLimit()
{
    // More than the limit, and never an end.
    m_peer->next(PeerScript().send("HTTP/1.1 429 Slow\r\nRetry-After: 7\r\n\r\n"
                                   + QByteArray(limits::MaxReplyBody + 1, 'k')));
    Watched watched(*m_http, attempt());
    watched.stream->start();
    QTRY_VERIFY_WITH_TIMEOUT(watched.hasEnded(), 20'000);
    QCOMPARE(watched.failures, 1);
    QCOMPARE(watched.failure.action, KiroAction::RetryBackoff);
    QVERIFY(watched.failure.error.retryAfter == 7s);
    QCOMPARE(watched.failure.refusal.message.size(), 200);
    QTRY_COMPARE(m_peer->openCount(), 0);
}

void TstChatStreamFailures::failsOnARefusalInsideTheStream_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addRow("before content") << QByteArray();
    QTest::addRow("after content") << helloFrame();
}

void TstChatStreamFailures::failsOnARefusalInsideTheStream()
{
    QFETCH(const QByteArray, before);
    const QByteArray refusal = bytesOf(exceptionFrame(
        "ThrottlingException", R"({"message":"m","reason":"USER_REQUEST_RATE_EXCEEDED"})"));
    m_peer->next(PeerScript().send(StreamHead + chunkOf(before + refusal + helloFrame())));
    Watched watched(*m_http, attempt());
    watched.stream->start();
    QTRY_VERIFY(watched.hasEnded());
    QCOMPARE(watched.failures, 1);
    QCOMPARE(watched.failure.effect, AccountEffect::CoolDown);
    QCOMPARE(watched.failure.error.kind, ChatError::Kind::RateLimited);
    QCOMPARE(watched.stream->hasContent(), !before.isEmpty());
    QCOMPARE(describeAll(watched.events), before.isEmpty() ? QString() : u"text(Hello)"_s);
    QTRY_COMPARE(m_peer->openCount(), 0);
}

void TstChatStreamFailures::failsOnAnEmptyAnswer()
{
    m_peer->next(streamOf({}));
    Watched watched(*m_http, attempt());
    watched.stream->start();
    QTRY_VERIFY(watched.hasEnded());
    QCOMPARE(watched.failures, 1);
    QVERIFY(watched.events.empty());
    QCOMPARE(watched.failure.action, KiroAction::RetryBackoff);
    QCOMPARE(watched.failure.error.kind, ChatError::Kind::Upstream);
}

void TstChatStreamFailures::failsWhenNothingListens()
{
    ChatStream::Attempt given = attempt();
    m_peer.reset();
    Watched watched(*m_http, given);
    watched.stream->start();
    QTRY_VERIFY(watched.hasEnded());
    QCOMPARE(watched.failures, 1);
    QCOMPARE(watched.failure.action, KiroAction::RetryNextHost);
    QCOMPARE(watched.failure.effect, AccountEffect::None);
    QCOMPARE(watched.stream->headerMs(), -1);
}

void TstChatStreamFailures::failsOnSilence_data()
{
    QTest::addColumn<PeerScript>("script");
    QTest::addColumn<ChatStream::Timeouts>("timeouts");
    QTest::addColumn<bool>("hasContent");
    using Timeouts = ChatStream::Timeouts;
    const PeerScript content = PeerScript().send(StreamHead + chunkOf(helloFrame()));
    QTest::addRow("no answer") << PeerScript() << Timeouts {50ms, 50ms, Endless, Endless} << false;
    QTest::addRow("silence after the header")
        << PeerScript().send(StreamHead) << Timeouts {Endless, Endless, 50ms, Endless} << false;
    QTest::addRow("silence after content")
        << content << Timeouts {Endless, Endless, 50ms, Endless} << true;
    QTest::addRow("too long in all")
        << content << Timeouts {Endless, Endless, Endless, 100ms} << true;
}

void TstChatStreamFailures::failsOnSilence()
{
    QFETCH(const PeerScript, script);
    QFETCH(const ChatStream::Timeouts, timeouts);
    QFETCH(const bool, hasContent);
    m_peer->next(script);
    ChatStream::Attempt given = attempt();
    given.timeouts = timeouts;
    Watched watched(*m_http, given);
    watched.stream->start();
    QTRY_VERIFY(watched.hasEnded());
    QCOMPARE(watched.failures, 1);
    QCOMPARE(watched.failure.error.kind, ChatError::Kind::Timeout);
    QCOMPARE(watched.failure.effect, AccountEffect::None);
    QCOMPARE(watched.stream->hasContent(), hasContent);
    QTRY_COMPARE(m_peer->openCount(), 0);
}

void TstChatStreamFailures::waitsLongerForALargerRequest()
{
    m_peer->always(PeerScript().wait(200ms).send(StreamHead + chunkOf(helloFrame()) + LastChunk));
    for (const qsizetype size : {qsizetype(0), limits::FirstByteFullSize}) {
        ChatStream::Attempt given = attempt(size);
        given.timeouts.firstByte = 50ms;
        Watched watched(*m_http, given);
        watched.stream->start();
        QTRY_VERIFY(watched.hasEnded());
        QCOMPARE(watched.successes, size > 0 ? 1 : 0);
    }
}

QTEST_GUILESS_MAIN(TstChatStreamFailures)
#include "tst_chatstreamfailures.moc"
