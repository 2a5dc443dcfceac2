// SPDX-License-Identifier: MIT
#include "app/simulator/demoanswer.h"
#include "app/simulator/requestvalidator.h"
#include "app/simulator/schemaexample.h"

#include <QTest>

using namespace kirotray;

namespace {

const QByteArray Weather =
    R"({"toolSpecification":{"name":"get_weather","description":"d","inputSchema":{"json":
      {"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}}}})";
const QByteArray Remove =
    R"({"toolSpecification":{"name":"remove_file","description":"d","inputSchema":{"json":
      {"type":"object","properties":{}}}}})";

QByteArray body(const QByteArray &text, const QByteArray &context = "{}",
                const QByteArray &rootExtra = {}, const QByteArray &history = "[]")
{
    return R"({"conversationState":{"history":)" + history
        + R"(,"currentMessage":{"userInputMessage":{"content":")" + text
        + R"(","modelId":"claude-sonnet-5","userInputMessageContext":)" + context + "}}}"
        + rootExtra + "}";
}

/// The steps as one line a step, for comparing: kind and text.
QStringList stepsFor(const QByteArray &request)
{
    const Result<JsonDocument> document = JsonDocument::parse(request.toStdString());
    if (!document)
        return {u"not JSON"_s};
    const ChatAsk ask = readChatAsk(document.value().root());
    const ServiceModel *model = findServiceModel(builtInServiceModels(), ask.model);
    QStringList lines;
    for (const ScenarioStep &one : demoAnswer(ask, *model)) {
        if (const auto *text = std::get_if<step::Text>(&one))
            lines += u"text: "_s + QString::fromStdString(text->text);
        else if (const auto *thinking = std::get_if<step::Thinking>(&one))
            lines += u"thinking: "_s + QString::fromStdString(thinking->signature);
        else if (const auto *call = std::get_if<step::ToolCall>(&one))
            lines += u"call: "_s + QString::fromStdString(call->name + " " + call->input);
        else if (const auto *metadata = std::get_if<step::Metadata>(&one))
            lines += u"stop: "_s + QString::fromStdString(metadata->stopReason);
        else if (std::holds_alternative<step::Redacted>(one))
            lines += u"redacted"_s;
        else if (std::holds_alternative<step::ContextUsage>(one))
            lines += u"context"_s;
        else if (std::holds_alternative<step::Metering>(one))
            lines += u"metering"_s;
    }
    return lines;
}

} // namespace

class TstDemoAnswer : public QObject
{
    Q_OBJECT

private slots:
    void echoesInTheLanguageOfThePrompt_data();
    void echoesInTheLanguageOfThePrompt();
    void shortensTheEcho_data();
    void shortensTheEcho();
    void thinksWhenAsked_data();
    void thinksWhenAsked();
    void callsASuitableTool_data();
    void callsASuitableTool();
    void summarisesResults();
    void endsWithFigures();
    void fitsSchemas_data();
    void fitsSchemas();
};

void TstDemoAnswer::echoesInTheLanguageOfThePrompt_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("part");
    QTest::addRow("English") << QByteArray("Good morning") << u"You wrote: “Good morning”."_s;
    QTest::addRow("Chinese") << QByteArray("早上好") << u"你写的是：“早上好”。"_s;
    QTest::addRow("accents are not Chinese")
        << QByteArray("Grüße – ça va?") << u"You wrote: “Grüße – ça va?”."_s;
}

void TstDemoAnswer::echoesInTheLanguageOfThePrompt()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, part);
    const QStringList steps = stepsFor(body(text));
    QVERIFY2(steps.value(0).contains(part), qPrintable(steps.value(0)));
    QCOMPARE(steps.mid(1), (QStringList {u"stop: END_TURN"_s, u"context"_s, u"metering"_s}));
}

void TstDemoAnswer::shortensTheEcho_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("echo");
    QTest::addRow("last line") << QByteArray("first\n last \r\n\n") << QByteArray("last");
    QTest::addRow("markup is passed over")
        << QByteArray("question\n<system-reminder>\n</system-reminder>") << QByteArray("question");
    QTest::addRow("eighty") << QByteArray(80, 'a') << QByteArray(80, 'a');
    QTest::addRow("more than eighty")
        << QByteArray("ä").repeated(81) << QByteArray("ä").repeated(80) + "…";
    QTest::addRow("nothing") << QByteArray("\n \n") << QByteArray();
}

void TstDemoAnswer::shortensTheEcho()
{
    QFETCH(QByteArray, text);
    const std::string kept = text.toStdString();
    QTEST(QByteArray::fromStdString(shortEcho(kept)), "echo");
}

void TstDemoAnswer::thinksWhenAsked_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QString>("first");
    const auto fields = [](const char *json) {
        return QByteArray(R"(,"additionalModelRequestFields":)") + json;
    };
    QTest::addRow("events") << body("hi", "{}", fields(R"({"thinking":{"type":"adaptive"}})"))
                            << u"thinking: c2"_s;
    QTest::addRow("disabled") << body("hi", "{}", fields(R"({"thinking":{"type":"disabled"}})"))
                              << u"text: "_s;
    QTest::addRow("redacted") << body("hi", "{}", fields(R"({"reasoning":{"effort":"high"}})"))
                              << u"redacted"_s;
    QTest::addRow("redacted, none")
        << body("hi", "{}", fields(R"({"reasoning":{"effort":"none"}})")) << u"text: "_s;
    const QByteArray system = R"([{"userInputMessage":{"content":
        "<thinking_mode>enabled</thinking_mode><max_thinking_length>16000</max_thinking_length>"}},
        {"assistantResponseMessage":{"content":"ok"}}])";
    QTest::addRow("tags in the system text")
        << body("hi", "{}", {}, system) << u"text: <thinking>"_s;
    QTest::addRow("tags in the only message")
        << body("<thinking_mode>adaptive</thinking_mode>\\nhi") << u"text: <thinking>"_s;
}

