// SPDX-License-Identifier: MIT
#include "app/chat/stopsequencefilter.h"
#include "tests/textcuts.h"

#include <QTest>

using namespace kirotray;

namespace {

using Events = std::vector<ChatEvent>;
using Sequences = std::vector<std::string>;

struct Outcome
{
    std::string text;
    std::optional<Finished> finished;
    bool isWholeUtf8 = true; ///< every delta for itself
    bool wasStopped = false;
};

bool isUtf8(const std::string &text)
{
    return QString::fromStdString(text).toStdString() == text;
}

Outcome filtered(const Sequences &sequences, const std::vector<std::string> &pieces)
{
    StopSequenceFilter filter(sequences, 11);
    Events out;
    Outcome outcome;
    for (const std::string &piece : pieces) {
        if (!filter.add(TextDelta {piece}, out)) {
            outcome.wasStopped = true;
            break;
        }
    }
    const std::size_t ended = out.size();
    const bool goesOn = filter.add(Finished {}, out);
    if (goesOn == outcome.wasStopped || (outcome.wasStopped && out.size() != ended))
        qFatal("the filter spoke after the end");
    for (const ChatEvent &event : out) {
        if (const auto *delta = std::get_if<TextDelta>(&event)) {
            outcome.text += delta->text;
            outcome.isWholeUtf8 = outcome.isWholeUtf8 && isUtf8(delta->text);
        } else {
            outcome.finished = std::get<Finished>(event);
        }
    }
    return outcome;
}

} // namespace

Q_DECLARE_METATYPE(Sequences)

class TstStopSequenceFilter : public QObject
{
    Q_OBJECT
private slots:
    void cutsAtTheFirstMatch_data();
    void cutsAtTheFirstMatch();
    void passesTextOnAsSoonAsItIsDecided();
    void flushesHeldTextBeforeOtherEvents();
    void searchesOnlyText();
    void doesNotMatchAcrossOtherEvents();
    void estimatesTheUsageOfACutAnswer();
    void passesEverythingWithoutSequences();
};

void TstStopSequenceFilter::cutsAtTheFirstMatch_data()
{
    QTest::addColumn<Sequences>("sequences");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    QTest::addColumn<QByteArray>("stop"); ///< empty: no match
    const auto row = [](const char *name, const Sequences &sequences, const char *text,
                        const char *expected, const char *stop) {
        QTest::addRow("%s", name) << sequences << QByteArray(text) << QByteArray(expected)
                                  << QByteArray(stop);
    };
    row("in the middle", {"END"}, "one END two", "one ", "END");
    row("at the start", {"END"}, "END two", "", "END");
    row("at the end", {"END"}, "one END", "one ", "END");
    row("the first of two", {"END"}, "a END b END", "a ", "END");
    row("none", {"END"}, "one EN two E", "one EN two E", "");
    row("a start at the end of the answer is text", {"END"}, "one EN", "one EN", "");
    row("one byte", {"\n"}, "line\nnext", "line", "\n");
    row("a start inside a start", {"aab"}, "aaab", "a", "aab");
    row("a periodic sequence", {"abab!"}, "ababab!x", "ab", "abab!");
    row("the one that is complete first", {"bcd", "abcde"}, "xabcdef", "xa", "bcd");
    row("of two that end together the longest", {"bc", "abc"}, "xabcd", "x", "abc");
    row("the order of the sequences does not matter", {"abc", "bc"}, "xabcd", "x", "abc");
    row("two that begin alike", {"stop now", "stop"}, "a stop now", "a ", "stop");
    row("the second sequence", {"XXX", "yy"}, "XX yy", "XX ", "yy");
    row("an empty sequence is ignored", {"", "b"}, "abc", "a", "b");
    row("characters of several bytes", {"结束"}, "你好结束吗", "你好", "结束");
    row("characters that share bytes", {"é"}, "èêé", "èê", "é");
    row("an emoji", {"🛑"}, "😀🛑😀", "😀", "🛑");
    row("several lines", {"\n\nHuman:"}, "a\n\nHu\n\nHuman: b", "a\n\nHu", "\n\nHuman:");
}

