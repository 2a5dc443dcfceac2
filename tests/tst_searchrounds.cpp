// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/gateway/searchrounds.h"
#include "tests/answerrun.h"

#include <QTest>

using namespace kirotray;

namespace {

const Usage RoundUsage {100, 10, 5, 2, 0, false, 0.5};

Events call(const char *id, const char *name, const char *json, bool complete = true)
{
    return {ToolCallStart {id, name}, ToolCallDelta {json}, ToolCallEnd {complete}};
}
Events search(const char *query = "qt")
{
    return call("tooluse_1", "web_search", ("{\"query\":\"" + std::string(query) + "\"}").c_str());
}
Events text(const char *words)
{
    return {TextDelta {words}};
}
Events end(StopReason reason = StopReason::ToolUse)
{
    return {Finished {reason, {}, RoundUsage}};
}

/// A call's part: feeds events, answers searches, keeps what the client got.
struct Play
{
    explicit Play(WebSearchTool tool = {})
        : rounds(tool)
    {
        request.messages = {{Role::User, {TextPart {"question"}}}};
        rounds.prepare(request);
    }
    Play &add(const std::vector<Events> &pieces)
    {
        for (const Events &events : pieces)
            for (const ChatEvent &event : events)
                rounds.add(event, out);
        return *this;
    }
    /// Answers everything that is pending.
    Play &answer(const std::string &errorCode = {})
    {
        for (const WebSearchCall &pending : rounds.pending()) {
            WebSearchResult result {pending.id, {}, errorCode};
            if (errorCode.empty())
                result.hits = {{"Title", "https://a.example/" + pending.query, "words", ""}};
            rounds.addResult(result, out);
        }
        return *this;
    }
    bool proceed() { return rounds.proceed(request, out); }
    QString told() const { return describeAll(out); }
    const Finished &finished() const { return std::get<Finished>(out.back()); }

