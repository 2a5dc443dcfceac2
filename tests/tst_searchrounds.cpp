// SPDX-License-Identifier: MIT
#include "tests/searchplay.h"

#include <QTest>

using namespace kirotray;
using namespace kirotray::searchplay;

class TstSearchRounds : public QObject
{
    Q_OBJECT

private slots:
    void offersTheToolUnderItsName()
    {
        ChatRequest request;
        request.tools = {{"web_search", "own", "{}"}};
        SearchRounds rounds {WebSearchTool {"web_search_2", 0, {}, {}}};
        rounds.prepare(request);
        QCOMPARE(request.tools.size(), 2U);
        QCOMPARE(request.tools.back().name, std::string("web_search_2"));
        Events out;
        for (const ChatEvent &event : call("t", "web_search", "{\"query\":\"x\"}"))
            rounds.add(event, out);
        QCOMPARE(describeAll(out), u"start(t web_search) | delta({\"query\":\"x\"}) | end"_s);
        for (const ChatEvent &event : call("t", "web_search_2", "{\"query\":\"x\"}"))
            rounds.add(event, out);
        QCOMPARE(rounds.pending().size(), 1U);
    }

    void anAnswerWithoutASearchPassesUnchanged()
    {
        SearchPlay play;
        play.add({{ThinkingDelta {"hm"}, ThinkingSignature {"s"}, RedactedThinking {"AA"}},
                  text("a"),
                  call("t", "Bash", "{}"),
                  end()});
        QCOMPARE(play.told(),
                 u"thinking(hm) | signature(s) | redacted(AA) | text(a) | start(t Bash) | "
                 "delta({}) | end | finished tool_use"_s);
        QVERIFY(play.rounds.isOver());
        QCOMPARE(play.finished().usage, RoundUsage);
        QVERIFY(!play.proceed());
    }

    void aSearchIsRunAndTheModelAskedAgain()
    {
        SearchPlay play;
        play.add({text("Let me look. "), search("qt 6"), end()});
        QCOMPARE(play.told(), u"text(Let me look. ) | search(qt 6)"_s);
        QCOMPARE(play.rounds.pending().size(), 1U);
        QCOMPARE(play.rounds.pending().front().id.size(), 24U);
        QVERIFY(!play.rounds.isOver());
        play.answer();
        QVERIFY(play.rounds.pending().empty());
        QVERIFY(play.proceed());
        QCOMPARE(play.rounds.rounds(), 1);

        const std::vector<Message> &messages = play.request.messages;
        QCOMPARE(messages.size(), 3U);
        QVERIFY(messages[1].role == Role::Assistant);
        QCOMPARE(std::get<TextPart>(messages[1].parts.at(0)).text, std::string("Let me look. "));
        const auto &use = std::get<ToolUsePart>(messages[1].parts.at(1));
        QCOMPARE(use.id, "srvtoolu_" + std::get<WebSearchCall>(play.out.at(1)).id);
        QCOMPARE(use.name, std::string("web_search"));
        QCOMPARE(use.inputJson, std::string("{\"query\":\"qt 6\"}"));
        QVERIFY(messages[2].role == Role::User);
        const auto &result = std::get<ToolResultPart>(messages[2].parts.at(0));
        QCOMPARE(result.toolUseId, use.id);
        QVERIFY(!result.isError);
        QVERIFY(result.text.find("https://a.example/qt 6") != std::string::npos);

        play.add({text("Qt 6 it is."), end(StopReason::EndTurn)});
        QCOMPARE(play.told(),
                 u"text(Let me look. ) | search(qt 6) | found(1) | text(Qt 6 it is.) | "
                 "finished end_turn"_s);
        QVERIFY(play.rounds.isOver());
    }

    void pagesThatTheAnswerNamesAreCited()
    {
        SearchPlay play;
        play.add({search("x"), end()}).answer();
        QVERIFY(play.proceed());
        play.add({text("See https://a.exam"), text("ple/x for more."), end(StopReason::EndTurn)});
        QCOMPARE(play.told(),
                 u"search(x) | found(1) | text(See https://a.exam) | text(ple/x) | "
                 "citation(https://a.example/x) | text( for more.) | finished end_turn"_s);
    }

