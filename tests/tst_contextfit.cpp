// SPDX-License-Identifier: MIT
// What goes when a conversation is too long, and after a refusal.
#include "tests/contextfitbench.h"

using namespace kirotray;
using namespace std::chrono_literals;

class TstContextFit : public ContextFitBench
{
    Q_OBJECT

private slots:
    void nothingIsTouchedWhenAllIsOff()
    {
        m_settings.retry = ContextRetry::Off;
        const ChatRequest before = talk(100);
        begin(before);
        QCOMPARE(m_dones, std::vector<bool> {false});
        QVERIFY(m_request->messages == before.messages);
        QVERIFY(m_request->notes.empty());
        QVERIFY(!m_fit->shortenAfterRefusal([](bool) { QFAIL("it comes"); }));
    }

    void whatIsNotTooLongStays()
    {
        m_settings.trims = m_settings.estimates = m_settings.summarises = true;
        const ChatRequest before = talk(3);
        begin(before);
        QCOMPARE(m_dones, std::vector<bool> {false});
        QVERIFY(m_request->messages == before.messages);
        QVERIFY(m_asks.empty());
    }

    void trimsTheOldestByCount()
    {
        m_settings.trims = true;
        const ChatRequest before = talk(5); // 11 messages
        begin(before);
        QCOMPARE(m_dones, std::vector<bool> {true});
        QCOMPARE(m_request->messages.size(), std::size_t(7));
        QVERIFY(std::equal(m_request->messages.begin(), m_request->messages.end(),
                           before.messages.begin() + 4));
        QCOMPARE(m_request->system, before.system);
        QCOMPARE(lastNote(),
                 u"4 messages (400 characters) were cut: there are more than 8 messages"_s);
    }

    void trimsTheOldestByCharacters()
    {
        m_settings.trims = true;
        begin(talk(3, 5000));
        QCOMPARE(m_request->messages.size(), std::size_t(1));
        QCOMPARE(
            lastNote(),
            u"6 messages (30,000 characters) were cut: there are more than 10,000 characters"_s);
    }

    void theStartStaysForSomeRequests()
    {
        m_settings.trims = true;
        m_settings.maxMessages = 40;
        std::vector<std::size_t> cuts;
        for (const int exchanges : {20, 21, 22, 23}) {
            begin(talk(exchanges));
            cuts.push_back(std::size_t(exchanges) * 2 + 1 - m_request->messages.size());
        }
        QCOMPARE(cuts, (std::vector<std::size_t> {6, 6, 6, 10}));
    }

    void trimsRoundsOfTheNewestQuestion()
    {
        m_settings.trims = true;
        begin(work(6)); // 13 messages
        QCOMPARE(firstText(*m_request), std::string("Repair it."));
        QVERIFY(firstText(*m_request, 1).find("left out") != std::string::npos);
        QVERIFY(std::get<ToolUsePart>(m_request->messages[2].parts.front()).id == "t3");
        QVERIFY(lastNote().startsWith(u"6 messages"));
    }

