// SPDX-License-Identifier: MIT
// How answers with web searches end.
#include "app/base/limits.h"
#include "tests/searchplay.h"

#include <QTest>

using namespace kirotray;
using namespace kirotray::searchplay;

class TstSearchEndings : public QObject
{
    Q_OBJECT

private slots:
    void aCutSearchIsNeitherShownNorRun()
    {
        SearchPlay play;
        play.add({text("a"), call("tooluse_1", "web_search", "{\"query\":\"q", false),
                  end(StopReason::MaxTokens)});
        QVERIFY(play.rounds.pending().empty());
        QCOMPARE(play.told(), u"text(a) | finished max_tokens"_s);
        SearchPlay other;
        other.add({{ToolCallStart {"tooluse_1", "web_search"}}, end()});
        QCOMPARE(other.told(), u"finished max_tokens"_s);
    }

    void aCutAnswerEndsWithTheSearchesItHas()
    {
        SearchPlay play;
        play.add({search(), call("t", "Bash", "{", false), end(StopReason::MaxTokens)}).answer();
        QVERIFY(!play.proceed());
        QCOMPARE(play.told(),
                 u"search(qt) | found(1) | start(t Bash) | delta({) | cut | finished max_tokens"_s);
    }

    void aStopSequenceIsKept()
    {
        SearchPlay play;
        play.add({search(), {Finished {StopReason::StopSequence, "END", RoundUsage}}}).answer();
        QVERIFY(!play.proceed());
        QCOMPARE(play.finished().reason, StopReason::StopSequence);
        QCOMPARE(play.finished().stopSequence, std::string("END"));
    }

    void searchesBeyondTheClientsLimitAreRefused()
    {
        WebSearchTool tool;
        tool.maxUses = 2;
        SearchPlay play(tool);
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
        SearchPlay play(tool);
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

    void aFailureEndsTheAnswerWithItsSearches()
    {
        SearchPlay play;
        play.add({search(), {Failed {{ChatError::Kind::Upstream, "broken", {}, {}}}}});
        QCOMPARE(play.told(), u"search(qt) | not found(unavailable) | failed"_s);
        QVERIFY(play.rounds.isOver());
        QVERIFY(play.rounds.pending().empty());
        play.add({text("late"), end()});
        QVERIFY(!play.proceed());
        QCOMPARE(play.out.size(), 3U);
    }

    void anAnswerThatIsTooLargeFails()
    {
        SearchPlay play;
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

QTEST_APPLESS_MAIN(TstSearchEndings)
#include "tst_searchendings.moc"