    void usageIsTheSumOfTheRounds()
    {
        SearchPlay play;
        play.add({search(), end()}).answer();
        QVERIFY(play.proceed());
        play.add({search(), end()}).answer("unavailable");
        QVERIFY(play.proceed());
        play.add({text("x"), end(StopReason::EndTurn)});
        QCOMPARE(play.finished().usage, (Usage {300, 30, 15, 6, 1, false, 1.5}));
    }

    void usageIsAnEstimateWhenAnyRoundsIs()
    {
        SearchPlay play;
        play.add({search(), {Finished {StopReason::ToolUse, {}, Usage {}}}}).answer();
        QVERIFY(play.proceed());
        play.add({end(StopReason::EndTurn)});
        QVERIFY(play.finished().usage.isEstimate);
        QCOMPARE(play.finished().usage.credits, std::optional<double>(0.5));
    }

    void severalSearchesOfOneAnswerStayInOrder()
    {
        SearchPlay play;
        play.add({search("one"), search("two"), text("after"), end()});
        const std::vector<WebSearchCall> pending = play.rounds.pending();
        QCOMPARE(pending.size(), 2U);
        QCOMPARE(play.told(), u"search(one)"_s);
        play.rounds.addResult({pending[1].id, {}, ""}, play.out);
        QCOMPARE(play.told(), u"search(one)"_s);
        play.rounds.addResult({pending[0].id, {}, "unavailable"}, play.out);
        QCOMPARE(play.told(),
                 u"search(one) | not found(unavailable) | search(two) | found(0) | text(after)"_s);
        QVERIFY(play.proceed());
        QCOMPARE(play.request.messages.back().parts.size(), 2U);
        QVERIFY(std::get<ToolResultPart>(play.request.messages.back().parts[0]).isError);
    }

    void aResultIsTakenOnceAndOnlyForAKnownSearch()
    {
        SearchPlay play;
        play.add({search(), end()});
        const std::string id = play.rounds.pending().front().id;
        play.rounds.addResult({"other", {}, ""}, play.out);
        QCOMPARE(play.rounds.pending().size(), 1U);
        play.rounds.addResult({id, {}, ""}, play.out);
        play.rounds.addResult({id, {}, "unavailable"}, play.out);
        QCOMPARE(play.told(), u"search(qt) | found(0)"_s);
    }

    void theClientsSitesAreApplied()
    {
        WebSearchTool tool;
        tool.allowedDomains = {"b.example"};
        SearchPlay play(tool);
        play.add({search(), end()}).answer();
        QCOMPARE(play.told(), u"search(qt) | found(0)"_s);
    }

    void theClientsToolsBehindASearchWaitForItsResult()
    {
        SearchPlay play;
        play.add({text("a"), search(), call("t", "Bash", "{}")});
        QCOMPARE(play.told(), u"text(a) | search(qt)"_s);
        play.add({end()});
        QCOMPARE(play.told(), u"text(a) | search(qt)"_s);
        play.answer();
        QVERIFY(!play.proceed());
        QCOMPARE(play.told(),
                 u"text(a) | search(qt) | found(1) | start(t Bash) | delta({}) | end | "
                 "finished tool_use"_s);
        QCOMPARE(play.finished().usage.webSearches, 1);
        QCOMPARE(play.request.messages.size(), 1U);
    }

    void theClientsToolBeforeASearchIsNotHeldBack()
    {
        SearchPlay play;
        play.add({call("t", "Bash", "{}")});
        QCOMPARE(play.told(), u"start(t Bash) | delta({}) | end"_s);
        play.add({search(), end()}).answer();
        QVERIFY(!play.proceed());
        QCOMPARE(play.told(),
                 u"start(t Bash) | delta({}) | end | search(qt) | found(1) | finished tool_use"_s);
    }

    void aResultThatComesBeforeTheEndLetsTheRestStream()
    {
        SearchPlay play;
        play.add({search()}).answer().add({call("t", "Bash", "{}")});
        QCOMPARE(play.told(), u"search(qt) | found(1) | start(t Bash) | delta({}) | end"_s);
    }

