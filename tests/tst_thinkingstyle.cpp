// SPDX-License-Identifier: MIT
#include "app/chat/thinkingstyle.h"
#include "tests/answerrun.h"

#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

namespace {

const Finished End {};

Events styled(ThinkingStyle style, bool isShown, const Events &events)
{
    ThinkingStyleFilter filter(style, isShown);
    Events out;
    for (const ChatEvent &event : events)
        filter.add(event, out);
    return out;
}

/// Every text and thought cut into bytes.
Events cutIntoBytes(const Events &events)
{
    Events cut;
    for (const ChatEvent &event : events) {
        if (const auto *text = std::get_if<TextDelta>(&event))
            for (const char byte : text->text)
                cut.emplace_back(TextDelta {std::string(1, byte)});
        else if (const auto *thought = std::get_if<ThinkingDelta>(&event))
            for (const char byte : thought->text)
                cut.emplace_back(ThinkingDelta {std::string(1, byte)});
        else
            cut.push_back(event);
    }
    return cut;
}

/// Text joined; other events by name.
QString read(const Events &events)
{
    std::string all;
    bool wasText = false;
    for (const ChatEvent &event : events) {
        const auto *text = std::get_if<TextDelta>(&event);
        if (text == nullptr || !wasText)
            all += all.empty() ? "" : " | ";
        all += text != nullptr ? text->text : describeAll({event}).toStdString();
        wasText = text != nullptr;
    }
    return QString::fromStdString(all);
}

} // namespace

Q_DECLARE_METATYPE(kirotray::Events)

class TstThinkingStyle : public QObject
{
    Q_OBJECT
private slots:
    void namesItsStyles();
    void passesEverythingInTheNativeStyle();
    void writesThoughtsIntoTheText_data();
    void writesThoughtsIntoTheText();
    void streamsThoughts();
    void movesCitationsAlong();
};

void TstThinkingStyle::namesItsStyles()
{
    for (const char *name : {"native", "thinking-tags", "think-tags", "text"}) {
        const std::optional<ThinkingStyle> style = thinkingStyleNamed(name);
        QVERIFY(style);
        QCOMPARE(thinkingStyleName(*style), name);
    }
    QVERIFY(!thinkingStyleNamed("tags"));
    QVERIFY(!thinkingStyleNamed(""));
}

void TstThinkingStyle::passesEverythingInTheNativeStyle()
{
    const Events events {ThinkingDelta {},
                         ThinkingSignature {"s"},
                         RedactedThinking {"r"},
                         ThinkingDelta {"t"},
                         TextDelta {"x"},
                         TextDelta {},
                         End};
    QVERIFY(styled(ThinkingStyle::Native, true, events) == events);
    QVERIFY(styled(ThinkingStyle::Native, false, events) == events);
}

void TstThinkingStyle::writesThoughtsIntoTheText_data()
{
    QTest::addColumn<Events>("events");
    QTest::addColumn<QString>("tags"); ///< with <T> for the tag
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("hidden");
    const auto row = [](const char *name, const Events &events, const char *tags, const char *text,
                        const char *hidden) {
        QTest::addRow("%s", name) << events << QString::fromUtf8(tags) << QString::fromUtf8(text)
                                  << QString::fromUtf8(hidden);
    };
    const ToolCallStart call {"a", "f"};
    row("thought and answer",
        {ThinkingDelta {"hm"}, ThinkingSignature {"s"}, TextDelta {"Hi"}, End},
        "<T>\nhm\n</T>\n\nHi | finished end_turn", "hm\n\nHi | finished end_turn",
        "Hi | finished end_turn");
    row("without a signature", {ThinkingDelta {"hm\n"}, TextDelta {"Hi"}, End},
        "<T>\nhm\n</T>\n\nHi | finished end_turn", "hm\n\nHi | finished end_turn",
        "Hi | finished end_turn");
    row("no thought", {TextDelta {"Hi"}, TextDelta {" you"}, End}, "Hi you | finished end_turn",
        "Hi you | finished end_turn", "Hi you | finished end_turn");
    row("only a thought", {ThinkingDelta {"hm"}, End}, "<T>\nhm\n</T> | finished end_turn",
        "hm | finished end_turn", "finished end_turn");
    row("hidden and opaque thoughts leave nothing",
        {ThinkingDelta {}, ThinkingSignature {"s"}, RedactedThinking {"r"}, TextDelta {"Hi"}, End},
        "Hi | finished end_turn", "Hi | finished end_turn", "Hi | finished end_turn");
    row("two thoughts",
        {ThinkingDelta {"1"}, ThinkingSignature {"s"}, ThinkingDelta {"2"}, TextDelta {"Hi"}, End},
        "<T>\n1\n</T>\n\n<T>\n2\n</T>\n\nHi | finished end_turn",
        "1\n\n2\n\nHi | finished end_turn", "Hi | finished end_turn");
    row("texts around a thought do not touch",
        {TextDelta {"A"}, ThinkingDelta {"hm"}, TextDelta {"B"}}, "A\n\n<T>\nhm\n</T>\n\nB",
        "A\n\nhm\n\nB", "A\n\nB");
    row("texts around a thought with their own line breaks",
        {TextDelta {"A\n\n"}, ThinkingDelta {"hm"}, TextDelta {"B\n"}, ThinkingDelta {"so"},
         TextDelta {"C"}},
        "A\n\n<T>\nhm\n</T>\n\nB\n\n<T>\nso\n</T>\n\nC", "A\n\nhm\n\nB\n\nso\n\nC", "A\n\nB\n\nC");
    row("texts around an opaque thought do not touch",
        {TextDelta {"A"}, RedactedThinking {"r"}, TextDelta {"B"}}, "A\n\nB", "A\n\nB", "A\n\nB");
    row("a thought before a call", {ThinkingDelta {"hm"}, call, ToolCallEnd {}, TextDelta {"Hi"}},
        "<T>\nhm\n</T> | start(a f) | end | Hi", "hm | start(a f) | end | Hi",
        "start(a f) | end | Hi");
    row("a thought behind a call",
        {TextDelta {"A"}, call, ToolCallEnd {}, ThinkingDelta {"hm"}, End},
        "A | start(a f) | end | <T>\nhm\n</T> | finished end_turn",
        "A | start(a f) | end | hm | finished end_turn",
        "A | start(a f) | end | finished end_turn");
    row("a failure in a thought", {ThinkingDelta {"hm"}, Failed {}}, "<T>\nhm\n</T> | failed",
        "hm | failed", "failed");
}

