// SPDX-License-Identifier: MIT
#include "app/kiro/thinkingtags.h"
#include "tests/answerrun.h"
#include "tests/framebuilder.h"
#include "tests/textcuts.h"

#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

namespace {

/// The text in pieces; adjacent events of one kind are one, as a client sees them.
Events tagEvents(const std::vector<std::string> &pieces)
{
    ThinkingTags tags;
    Events out;
    for (const std::string &piece : pieces)
        tags.add(piece, out);
    tags.close(out);
    Events joined;
    for (const ChatEvent &event : out) {
        const auto *text = std::get_if<TextDelta>(&event);
        const auto *thought = std::get_if<ThinkingDelta>(&event);
        if (joined.empty() || joined.back().index() != event.index())
            joined.push_back(event);
        else if (text != nullptr)
            std::get<TextDelta>(joined.back()).text += text->text;
        else if (thought != nullptr)
            std::get<ThinkingDelta>(joined.back()).text += thought->text;
    }
    return joined;
}

AnswerTranslator::Options taggedOptions()
{
    AnswerTranslator::Options options = plainOptions();
    options.parsesThinkingTags = true;
    return options;
}

} // namespace

class TstThinkingTags : public QObject
{
    Q_OBJECT
private slots:
    void tellsThoughtsFromText_data();
    void tellsThoughtsFromText();
    void holdsBackOnlyWhatMayBeATag();
    void holdsBackABoundedSpace();
    void translatesAnswers_data();
    void translatesAnswers();
    void heldTextIsNoContentYetButNoEmptyAnswer();
};

void TstThinkingTags::tellsThoughtsFromText_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("events");
    const auto row = [](const char *name, const char *text, const char *events) {
        QTest::addRow("%s", name) << QByteArray(text) << QString::fromUtf8(events);
    };
    row("thought and answer", "<thinking>\nhm\n</thinking>\n\nHi", "thinking(hm\n) | text(Hi)");
    row("on one line", "<thinking>hm</thinking>\n\nHi", "thinking(hm) | text(Hi)");
    row("space before the tag goes", "\n \r\n\t<thinking>hm</thinking>\n\nHi",
        "thinking(hm) | text(Hi)");
    row("only one line break belongs to each tag", "<thinking>\n\nhm</thinking>\n\n\nHi",
        "thinking(\nhm) | text(\nHi)");
    row("other line ends", "<thinking>hm</thinking> \r\n\r\nHi", "thinking(hm) | text(Hi)");
    row("nothing but text", "Hi <b>there</b>", "text(Hi <b>there</b>)");
    row("nothing but space", " \n\n", "text( \n\n)");
    row("a tag behind text is text", "Hi <thinking>hm</thinking>\n\nx",
        "text(Hi <thinking>hm</thinking>\n\nx)");
    row("a quoted tag is text", "\"<thinking>\" opens", "text(\"<thinking>\" opens)");
    row("a tag in backticks is text", "`<thinking>` opens", "text(`<thinking>` opens)");
    row("a tag in code is text", "```\n<thinking>\n```", "text(```\n<thinking>\n```)");
    row("another tag", "<think>hm</think>\n\nx", "text(<think>hm</think>\n\nx)");
    row("a longer tag", "<thinkings>hm", "text(<thinkings>hm)");
    row("upper case", "<Thinking>hm", "text(<Thinking>hm)");
    row("half a tag at the end", "<thinki", "text(<thinki)");
    row("a closing tag alone", "</thinking>\n\nx", "text(</thinking>\n\nx)");
    row("only a second thought later is text",
        "<thinking>a</thinking>\n\n<thinking>b</thinking>\n\nc",
        "thinking(a) | text(<thinking>b</thinking>\n\nc)");
    row("an opening tag within the thought", "<thinking>a <thinking> b</thinking>\n\nc",
        "thinking(a <thinking> b) | text(c)");
    row("a closing tag without a blank line",
        "<thinking>a</thinking> b</thinking>\nc</thinking>\n\nd",
        "thinking(a</thinking> b</thinking>\nc) | text(d)");
    row("a quoted closing tag", "<thinking>\"</thinking>\n\n\" a</thinking>\n\nb",
        "thinking(\"</thinking>\n\n\" a) | text(b)");
    row("a closing tag in backticks",
        "<thinking>`</thinking>` and `</thinking>\n\n` a</thinking>\n\nb",
        "thinking(`</thinking>` and `</thinking>\n\n` a) | text(b)");
    row("a closing tag in code", "<thinking>a\n```xml\n</thinking>\n\n```\nb</thinking>\n\nc",
        "thinking(a\n```xml\n</thinking>\n\n```\nb) | text(c)");
    row("backticks in a line are no code block", "<thinking>a ``` b</thinking>\n\nc",
        "thinking(a ``` b) | text(c)");
    row("tags that begin again", "<thinking><</</thinking></thinking>\n\nc",
        "thinking(<</</thinking>) | text(c)");
    row("the end right behind the tag", "<thinking>a</thinking>", "thinking(a)");
    row("the end within the blank line", "<thinking>a</thinking>\n", "thinking(a)");
    row("the end within the thought", "<thinking>a", "thinking(a)");
    row("the end within the closing tag", "<thinking>a</thin", "thinking(a</thin)");
    row("an empty thought", "<thinking></thinking>\n\nHi", "text(Hi)");
    row("only the opening tag", "<thinking>\n", "");
    row("other scripts", "<thinking>\n嗯，é😀</thinking>\n\n你好😀",
        "thinking(嗯，é😀) | text(你好😀)");
}

