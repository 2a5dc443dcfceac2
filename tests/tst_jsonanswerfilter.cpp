// SPDX-License-Identifier: MIT
#include "app/chat/jsonanswerfilter.h"
#include "tests/answerrun.h"
#include "tests/textcuts.h"

#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

namespace {

OutputFormat schemaFormat(const char *schema)
{
    return {OutputFormat::Kind::JsonSchema, schema};
}

/// Text joined; other events in between.
QString filteredText(const OutputFormat &format, const Events &events)
{
    JsonAnswerFilter filter(format);
    Events out;
    for (const ChatEvent &event : events)
        filter.add(event, out);
    QString all;
    for (const ChatEvent &event : out) {
        if (const auto *text = std::get_if<TextDelta>(&event))
            all += QString::fromStdString(text->text);
        else
            all += u" | "_s + describeAll({event}) + u" | "_s;
    }
    return all;
}

const OutputFormat AnyObject {OutputFormat::Kind::JsonObject, {}};

} // namespace

class TstJsonAnswerFilter : public QObject
{
    Q_OBJECT
private slots:
    void leavesTheValue_data();
    void leavesTheValue();
    void streamsTheValue();
    void passesEverythingWhenTextIsWanted();
    void letsOtherEventsBy();
    void movesCitationsAlong();
    void holdsABoundedText();
};

void TstJsonAnswerFilter::leavesTheValue_data()
{
    QTest::addColumn<QByteArray>("schema"); ///< empty: any object
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *name, const char *schema, const char *text,
                        const char *expected) {
        QTest::addRow("%s", name) << QByteArray(schema) << QByteArray(text) << QByteArray(expected);
    };
    const char *any = "";
    const char *object = "{\"type\":\"object\"}";
    const char *array = "{\"type\":\"ARRAY\"}";
    const char *scalar = "{\"type\":[\"string\",\"number\",\"null\"]}";
    row("a bare object", any, "{\"a\":1}", "{\"a\":1}");
    row("a bare empty object", any, "{ }", "{ }");
    row("white space around it", any, "\n {\"a\":1}\n\n", "{\"a\":1}");
    row("a fence", any, "```json\n{\"a\": 1}\n```", "{\"a\": 1}");
    row("a fence without a language", any, "```\n{\"a\":1}\n```\n", "{\"a\":1}");
    row("a fence on one line", any, "```{\"a\":1}```", "{\"a\":1}");
    row("a sentence and a fence", any, "Here is it:\n\n```json\n{\"a\":1}\n```\nHave fun!",
        "{\"a\":1}");
    row("a sentence on the same line", any, "Here: {\"a\":1} Bye.", "{\"a\":1}");
    row("a sentence with braces", any, "Use {name} and { x } so:\n{\"a\":1}", "{\"a\":1}");
    row("brackets in the sentence", object, "[1] says:\n{\"a\":[1]}", "{\"a\":[1]}");
    row("the bytes within stay", any, "```\n{ \"a\\\"}\" :\t[ \"```\", {\"b\\\\\":\"}\"} ]\n}\n```",
        "{ \"a\\\"}\" :\t[ \"```\", {\"b\\\\\":\"}\"} ]\n}");
    row("other scripts", any, "好的：\n{\"名\":\"值😀\"}\n完", "{\"名\":\"值😀\"}");
    row("a value that is cut", any, "```json\n{\"a\":[1,", "{\"a\":[1,");
    row("a cut before it is certain", any, "Well {  ", "Well {  ");
    row("no value at all", any, "I cannot do that.\n", "I cannot do that.\n");
    row("a fence without a value", any, "```\nint f() { return 1; }\n```",
        "```\nint f() { return 1; }\n```");
    row("two values keep what stands between", any, "Two:\n{\"a\":1}\n{\"b\":2} x",
        "{\"a\":1}\n{\"b\":2} x");
    row("an array", array, "```json\n[\n {\"a\":1}]\n```", "[\n {\"a\":1}]");
    row("an empty array", array, "[]", "[]");
    row("no array within a sentence", array, "See [1, 2] there", "See [1, 2] there");
    row("an object where an array is wanted", array, "{\"a\":1}", "{\"a\":1}");
    row("an array when any value may come", any, "Sure:\n[1, 2]", "[1, 2]");
    row("a note in brackets", any, "[Note] this:\n{\"a\":1}", "{\"a\":1}");
    row("a string", scalar, "\"yes \\\" {\"", "\"yes \\\" {\"");
    row("a string in a fence", scalar, "Sure:\n```json\n\"yes\"\n```\n", "\"yes\"");
    row("a number", scalar, "\n-1.5e3 \nThat is all.", "-1.5e3");
    row("a word", scalar, "null", "null");
    row("no scalar", scalar, "nullify\nit", "nullify\nit");
    row("no scalar in a sentence", scalar, "The answer:\n42", "The answer:\n42");
    row("no scalar where an object is wanted", object, "42\n{\"a\":1}", "{\"a\":1}");
    row("a schema without a type", "{\"enum\":[1]}", "```\n1\n```", "1");
    row("a schema that is none", "x", "Sure {\"a\":1}", "{\"a\":1}");
}

