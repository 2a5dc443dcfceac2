// SPDX-License-Identifier: MIT
#include "app/simulator/answerplan.h"
#include "app/simulator/eventstreamencoder.h"
#include "app/simulator/scenario.h"

#include <QTest>

using namespace kirotray;
using namespace std::chrono_literals;

namespace {

QByteArray withStep(const QByteArray &step)
{
    return R"({"rules":[{"steps":[)" + step + "]}]}";
}

AnswerPlan planOf(const QByteArray &step)
{
    const Result<Scenario> scenario = parseScenario(withStep(step));
    return scenario ? compilePlan(*scenario.value().rules.front().steps) : AnswerPlan();
}

QByteArray bytesOf(const AnswerPlan &plan)
{
    QByteArray all;
    for (const PlanItem &item : plan.items)
        all += QByteArray::fromStdString(item.bytes).repeated(item.count);
    return all;
}

QByteArray eventFrame(const char *type, const char *payload)
{
    return QByteArray::fromStdString(encodeEvent(type, payload));
}

} // namespace

class TstScenario : public QObject
{
    Q_OBJECT

private slots:
    void namesThePlaceOfAMistake_data();
    void namesThePlaceOfAMistake();
    void readsEverySection();
    void emptyTextIsAnEmptyScript();
    void encodesSteps_data();
    void encodesSteps();
    void splitsTexts_data();
    void splitsTexts();
    void cutsWritesAnywhere_data();
    void cutsWritesAnywhere();
    void makesToolCallIds();
    void countsCredits();
};

void TstScenario::namesThePlaceOfAMistake_data()
{
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<QString>("path");
    const auto row = [](const char *name, const char *script, const char *path) {
        QTest::addRow("%s", name) << QByteArray(script) << QString::fromLatin1(path);
    };
    row("unknown section", R"({"rulez":[]})", "rulez");
    row("rules is no array", R"({"rules":{}})", "rules");
    row("unknown member of a rule", R"({"rules":[{},{"stepz":[]}]})", "rules[1].stepz");
    row("unknown match", R"({"rules":[{"match":{"txt":"x"}}]})", "rules[0].match.txt");
    row("nth below one", R"({"rules":[{"match":{"nth":0}}]})", "rules[0].match.nth");
    row("tools is text", R"({"rules":[{"match":{"tools":"f"}}]})", "rules[0].match.tools");
    row("unknown sign-in", R"({"logins":{"saml":{}}})", "logins.saml");
    row("unknown sign-in rule", R"({"logins":{"oidc":{"pend":1}}})", "logins.oidc.pend");
    row("unknown outcome", R"({"logins":{"oidc":{"outcome":"x"}}})", "logins.oidc.outcome");
    row("failure of nothing", R"({"logins":{"oidc":{"failures":[{"on":"x","status":400}]}}})",
        "logins.oidc.failures[0].on");
    row("negative record", R"({"record":-1})", "record");
    row("times is text", R"({"rules":[{"times":"2"}]})", "rules[0].times");
    row("unknown step", R"({"rules":[{"steps":[{"txt":"x"}]}]})", "rules[0].steps[0]");
    row("step is no object", R"({"rules":[{"steps":["x"]}]})", "rules[0].steps[0]");
    row("unknown member of a step", R"({"rules":[{"steps":[{"text":"x","chunks":1}]}]})",
        "rules[0].steps[0].chunks");
    row("text is a number", R"({"rules":[{"steps":[{"text":1}]}]})", "rules[0].steps[0].text");
    row("tool call without name", R"({"rules":[{"steps":[{"toolCall":{}}]}]})",
        "rules[0].steps[0].toolCall.name");
    row("two inputs",
        R"({"rules":[{"steps":[{"toolCall":{"name":"f","input":{},"inputText":"x"}}]}]})",
        "rules[0].steps[0].toolCall.inputText");
    row("bad frame of no kind", R"({"rules":[{"steps":[{"badFrame":"x"}]}]})",
        "rules[0].steps[0].badFrame");
    row("drop false", R"({"rules":[{"steps":[{"drop":false}]}]})", "rules[0].steps[0].drop");
    row("steps beside an error", R"({"rules":[{"httpError":{"status":500},"steps":[]}]})",
        "rules[0].steps");
    row("error without status", R"({"rules":[{"httpError":{"message":"x"}}]})",
        "rules[0].httpError.status");
    row("error status 200", R"({"rules":[{"httpError":{"status":200}}]})",
        "rules[0].httpError.status");
    row("cut of zero", R"({"rules":[{"cut":[1,0]}]})", "rules[0].cut[1]");
    row("negative delay", R"({"rules":[{"firstByteDelayMs":-1}]})", "rules[0].firstByteDelayMs");
    row("unknown service switch", R"({"service":{"x":1}})", "service.x");
    row("signature is a number", R"({"service":{"signatures":["a",1]}})", "service.signatures[1]");
    row("thinking without a signature", R"({"service":{"signatures":[{"text":"t"}]}})",
        "service.signatures[0]");
    row("unknown member of thinking", R"({"service":{"signatures":[{"signature":"a","x":1}]}})",
        "service.signatures[0].x");
    row("model is a number", R"({"service":{"models":["auto",1]}})", "service.models[1]");
    row("token is a number", R"({"tokens":{"access":[1]}})", "tokens.access[0]");
    row("failure of no endpoint", R"({"tokens":{"failures":[{"status":500,"on":"x"}]}})",
        "tokens.failures[0].on");
    row("unknown control call", R"({"control":{"quota":{}}})", "control.quota");
    row("two control answers", R"({"control":{"usage":{"json":{},"httpError":{"status":500}}}})",
        "control.usage.httpError");
}

