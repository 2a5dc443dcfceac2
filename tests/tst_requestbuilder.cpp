// SPDX-License-Identifier: MIT
#include "app/kiro/requestbuilder.h"
#include "tests/requestform.h"

#include <QDir>
#include <QRegularExpression>
#include <QTest>

using namespace kirotray;

class TstRequestBuilder : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_tables = loadKiroTables({}).tables; }

    void buildsWhatTheUpstreamTakes_data()
    {
        QTest::addColumn<QString>("folder");
        const QDir root(QStringLiteral(KIROTRAY_FIXTURES) + "/kiro-request"_L1);
        const QStringList cases = root.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
        QVERIFY(cases.size() > 20);
        for (const QString &name : cases)
            QTest::addRow("%s", qPrintable(name)) << root.filePath(name);
    }
    /// request.json → upstream.json (conversationState) and notes.txt (what was repaired).
    /// KIROTRAY_UPDATE_FIXTURES=1 rewrites the two; their diff is the review.
    void buildsWhatTheUpstreamTakes()
    {
        QFETCH(QString, folder);
        const Result<JsonDocument> form = JsonDocument::parse(read(folder, u"/request.json"_s));
        QVERIFY2(form, form ? "" : qPrintable(describe(form.error())));
        const JsonValue root = form.value().root();
        const Result<BuiltRequest> built =
            buildRequest(requestform::requestOf(root), requestform::optionsOf(root), *m_tables);
        QVERIFY(built);
        std::string notes;
        for (const NormaliserNote &note : built.value().notes)
            notes += std::to_string(note.rule) + ": " + note.what + '\n';
        const Result<JsonDocument> state = JsonDocument::parse(built.value().conversationState);
        QVERIFY2(state, state ? "" : qPrintable(describe(state.error())));
        if (qEnvironmentVariableIsSet("KIROTRAY_UPDATE_FIXTURES")) {
            write(folder, u"/upstream.json"_s, requestform::pretty(state.value().root()) + '\n');
            write(folder, u"/notes.txt"_s, notes);
        }
        const std::string expected = requestform::compact(read(folder, u"/upstream.json"_s));
        QCOMPARE(QByteArray::fromStdString(requestform::compact(built.value().conversationState)),
                 QByteArray::fromStdString(expected));
        QCOMPARE(QByteArray::fromStdString(notes),
                 QByteArray::fromStdString(read(folder, u"/notes.txt"_s)));
    }

    void refusesARequestWithoutAUserMessage_data()
    {
        QTest::addColumn<QByteArray>("form");
        QTest::addRow("no messages") << QByteArray(R"({"messages":[]})");
        QTest::addRow("assistant only") << QByteArray(R"({"messages":[{"assistant":["Hi"]}]})");
        QTest::addRow("blank text only") << QByteArray(R"({"messages":[{"user":["\n ",""]}]})");
        QTest::addRow("system and tools only")
            << QByteArray(R"({"system":"S","tools":[{"name":"a"}],"messages":[{"user":[]}]})");
    }
    void refusesARequestWithoutAUserMessage()
    {
        QFETCH(QByteArray, form);
        const Result<JsonDocument> document = JsonDocument::parse(form.toStdString());
        QVERIFY(document);
        const auto built =
            buildRequest(requestform::requestOf(document.value().root()), {}, *m_tables);
        QVERIFY(!built);
        QCOMPARE(built.error().code, Error::Code::BadInput);
        QCOMPARE(built.error().path, u"messages"_s);
    }

    void aToolInputKeepsItsBytes()
    {
        const std::string input =
            "{ \"z\" : 12345678901234567890.10,\t\"a\":1e3, \"u\":\"\\u00e9\" }";
        ChatRequest request = userSays("Hi");
        request.messages.push_back({Role::Assistant, {ToolUsePart {"t1", "x", input}}});
        request.messages.push_back({Role::User, {ToolResultPart {"t1", "ok"}}});
        const auto built = buildRequest(request, {}, *m_tables);
        QVERIFY(built);
        QVERIFY(built.value().conversationState.find("\"input\":" + input + '}')
                != std::string::npos);
    }

    void writesNothingThatIsNotNeeded()
    {
        const auto built = buildRequest(userSays("Hi"), {}, *m_tables);
        QVERIFY(built);
        const std::string expected =
            "{\"agentTaskType\":\"vibe\",\"chatTriggerType\":\"MANUAL\",\"currentMessage\":"
            "{\"userInputMessage\":{\"content\":\"Hi\",\"origin\":\"AI_EDITOR\"}}}";
        QCOMPARE(built.value().conversationState, expected);
        QVERIFY(!built.value().hasTools);
        QVERIFY(built.value().notes.empty());
    }

    void mapsRenamedToolsBack()
    {
        ChatRequest request = userSays("Hi");
        const std::string longName =
            "mcp__some_very_long_server_name__a_tool_with_an_even_longer_name_than_allowed";
        request.tools = {{longName, "d", "{}"}, {"a.b", "d", "{}"}, {"a_b", "d", "{}"}};
        const auto built = buildRequest(request, {}, *m_tables);
        QVERIFY(built);
        QVERIFY(built.value().hasTools);
        const auto &names = built.value().toolNames;
        QCOMPARE(names.size(), 2U);
        QCOMPARE(names.at("mcp__some_very_long_server_name__a_tool_with_an_even_l_bbe4a092"),
                 longName);
        for (const auto &[upstream, client] : names)
            QVERIFY(upstream != "a_b" && (client == longName || client == "a.b"));
    }

    void theProfileArnComesBehindTheState()
    {
        BuiltRequest built;
        built.conversationState = "{\"x\":1}";
        const QByteArray plain = "{\"conversationState\":{\"x\":1}}";
        const QByteArray withArn =
            "{\"conversationState\":{\"x\":1},\"profileArn\":\"arn:a\\\"b\"}";
        QCOMPARE(requestBody(built, {}), plain);
        QCOMPARE(requestBody(built, u"arn:a\"b"_s), withArn);
    }

    void theConversationIdFollowsTheClientsSession()
    {
        ChatRequest a = userSays("Hi");
        a.sessionKey = "session-1";
        ChatRequest b = userSays("Something else");
        b.sessionKey = "session-1";
        ChatRequest c = a;
        c.sessionKey = "session-2";
        QCOMPARE(conversationIdFor(a), conversationIdFor(b));
        QVERIFY(conversationIdFor(a) != conversationIdFor(c));
        QVERIFY(isUuid(conversationIdFor(a)));
    }

    void withoutASessionTheStartOfTheConversationDecides()
    {
        ChatRequest first = userSays("Hi");
        first.system = "S";
        ChatRequest later = first;
        later.messages.push_back({Role::Assistant, {TextPart {"Hello"}}});
        later.messages.push_back({Role::User, {TextPart {"More"}}});
        QCOMPARE(conversationIdFor(first), conversationIdFor(later));
        QVERIFY(isUuid(conversationIdFor(first)));
        ChatRequest otherText = userSays("Hi!");
        otherText.system = "S";
        ChatRequest otherSystem = first;
        otherSystem.system = "T";
        QVERIFY(conversationIdFor(first) != conversationIdFor(otherText));
        QVERIFY(conversationIdFor(first) != conversationIdFor(otherSystem));
        QVERIFY(isUuid(conversationIdFor(ChatRequest())));
    }

private:
    static ChatRequest userSays(const std::string &text)
    {
        ChatRequest request;
        request.messages = {{Role::User, {TextPart {text}}}};
        return request;
    }

    static bool isUuid(const std::string &text)
    {
        static const QRegularExpression form(
            u"\\A[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\\z"_s);
        return form.match(QString::fromStdString(text)).hasMatch();
    }

    static std::string read(const QString &folder, const QString &name)
    {
        QFile file(folder + name);
        return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
    }

    static void write(const QString &folder, const QString &name, const std::string &text)
    {
        QFile file(folder + name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text.data(), qint64(text.size()));
    }

    KiroTablesPtr m_tables;
};

QTEST_APPLESS_MAIN(TstRequestBuilder)
#include "tst_requestbuilder.moc"