void TstStopSequenceFilter::cutsAtTheFirstMatch()
{
    QFETCH(Sequences, sequences);
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    QFETCH(QByteArray, stop);
    for (const TextPieces &pieces : allTextCuts(text.toStdString())) {
        const Outcome outcome = filtered(sequences, pieces);
        QCOMPARE(QByteArray::fromStdString(outcome.text), expected);
        QCOMPARE(outcome.wasStopped, !stop.isEmpty());
        QVERIFY(outcome.isWholeUtf8);
        QVERIFY(outcome.finished);
        QCOMPARE(QByteArray::fromStdString(outcome.finished->stopSequence), stop);
        QCOMPARE(outcome.finished->reason,
                 stop.isEmpty() ? StopReason::EndTurn : StopReason::StopSequence);
    }
}

void TstStopSequenceFilter::passesTextOnAsSoonAsItIsDecided()
{
    StopSequenceFilter filter({"END"});
    Events out;
    QVERIFY(filter.add(TextDelta {"one EN"}, out));
    QVERIFY(out == Events {TextDelta {"one "}});
    out.clear();
    QVERIFY(filter.add(TextDelta {"T"}, out));
    QVERIFY(out == Events {TextDelta {"ENT"}});
    out.clear();
    QVERIFY(filter.add(TextDelta {"E"}, out));
    QVERIFY(out.empty());
    QVERIFY(filter.add(TextDelta {"E"}, out));
    QVERIFY(out == Events {TextDelta {"E"}});
}

void TstStopSequenceFilter::flushesHeldTextBeforeOtherEvents()
{
    const Events others {ThinkingDelta {"x"},
                         ThinkingSignature {"x"},
                         RedactedThinking {"x"},
                         ToolCallStart {"1", "f"},
                         ToolCallDelta {"{}"},
                         ToolCallEnd {},
                         Finished {StopReason::MaxTokens, {}, {}},
                         Failed {}};
    for (const ChatEvent &other : others) {
        StopSequenceFilter filter({"END"});
        Events out;
        QVERIFY(filter.add(TextDelta {"EN"}, out));
        QVERIFY(out.empty());
        QVERIFY(filter.add(other, out));
        QVERIFY((out == Events {TextDelta {"EN"}, other}));
    }
}

void TstStopSequenceFilter::searchesOnlyText()
{
    const Events events {ThinkingDelta {"END"}, ToolCallStart {"1", "END"}, ToolCallDelta {"END"},
                         ToolCallEnd {}, Finished {}};
    StopSequenceFilter filter({"END"});
    Events out;
    for (const ChatEvent &event : events)
        QVERIFY(filter.add(event, out));
    QVERIFY(out == events);
}

void TstStopSequenceFilter::doesNotMatchAcrossOtherEvents()
{
    const Events events {TextDelta {"EN"}, ThinkingDelta {"x"}, TextDelta {"D"}, Finished {}};
    StopSequenceFilter filter({"END"});
    Events out;
    for (const ChatEvent &event : events)
        QVERIFY(filter.add(event, out));
    QVERIFY(out == events);
}

void TstStopSequenceFilter::estimatesTheUsageOfACutAnswer()
{
    StopSequenceFilter filter({"END"}, 1234);
    Events out;
    QVERIFY(filter.add(ThinkingDelta {std::string(40, 't')}, out));
    QVERIFY(!filter.add(TextDelta {std::string(40, 'x') + "END and more"}, out));
    const auto &finished = std::get<Finished>(out.back());
    QCOMPARE(finished.usage.inputTokens, 1234);
    QCOMPARE(finished.usage.outputTokens,
             estimateTokens(std::string(40, 't') + std::string(40, 'x')));
    QVERIFY(finished.usage.isEstimate);
    QVERIFY(!filter.add(Finished {}, out));
    QCOMPARE(out.size(), std::size_t(3));
}

void TstStopSequenceFilter::passesEverythingWithoutSequences()
{
    const Events events {TextDelta {"a"}, TextDelta {"\xE4"}, TextDelta {"b"}, Finished {}};
    for (const Sequences &sequences : {Sequences {}, Sequences {""}}) {
        StopSequenceFilter filter(sequences);
        Events out;
        for (const ChatEvent &event : events)
            QVERIFY(filter.add(event, out));
        QVERIFY(out == events);
    }
}

QTEST_APPLESS_MAIN(TstStopSequenceFilter)
#include "tst_stopsequencefilter.moc"