    SearchRounds rounds;
    ChatRequest request;
    Events out;
};

} // namespace

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
        Play play;
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
        Play play;
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
        Play play;
        play.add({search("x"), end()}).answer();
        QVERIFY(play.proceed());
        play.add({text("See https://a.exam"), text("ple/x for more."), end(StopReason::EndTurn)});
        QCOMPARE(play.told(),
                 u"search(x) | found(1) | text(See https://a.exam) | text(ple/x) | "
                 "citation(https://a.example/x) | text( for more.) | finished end_turn"_s);
    }

    void usageIsTheSumOfTheRounds()
    {
        Play play;
        play.add({search(), end()}).answer();
        QVERIFY(play.proceed());
        play.add({search(), end()}).answer("unavailable");
        QVERIFY(play.proceed());
        play.add({text("x"), end(StopReason::EndTurn)});
        QCOMPARE(play.finished().usage, (Usage {300, 30, 15, 6, 1, false, 1.5}));
    }

    void usageIsAnEstimateWhenAnyRoundsIs()
    {
        Play play;
        play.add({search(), {Finished {StopReason::ToolUse, {}, Usage {}}}}).answer();
        QVERIFY(play.proceed());
        play.add({end(StopReason::EndTurn)});
        QVERIFY(play.finished().usage.isEstimate);
        QCOMPARE(play.finished().usage.credits, std::optional<double>(0.5));
    }

    void severalSearchesOfOneAnswerStayInOrder()
    {
        Play play;
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
        Play play;
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
        Play play(tool);
        play.add({search(), end()}).answer();
        QCOMPARE(play.told(), u"search(qt) | found(0)"_s);
    }

    void theClientsToolsBehindASearchWaitForItsResult()
    {
        Play play;
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
        Play play;
        play.add({call("t", "Bash", "{}")});
        QCOMPARE(play.told(), u"start(t Bash) | delta({}) | end"_s);
        play.add({search(), end()}).answer();
        QVERIFY(!play.proceed());
        QCOMPARE(play.told(),
                 u"start(t Bash) | delta({}) | end | search(qt) | found(1) | finished tool_use"_s);
    }

    void aResultThatComesBeforeTheEndLetsTheRestStream()
    {
        Play play;
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
        Play play;
        play.add({call("tooluse_1", "web_search", input.constData()), end()});
        QVERIFY(play.rounds.pending().empty());
        QCOMPARE(play.told(), u"search() | not found(invalid_input)"_s);
        QVERIFY(play.proceed());
        // The upstream takes no broken input in the history.
        QCOMPARE(std::get<ToolUsePart>(play.request.messages[1].parts[0]).inputJson,
                 std::string("{\"query\":\"\"}"));
        QVERIFY(std::get<ToolResultPart>(play.request.messages[2].parts[0]).isError);
    }

    void aCutSearchIsNeitherShownNorRun()
    {
        Play play;
        play.add({text("a"), call("tooluse_1", "web_search", "{\"query\":\"q", false),
                  end(StopReason::MaxTokens)});
        QVERIFY(play.rounds.pending().empty());
        QCOMPARE(play.told(), u"text(a) | finished max_tokens"_s);
        Play other;
        other.add({{ToolCallStart {"tooluse_1", "web_search"}}, end()});
        QCOMPARE(other.told(), u"finished max_tokens"_s);
    }

    void aCutAnswerEndsWithTheSearchesItHas()
    {
        Play play;
        play.add({search(), call("t", "Bash", "{", false), end(StopReason::MaxTokens)}).answer();
        QVERIFY(!play.proceed());
        QCOMPARE(play.told(),
                 u"search(qt) | found(1) | start(t Bash) | delta({) | cut | finished max_tokens"_s);
    }

    void aStopSequenceIsKept()
    {
        Play play;
        play.add({search(), {Finished {StopReason::StopSequence, "END", RoundUsage}}}).answer();
        QVERIFY(!play.proceed());
        QCOMPARE(play.finished().reason, StopReason::StopSequence);
        QCOMPARE(play.finished().stopSequence, std::string("END"));
    }

    void searchesBeyondTheClientsLimitAreRefused()
    {
        WebSearchTool tool;
        tool.maxUses = 2;
        Play play(tool);
        play.add({search("1"), search("2"), search("3"), end()});
        QCOMPARE(play.rounds.pending().size(), 2U);
        play.answer();
        QVERIFY(play.proceed());
        QCOMPARE(play.told(),
                 u"search(1) | found(1) | search(2) | found(1) | search(3) | "
                 "not found(max_uses_exceeded)"_s);
        // The model may answer; when it only searches on, the turn is paused.
        play.out.clear();
        play.add({search("4"), end()});
        QVERIFY(play.proceed());
        play.add({search("5"), end()});
        QVERIFY(!play.proceed());
        QCOMPARE(play.told(),
                 u"search(4) | not found(max_uses_exceeded) | search(5) | "
                 "not found(max_uses_exceeded) | finished pause_turn"_s);
        QCOMPARE(play.finished().usage.webSearches, 2);
    }

    void theRoundsOfAnAnswerAreLimited()
    {
        WebSearchTool tool;
        tool.maxUses = 1000;
        Play play(tool);
        int asked = 1;
        for (; asked < 100; ++asked) {
            play.add({search(), end()}).answer();
            if (!play.proceed())
                break;
        }
        QCOMPARE(asked, limits::MaxSearchRounds + 2);
        QCOMPARE(play.finished().reason, StopReason::PauseTurn);
        QCOMPARE(play.finished().usage.webSearches, limits::MaxSearchRounds);
    }

    void thinkingIsReplayedWholeOrNotAtAll()
    {
        const auto replayed = [](const Events &thinking) {
            Play play;
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
        Play play;
        play.request.toolChoice = {ToolChoice::Mode(asked), "web_search", false};
        play.add({search(), end()}).answer();
        QVERIFY(play.proceed());
        QCOMPARE(int(play.request.toolChoice.mode), then);
        QVERIFY(!play.request.toolChoice.parallel);
    }

    void aFailureEndsTheAnswerWithItsSearches()
    {
        Play play;
        play.add({search(), {Failed {{ChatError::Kind::Upstream, "broken", {}, {}}}}});
        QCOMPARE(play.told(), u"search(qt) | not found(unavailable) | failed"_s);
        QVERIFY(play.rounds.isOver());
        QVERIFY(play.rounds.pending().empty());
        play.add({text("late"), end()});
        QVERIFY(!play.proceed());
        QCOMPARE(play.out.size(), 3U);
    }

    void aRoundThatIsAskedAgainLeavesNothingBehind()
    {
        WebSearchTool tool;
        tool.maxUses = 1;
        Play play(tool);
        play.add({{ThinkingDelta {"x"}, ToolCallStart {"tooluse_1", "web_search"}}});
        play.rounds.restartRound();
        play.out.clear();
        play.add({text("b"), search(), end()}).answer();
        QVERIFY(play.proceed());
        QCOMPARE(play.told(), u"text(b) | search(qt) | found(1)"_s);
        QCOMPARE(play.request.messages[1].parts.size(), 2U);
    }

    void anAnswerThatIsTooLargeFails()
    {
        Play play;
        const std::string piece(limits::MaxToolInput, 'x');
        qsizetype sent = 0;
        while (!play.rounds.isOver() && sent < 2 * limits::MaxAnswer) {
            play.out.clear();
            play.add({{TextDelta {piece}}});
            sent += limits::MaxToolInput;
        }
        QVERIFY(std::holds_alternative<Failed>(play.out.back()));
    }
};

QTEST_APPLESS_MAIN(TstSearchRounds)
#include "tst_searchrounds.moc"
