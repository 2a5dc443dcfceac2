// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/kiro/normaliser.h"
#include "app/kiro/toolnames.h"
#include "app/simulator/requestvalidator.h"
#include "tests/requestform.h"
#include "tests/requestrules.h"
#include "tests/samplepictures.h"

#include <QRandomGenerator>
#include <QTest>

#include <set>

using namespace kirotray;

namespace {

/// Makes requests of every shape a client might send, sound or not.
class RequestDice
{
public:
    explicit RequestDice(quint32 seed)
        : m_random(seed)
    {
    }

    ChatRequest request()
    {
        ChatRequest request;
        request.system = one({"", " ", "System"});
        for (int left = below(9); left > 0; --left)
            request.messages.push_back(message());
        for (int left = below(5); left > 0; --left)
            request.tools.push_back({name(), one({"", " \n", "d", LongText}), schema()});
        using Mode = ToolChoice::Mode;
        const Mode modes[] {Mode::Auto, Mode::Auto, Mode::Any, Mode::None, Mode::Named};
        request.toolChoice = {modes[below(5)], name(), below(2) == 0};
        using Thinking = Reasoning::Mode;
        const Thinking thinking[] {Thinking::Default, Thinking::Off, Thinking::Budget,
                                   Thinking::Adaptive};
        request.reasoning.mode = thinking[below(4)];
        request.reasoning.budgetTokens = below(100'000) - 10;
        request.reasoning.effort = one({"", "none", "minimal", "low", "xhigh", "max", "other"});
        request.reasoning.isShown = coin();
        request.format.kind = OutputFormat::Kind(below(3));
        request.format.schemaJson = schema();
        request.systemCachePoint = coin();
        if (coin())
            request.maxTokens = below(200'000);
        return request;
    }

    QString model()
    {
        return QString::fromStdString(one(
            {"claude-sonnet-4.5", "claude-opus-4.8", "claude-sonnet-4.6", "gpt-5.6-sol", "glm-5"}));
    }

    bool coin() { return below(2) == 0; }

private:
    int below(int end) { return m_random.bounded(end); }

    std::string one(const std::vector<std::string> &choices)
    {
        return choices[std::size_t(below(int(choices.size())))];
    }

    std::string name()
    {
        return one({"", "Bash", "bash", "a.b", "a_b", "a:b", "1x", "_x", "\xE6\x90\x9C",
                    std::string(64, 'n'), std::string(65, 'n'), std::string(66, 'n'), "t_1x"});
    }

    std::string id() { return one({"", "1", "2", "3", "1_1", "call_1"}); }

    std::string text()
    {
        return one(
            {"", " ", "\n\t", "text", std::string("nul\0", 4), "bad \xC3\x28 utf", "\xF0\x9F"});
    }

    std::string schema()
    {
        return one(
            {"", "{}", "null", "{", "{\"type\":\"string\"}",
             "{\"type\":\"object\",\"properties\":null,\"required\":[\"x\",null]}",
             "{\"type\":[\"object\",\"null\"],\"properties\":{\"a\":null,\"b\":{\"$ref\":\"#\"}},"
             "\"required\":[\"a\",\"b\"]}",
             "{\"anyOf\":[{\"required\":[\"z\"]},null]}"});
    }

    ImagePart image()
    {
        return {one({samples::Png, samples::Jpeg, samples::WebP, samples::Gif, samples::Bmp, ""}),
                {},
                "i"};
    }

    DocumentPart document()
    {
        return {one({"", "a.pdf", "\xE6\x90\x9C", "a/b"}),
                one({"application/pdf", "text/csv", "application/zip"}),
                one({"AAAA", "AA", "AB==", "*"}), "d"};
    }

    Part part()
    {
        switch (below(9)) {
        case 0:
        case 1:
            return TextPart {text()};
        case 2:
            return ThinkingPart {text(), one({"", "sig"}), one({"", "", "cmVk"})};
        case 3:
            return ToolUsePart {id(), name(),
                                one({"", "{}", "{\"a\":null}", "null", "[1]", "\"x\"", "{\"a\":",
                                     "{\"s\":\"\\ud800\"}", "\"{\\\"b\\\":1}\"", "\xFF"})};
        case 4:
            return below(3) == 0 ? Part(image()) : TextPart {text()};
        case 5:
            return below(4) == 0 ? Part(document()) : TextPart {text()};
        default:
            ToolResultPart result {id(), text(), coin()};
            if (below(8) == 0)
                result.images.push_back(image());
            if (below(16) == 0)
                result.documents.push_back(document());
            return result;
        }
    }

    Message message()
    {
        Message message;
        message.role = coin() ? Role::User : Role::Assistant;
        message.cachePoint = coin();
        for (int left = below(5); left > 0; --left)
            message.parts.push_back(part());
        return message;
    }

    inline static const std::string LongText = std::string(9999, 'x') + "\xF0\x9F\x98\x80 tail";
    QRandomGenerator m_random;
};

ChatRequest requestOf(const std::vector<Message> &messages)
{
    ChatRequest request;
    request.messages = messages;
    return request;
}

} // namespace

class TstNormaliser : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_tables = loadKiroTables({}).tables; }

