// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "tests/builtstatebench.h"
#include "tests/requestrules.h"
#include "tests/samplepictures.h"

#include <QTest>

using namespace kirotray;

namespace {

constexpr std::size_t Megabyte = 1'000'000;

Message user(const std::string &text, bool cachePoint = false)
{
    return {Role::User, {TextPart {text}}, cachePoint};
}

Message assistant(const std::string &text, bool cachePoint = false)
{
    return {Role::Assistant, {TextPart {text}}, cachePoint};
}

Message calling(const std::string &id)
{
    return {Role::Assistant, {ToolUsePart {id, "f", "{}"}}};
}

Message answering(const std::string &id, const std::string &text)
{
    return {Role::User, {ToolResultPart {id, text}}};
}

std::string padding(std::size_t size)
{
    return std::string(size, 'x');
}

ChatRequest requestOf(const std::vector<Message> &messages)
{
    ChatRequest request;
    request.system = "S";
    request.messages = messages;
    request.tools = {{"f", "d", R"({"type":"object","properties":{}})"}};
    return request;
}

/// "S/start of each message", the calls as `call`, the results as `=`.
std::string outlineOf(const JsonValue &state)
{
    std::string outline;
    const auto add = [&outline](const JsonValue &message) {
        outline += outline.empty() ? "" : "/";
        outline += message["content"].string().substr(0, 6);
        for (const JsonValue use : message["toolUses"])
            outline += " call " + std::string(use["toolUseId"].string());
        for (const JsonValue result : message["userInputMessageContext"]["toolResults"])
            outline += " =" + std::string(result["toolUseId"].string());
    };
    for (const JsonValue entry : state["history"])
        add(entry["userInputMessage"].isMissing() ? entry["assistantResponseMessage"]
                                                  : entry["userInputMessage"]);
    add(state["currentMessage"]["userInputMessage"]);
    return outline;
}

} // namespace

class TstRequestLimits : public BuiltStateBench
{
    Q_OBJECT

private slots:
    void initTestCase() { loadTables(); }

    void theOldestTurnsGoFirst()
    {
        const auto state = built(requestOf({user("1" + padding(2 * Megabyte)), assistant("2"),
                                            user("3" + padding(2 * Megabyte)), assistant("4"),
                                            user("5" + padding(2 * Megabyte))}));
        QVERIFY(state);
        QVERIFY(m_built.conversationState.size() < std::size_t(limits::MaxRequestBytes));
        const std::string x = padding(5);
        QCOMPARE(QByteArray::fromStdString(outlineOf(state->root())),
                 QByteArray::fromStdString("S/I will/3" + x + "/4/5" + x));
        QCOMPARE(noteOf(17), std::string("2 oldest message(s) left out: the request is too large"));
    }

    void callsAndResultsGoTogether()
    {
        const auto state =
            built(requestOf({user("1"), calling("a"), answering("a", padding(2 * Megabyte)),
                             calling("b"), answering("b", padding(2 * Megabyte)), calling("c"),
                             answering("c", padding(2 * Megabyte))}));
        QVERIFY(state);
        QCOMPARE(QByteArray::fromStdString(outlineOf(state->root())),
                 QByteArray("S/I will/(Earli/  call b/Tool r =b/  call c/Tool r =c"));
        QVERIFY(brokenRules(state->root()).empty());
        QCOMPARE(noteOf(17), std::string("2 oldest message(s) left out: the request is too large"));
    }

