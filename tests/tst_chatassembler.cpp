// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/chat/chatanswer.h"

#include <QTest>

using namespace kirotray;

namespace {

using Events = std::vector<ChatEvent>;
using Blocks = std::vector<AnswerBlock>;

ChatAssembler assembled(const Events &events)
{
    ChatAssembler assembler;
    for (const ChatEvent &event : events)
        assembler.add(event);
    return assembler;
}

} // namespace

Q_DECLARE_METATYPE(Events)
Q_DECLARE_METATYPE(Blocks)

class TstChatAssembler : public QObject
{
    Q_OBJECT
private slots:
    void joinsDeltasIntoBlocks_data();
    void joinsDeltasIntoBlocks();
    void keepsTheEnding();
    void keepsTheFailure();
    void ignoresWhatFollowsTheEnding();
    void hasNothingBeforeTheEnding();
    void refusesMoreThanTheLimit();
};

void TstChatAssembler::joinsDeltasIntoBlocks_data()
{
    QTest::addColumn<Events>("events");
    QTest::addColumn<Blocks>("blocks");
    QTest::addRow("nothing") << Events {} << Blocks {};
    QTest::addRow("one text") << Events {TextDelta {"a"}, TextDelta {"b"}, TextDelta {"c"}}
                              << Blocks {AnswerText {"abc"}};
    QTest::addRow("empty deltas make no block")
        << Events {TextDelta {""}, ThinkingDelta {""}} << Blocks {};
    QTest::addRow("an empty delta of another kind does not split a text")
        << Events {TextDelta {"a"}, ThinkingDelta {""}, TextDelta {"b"}}
        << Blocks {AnswerText {"ab"}};
    QTest::addRow("thinking, then text")
        << Events {ThinkingDelta {"h"}, ThinkingDelta {"m"}, TextDelta {"so"}}
        << Blocks {AnswerThinking {"hm", {}, {}}, AnswerText {"so"}};
    QTest::addRow("a signature closes the thinking")
        << Events {ThinkingDelta {"a"}, ThinkingSignature {"s1"}, ThinkingDelta {"b"},
                   ThinkingSignature {"s2"}}
        << Blocks {AnswerThinking {"a", "s1", {}}, AnswerThinking {"b", "s2", {}}};
    QTest::addRow("a signature alone is a block")
        << Events {ThinkingSignature {"s"}, TextDelta {"t"}}
        << Blocks {AnswerThinking {{}, "s", {}}, AnswerText {"t"}};
    QTest::addRow("redacted thinking is a block of its own")
        << Events {ThinkingDelta {"a"}, RedactedThinking {"AAA="}, RedactedThinking {"BBB="},
                   ThinkingDelta {"b"}}
        << Blocks {AnswerThinking {"a", {}, {}}, AnswerThinking {{}, {}, "AAA="},
                   AnswerThinking {{}, {}, "BBB="}, AnswerThinking {"b", {}, {}}};
    QTest::addRow("calls between texts")
        << Events {TextDelta {"a"},       ToolCallStart {"1", "f"}, ToolCallDelta {"{\"x\""},
                   ToolCallDelta {":1}"}, ToolCallEnd {},           ToolCallStart {"2", "g"},
                   ToolCallDelta {"{}"},  ToolCallEnd {},           TextDelta {"b"}}
        << Blocks {AnswerText {"a"}, AnswerToolCall {"1", "f", "{\"x\":1}"},
                   AnswerToolCall {"2", "g", "{}"}, AnswerText {"b"}};
    QTest::addRow("a call without input has an empty object")
        << Events {ToolCallStart {"1", "f"}, ToolCallEnd {}}
        << Blocks {AnswerToolCall {"1", "f", "{}"}};
    QTest::addRow("a cut call is left out") << Events {TextDelta {"a"}, ToolCallStart {"1", "f"},
                                                       ToolCallDelta {"{\"x"}, ToolCallEnd {false}}
                                            << Blocks {AnswerText {"a"}};
    QTest::addRow("a call that never ends is left out")
        << Events {ToolCallStart {"1", "f"}, ToolCallDelta {"{}"}} << Blocks {};
    QTest::addRow("an unended call before another is left out")
        << Events {ToolCallStart {"1", "f"}, ToolCallDelta {"{}"}, ToolCallStart {"2", "g"},
                   ToolCallEnd {}}
        << Blocks {AnswerToolCall {"2", "g", "{}"}};
    QTest::addRow("input and end without a call are ignored")
        << Events {ToolCallDelta {"{}"}, ToolCallEnd {},      TextDelta {"a"},
                   ToolCallDelta {"{}"}, ToolCallEnd {false}, TextDelta {"b"}}
        << Blocks {AnswerText {"ab"}};
}

void TstChatAssembler::joinsDeltasIntoBlocks()
{
    QFETCH(Events, events);
    QFETCH(Blocks, blocks);
    events.emplace_back(Finished {});
    const ChatAssembler assembler = assembled(events);
    QVERIFY(assembler.answer());
    QVERIFY(assembler.answer()->blocks == blocks);
    QVERIFY(!assembler.error());
}

void TstChatAssembler::keepsTheEnding()
{
    Finished finished {StopReason::StopSequence, "END", {}};
    finished.usage.inputTokens = 7;
    finished.usage.outputTokens = 3;
    finished.usage.credits = 0.25;
    const ChatAssembler assembler = assembled({TextDelta {"a"}, finished});
    QVERIFY(assembler.answer());
    QVERIFY(assembler.answer()->finished == finished);
}

void TstChatAssembler::keepsTheFailure()
{
    const ChatError error {ChatError::Kind::Overloaded, "busy", {}, std::chrono::seconds(3)};
    const ChatAssembler assembler = assembled({TextDelta {"a"}, Failed {error}});
    QVERIFY(assembler.error() == error);
    QVERIFY(!assembler.answer());
}

void TstChatAssembler::ignoresWhatFollowsTheEnding()
{
    const ChatAssembler assembler = assembled({TextDelta {"a"}, Finished {}, TextDelta {"b"},
                                               Failed {}, Finished {StopReason::Refusal, {}, {}}});
    QVERIFY(assembler.answer());
    QVERIFY(assembler.answer()->blocks == Blocks {AnswerText {"a"}});
    QCOMPARE(assembler.answer()->finished.reason, StopReason::EndTurn);
    QVERIFY(!assembler.error());
}

void TstChatAssembler::hasNothingBeforeTheEnding()
{
    const ChatAssembler assembler = assembled({TextDelta {"a"}});
    QVERIFY(!assembler.answer());
    QVERIFY(!assembler.error());
}

void TstChatAssembler::refusesMoreThanTheLimit()
{
    ChatAssembler assembler;
    const std::string half(static_cast<std::size_t>(limits::MaxAnswer / 2), 'x');
    QVERIFY(assembler.add(ToolCallStart {"", ""}));
    QVERIFY(assembler.add(ToolCallDelta {half}));
    QVERIFY(assembler.add(ToolCallEnd {false}));
    QVERIFY(assembler.add(TextDelta {half}));
    QVERIFY(!assembler.add(TextDelta {"x"}));
    QVERIFY(!assembler.add(Finished {}));
    QVERIFY(!assembler.answer());
}

QTEST_APPLESS_MAIN(TstChatAssembler)
#include "tst_chatassembler.moc"