    void unusableInputIsAnsweredAtOnce_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::addRow("no query") << QByteArray("{}");
        QTest::addRow("empty query") << QByteArray("{\"query\":\" \"}");
        QTest::addRow("not an object") << QByteArray("[1]");
        QTest::addRow("no JSON") << QByteArray("qt");
    }
    void unusableInputIsAnsweredAtOnce()
    {
        QFETCH(QByteArray, input);
        SearchPlay play;
        play.add({call("tooluse_1", "web_search", input.constData()), end()});
        QVERIFY(play.rounds.pending().empty());
        QCOMPARE(play.told(), u"search() | not found(invalid_input)"_s);
        QVERIFY(play.proceed());
        // The upstream takes no broken input in the history.
        QCOMPARE(std::get<ToolUsePart>(play.request.messages[1].parts[0]).inputJson,
                 std::string("{\"query\":\"\"}"));
        QVERIFY(std::get<ToolResultPart>(play.request.messages[2].parts[0]).isError);
    }

    void thinkingIsReplayedWholeOrNotAtAll()
    {
        const auto replayed = [](const Events &thinking) {
            SearchPlay play;
            play.add({thinking, text("a"), search(), end()}).answer();
            const bool goesOn = play.proceed();
            return goesOn ? play.request.messages[1].parts : std::vector<Part> {};
        };
        const std::vector<Part> whole =
            replayed({ThinkingDelta {"h"}, ThinkingDelta {"m"}, ThinkingSignature {"s"},
                      RedactedThinking {"AA"}, ThinkingDelta {"more"}, ThinkingSignature {"t"}});
        QCOMPARE(whole.size(), 5U);
        QVERIFY(std::get<ThinkingPart>(whole[0]) == (ThinkingPart {"hm", "s", ""}));
        QVERIFY(std::get<ThinkingPart>(whole[1]) == (ThinkingPart {"", "", "AA"}));
        QVERIFY(std::get<ThinkingPart>(whole[2]) == (ThinkingPart {"more", "t", ""}));
        const std::vector<Part> broken =
            replayed({ThinkingDelta {"hm"}, ThinkingSignature {"s"}, ThinkingDelta {"unsigned"}});
        QCOMPARE(broken.size(), 2U);
        QVERIFY(std::holds_alternative<TextPart>(broken[0]));
    }

    void aForcedCallIsNotForcedAgain_data()
    {
        QTest::addColumn<int>("asked");
        QTest::addColumn<int>("then");
        using Mode = ToolChoice::Mode;
        QTest::addRow("any") << int(Mode::Any) << int(Mode::Auto);
        QTest::addRow("named") << int(Mode::Named) << int(Mode::Auto);
        QTest::addRow("auto") << int(Mode::Auto) << int(Mode::Auto);
        QTest::addRow("none") << int(Mode::None) << int(Mode::None);
    }
    void aForcedCallIsNotForcedAgain()
    {
        QFETCH(int, asked);
        QFETCH(int, then);
        SearchPlay play;
        play.request.toolChoice = {ToolChoice::Mode(asked), "web_search", false};
        play.add({search(), end()}).answer();
        QVERIFY(play.proceed());
        QCOMPARE(int(play.request.toolChoice.mode), then);
        QVERIFY(!play.request.toolChoice.parallel);
    }

    void aRoundThatIsAskedAgainLeavesNothingBehind()
    {
        WebSearchTool tool;
        tool.maxUses = 1;
        SearchPlay play(tool);
        play.add({{ThinkingDelta {"x"}, ToolCallStart {"tooluse_1", "web_search"}}});
        play.rounds.restartRound();
        play.out.clear();
        play.add({text("b"), search(), end()}).answer();
        QVERIFY(play.proceed());
        QCOMPARE(play.told(), u"text(b) | search(qt) | found(1)"_s);
        QCOMPARE(play.request.messages[1].parts.size(), 2U);
    }
};

QTEST_APPLESS_MAIN(TstSearchRounds)
#include "tst_searchrounds.moc"