    void theNewestStaysHoweverLongItIs()
    {
        m_settings.trims = m_settings.estimates = true;
        ChatRequest request = talk(1);
        request.messages.back().parts = {TextPart {padding(50'000)}};
        m_window = 100;
        begin(request);
        QCOMPARE(m_request->messages.size(), std::size_t(1));
        begin(*m_request);
        QCOMPARE(m_dones, std::vector<bool> {false});
    }

    void cutsAheadWhatTheWindowWouldNotHold()
    {
        m_settings.estimates = true;
        m_window = 2000;
        begin(talk(20, 1000));
        QCOMPARE(m_dones, std::vector<bool> {true});
        QVERIFY(lastNote().contains(u" tokens, the model takes 2,000"));
        QVERIFY(!m_request->messages.empty());
        const std::size_t left = m_request->messages.size();
        begin(*m_request); // it fits now
        QCOMPARE(m_dones, std::vector<bool> {false});
        QCOMPARE(m_request->messages.size(), left);
    }

    void theStrictestStrategyDecides()
    {
        m_settings.trims = m_settings.estimates = true;
        m_settings.maxMessages = 30;
        m_settings.maxChars = 1'000'000;
        m_window = 1000;
        begin(talk(20, 1000));
        QVERIFY(lastNote().contains(u"tokens"));
        m_window = 1'000'000;
        begin(talk(20, 1000));
        QVERIFY(lastNote().contains(u"more than 30 messages"));
    }

    void aRefusalHalvesWhatMayGo()
    {
        begin(talk(16)); // 16 exchanges may go
        std::vector<std::size_t> left;
        for (int refusal = 0; refusal < 3; ++refusal) {
            QVERIFY(refuse());
            left.push_back(m_request->messages.size());
        }
        QCOMPARE(left, (std::vector<std::size_t> {17, 9, 5}));
        QVERIFY(!refuse());
        QCOMPARE(m_dones, (std::vector<bool> {false, true, true, true}));
        QVERIFY(lastNote().endsWith(u"the upstream called the request too long"));
    }

    void aRefusalCutsToTheWindowWhenThatIsMore()
    {
        m_window = 1000;
        begin(talk(16, 1000));
        QVERIFY(refuse());
        QVERIFY2(m_request->messages.size() < 9, "half would be 17");
    }

    void aRefusalLeavesOneQuestionAlone()
    {
        begin(talk(0));
        QVERIFY(refuse());
        QCOMPARE(m_dones, (std::vector<bool> {false, false}));
    }

    void aRefusedRequestGetsOneWordOnWhatWasCut()
    {
        begin(work(16));
        for (int refusal = 0; refusal < 3; ++refusal) {
            QVERIFY(refuse());
            QVERIFY(firstText(*m_request, 1).find("left out") != std::string::npos);
            QVERIFY(std::holds_alternative<ToolUsePart>(m_request->messages[2].parts.front()));
        }
    }

    void theWordStaysWhenNothingMoreMayGo()
    {
        begin(work(2));
        QVERIFY(refuse());
        const std::vector<Message> once = m_request->messages;
        QCOMPARE(once.size(), std::size_t(4));
        QVERIFY(refuse());
        QCOMPARE(m_dones, (std::vector<bool> {false, true, false}));
        QVERIFY(m_request->messages == once);
    }

    void whoIsShortened_data()
    {
        QTest::addColumn<int>("retry");
        QTest::addColumn<QString>("client");
        QTest::addColumn<bool>("isShortened");
        const auto row = [](ContextRetry retry, const char *client, bool isShortened) {
            QTest::addRow("%s %s", qPrintable(toString(retry)), client)
                << int(retry) << QString::fromLatin1(client) << isShortened;
        };
        for (const char *client : {"claude-code", "codex", "gemini-cli", "opencode"}) {
            row(ContextRetry::Others, client, false);
            row(ContextRetry::All, client, true);
            row(ContextRetry::Off, client, false);
        }
        for (const char *client : {"", "openai-python"}) {
            row(ContextRetry::Others, client, true);
            row(ContextRetry::All, client, true);
            row(ContextRetry::Off, client, false);
        }
    }
    void whoIsShortened()
    {
        QFETCH(int, retry);
        m_settings.retry = static_cast<ContextRetry>(retry);
        QFETCH(QString, client);
        m_client = client;
        begin(talk(4));
        QTEST(refuse(), "isShortened");
    }

    void worksElsewhereWhenTheRequestIsLarge()
    {
        m_settings.trims = true;
        m_isDeferred = true;
        begin(talk(5));
        QVERIFY(m_dones.empty());
        QTRY_COMPARE(m_dones, std::vector<bool> {true});
        m_isDeferred = false;
    }
};

QTEST_GUILESS_MAIN(TstContextFit)
#include "tst_contextfit.moc"