    void whateverComesInWhatGoesOutKeepsTheRules()
    {
        int built = 0;
        for (quint32 seed = 0; seed < 20000; ++seed) {
            RequestDice dice(seed);
            const ChatRequest request = dice.request();
            BuildOptions options;
            options.modelId = dice.model();
            if (dice.coin())
                options.model = std::make_shared<KiroModel>(*findModel(*m_tables, options.modelId));
            options.useModelFields = dice.coin();
            options.keepHistoryImages = dice.coin();
            options.strictSchemas = dice.coin();
            options.keepThinking = dice.coin();
            const auto result = buildRequest(request, options, *m_tables);
            if (!result)
                continue;
            ++built;
            const auto state = JsonDocument::parse(result.value().conversationState);
            QVERIFY2(state, qPrintable(u"seed %1"_s.arg(seed)));
            const auto broken = brokenRules(state.value().root());
            QVERIFY2(broken.empty(),
                     qPrintable(u"seed %1: %2"_s.arg(seed).arg(
                         QString::fromStdString(broken.empty() ? "" : broken.front()))));
            checkNames(request, result.value());
            const QByteArray refusal = refusalOf(result.value(), options.strictSchemas);
            QVERIFY2(refusal.isEmpty(),
                     qPrintable(u"seed %1: %2"_s.arg(seed).arg(QString::fromUtf8(refusal))));
        }
        QVERIFY(built > 10000);
    }