void TstThinkingTags::tellsThoughtsFromText()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QString, events);
    for (const TextPieces &pieces : allTextCuts(text.toStdString()))
        QCOMPARE(describeAll(tagEvents(pieces)), events);
}

void TstThinkingTags::holdsBackOnlyWhatMayBeATag()
{
    ThinkingTags tags;
    Events out;
    const auto added = [&](std::string_view text) {
        out.clear();
        tags.add(text, out);
        return describeAll(out);
    };
    QCOMPARE(added("\n<think"), QString());
    QVERIFY(tags.isHolding());
    QCOMPARE(added("ing>a"), u"thinking(a)"_s);
    QVERIFY(!tags.isHolding());
    QCOMPARE(added("你 <b</t"), u"thinking(你 <b)"_s);
    QCOMPARE(added("hx"), u"thinking(</thx)"_s);
    QCOMPARE(added("b</thinking>"), u"thinking(b)"_s);
    QCOMPARE(added("\n"), QString());
    QCOMPARE(added("x"), u"thinking(</thinking>\nx)"_s);
    QCOMPARE(added("</thinking>\n\nH"), u"text(H)"_s);
    QCOMPARE(added("<thinking>"), u"text(<thinking>)"_s);
}

void TstThinkingTags::holdsBackABoundedSpace()
{
    ThinkingTags leading;
    Events out;
    for (int i = 0; i < 5000; ++i)
        leading.add(" ", out);
    QVERIFY(!out.empty());
    QVERIFY(!leading.isHolding());

    ThinkingTags closing;
    closing.add("<thinking>a</thinking>", out);
    out.clear();
    for (int i = 0; i < 500; ++i)
        closing.add(" ", out);
    QVERIFY(!out.empty());
    QVERIFY(!closing.isHolding());
}

void TstThinkingTags::translatesAnswers_data()
{
    QTest::addColumn<Frames>("frames");
    QTest::addColumn<QString>("events");
    const auto row = [](const char *name, const Frames &frames, const char *events) {
        QTest::addRow("%s", name) << frames << QString::fromUtf8(events);
    };
    const std::string call = toolFrame(R"("toolUseId":"a","name":"f","stop":true)");
    const std::string thought = eventFrame("reasoningContentEvent", R"({"text":"real"})");
    row("thought and answer",
        {textFrame("<thin"), textFrame("king>hm"), textFrame("</thinking>\\n"), textFrame("\\nHi")},
        "thinking(hm) | text(Hi) | finished end_turn");
    row("only a thought", {textFrame("<thinking>hm</thinking>")},
        "thinking(hm) | finished max_tokens");
    row("a thought that never ends", {textFrame("<thinking>hm")},
        "thinking(hm) | finished max_tokens");
    row("a thought and white space", {textFrame("<thinking>hm</thinking>\\n\\n\\n")},
        "thinking(hm) | text(\n) | finished max_tokens");
    row("only a thought, and the upstream's word",
        {textFrame("<thinking>hm"), stopFrame("END_TURN")}, "thinking(hm) | finished end_turn");
    row("a call ends the thought", {textFrame("<thinking>hm</thinking>\\n"), call, textFrame("x")},
        "thinking(hm) | start(a f) | delta({}) | end | text(x) | finished tool_use");
    row("a call ends a thought without its tag", {textFrame("<thinking>hm"), call},
        "thinking(hm) | start(a f) | delta({}) | end | finished tool_use");
    row("no tag goes on behind a call", {textFrame("<thin"), call, textFrame("king>x")},
        "text(<thin) | start(a f) | delta({}) | end | text(king>x) | finished tool_use");
    row("a tag behind a call is text", {call, textFrame("<thinking>x")},
        "start(a f) | delta({}) | end | text(<thinking>x) | finished tool_use");
    row("tags behind real reasoning are text",
        {thought, textFrame("<thinking>x</thinking>\\n\\ny")},
        "thinking(real) | text(<thinking>x</thinking>\n\ny) | finished end_turn");
    row("real reasoning ends a tagged thought", {textFrame("<thinking>x"), thought, textFrame("y")},
        "thinking(x) | thinking(real) | text(y) | finished end_turn");
    row("accounting does not end a thought",
        {textFrame("<thinking>a</thinki"), contextFrame(5), textFrame("ng>\\n\\nb")},
        "thinking(a) | text(b) | finished end_turn");
    row("held text comes at the end", {textFrame("<think")}, "text(<think) | finished end_turn");
}

void TstThinkingTags::translatesAnswers()
{
    QFETCH(const Frames, frames);
    QFETCH(const QString, events);
    for (const std::size_t piece : Pieces)
        QCOMPARE(describeAll(runAnswer(frames, piece, taggedOptions()).events), events);
}

void TstThinkingTags::heldTextIsNoContentYetButNoEmptyAnswer()
{
    AnswerTranslator translator(taggedOptions());
    EventStreamDecoder decoder;
    Events out;
    decoder.feed(textFrame("<thin"),
                 [&](const EventStreamFrame &frame) { translator.add(frame, out); });
    QVERIFY(out.empty());
    QVERIFY(!translator.hasContent());
    QVERIFY(!translator.isEmpty());
    const AnswerRun run = runAnswer({textFrame("<thinking>\\n")}, Whole, taggedOptions());
    QVERIFY(run.translator.isEmpty());
    QVERIFY(run.events.empty());
}

QTEST_APPLESS_MAIN(TstThinkingTags)
#include "tst_thinkingtags.moc"