void TstScenario::namesThePlaceOfAMistake()
{
    QFETCH(QByteArray, script);
    const Result<Scenario> scenario = parseScenario(script);
    QVERIFY(!scenario);
    QCOMPARE(scenario.error().code, Error::Code::BadInput);
    QTEST(scenario.error().path, "path");
}

void TstScenario::readsEverySection()
{
    const Result<Scenario> parsed = parseScenario(R"({
      "rules":[{"name":"n","match":{"text":"t","model":"m","nth":2,"toolResults":true,"tool":"f","token":"k",
        "notTool":"g","tools":false,"system":"s","anyText":"a","notText":"o","toolResultText":"r","resultOf":"h"},
        "times":3,"firstByteDelayMs":4,"steps":[],"repeat":5,"cut":[6],"cutIntervalMs":7},
        {"httpError":{"status":429,"class":"C","reason":"R","message":"M","retryAfter":"8",
                      "contentType":"text/html","rawBody":"B"}}],
      "service":{"validate":false,"requireProfileArn":true,"strictSchemas":true,"maxHistory":9,
        "maxMessageCharacters":10,"maxToolResultCharacters":11,"maxInputCharacters":12,
        "models":["claude-opus-5","mine"]},
      "tokens":{"expiresIn":13,"delayMs":14,"rotate":false,"grace":true,"anyAccess":true,"access":["a"],
        "refresh":["b"],"expired":["c"],"apiKeys":["d"],"externalIdp":["e"],
        "failures":[{"status":500,"on":"oidc","times":15}]},
      "record":18,"control":{"usage":{"json":{"x":1},"times":16,"delayMs":17},"mcp":{"httpError":{"status":503}}}})");
    QVERIFY2(parsed, parsed ? "" : qPrintable(describe(parsed.error())));
    const Scenario &scenario = parsed.value();
    const ScenarioRule &rule = scenario.rules.at(0);
    QCOMPARE(rule.name, std::string("n"));
    QCOMPARE(rule.match.text, std::string("t"));
    QCOMPARE(rule.match.model, std::string("m"));
    QCOMPARE(rule.match.tool, std::string("f"));
    QCOMPARE(rule.match.token, QByteArray("k"));
    QCOMPARE(rule.match.nth, 2);
    QCOMPARE(rule.match.toolResults, std::optional(true));
    QCOMPARE(rule.match.notTool, std::string("g"));
    QCOMPARE(rule.match.tools, std::optional(false));
    QCOMPARE(rule.match.system, std::string("s"));
    QCOMPARE(rule.match.anyText, std::string("a"));
    QCOMPARE(rule.match.notText, std::string("o"));
    QCOMPARE(rule.match.toolResultText, std::string("r"));
    QCOMPARE(rule.match.resultOf, std::string("h"));
    QCOMPARE(scenario.record, 18);
    QCOMPARE(rule.times, 3);
    QCOMPARE(rule.firstByteDelay, 4ms);
    QVERIFY(rule.steps && rule.steps->empty());
    QCOMPARE(rule.repeat, 5);
    QCOMPARE(rule.cut, std::vector<int> {6});
    QCOMPARE(rule.cutInterval, 7ms);
    const HttpResponse error = render(*scenario.rules.at(1).httpError);
    QCOMPARE(error.status, 429);
    QCOMPARE(error.body, QByteArray("B"));
    QCOMPARE(error.headers.value("Content-Type"), QByteArray("text/html"));
    QCOMPARE(error.headers.value("Retry-After"), QByteArray("8"));
    QCOMPARE(error.headers.value("x-amzn-errortype"), QByteArray("C"));
    QVERIFY(!scenario.service.validate && scenario.service.requireProfileArn);
    QCOMPARE(scenario.service.schemas, SchemaRule::Strict);
    QCOMPARE(scenario.service.maxHistory, 9);
    QCOMPARE(scenario.service.bounds.messageCharacters, 10);
    QCOMPARE(scenario.service.bounds.toolResultCharacters, 11);
    QCOMPARE(scenario.service.bounds.inputCharacters, 12);
    QCOMPARE(scenario.service.models.size(), std::size_t(2));
    QCOMPARE(scenario.service.models[0].maxInputTokens, 1'000'000);
    QCOMPARE(scenario.service.models[1].id, std::string("mine"));
    QCOMPARE(scenario.tokens.expiresIn, 13s);
    QCOMPARE(scenario.tokens.delay, 14ms);
    QVERIFY(!scenario.tokens.rotate && scenario.tokens.grace && scenario.tokens.anyAccess);
    QVERIFY(scenario.tokens.access.contains("a") && scenario.tokens.refresh.contains("b"));
    QVERIFY(scenario.tokens.expired.contains("c") && scenario.tokens.apiKeys.contains("d"));
    QVERIFY(scenario.tokens.externalIdp.contains("e"));
    QCOMPARE(scenario.tokens.failures.at(0).times, 15);
    QCOMPARE(scenario.tokens.failures.at(0).endpoint, TokenRules::Endpoint::Oidc);
    QCOMPARE(scenario.control.size(), std::size_t(2));
    QCOMPARE(scenario.control[0].second.json, std::optional<QByteArray>(R"({"x":1})"));
    QCOMPARE(scenario.control[0].second.times, 16);
    QCOMPARE(scenario.control[0].second.delay, 17ms);
    QCOMPARE(scenario.control[1].first, ControlCall::Mcp);
}

