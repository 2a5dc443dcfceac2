// SPDX-License-Identifier: MIT
// Summaries in place of what goes: made, kept, continued, bounded, and missing.
#include "tests/contextfitbench.h"

using namespace kirotray;
using namespace std::chrono_literals;

class TstContextSummary : public ContextFitBench
{
    Q_OBJECT

private slots:
    void whatGoesIsReplacedByASummary()
    {
        m_settings.trims = m_settings.summarises = true;
        const ChatRequest before = talk(5);
        begin(before);
        QCOMPARE(m_asks.size(), std::size_t(1));
        const ChatRequest &ask = m_asks.front().request;
        QVERIFY(ask.tools.empty() && ask.messages.size() == 1);
        QVERIFY(!ask.system.empty());
        QCOMPARE(m_request->messages.size(), std::size_t(8));
        QVERIFY(firstText(*m_request).ends_with("They talked."));
        QVERIFY(std::equal(m_request->messages.begin() + 1, m_request->messages.end(),
                           before.messages.begin() + 4));
        QCOMPARE(
            lastNote(),
            u"4 messages (400 characters) were replaced by a summary of 12 characters: there are more than 8 messages"_s);
    }

    void aSummaryAloneIsMadeAtTheSameBounds()
    {
        m_settings.summarises = true;
        begin(talk(5));
        QCOMPARE(m_asks.size(), std::size_t(1));
        QVERIFY(firstText(*m_request).ends_with("They talked."));
    }

    void theSummaryIsMadeOnceAndUsedAgain()
    {
        m_settings.summarises = true;
        begin(talk(5));
        begin(talk(5));
        QCOMPARE(m_asks.size(), std::size_t(1));
        QVERIFY(firstText(*m_request).ends_with("They talked."));
        QVERIFY(lastNote().contains(u"a summary made before"));
        begin(talk(5), u"another conversation"_s);
        QCOMPARE(m_asks.size(), std::size_t(2));
    }

    void aSummaryIsContinuedWhenMuchIsNew()
    {
        m_settings.summarises = true;
        begin(talk(5));
        m_written = std::string("They talked more.");
        begin(talk(10));
        QCOMPARE(m_asks.size(), std::size_t(2));
        const std::string &ask = firstText(m_asks.back().request);
        QVERIFY(ask.find("They talked.") != std::string::npos);
        QCOMPARE(QByteArray::fromStdString(ask).count("User: "), 5); // of 7 exchanges that go
        QVERIFY(firstText(*m_request).ends_with("They talked more."));
    }

    void noSummaryIsUsedAgainWhenTheCacheIsOff()
    {
        m_settings.summarises = true;
        m_settings.cachesSummaries = false;
        begin(talk(5));
        begin(talk(5));
        QCOMPARE(m_asks.size(), std::size_t(2));
        QCOMPARE(m_cache.size(), 0);
    }

    void aFailedSummaryLeavesPlainTrimming_data()
    {
        QTest::addColumn<QString>("how");
        QTest::addColumn<QString>("note");
        QTest::newRow("failure") << u"failure"_s << u"no summary: the call failed"_s;
        QTest::newRow("nothing") << u"nothing"_s << u"no summary: the model wrote none"_s;
        QTest::newRow("silence") << u"silence"_s << u"no summary: the model took too long"_s;
    }
    void aFailedSummaryLeavesPlainTrimming()
    {
        QFETCH(QString, how);
        m_settings.trims = m_settings.summarises = true;
        if (how == u"failure")
            m_written = Error {Error::Code::Upstream, u"the call failed"_s, {}};
        if (how == u"nothing")
            m_written = std::string(" \n");
        m_isPending = how == u"silence";
        m_timeout = 20ms;
        begin(talk(5));
        QTRY_COMPARE(m_dones, std::vector<bool> {true});
        QCOMPARE(m_request->messages.size(), std::size_t(7));
        QTEST(QString::fromStdString(m_request->notes.front()), "note");
        QVERIFY(lastNote().contains(u"were cut"));
        // An answer that comes too late changes nothing.
        for (const SummaryDone &done : m_pending)
            done(std::string("Late."));
        QCOMPARE(m_request->messages.size(), std::size_t(7));
        QCOMPARE(m_dones.size(), std::size_t(1));
        // The next request does not wait for another failure.
        begin(talk(5));
        QCOMPARE(m_dones, std::vector<bool> {true});
        QCOMPARE(m_asks.size(), std::size_t(1));
    }

    void aSummaryIsBounded()
    {
        m_settings.summarises = true;
        std::string text;
        while (text.size() < std::size_t(limits::MaxSummaryBytes))
            text += "ä€";
        m_written = text + text;
        begin(talk(5));
        const std::string &word = firstText(*m_request);
        QVERIFY(word.size() < std::size_t(limits::MaxSummaryBytes) + 200);
        QVERIFY(!QString::fromStdString(word).contains(QChar::ReplacementCharacter));
    }

    void theAskIsBounded()
    {
        m_settings.summarises = true;
        m_settings.maxMessages = 10'000;
        begin(work(400, 100'000));
        QCOMPARE(m_asks.size(), std::size_t(1));
        const std::size_t size = firstText(m_asks.front().request).size();
        QVERIFY2(size > 50'000 && size < 300'000, QByteArray::number(qint64(size)).constData());
        begin(talk(4000, 3000));
        const std::size_t second = firstText(m_asks.back().request).size();
        QVERIFY2(second > 50'000 && second < 300'000,
                 QByteArray::number(qint64(second)).constData());
    }

    void aRefusedRequestIsSummarisedToo()
    {
        m_settings.summarises = true;
        m_settings.maxMessages = 1000;
        begin(talk(16));
        QVERIFY(m_asks.empty());
        for (int refusal = 0; refusal < 3; ++refusal) {
            QVERIFY(refuse());
            QVERIFY(firstText(*m_request).ends_with("They talked."));
        }
        QCOMPARE(m_request->messages.size(), std::size_t(6));
        QCOMPARE(m_asks.size(), std::size_t(2)); // then the last one stands for the rest
        QVERIFY(firstText(m_asks.back().request).find("They talked.") != std::string::npos);
    }

    void nothingComesAfterItIsGone()
    {
        m_settings.summarises = true;
        m_isPending = true;
        begin(talk(5));
        QCOMPARE(m_pending.size(), std::size_t(1));
        m_fit.reset();
        m_pending.front()(std::string("Too late."));
        QVERIFY(m_dones.empty());
        QCOMPARE(m_request->messages.size(), std::size_t(11));
    }
};

QTEST_GUILESS_MAIN(TstContextSummary)
#include "tst_contextsummary.moc"