    void theRuleCheckSeesBrokenRules_data()
    {
        QTest::addColumn<QByteArray>("history");
        QTest::addColumn<QByteArray>("context");
        QTest::addColumn<int>("rule"); // 0: sound
        const QByteArray user = "{\"userInputMessage\":{\"content\":\"u\",\"origin\":\"o\"}}";
        const QByteArray assistant = "{\"assistantResponseMessage\":{\"content\":\"a\"}}";
        const auto calling = [](const QByteArray &id) {
            return "{\"assistantResponseMessage\":{\"content\":\" "
                   "\",\"toolUses\":[{\"toolUseId\":\""
                + id + "\",\"name\":\"n\",\"input\":{}}]}}";
        };
        const QByteArray tool =
            "\"tools\":[{\"toolSpecification\":{\"name\":\"n\",\"description\":"
            "\"d\",\"inputSchema\":{\"json\":{\"type\":\"object\",\"properties\":"
            "{}}}}}]";
        const QByteArray answer = "\"toolResults\":[{\"toolUseId\":\"1\",\"status\":\"success\","
                                  "\"content\":[{\"text\":\"r\"}]}]";
        const auto row = [](const char *name, const QByteArray &history, const QByteArray &context,
                            int rule) { QTest::addRow("%s", name) << history << context << rule; };
        row("sound", user + ',' + calling("1"), answer + ',' + tool, 0);
        row("assistant first", assistant, tool, 1);
        row("user last", user, tool, 2);
        row("user twice", user + ',' + user + ',' + assistant, tool, 3);
        row("no result", user + ',' + calling("1"), tool, 6);
        row("no call", user + ',' + assistant, answer + ',' + tool, 7);
        row("undeclared", user + ',' + calling("1"), answer, 8);
        row("other id", user + ',' + calling("2"), answer + ',' + tool, 7);
        row("declared twice", user + ',' + calling("1"),
            answer + ',' + QByteArray(tool).replace("]", "," + tool.mid(9)), 9);
        row("bad name", user + ',' + assistant, QByteArray(tool).replace("\"n\"", "\"1n\""), 10);
        row("no description", user + ',' + assistant, QByteArray(tool).replace("\"d\"", "\"\""),
            11);
        row("bad schema", user + ',' + assistant, QByteArray(tool).replace("\"object\"", "\"x\""),
            12);
        row("null", user + ',' + assistant, QByteArray(tool).replace("{}", "{\"a\":null}"), 13);
        row("blank user", QByteArray(user).replace("\"u\"", "\" \"") + ',' + assistant, tool, 4);
        row("blank assistant", user + ',' + QByteArray(assistant).replace("\"a\"", "\" \""), tool,
            5);
    }
    void theRuleCheckSeesBrokenRules()
    {
        QFETCH(QByteArray, history);
        QFETCH(QByteArray, context);
        QFETCH(int, rule);
        const QByteArray state = "{\"chatTriggerType\":\"MANUAL\",\"history\":[" + history
            + "],\"currentMessage\":{\"userInputMessage\":{\"content\":\"c\",\"origin\":\"o\","
              "\"userInputMessageContext\":{"
            + context + "}}}}";
        const auto document = JsonDocument::parse(state.toStdString());
        QVERIFY2(document, state.constData());
        const auto broken = brokenRules(document.value().root());
        QCOMPARE(broken.empty(), rule == 0);
        const std::string wanted = std::to_string(rule) + ':';
        QVERIFY(rule == 0
                || std::any_of(broken.begin(), broken.end(), [&wanted](const std::string &found) {
                       return found.starts_with(wanted);
                   }));
    }