void TstScenario::emptyTextIsAnEmptyScript()
{
    const Result<Scenario> scenario = parseScenario(" \n");
    QVERIFY(scenario);
    QVERIFY(scenario.value().rules.empty());
    QVERIFY(!parseScenario("{"));
}

void TstScenario::encodesSteps_data()
{
    QTest::addColumn<QByteArray>("step");
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *name, const char *step, const QByteArray &bytes) {
        QTest::addRow("%s", name) << QByteArray(step) << bytes;
    };
    row("text", R"({"text":"a\nb"})",
        eventFrame("assistantResponseEvent", R"({"content":"a\nb"})"));
    row("text with model", R"({"text":"a","modelId":"m"})",
        eventFrame("assistantResponseEvent", R"({"content":"a","modelId":"m"})"));
    row("empty text", R"({"text":"","words":true})",
        eventFrame("assistantResponseEvent", R"({"content":""})"));
    row("thinking", R"({"thinking":"t","signature":"s"})",
        eventFrame("reasoningContentEvent", R"({"text":"t"})")
            + eventFrame("reasoningContentEvent", R"({"signature":"s"})"));
    row("redacted", R"({"redacted":"eA=="})",
        eventFrame("reasoningContentEvent", R"({"redactedContent":"eA=="})"));
    row("tool call in fragments",
        R"({"toolCall":{"id":"i","name":"f","input":{"a":"ö1"},"fragments":2}})",
        eventFrame("toolUseEvent", R"({"name":"f","toolUseId":"i"})")
            + eventFrame("toolUseEvent", R"({"name":"f","toolUseId":"i","input":"{\"a\":"})")
            + eventFrame("toolUseEvent", R"({"name":"f","toolUseId":"i","input":"\"ö1\"}"})")
            + eventFrame("toolUseEvent", R"({"name":"f","toolUseId":"i","stop":true})"));
    row("tool call cut off",
        R"({"toolCall":{"id":"i","name":"f","inputText":"{\"a","stop":false}})",
        eventFrame("toolUseEvent", R"({"name":"f","toolUseId":"i"})")
            + eventFrame("toolUseEvent", R"({"name":"f","toolUseId":"i","input":"{\"a"})"));
    row("usage and stop reason",
        R"({"usage":{"inputTokens":1,"outputTokens":2,"cacheReadTokens":3,"cacheWriteTokens":4},)"
        R"("stopReason":"END_TURN"})",
        eventFrame("metadataEvent",
                   R"({"stopReason":"END_TURN","tokenUsage":{"uncachedInputTokens":1,)"
                   R"("cacheReadInputTokens":3,"cacheWriteInputTokens":4,"outputTokens":2,)"
                   R"("totalTokens":10}})"));
    row("stop reason alone", R"({"stopReason":"MAX_TOKENS"})",
        eventFrame("metadataEvent", R"({"stopReason":"MAX_TOKENS"})"));
    row("context usage", R"({"contextUsage":1.5})",
        eventFrame("contextUsageEvent", R"({"contextUsagePercentage":1.5})"));
    row("metering", R"({"metering":0.02})",
        eventFrame("meteringEvent", R"({"unit":"credit","unitPlural":"credits","usage":0.02})"));
    row("raw event", R"({"event":{"type":"x","payload":{"b":1, "a":2}}})",
        eventFrame("x", R"({"b":1, "a":2})"));
    row("exception", R"({"exception":{"type":"T","message":"m","reason":"r"}})",
        QByteArray::fromStdString(encodeException("T", R"({"message":"m","reason":"r"})")));
    row("error", R"({"error":{"code":"c","message":"m"}})",
        QByteArray::fromStdString(encodeErrorFrame("c", "m")));
    row("burst", R"({"burst":{"text":"a","count":3}})",
        eventFrame("assistantResponseEvent", R"({"content":"a"})").repeated(3));
}

