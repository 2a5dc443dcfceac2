// SPDX-License-Identifier: MIT
#include "tests/callbench.h"

#include <QElapsedTimer>
#include <QTest>

using namespace kirotray;

class TstHttpCall : public QObject
{
    Q_OBJECT

private slots:
    void init() { m = std::make_unique<CallBench>(); }
    void cleanup() { m.reset(); }

    void deliversPiecesAsTheyCome()
    {
        PeerScript script;
        script.send(EndlessHeader).send(chunk("one"));
        m->peer->always(script);
        Watched call(m->start());
        QTRY_COMPARE(call.body, "one");
        QCOMPARE(call.finished.size(), 0);
    }

    void readsAnAnswerInOneBytePieces()
    {
        PeerScript script;
        script.sendInPieces(EndlessHeader + chunk("hello ") + chunk("world") + "0\r\n\r\n", 1);
        m->peer->always(script);
        Watched call(m->start());
        QVERIFY(call.waitForEnd());
        QVERIFY(call.succeeded());
        QCOMPARE(call.body, "hello world");
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
        m->peer->always(script);
        OutboundRequest request = requestTo(m->peer->url());
        request.firstByteTimeout = std::chrono::milliseconds(firstByteMs);
        request.idleTimeout = std::chrono::milliseconds(idleMs);
        request.totalTimeout = std::chrono::milliseconds(totalMs);
        Watched call(m->client->start(request, m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Timeout));
        QVERIFY2(call.call->error().what.startsWith(which), qPrintable(call.call->error().what));
        QCOMPARE(m->client->activeCalls(), 0);
        QTRY_COMPARE(m->peer->openCount(), 0);
    }