void TstThinkingStyle::writesThoughtsIntoTheText()
{
    QFETCH(const Events, events);
    QFETCH(const QString, tags);
    QFETCH(const QString, text);
    QFETCH(const QString, hidden);
    const auto tagged = [&tags](const char *name) {
        return QString(tags).replace(u"T>"_s, QString::fromLatin1(name) + u">"_s);
    };
    for (const Events &form : {events, cutIntoBytes(events)}) {
        QCOMPARE(read(styled(ThinkingStyle::ThinkingTags, true, form)), tagged("thinking"));
        QCOMPARE(read(styled(ThinkingStyle::ThinkTags, true, form)), tagged("think"));
        QCOMPARE(read(styled(ThinkingStyle::Text, true, form)), text);
        for (const ThinkingStyle style :
             {ThinkingStyle::ThinkingTags, ThinkingStyle::ThinkTags, ThinkingStyle::Text})
            QCOMPARE(read(styled(style, false, form)), hidden);
    }
}

void TstThinkingStyle::streamsThoughts()
{
    ThinkingStyleFilter filter(ThinkingStyle::ThinkTags);
    Events out;
    filter.add(ThinkingDelta {"h"}, out);
    QCOMPARE(read(out), u"<think>\nh"_s);
    filter.add(ThinkingDelta {"m"}, out);
    QCOMPARE(read(out), u"<think>\nhm"_s);
    filter.add(TextDelta {"H"}, out);
    QCOMPARE(read(out), u"<think>\nhm\n</think>\n\nH"_s);
}

void TstThinkingStyle::movesCitationsAlong()
{
    const auto citation = [](qint64 start, qint64 end) {
        return TextCitation {"u", {}, {}, start, end};
    };
    const Events events {ThinkingDelta {"嗯"}, TextDelta {"你u"}, citation(1, 2),
                         TextDelta {"u"},      citation(2, 3),    WebSearchCall {"1", "q"},
                         TextDelta {"u"},      citation(0, 1),    ThinkingDelta {"x"},
                         TextDelta {"u"},      citation(0, 1)};
    std::string running;
    for (const ChatEvent &event : styled(ThinkingStyle::ThinkTags, true, events)) {
        if (const auto *text = std::get_if<TextDelta>(&event))
            running += text->text;
        else if (const auto *cited = std::get_if<TextCitation>(&event))
            QCOMPARE(QString::fromStdString(running).mid(cited->start, cited->end - cited->start),
                     u"u"_s);
        else
            running.clear();
    }
    QCOMPARE(running, std::string("u\n\n<think>\nx\n</think>\n\nu"));
    QVERIFY(styled(ThinkingStyle::Native, true, events) == events);
}

QTEST_APPLESS_MAIN(TstThinkingStyle)
#include "tst_thinkingstyle.moc"