void TstScenario::encodesSteps()
{
    QFETCH(QByteArray, step);
    QFETCH(QByteArray, bytes);
    QCOMPARE(bytesOf(planOf(step)).toHex(' '), bytes.toHex(' '));
}

void TstScenario::splitsTexts_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("chunk");
    QTest::addColumn<QByteArrayList>("pieces");
    QTest::addRow("words") << QByteArray("one  two\nthree") << 0
                           << QByteArrayList {"one  ", "two\n", "three"};
    QTest::addRow("ideographs by two")
        << QByteArray("你好世界 ok") << 0 << QByteArrayList {"你好", "世界 ", "ok"};
    QTest::addRow("leading space") << QByteArray(" a b") << 0 << QByteArrayList {" ", "a ", "b"};
    QTest::addRow("by characters") << QByteArray("aöü好") << 2 << QByteArrayList {"aö", "ü好"};
    QTest::addRow("last one shorter") << QByteArray("abc") << 2 << QByteArrayList {"ab", "c"};
}

void TstScenario::splitsTexts()
{
    QFETCH(QByteArray, text);
    QFETCH(int, chunk);
    step::Pace pace;
    pace.chunk = chunk;
    pace.words = chunk == 0;
    const std::string kept = text.toStdString();
    QByteArrayList pieces;
    for (const std::string_view piece : textPieces(kept, pace))
        pieces.append(QByteArray(piece.data(), static_cast<qsizetype>(piece.size())));
    QTEST(pieces, "pieces");
}

void TstScenario::cutsWritesAnywhere_data()
{
    QTest::addColumn<QList<int>>("sizes");
    QTest::addRow("one byte each") << QList<int> {1};
    QTest::addRow("inside the prelude") << QList<int> {3, 9, 1'000};
    QTest::addRow("all in one") << QList<int> {100'000};
}

void TstScenario::cutsWritesAnywhere()
{
    QFETCH(QList<int>, sizes);
    const AnswerPlan plan = planOf(R"({"text":"one two three","words":true})");
    const AnswerPlan cut = cutPlan(plan, {sizes.begin(), sizes.end()}, 5ms);
    QCOMPARE(bytesOf(cut), bytesOf(plan));
    qsizetype writes = 0;
    for (std::size_t i = 0; i < cut.items.size(); i += 2, ++writes) {
        QCOMPARE(cut.items[i].kind, PlanItem::Kind::Write);
        const auto expected = static_cast<std::size_t>(sizes[std::min(writes, sizes.size() - 1)]);
        if (i + 2 < cut.items.size())
            QCOMPARE(cut.items[i].bytes.size(), expected);
        QVERIFY(cut.items[i].bytes.size() <= expected);
        QCOMPARE(cut.items.at(i + 1).kind, PlanItem::Kind::Turn);
        QCOMPARE(cut.items.at(i + 1).time, 5ms);
    }
}

void TstScenario::makesToolCallIds()
{
    const QByteArray step = R"({"toolCall":{"name":"f"}})";
    const QByteArray first = bytesOf(planOf(step));
    QVERIFY(first.contains(R"("toolUseId":"tooluse_)"));
    QVERIFY(first != bytesOf(planOf(step)));
    QVERIFY(!isConstant(*parseScenario(withStep(step)).value().rules[0].steps));
    QVERIFY(isConstant(
        *parseScenario(withStep(R"({"toolCall":{"name":"f","id":"i"}})")).value().rules[0].steps));
}

void TstScenario::countsCredits()
{
    const AnswerPlan plan = repeatedPlan(planOf(R"({"metering":0.25})"), 3);
    QCOMPARE(plan.credits, 0.75);
    QCOMPARE(plan.items.size(), std::size_t(3));
}

QTEST_APPLESS_MAIN(TstScenario)
#include "tst_scenario.moc"
