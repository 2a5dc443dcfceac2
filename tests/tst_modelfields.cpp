// SPDX-License-Identifier: MIT
#include "app/kiro/modelfields.h"

#include <QTest>

using namespace kirotray;

namespace {

using Texts = std::vector<std::string>;
using Mode = Reasoning::Mode;

/// Everything on one line: types | displays | efforts | min-max | where the effort goes.
std::string lineOf(const KiroModelFields &fields)
{
    std::string line;
    const auto add = [&line](const Texts &texts) {
        for (const std::string &text : texts)
            line += text + ' ';
        line += "| ";
    };
    add(fields.thinkingTypes);
    add(fields.thinkingDisplays);
    add(fields.efforts);
    if (fields.maxTokensMin && fields.maxTokensMax)
        line += std::to_string(*fields.maxTokensMin) + '-' + std::to_string(*fields.maxTokensMax);
    return line + (fields.effortInReasoning ? " reasoning" : "");
}

ChatRequest asking(Mode mode, const std::string &effort = {}, qint64 budget = 0)
{
    ChatRequest request;
    request.system = "S";
    request.messages = {{Role::User, {TextPart {"Hi"}}}};
    request.reasoning.mode = mode;
    request.reasoning.effort = effort;
    request.reasoning.budgetTokens = budget;
    return request;
}

} // namespace

