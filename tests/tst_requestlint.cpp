// SPDX-License-Identifier: MIT
#include "app/kiro/requestlint.h"
#include "tests/samplepictures.h"

#include <QTest>

using namespace kirotray;

namespace {

ChatRequest plainRequest()
{
    ChatRequest request;
    request.messages = {{Role::User, {TextPart {"Hi"}}, false, "messages[0]"}};
    return request;
}

/// One harmless tool and one with this schema.
ChatRequest withSchema(const std::string &schema)
{
    ChatRequest request = plainRequest();
    request.tools = {
        {"fine", "d", R"({"type":"object","properties":{"a":{"type":"string"}}})", "tools[0]"},
        {"bad.one", "d", schema, "tools[1]"}};
    return request;
}

std::string nested(int depth)
{
    std::string schema = R"({"type":"string"})";
    for (int i = 0; i < depth; ++i)
        schema = R"({"type":"object","properties":{"p":)" + schema + "}}";
    return schema;
}

} // namespace

Q_DECLARE_METATYPE(ChatRequest)

class TstRequestLint : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_tables = loadKiroTables({}).tables; }

    void namesTheLikeliestCause_data()
    {
        QTest::addColumn<ChatRequest>("request");
        QTest::addColumn<std::string>("path");
        QTest::addColumn<std::string>("what");
        const auto row = [](const char *name, const ChatRequest &request, const char *path,
                            const char *what) {
            QTest::addRow("%s", name) << request << std::string(path) << std::string(what);
        };
        const auto schema = [&row](const char *json, const char *what) {
            row(json, withSchema(json), "tools[1]", what);
        };
        schema("{\"properties\":{\"a\":{\"not\":{\"type\":\"null\"}}}}",
               "'bad.one' uses `not` at properties.a");
        schema("{\"properties\":{\"a\":{\"type\":\"object\",\"propertyNames\":{\"type\":\"string\"}"
               "}}}",
               "uses `propertyNames` at properties.a");
        schema("{\"properties\":{\"a\":{\"if\":{},\"pattern\":\"x\"}}}",
               "uses `if` at properties.a");
        schema("{\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"oneOf\":[{\"type\":"
               "\"string\"},{\"type\":\"number\"}]}}}}",
               "uses `oneOf` at properties.a.items");
        schema("{\"properties\":{\"a\":{\"type\":\"string\",\"format\":\"uri\"}}}",
               "uses `format` at properties.a");
        schema("{\"properties\":{\"a b\":{\"type\":\"string\",\"format\":\"uri\"}}}",
               "a property whose name is not");
        schema("{\"properties\":{\"\\u00e9\":{\"type\":\"string\"}}}",
               "a property whose name is not");
        row("deep", withSchema(nested(13)), "tools[1]", "is nested deeply at properties.p");
        row("huge schema",
            withSchema("{\"properties\":{\"a\":{\"enum\":[\"" + std::string(70'000, 'x')
                       + "\"]}}}"),
            "tools[1]", "of tool 'bad.one' takes 70");
        row("long inner description",
            withSchema("{\"properties\":{\"a\":{\"description\":\"" + std::string(10'001, 'x')
                       + "\"}}}"),
            "tools[1]", "has a very long description at properties.a");
        ChatRequest many = plainRequest();
        for (int i = 0; i < 121; ++i)
            many.tools.push_back({"t" + std::to_string(i), "d", "{}", "tools"});
        row("many tools", many, "", "declares 121 tools");
        ChatRequest longText = plainRequest();
        longText.messages[0].parts = {TextPart {std::string(400'001, 'x')}};
        row("long text", longText, "messages[0]", "a text has 400001 characters");
        ChatRequest document = plainRequest();
        document.messages[0].parts.emplace_back(
            DocumentPart {"a", "application/pdf", "AAAA", "messages[0].content[1]"});
        row("document", document, "messages[0].content[1]", "may take no documents");
        ChatRequest wide = plainRequest();
        QByteArray png = QByteArray::fromBase64(QByteArray::fromStdString(samples::Png));
        png[18] = '\x08'; // 2051 pixels
        wide.messages[0].parts.emplace_back(
            ImagePart {png.toBase64().toStdString(), {}, "messages[0].content[1]"});
        row("wide image", wide, "messages[0].content[1]", "2051 x 2 pixels");
        ChatRequest history = plainRequest();
        history.messages.clear();
        for (int i = 0; i < 201; ++i)
            history.messages.push_back(
                {i % 2 == 0 ? Role::User : Role::Assistant, {TextPart {"x"}}});
        row("long history", history, "", "201 messages");
        ChatRequest large = plainRequest();
        large.messages.clear();
        for (int i = 0; i < 5; ++i)
            large.messages.push_back({i % 2 == 0 ? Role::User : Role::Assistant,
                                      {TextPart {std::string(300'000, 'x')}}});
        row("large", large, "", "the request takes 1500");
        // Of several the likelier one: a document is likelier than a large request.
        ChatRequest both = large;
        both.messages.back().parts.push_back(document.messages[0].parts[1]);
        row("several", both, "messages[0].content[1]", "may take no documents");
        ChatRequest result = plainRequest();
        result.messages.push_back({Role::Assistant, {ToolUsePart {"1", "f", "{}"}}});
        result.messages.push_back(
            {Role::User, {ToolResultPart {"1", std::string(400'001, 'x')}}, false, "messages[2]"});
        row("long tool result", result, "messages[2]", "a tool result has 400001 characters");
    }
    void namesTheLikeliestCause()
    {
        QFETCH(ChatRequest, request);
        QFETCH(std::string, path);
        QFETCH(std::string, what);
        const auto built = buildRequest(request, {}, *m_tables);
        QVERIFY(built);
        const auto cause = likelyCause(request, built.value());
        QVERIFY(cause);
        QCOMPARE(cause->path, path);
        QVERIFY2(cause->what.find(what) != std::string::npos, cause->what.c_str());
        const auto all = lintRequest(request, built.value());
        QVERIFY(std::is_sorted(all.begin(), all.end(),
                               [](const auto &a, const auto &b) { return a.weight > b.weight; }));
    }

    void blamesNothingThatIsHarmless()
    {
        ChatRequest request =
            withSchema("{\"type\":\"object\",\"properties\":{\"pattern\":{\"type\":\"string\","
                       "\"enum\":[\"not\",\"$ref\"],\"description\":\"x\"},\"not\":{\"type\":"
                       "\"integer\",\"minimum\":1}},\"required\":[\"not\"]}");
        request.messages[0].parts.emplace_back(ImagePart {samples::Png, {}, "p"});
        const auto built = buildRequest(request, {}, *m_tables);
        QVERIFY(built);
        QVERIFY(!likelyCause(request, built.value()));
    }

    void whatTheStrictLevelRemovedIsNotBlamed()
    {
        const ChatRequest request = withSchema(
            "{\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"string\",\"format\":\"uri\"}]}}}");
        BuildOptions options;
        QVERIFY(likelyCause(request, buildRequest(request, options, *m_tables).value()));
        options.strictSchemas = true;
        QVERIFY(!likelyCause(request, buildRequest(request, options, *m_tables).value()));
    }

    /// What the sanitiser repairs today is known all the same, should it ever get through.
    void looksAtWhatWasSent()
    {
        BuiltRequest built;
        built.conversationState =
            "{\"currentMessage\":{\"userInputMessage\":{\"userInputMessageContext\":{\"tools\":["
            "{\"toolSpecification\":{\"name\":\"bad_one\",\"inputSchema\":{\"json\":{\"type\":"
            "[\"object\"],\"properties\":{\"a\":{\"exclusiveMinimum\":true}}}}}}]}}}}";
        built.toolNames = {{"bad_one", "bad.one"}};
        const auto all = lintRequest(withSchema("{}"), built);
        QCOMPARE(all.size(), 2U);
        QCOMPARE(all[0].what,
                 std::string("the schema of tool 'bad.one' has a boolean `exclusiveMinimum` at "
                             "properties.a"));
        QCOMPARE(all[0].path, std::string("tools[1]"));
        QCOMPARE(all[1].what,
                 std::string("the schema of tool 'bad.one' has a list for `type` at its root"));
    }

    void modelFieldsAreSuspected()
    {
        const ChatRequest request = plainRequest();
        BuiltRequest built;
        built.conversationState = "{}";
        QVERIFY(!likelyCause(request, built));
        built.modelFields = "{\"max_tokens\":1}";
        QVERIFY(likelyCause(request, built)->what.find("thinking") != std::string::npos);
    }

private:
    KiroTablesPtr m_tables;
};

QTEST_APPLESS_MAIN(TstRequestLint)
#include "tst_requestlint.moc"