    void cleansTextThatIsNotUnicode_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("clean");
        const QByteArray sign = "\xEF\xBF\xBD";
        QTest::addRow("plain") << QByteArray("abc") << QByteArray("abc");
        QTest::addRow("other script") << QByteArray("\xE4\xBD\xA0") << QByteArray("\xE4\xBD\xA0");
        QTest::addRow("NUL") << QByteArray("a\0b", 3) << "a" + sign + "b";
        QTest::addRow("half a character") << QByteArray("a\xE4\xBD") << "a" + sign + sign;
        QTest::addRow("surrogate in UTF-8") << QByteArray("\xED\xA0\x80") << sign + sign + sign;
    }
    void cleansTextThatIsNotUnicode()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, clean);
        std::deque<std::string> owned;
        const std::string given = text.toStdString();
        const std::string_view cleaned = cleanText(given, owned);
        QCOMPARE(QByteArray(cleaned.data(), qsizetype(cleaned.size())), clean);
        QCOMPARE(cleaned.data() == given.data(), text == clean);
    }

    void theRequestItselfIsNotCopied()
    {
        const ChatRequest request = requestOf({{Role::User, {TextPart {"Hi"}}}});
        std::vector<NormaliserNote> notes;
        const auto conversation = repairConversation(request, ThinkingReplay::Keep, notes);
        QVERIFY(conversation);
        const auto &text = std::get<TextPart>(request.messages[0].parts[0]).text;
        QCOMPARE(conversation.value().turns[0].texts[0].data(), text.data());
        QVERIFY(conversation.value().owned.empty());
    }

    void cutsDescriptionsAtACharacter_data()
    {
        QTest::addColumn<std::string>("description");
        QTest::addColumn<std::string>("sent");
        const auto of = [](int count, const char *unit) {
            std::string text;
            for (int i = 0; i < count; ++i)
                text += unit;
            return text;
        };
        QTest::addRow("as long as may be") << of(10000, "x") << of(10000, "x");
        QTest::addRow("one too long") << of(10001, "x") << of(10000, "x");
        QTest::addRow("more bytes but not more characters")
            << of(10000, "\xE4\xBD\xA0") << of(10000, "\xE4\xBD\xA0");
        QTest::addRow("three-byte characters")
            << of(10001, "\xE4\xBD\xA0") << of(10000, "\xE4\xBD\xA0");
        QTest::addRow("pair across the end") << of(9999, "x") + "\xF0\x9F\x98\x80" << of(9999, "x");
        QTest::addRow("pair at the end")
            << of(9998, "x") + "\xF0\x9F\x98\x80" << of(9998, "x") + "\xF0\x9F\x98\x80";
    }
    void cutsDescriptionsAtACharacter()
    {
        QFETCH(std::string, description);
        QFETCH(std::string, sent);
        ChatRequest request = requestOf({{Role::User, {TextPart {"Hi"}}}});
        request.tools = {{"a", description, "{}"}};
        const auto built = buildRequest(request, {}, *m_tables);
        QVERIFY(built);
        QVERIFY(built.value().conversationState.find("\"description\":\"" + sent + "\",")
                != std::string::npos);
        QCOMPARE(built.value().notes.size(), sent == description ? 1U : 2U);
    }

    /// If it were quadratic, this would run into ctest's time limit.
    void aHugeTurnOfCallsIsPaired()
    {
        constexpr int count = 200000;
        Message calls {Role::Assistant, {}};
        Message results {Role::User, {}};
        for (int i = 0; i < count; ++i) {
            calls.parts.emplace_back(ToolUsePart {"same", "n", "{}"});
            results.parts.emplace_back(ToolResultPart {"same", "r"});
        }
        const ChatRequest request =
            requestOf({{Role::User, {TextPart {"Hi"}}}, std::move(calls), std::move(results)});
        std::vector<NormaliserNote> notes;
        const auto conversation = repairConversation(request, ThinkingReplay::Keep, notes);
        QVERIFY(conversation);
        QCOMPARE(conversation.value().turns[2].results.size(), std::size_t(count));
    }

private:
    /// Why the simulated service would refuse it; empty when it does not.
    static QByteArray refusalOf(const BuiltRequest &built, bool isStrict)
    {
        ServiceRules rules;
        rules.schemas = isStrict ? SchemaRule::Strict : SchemaRule::Service;
        HttpHeaders headers;
        headers.append("Content-Type", "application/json");
        headers.append("User-Agent", "x KiroIDE-1.1.14-0000");
        const QByteArray body = requestBody(built, {});
        const CheckedRequest checked =
            checkChatRequest(headers, {body.constData(), std::size_t(body.size())}, rules);
        return checked.refusal ? checked.refusal->reason + ' ' + checked.refusal->cause
                               : QByteArray();
    }

    /// Every name in the history can be mapped to what the client knows.
    static void checkNames(const ChatRequest &request, const BuiltRequest &built)
    {
        std::set<std::string> known;
        for (const Tool &tool : request.tools)
            known.insert(tool.name);
        for (const Message &message : request.messages)
            for (const Part &part : message.parts)
                if (const auto *use = std::get_if<ToolUsePart>(&part))
                    known.insert(use->name);
        for (const auto &[upstream, client] : built.toolNames) {
            QVERIFY(isUpstreamToolName(upstream));
            QVERIFY(known.contains(client));
            QVERIFY(upstream != client);
        }
    }

    KiroTablesPtr m_tables;
};

QTEST_APPLESS_MAIN(TstNormaliser)
#include "tst_normaliser.moc"