void TstDemoAnswer::thinksWhenAsked()
{
    QFETCH(QByteArray, request);
    QFETCH(QString, first);
    const QStringList steps = stepsFor(request);
    QVERIFY2(steps.value(0).startsWith(first), qPrintable(steps.value(0)));
    if (first == u"text: ")
        QVERIFY(!steps.value(0).contains(u"<thinking>"));
}

void TstDemoAnswer::callsASuitableTool_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QString>("call");
    const QByteArray both = R"({"tools":[)" + Remove + "," + Weather + "]}";
    const QString weather = uR"(call: get_weather {"city":"Oslo"})"_s;
    QTest::addRow("weather") << body("How is the weather?", both) << weather;
    QTest::addRow("weather in Chinese") << body("天气怎么样", both) << weather;
    QTest::addRow("one that only reads") << body("use a tool", both) << weather;
    QTest::addRow("the named one")
        << body("try remove_file now", both) << u"call: remove_file {}"_s;
    QTest::addRow("the only one") << body("use a tool", R"({"tools":[)" + Remove + "]}")
                                  << u"call: remove_file {}"_s;
    QTest::addRow("not asked for") << body("good morning", both) << QString();
    QTest::addRow("none declared") << body("use a tool") << QString();
}

void TstDemoAnswer::callsASuitableTool()
{
    QFETCH(QByteArray, request);
    QFETCH(QString, call);
    const QStringList steps = stepsFor(request);
    QCOMPARE(steps.filter(u"call: "_s).value(0), call);
    QVERIFY(steps.contains(call.isEmpty() ? u"stop: END_TURN"_s : u"stop: TOOL_USE"_s));
}

void TstDemoAnswer::summarisesResults()
{
    const QByteArray history = R"([{"userInputMessage":{"content":"天气怎么样"}},
      {"assistantResponseMessage":{"content":" ","toolUses":[{"toolUseId":"t","name":"get_weather","input":{}}]}}])";
    const QByteArray context = R"({"tools":[)" + Weather
        + R"(],"toolResults":[{"toolUseId":"t","status":"error","content":[{"text":"no network"}]}]})";
    const QStringList steps = stepsFor(body("Tool results:", context, {}, history));
    // In the language of the question, not of the note beside the results.
    QVERIFY2(steps.value(0).contains(u"工具 get_weather 报告了错误"), qPrintable(steps.value(0)));
    QVERIFY(steps.value(0).contains(u"> no network"));
    QVERIFY(steps.filter(u"call: "_s).isEmpty());
}

void TstDemoAnswer::endsWithFigures()
{
    const auto figures = [](const QByteArray &request) {
        const Result<JsonDocument> document = JsonDocument::parse(request.toStdString());
        const ChatAsk ask = readChatAsk(document.value().root());
        const auto steps = demoAnswer(ask, builtInServiceModels().front());
        return *std::get<step::Metadata>(steps.at(steps.size() - 3)).usage;
    };
    const auto small = figures(body("hi"));
    const auto large = figures(body(QByteArray(4000, 'x')));
    QVERIFY(small.inputTokens > 0 && small.outputTokens > 0);
    QVERIFY(large.inputTokens >= small.inputTokens + 999);
}

void TstDemoAnswer::fitsSchemas_data()
{
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QByteArray>("example");
    const auto row = [](const char *name, const char *schema, const char *example) {
        QTest::addRow("%s", name) << QByteArray(schema) << QByteArray(example);
    };
    row("required only",
        R"({"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"boolean"}},"required":["b"]})",
        R"({"b":false})");
    row("first when none is required",
        R"({"type":"object","properties":{"a":{"type":"boolean"},"b":{}}})", R"({"a":false})");
    row("no properties", R"({"type":"object"})", "{}");
    row("enum", R"({"type":"string","enum":["x","y"]})", R"("x")");
    row("default", R"({"type":"integer","default":7})", "7");
    row("const", R"({"const":{"k":1}})", R"({"k":1})");
    row("minimum", R"({"type":"integer","minimum":5})", "5");
    row("exclusive minimum", R"({"type":"integer","exclusiveMinimum":5})", "6");
    row("maximum below one", R"({"type":"number","maximum":-3})", "-3");
    row("array", R"({"type":"array","items":{"type":"string","format":"date"}})",
        R"(["2026-01-01"])");
    row("nullable", R"({"type":["null","boolean"]})", "false");
    row("first branch that is not null", R"({"anyOf":[{"type":"null"},{"type":"integer"}]})", "1");
    row("topic", R"({"type":"object","properties":{"search_query":{"type":"string"}}})",
        R"({"search_query":"topic"})");
    row("nested",
        R"({"type":"object","properties":{"p":{"properties":{"filePath":{"type":"string"}}}}})",
        R"({"p":{"filePath":"README.md"}})");
}

void TstDemoAnswer::fitsSchemas()
{
    QFETCH(QByteArray, schema);
    const Result<JsonDocument> document = JsonDocument::parse(schema.toStdString());
    QVERIFY(document);
    QTEST(QByteArray::fromStdString(schemaExample(document.value().root(), "topic")), "example");
}

QTEST_APPLESS_MAIN(TstDemoAnswer)
#include "tst_demoanswer.moc"