    void aStreamMayTakeLongerThanItsIdleLimit()
    {
        PeerScript script;
        script.send(EndlessHeader);
        for (int i = 0; i < 12; ++i)
            script.send(chunk("x")).wait(50ms);
        m->peer->always(script.send("0\r\n\r\n"));
        OutboundRequest request = requestTo(m->peer->url());
        request.idleTimeout = 400ms; // the stream takes 600 ms
        Watched call(m->client->start(request, m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.succeeded(), qPrintable(call.call->error().what));
        QCOMPARE(call.body, "xxxxxxxxxxxx");
    }

    void aPauseIsNotSilence()
    {
        PeerScript script;
        m->peer->always(script.send(EndlessHeader).send(chunk("x")));
        OutboundRequest request = requestTo(m->peer->url());
        request.idleTimeout = 100ms;
        request.totalTimeout = 700ms;
        Watched call(m->client->start(request, m->owner.get()));
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
        m->peer->always(script.send(EndlessHeader).send(chunk("x")));
        Watched call(m->start());
        QTRY_COMPARE(call.body, "x");
        QSignalSpy closed(m->peer.get(), &FakePeer::connectionClosed);
        QElapsedTimer clock;
        clock.start();
        call.call->abort();
        call.call->abort();
        QCOMPARE(call.finished.size(), 0); // queued
        QCOMPARE(m->client->activeCalls(), 0);
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
        auto *call = m->start();
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
            connect(call, &HttpCall::headersReceived, m->owner.get(), act);
        else if (where == u"read"_s)
            connect(call, &HttpCall::readyRead, m->owner.get(), act);
        else
            connect(call, &HttpCall::finished, m->owner.get(), act);
        QTRY_VERIFY(reached);
        if (destroys)
            QCOMPARE(gone.size(), 1);
        else
            QTRY_COMPARE(finished.size(), 1);
        QTRY_COMPARE(m->client->activeCalls(), 0);
        Watched next(m->start()); // nothing is broken
        QVERIFY(next.waitForEnd());
        QVERIFY(next.succeeded());
    }

    void aClientDestroyedInsideASignalLeavesItsCalls()
    {
        PeerScript script;
        script.send(EndlessHeader).send(chunk("x")).wait(50ms).send(chunk("y")).send("0\r\n\r\n");
        m->peer->always(script);
        Watched other(m->start());
        Watched call(m->start());
        connect(call.call, &HttpCall::readyRead, m->owner.get(), [this] { m->client.reset(); });
        QVERIFY(call.waitForEnd());
        QVERIFY(other.waitForEnd());
        QVERIFY(call.succeeded());
        QVERIFY(other.succeeded());
        QVERIFY(!m->client);
        QCOMPARE(call.body, "xy");
        QTRY_COMPARE(m->peer->openCount(), 0);
    }

    void destroyedEarlyNothingIsCalled()
    {
        PeerScript script;
        m->peer->always(script.send(EndlessHeader));
        HttpCall *call = m->start();
        QSignalSpy finished(call, &HttpCall::finished);
        QTRY_COMPARE(m->peer->requestCount(), 1);
        QSignalSpy closed(m->peer.get(), &FakePeer::connectionClosed);
        delete call;
        QCOMPARE(m->client->activeCalls(), 0);
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
        m->peer->always(script.send("0\r\n\r\n"));
        Watched call(m->start());
        QTRY_COMPARE(call.body, "first");
        call.call->pause();
        QTRY_VERIFY(m->peer->unsentBytes() > 32 * 1024 * 1024);
        const qsizetype reads = call.reads.size();
        qint64 before = -1; // the sender has come to a stop
        QTRY_VERIFY(std::exchange(before, m->peer->unsentBytes()) == m->peer->unsentBytes());
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
        Watched call(m->start());
        connect(call.call, &HttpCall::headersReceived, call.call, &HttpCall::pause);
        QTRY_COMPARE(m->client->activeCalls(), 0); // all has arrived
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
        HttpCall *started = m->start();
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
        m->peer->always(script);
        Watched call(m->start());
        QVERIFY(call.waitForEnd());
        QVERIFY2(call.failedWith(Error::Code::Network), qPrintable(call.call->error().what));
        QCOMPARE(call.call->status(), status);
        QCOMPARE(m->peer->requestCount(), 1); // never sent twice
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
        m->peer->always(script);
        Watched call(m->start());
        QVERIFY(call.waitForEnd());
        QCOMPARE(call.finished.size(), 1);
        QVERIFY(call.succeeded() || call.failedWith(Error::Code::Network));
        QCOMPARE(call.body, "abc");
        QCOMPARE(m->peer->requestCount(), 1);
    }

    void reportsARefusedConnectionWithoutTheQuery()
    {
        const QUrl url = m->peer->url(u"/x?code=verysecret"_s);
        m->peer.reset();
        Watched call(m->client->start(requestTo(url), m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Network));
        QVERIFY(!call.call->error().what.contains(u"verysecret"_s));
    }

    void bodyIsNotSentAgainOverAStaleConnection()
    {
        Watched first(m->start());
        QVERIFY(first.waitForEnd());
        m->peer->next(PeerScript().reset());
        Watched second(m->start());
        QVERIFY(second.waitForEnd());
        QVERIFY2(second.failedWith(Error::Code::Network), qPrintable(second.call->error().what));
        QCOMPARE(m->peer->requestCount(), 2);
        Watched third(m->start());
        QVERIFY(third.waitForEnd());
        QVERIFY(third.succeeded());
    }

    void anIdleConnectionThatThePeerClosedIsReplaced()
    {
        m->peer->next(PeerScript::reply(200, "one").close());
        Watched first(m->start());
        QVERIFY(first.waitForEnd());
        QTRY_COMPARE(m->peer->openCount(), 0);
        // Until our end has heard of it, a call may still go into the dead connection and fail.
        bool succeeded = false;
        for (int attempt = 0; attempt < 50 && !succeeded; ++attempt) {
            Watched next(m->start());
            QVERIFY(next.waitForEnd());
            succeeded = next.succeeded();
            QVERIFY(succeeded || next.failedWith(Error::Code::Network));
        }
        QVERIFY(succeeded);
        QCOMPARE(m->peer->requestCount(), 2);
    }

    void aPeerThatDoesNotReadIsATimeout()
    {
        m->peer->stopReading();
        OutboundRequest request = requestTo(m->peer->url());
        request.body = QByteArray(32 * 1024 * 1024, 'x');
        request.firstByteTimeout = 300ms;
        Watched call(m->client->start(request, m->owner.get()));
        QVERIFY(call.waitForEnd());
        QVERIFY(call.failedWith(Error::Code::Timeout));
    }

private:
    std::unique_ptr<CallBench> m;
};

QTEST_GUILESS_MAIN(TstHttpCall)
#include "tst_httpcall.moc"