class TstModelFields : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_tables = loadKiroTables({}).tables; }

    void readsTheSchemasOfTheModelList_data()
    {
        QTest::addColumn<QByteArray>("schema");
        QTest::addColumn<std::string>("fields");
        const auto row = [](const char *name, const char *schema, const char *fields) {
            QTest::addRow("%s", name) << QByteArray(schema) << std::string(fields);
        };
        row("whole",
            R"({"properties":{"thinking":{"properties":{"type":{"enum":["adaptive","disabled"]},
               "display":{"enum":["omitted"]}}},"output_config":{"properties":{"effort":
               {"enum":["high","low","medium"]}}},"max_tokens":{"minimum":10,"maximum":20}}})",
            "adaptive disabled | omitted | low medium high | 10-20");
        row("names only", R"({"properties":{"thinking":{},"output_config":{},"max_tokens":{}}})",
            "adaptive disabled | summarized omitted | low medium high max | 1024-64000");
        row("GPT",
            R"({"properties":{"reasoning":{"properties":{"effort":{"enum":["none","max"]}}}}})",
            "| | none max |  reasoning");
        row("GPT, name only", R"({"properties":{"reasoning":{}}})",
            "| | none low medium high xhigh max |  reasoning");
        row("variants",
            R"({"properties":{"thinking":{"oneOf":[{"properties":{"type":{"const":"adaptive"},
               "display":{"anyOf":[{"const":"summarized"},{"enum":["omitted"]}]}}},
               {"properties":{"type":{"const":"disabled"}}}]}}})",
            "adaptive disabled | summarized omitted | | ");
        row("references",
            R"({"$defs":{"e":{"enum":["low"]},"o":{"properties":{"effort":{"$ref":"#/$defs/e"}}}},
               "properties":{"output_config":{"$ref":"#/$defs/o"}}})",
            "| | low | ");
        row("endless reference",
            R"({"$defs":{"e":{"allOf":[{"$ref":"#/$defs/e"}]}},
               "properties":{"output_config":{"$ref":"#/$defs/e"}}})",
            "| | low medium high max | ");
        row("unknown efforts", R"({"properties":{"output_config":{"properties":{"effort":
            {"enum":["low","turbo",3,null]}}}}})",
            "| | low | ");
        row("bounds crossed", R"({"properties":{"max_tokens":{"minimum":50,"maximum":20}}})",
            "| | | 20-20");
        row("senseless bounds", R"({"properties":{"max_tokens":{"minimum":-5,"maximum":"x"}}})",
            "| | | 1024-64000");
        row("other shapes", R"({"properties":{"thinking":true,"output_config":[],"max_tokens":7}})",
            "| | | ");
        row("nothing", "{}", "| | | ");
        row("no object", "[1]", "| | | ");
    }
    void readsTheSchemasOfTheModelList()
    {
        QFETCH(QByteArray, schema);
        QFETCH(std::string, fields);
        const auto document = JsonDocument::parse(schema.toStdString());
        QVERIFY(document);
        const KiroModelFields read = modelFieldsFromSchema(document.value().root(), {}, 64000);
        QCOMPARE(lineOf(read), fields);
        QCOMPARE(read.isEmpty(), fields == "| | | ");
    }

    void whatAListLeavesOpenTheTableKnows()
    {
        KiroModelFields known;
        known.thinkingTypes = {"adaptive"};
        known.efforts = {"low", "xhigh"};
        known.maxTokensMin = 5;
        known.maxTokensMax = 6;
        const auto document = JsonDocument::parse(
            "{\"properties\":{\"thinking\":{},\"output_config\":{},\"max_tokens\":{}}}");
        const auto read = modelFieldsFromSchema(document.value().root(), known, 64000);
        QCOMPARE(lineOf(read), std::string("adaptive | summarized omitted | low xhigh | 5-6"));
    }

    void writesWhatTheModelTakes_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("mode");
        QTest::addColumn<std::string>("effort");
        QTest::addColumn<int>("budget");
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<int>("notes");
        const auto row = [](const char *model, Mode mode, const char *effort, int budget,
                            const QByteArray &fields, int notes) {
            QTest::addRow("%s %d %s %d", model, int(mode), effort, budget)
                << QString::fromLatin1(model) << int(mode) << std::string(effort) << budget
                << fields << notes;
        };
        const char *const opus = "claude-opus-4.8";
        const char *const sonnet = "claude-sonnet-4.6";
        const char *const gpt = "gpt-5.6-sol";
        const auto adaptive = [](const char *effort) {
            return QByteArray("{\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},"
                              "\"output_config\":{\"effort\":\"")
                + effort + "\"}}";
        };
        row(opus, Mode::Default, "", 0, "", 0);
        row(opus, Mode::Off, "", 0, R"({"thinking":{"type":"disabled"}})", 0);
        row(opus, Mode::Adaptive, "none", 0, R"({"thinking":{"type":"disabled"}})", 0);
        row(opus, Mode::Adaptive, "", 0,
            R"({"thinking":{"type":"adaptive","display":"summarized"}})", 0);
        row(opus, Mode::Adaptive, "max", 0, adaptive("max"), 0);
        row(opus, Mode::Adaptive, "minimal", 0, adaptive("low"), 1);
        row(opus, Mode::Adaptive, "turbo", 0,
            R"({"thinking":{"type":"adaptive","display":"summarized"}})", 1);
        row(opus, Mode::Budget, "", 4000, adaptive("low"), 1);
        row(opus, Mode::Budget, "", 4001, adaptive("medium"), 1);
        row(opus, Mode::Budget, "", 16000, adaptive("medium"), 1);
        row(opus, Mode::Budget, "", 64000, adaptive("high"), 1);
        row(opus, Mode::Budget, "", 64001, adaptive("xhigh"), 1);
        row(opus, Mode::Budget, "high", 100, adaptive("high"), 0);
        row(sonnet, Mode::Adaptive, "xhigh", 0, adaptive("high"), 1);
        row(sonnet, Mode::Budget, "", 64001, adaptive("high"), 2);
        row(gpt, Mode::Default, "", 0, "", 0);
        row(gpt, Mode::Off, "", 0, R"({"reasoning":{"effort":"none"}})", 0);
        row(gpt, Mode::Adaptive, "", 0, "", 0);
        row(gpt, Mode::Adaptive, "minimal", 0, R"({"reasoning":{"effort":"low"}})", 1);
        row(gpt, Mode::Budget, "", 10000, R"({"reasoning":{"effort":"medium"}})", 1);
        row("claude-sonnet-4.5", Mode::Adaptive, "high", 0, "", 1);
        row("claude-sonnet-4.5", Mode::Off, "", 0, "", 1);
    }
    void writesWhatTheModelTakes()
    {
        QFETCH(QString, model);
        QFETCH(int, mode);
        QFETCH(std::string, effort);
        QFETCH(int, budget);
        QFETCH(QByteArray, fields);
        QFETCH(int, notes);
        std::vector<NormaliserNote> made;
        const std::string json = modelFieldsJson(asking(Mode(mode), effort, budget),
                                                 findModel(*m_tables, model)->fields, made);
        QCOMPARE(QByteArray::fromStdString(json), fields);
        QCOMPARE(int(made.size()), notes);
        for (const NormaliserNote &note : made)
            QCOMPARE(note.rule, 18);
    }

    void aHiddenThoughtIsOmitted()
    {
        ChatRequest request = asking(Mode::Adaptive);
        request.reasoning.isShown = false;
        std::vector<NormaliserNote> notes;
        KiroModelFields fields = findModel(*m_tables, u"claude-opus-5"_s)->fields;
        QVERIFY(modelFieldsJson(request, fields, notes).find("\"omitted\"") != std::string::npos);
        QVERIFY(notes.empty());
        fields.thinkingDisplays = {"summarized"};
        QVERIFY(modelFieldsJson(request, fields, notes).find("display") == std::string::npos);
        QCOMPARE(notes.size(), 1U);
    }

    void aModelThatAlwaysThinksIsAskedForLittle()
    {
        KiroModelFields fields = findModel(*m_tables, u"claude-opus-5.5"_s)->fields;
        fields.thinkingTypes = {"adaptive"};
        std::vector<NormaliserNote> notes;
        QCOMPARE(modelFieldsJson(asking(Mode::Off), fields, notes),
                 std::string("{\"output_config\":{\"effort\":\"low\"}}"));
        QCOMPARE(notes.size(), 1U);
    }

    void maxTokensStaysWithinBounds_data()
    {
        QTest::addColumn<int>("asked"); // negative: not at all
        QTest::addColumn<int>("sent"); // negative: not at all
        QTest::addRow("none") << -1 << -1;
        QTest::addRow("too few") << 1 << 1024;
        QTest::addRow("fits") << 5000 << 5000;
        QTest::addRow("too many") << 200000 << 64000;
    }
    void maxTokensStaysWithinBounds()
    {
        QFETCH(int, asked);
        QFETCH(int, sent);
        ChatRequest request = asking(Mode::Default);
        if (asked >= 0)
            request.maxTokens = asked;
        std::vector<NormaliserNote> notes;
        const std::string json =
            modelFieldsJson(request, findModel(*m_tables, u"claude-sonnet-4.6"_s)->fields, notes);
        QCOMPARE(json, sent < 0 ? std::string() : "{\"max_tokens\":" + std::to_string(sent) + '}');
        QCOMPARE(notes.size(), asked == sent ? 0U : 1U);
        QVERIFY(modelFieldsJson(request, findModel(*m_tables, u"gpt-5.6-sol"_s)->fields, notes)
                    .empty());
    }

    void theFieldsStandBetweenStateAndArn()
    {
        BuiltRequest built;
        built.conversationState = "{}";
        built.modelFields = "{\"max_tokens\":1}";
        QCOMPARE(requestBody(built, u"arn"_s),
                 QByteArray("{\"conversationState\":{},\"additionalModelRequestFields\":"
                            "{\"max_tokens\":1},\"profileArn\":\"arn\"}"));
        QCOMPARE(requestBody(built, {}),
                 QByteArray("{\"conversationState\":{},\"additionalModelRequestFields\":"
                            "{\"max_tokens\":1}}"));
    }

    void otherModelsAreAskedInTheSystemText_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<std::string>("effort");
        QTest::addColumn<int>("budget");
        QTest::addColumn<std::string>("tags"); // empty: none
        const auto row = [](Mode mode, const char *effort, int budget, const std::string &tags) {
            QTest::addRow("%d %s %d", int(mode), effort, budget)
                << int(mode) << std::string(effort) << budget << tags;
        };
        const auto budgetTags = [](const char *tokens) {
            return std::string("<thinking_mode>enabled</thinking_mode><max_thinking_length>")
                + tokens + "</max_thinking_length>";
        };
        const auto effortTags = [](const char *effort) {
            return std::string("<thinking_mode>adaptive</thinking_mode><thinking_effort>") + effort
                + "</thinking_effort>";
        };
        row(Mode::Default, "", 0, {});
        row(Mode::Off, "", 0, {});
        row(Mode::Adaptive, "none", 0, {});
        row(Mode::Budget, "", 16000, budgetTags("16000"));
        row(Mode::Budget, "", 100000, budgetTags("24576"));
        row(Mode::Budget, "", 0, budgetTags("1024"));
        row(Mode::Adaptive, "", 0, effortTags("high"));
        row(Mode::Adaptive, "medium", 0, effortTags("medium"));
        row(Mode::Adaptive, "minimal", 0, effortTags("low"));
        row(Mode::Adaptive, "max", 0, effortTags("high"));
    }
    void otherModelsAreAskedInTheSystemText()
    {
        QFETCH(int, mode);
        QFETCH(std::string, effort);
        QFETCH(int, budget);
        QFETCH(std::string, tags);
        const ChatRequest request = asking(Mode(mode), effort, budget);
        const std::string wanted = tags.empty() ? "S" : tags + "\nS";
        for (const BuildOptions &options :
             {BuildOptions(), optionsFor(u"claude-sonnet-4.5"_s), withoutFields()}) {
            const auto built = buildRequest(request, options, *m_tables);
            QVERIFY(built);
            QCOMPARE(systemOf(built.value()), wanted);
            QCOMPARE(built.value().asksForThinkingTags, !tags.empty());
            QVERIFY(built.value().modelFields.empty());
        }
        const auto built = buildRequest(request, optionsFor(u"claude-opus-4.8"_s), *m_tables);
        QVERIFY(built);
        QCOMPARE(systemOf(built.value()), std::string("S"));
        QVERIFY(!built.value().asksForThinkingTags);
    }

    void theClientsOwnTagsStand()
    {
        ChatRequest request = asking(Mode::Adaptive);
        request.system = "<thinking_mode>enabled</thinking_mode> S";
        const auto built = buildRequest(request, {}, *m_tables);
        QVERIFY(built);
        QCOMPARE(systemOf(built.value()), request.system);
        QVERIFY(built.value().asksForThinkingTags);
    }

    void tagsAloneMakeASystemText()
    {
        ChatRequest request = asking(Mode::Adaptive, "low");
        request.system.clear();
        const auto built = buildRequest(request, {}, *m_tables);
        QVERIFY(built);
        QVERIFY(systemOf(built.value()).starts_with("<thinking_mode>adaptive"));
    }

    void reasoningGoesBackOnlyWhereAModelTakesIt_data()
    {
        QTest::addColumn<QString>("model"); // empty: unlisted
        QTest::addColumn<bool>("useFields");
        QTest::addColumn<bool>("isKept");
        QTest::addRow("with fields") << u"claude-opus-4.8"_s << true << true;
        QTest::addRow("retry without fields") << u"claude-opus-4.8"_s << false << false;
        QTest::addRow("without fields") << u"claude-sonnet-4.5"_s << true << false;
        QTest::addRow("unlisted") << QString() << true << true;
        QTest::addRow("unlisted, retried") << QString() << false << false;
    }
    void reasoningGoesBackOnlyWhereAModelTakesIt()
    {
        QFETCH(QString, model);
        QFETCH(bool, useFields);
        QFETCH(bool, isKept);
        ChatRequest request = asking(Mode::Default);
        request.messages.push_back(
            {Role::Assistant, {ThinkingPart {"hm", "sig", {}}, TextPart {"Yes"}}});
        request.messages.push_back({Role::User, {TextPart {"More"}}});
        BuildOptions options = model.isEmpty() ? BuildOptions() : optionsFor(model);
        options.useModelFields = useFields;
        const auto built = buildRequest(request, options, *m_tables);
        QVERIFY(built);
        const bool has =
            built.value().conversationState.find("reasoningContent") != std::string::npos;
        QCOMPARE(has, isKept);
        QCOMPARE(built.value().notes.empty(), isKept);
    }

private:
    BuildOptions optionsFor(const QString &model) const
    {
        BuildOptions options;
        options.modelId = model;
        options.model = std::make_shared<KiroModel>(*findModel(*m_tables, model));
        return options;
    }

    BuildOptions withoutFields() const
    {
        BuildOptions options = optionsFor(u"claude-opus-4.8"_s);
        options.useModelFields = false;
        return options;
    }

    static std::string systemOf(const BuiltRequest &built)
    {
        const auto state = JsonDocument::parse(built.conversationState);
        if (!state || state.value().root()["history"].size() == 0)
            return {};
        const JsonValue first = *state.value().root()["history"].begin();
        return std::string(first["userInputMessage"]["content"].string());
    }

    KiroTablesPtr m_tables;
};

QTEST_APPLESS_MAIN(TstModelFields)
#include "tst_modelfields.moc"