    void aPrunedConversationPrunesOn()
    {
        // An agent that goes on and on: every request stays sound and within the budget.
        std::vector<Message> messages {user("start")};
        for (int turn = 0; turn < 40; ++turn) {
            const std::string id = "t" + std::to_string(turn);
            messages.push_back(calling(id));
            messages.push_back(answering(id, id + padding(300'000)));
            const auto state = built(requestOf(messages));
            QVERIFY(state);
            QVERIFY(m_built.conversationState.size() < std::size_t(limits::MaxRequestBytes));
            const auto broken = brokenRules(state->root());
            QVERIFY2(broken.empty(), broken.empty() ? "" : broken.front().c_str());
            QVERIFY(outlineOf(state->root()).ends_with('=' + id));
            QCOMPARE(noteOf(17).empty(), turn < 16);
        }
    }

    void toolsOfDroppedTurnsNeedNoPlaceholder()
    {
        ChatRequest request =
            requestOf({user("1"), calling("a"), answering("a", padding(5 * Megabyte)),
                       assistant("2"), user("3")});
        request.tools.clear();
        const auto state = built(request);
        QVERIFY(state);
        QVERIFY(!m_built.hasTools);
        QVERIFY2(noteOf(8).empty(), "notes are those of what is sent");
    }

    void whatCannotFitIsLeftToTheUpstream_data()
    {
        QTest::addColumn<bool>("isResult");
        QTest::addRow("text") << false;
        QTest::addRow("tool result") << true;
    }
    void whatCannotFitIsLeftToTheUpstream()
    {
        QFETCH(bool, isResult);
        const std::string large = padding(6 * Megabyte);
        const auto state = built(
            requestOf({user("1"), calling("a"), isResult ? answering("a", large) : user(large)}));
        QVERIFY(state);
        QVERIFY2(outlineOf(state->root()).starts_with("S/I will/1/"),
                 outlineOf(state->root()).c_str());
        QVERIFY(noteOf(17).empty());
    }

    void picturesOfTheHistoryGoBeforeTurns()
    {
        const QByteArray file = QByteArray::fromBase64(QByteArray::fromStdString(samples::Png))
            + QByteArray(2'400'000, 'x');
        const ImagePart image {file.toBase64().toStdString(), {}, "p"};
        ChatRequest request =
            requestOf({user("1"), assistant("2"), user("3"), assistant("4"), user("5")});
        for (const std::size_t at : {0U, 2U, 4U})
            request.messages[at].parts.emplace_back(image);
        auto state = built(request);
        QVERIFY(state);
        QVERIFY2(noteOf(17).find("1 oldest image(s)") == 0, noteOf(17).c_str());
        const JsonValue history = state->root()["history"];
        QCOMPARE(history.size(), 6);
        QVERIFY(m_built.conversationState.find("1\\n\\n(an image was left out)")
                != std::string::npos);
        // Those of the last message do not count: they have a bound of their own.
        request = requestOf({user("1"), assistant("2"), user("3")});
        request.messages[2].parts = {image, image, image};
        state = built(request);
        QVERIFY(state && noteOf(17).empty());
        QVERIFY(m_built.conversationState.size() > 9 * Megabyte);
    }

    void aVeryLongHistoryIsCut()
    {
        std::vector<Message> messages;
        for (int i = 0; i < 10'401; ++i)
            messages.push_back(i % 2 == 0 ? user("u") : assistant("a"));
        const auto state = built(requestOf(messages));
        QVERIFY(state);
        QVERIFY(state->root()["history"].size() <= 10'000);
        QVERIFY(state->root()["history"].size() >= 9'990);
        QVERIFY(!noteOf(17).empty());
    }

    void cachePointsFollowTheirMessages()
    {
        ChatRequest request = requestOf({user("1"), assistant("2", true), user("3", true)});
        request.systemCachePoint = true;
        const auto state = built(request);
        QVERIFY(state);
        QCOMPARE(cachePointsOf(state->root()), std::string("1 0 0 1 1"));
        QVERIFY(m_built.notes.empty());
        QVERIFY(m_built.conversationState.find("\"cachePoint\":{\"type\":\"default\"}")
                != std::string::npos);
    }

    void withoutASystemTextTheFirstMessageIsMarked()
    {
        ChatRequest request = requestOf({user("1"), assistant("2"), user("3")});
        request.system.clear();
        request.systemCachePoint = true;
        const auto state = built(request);
        QVERIFY(state);
        QCOMPARE(cachePointsOf(state->root()), std::string("1 0 0"));
    }

    void theLastCachePointsAreKept_data()
    {
        QTest::addColumn<int>("most"); // negative: no model
        QTest::addColumn<std::string>("points");
        QTest::addRow("unlisted") << -1 << std::string("0 0 0 1 1 1 1");
        QTest::addRow("four") << 4 << std::string("0 0 0 1 1 1 1");
        QTest::addRow("more than a request takes") << 9 << std::string("0 0 0 1 1 1 1");
        QTest::addRow("two") << 2 << std::string("0 0 0 0 0 1 1");
        QTest::addRow("none") << 0 << std::string("0 0 0 0 0 0 0");
    }
    void theLastCachePointsAreKept()
    {
        QFETCH(int, most);
        QFETCH(std::string, points);
        ChatRequest request = requestOf({user("1", true), assistant("2", true), user("3", true),
                                         assistant("4", true), user("5", true)});
        request.systemCachePoint = true;
        if (most >= 0) {
            KiroModel model;
            model.maxCachePoints = most;
            m_options.model = std::make_shared<KiroModel>(model);
        }
        const auto state = built(request);
        m_options = {};
        QVERIFY(state);
        QCOMPARE(cachePointsOf(state->root()), points);
        QVERIFY(noteOf(0).find("cache point(s) dropped") != std::string::npos);
    }

    void aCachePointOfADroppedMessageMovesBack()
    {
        auto state = built(requestOf({user("1"), assistant(" ", true), user("2")}));
        QVERIFY(state);
        QCOMPARE(cachePointsOf(state->root()), std::string("0 0 1"));
        state = built(requestOf({user("1"), assistant("prefill", true)}));
        QVERIFY(state);
        QCOMPARE(cachePointsOf(state->root()), std::string("0 0 1"));
    }

    void theFormOfTheAnswerIsAskedForInWords_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<std::string>("schema");
        QTest::addColumn<std::string>("words"); // empty: none
        using Kind = OutputFormat::Kind;
        QTest::addRow("text") << int(Kind::Text) << std::string("{}") << std::string();
        QTest::addRow("object") << int(Kind::JsonObject) << std::string()
                                << std::string("exactly one JSON object");
        QTest::addRow("schema") << int(Kind::JsonSchema) << std::string("{\"type\":\"array\"}")
                                << std::string("JSON Schema:\n{\"type\":\"array\"}");
        QTest::addRow("empty schema")
            << int(Kind::JsonSchema) << std::string() << std::string("exactly one JSON object");
    }
    void theFormOfTheAnswerIsAskedForInWords()
    {
        QFETCH(int, kind);
        QFETCH(std::string, schema);
        QFETCH(std::string, words);
        ChatRequest request = requestOf({user("1")});
        request.format = {OutputFormat::Kind(kind), schema};
        const auto state = built(request);
        QVERIFY(state);
        const std::string system(
            (*state->root()["history"].begin())["userInputMessage"]["content"].string());
        QVERIFY(system.starts_with("S"));
        QCOMPARE(system == "S", words.empty());
        QVERIFY2(words.empty() || system.find(words) != std::string::npos, system.c_str());
        QCOMPARE(noteOf(0).empty(), words.empty());
    }

    void aHugeSchemaOfTheAnswerIsLeftOut()
    {
        ChatRequest request = requestOf({user("1")});
        request.format = {OutputFormat::Kind::JsonSchema, padding(70'000)};
        QVERIFY(built(request));
        QVERIFY(m_built.conversationState.size() < 2000);
        QVERIFY(m_built.conversationState.find("exactly one JSON value") != std::string::npos);
        QVERIFY(std::any_of(m_built.notes.begin(), m_built.notes.end(), [](const auto &note) {
            return note.what == "the schema of the answer is too large and is left out";
        }));
    }

private:
    /// The last note of a rule; empty when there is none.
    std::string noteOf(int rule) const
    {
        std::string what;
        for (const NormaliserNote &note : m_built.notes)
            what = note.rule == rule ? note.what : what;
        return what;
    }

    /// 1 for each message that carries one, the system pair included.
    static std::string cachePointsOf(const JsonValue &state)
    {
        std::string points;
        const auto add = [&points](const JsonValue &message) {
            points += points.empty() ? "" : " ";
            points += message["cachePoint"].isMissing() ? "0" : "1";
        };
        for (const JsonValue entry : state["history"])
            add(entry["userInputMessage"].isMissing() ? entry["assistantResponseMessage"]
                                                      : entry["userInputMessage"]);
        add(state["currentMessage"]["userInputMessage"]);
        return points;
    }
};

QTEST_APPLESS_MAIN(TstRequestLimits)
#include "tst_requestlimits.moc"