void TstJsonAnswerFilter::leavesTheValue()
{
    QFETCH(const QByteArray, schema);
    QFETCH(const QByteArray, text);
    QFETCH(const QByteArray, expected);
    const OutputFormat format = schema.isEmpty() ? AnyObject : schemaFormat(schema.constData());
    for (const TextPieces &pieces : textCuts(text.toStdString())) {
        JsonAnswerFilter filter(format);
        Events out;
        for (const std::string &piece : pieces)
            filter.add(TextDelta {piece}, out);
        filter.add(Finished {}, out);
        std::string joined;
        for (const ChatEvent &event : out)
            if (const auto *delta = std::get_if<TextDelta>(&event))
                joined += delta->text;
        QCOMPARE(QByteArray::fromStdString(joined), expected);
        QVERIFY(std::holds_alternative<Finished>(out.back()));
    }
}

void TstJsonAnswerFilter::streamsTheValue()
{
    JsonAnswerFilter filter(AnyObject);
    Events out;
    filter.add(TextDelta {"Sure: {"}, out);
    QVERIFY(out.empty());
    filter.add(TextDelta {"\"a"}, out);
    filter.add(TextDelta {"\": 1"}, out);
    filter.add(TextDelta {"}\n```"}, out);
    QCOMPARE(describeAll(out), u"text({\") | text(a) | text(\": 1) | text(})"_s);
}

void TstJsonAnswerFilter::passesEverythingWhenTextIsWanted()
{
    const Events events {TextDelta {"```json\n"}, TextDelta {"{\"a\":1}"}, TextDelta {"\n```"},
                         Finished {}};
    JsonAnswerFilter filter(OutputFormat {});
    Events out;
    for (const ChatEvent &event : events)
        filter.add(event, out);
    QVERIFY(out == events);
}

void TstJsonAnswerFilter::letsOtherEventsBy()
{
    const ToolCallStart call {"1", "f"};
    QCOMPARE(filteredText(AnyObject,
                          {ThinkingDelta {"{\"t\":1}"}, ThinkingSignature {"s"},
                           TextDelta {"Sure: {\"a\":"}, ThinkingDelta {"hm"}, TextDelta {"1} Bye"},
                           Finished {}}),
             u" | thinking({\"t\":1}) |  | signature(s) | {\"a\": | thinking(hm) | 1} | "
             "finished end_turn | "_s);
    QCOMPARE(
        filteredText(AnyObject,
                     {TextDelta {"Let me look."}, call, ToolCallDelta {"{}"}, ToolCallEnd {},
                      TextDelta {"So {\"a\":1}"}, Finished {}}),
        u"Let me look. | start(1 f) |  | delta({}) |  | end | {\"a\":1} | finished end_turn | "_s);
    QCOMPARE(filteredText(AnyObject,
                          {TextDelta {"Let me search."}, WebSearchCall {"1", "q"},
                           WebSearchResult {"1", {}, {}}, TextDelta {"So {\"a\":1}"}}),
             u" | search(q) |  | found(0) | {\"a\":1}"_s);
    QCOMPARE(filteredText(AnyObject, {TextDelta {"Sorry"}, Failed {}}), u"Sorry | failed | "_s);
    QCOMPARE(filteredText(schemaFormat("{\"type\":\"number\"}"), {TextDelta {"4"}, Finished {}}),
             u"4 | finished end_turn | "_s);
}

void TstJsonAnswerFilter::movesCitationsAlong()
{
    const auto startsOf = [](const Events &events) {
        JsonAnswerFilter filter(AnyObject);
        Events out;
        for (const ChatEvent &event : events)
            filter.add(event, out);
        std::vector<qint64> starts;
        for (const ChatEvent &event : out)
            if (const auto *citation = std::get_if<TextCitation>(&event))
                starts.push_back(citation->start);
        return starts;
    };
    const auto citation = [](qint64 start) { return TextCitation {"u", {}, {}, start, start + 1}; };
    QVERIFY((startsOf({TextDelta {"你u"}, citation(1), TextDelta {": {\"u"}, citation(6)})
             == std::vector<qint64> {2}));
    QVERIFY(
        (startsOf({TextDelta {"long words"}, WebSearchCall {}, TextDelta {"é{\"u"}, citation(3)})
         == std::vector<qint64> {2}));
    QVERIFY((startsOf({TextDelta {"a{\""}, ThinkingDelta {}, TextDelta {"u"}, citation(0)})
             == std::vector<qint64> {0}));
}

void TstJsonAnswerFilter::holdsABoundedText()
{
    JsonAnswerFilter filter(AnyObject);
    Events out;
    const std::string prose(70'000, 'x');
    filter.add(TextDelta {prose}, out);
    filter.add(TextDelta {"{\"a\":1} y"}, out);
    std::string joined;
    for (const ChatEvent &event : out)
        joined += std::get<TextDelta>(event).text;
    QCOMPARE(joined, prose + "{\"a\":1} y");
}

QTEST_APPLESS_MAIN(TstJsonAnswerFilter)
#include "tst_jsonanswerfilter.moc"
