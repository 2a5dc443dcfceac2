// SPDX-License-Identifier: MIT
#include "app/dialects/dialect.h"
#include "app/gateway/searchrounds.h"

#include <QTest>

using namespace kirotray;

namespace {

constexpr const char *ShortRequest =
    "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

const Dialect &api()
{
    return dialect(DialectId::AnthropicMessages);
}

ChatRequest decodedRequest(const std::string &body)
{
    const Result<JsonDocument> document = JsonDocument::parse(body);
    Result<ChatRequest> request =
        document ? api().decode(document.value(), {}) : Result<ChatRequest>(document.error());
    if (!request)
        qFatal("%s", qPrintable(describe(request.error())));
    return std::move(request).value();
}

/// The payloads of a stream of `events`.
std::vector<std::string> streamPayloads(const AnswerContext &context,
                                        const std::vector<ChatEvent> &events)
{
    std::string stream;
    const auto encoder = api().streamEncoder(decodedRequest(ShortRequest), context);
    encoder->begin(stream);
    for (const ChatEvent &event : events)
        encoder->encode(event, stream);
    std::vector<std::string> payloads;
    for (const QByteArray &line : QByteArray::fromStdString(stream).split('\n'))
        if (line.startsWith("data: "))
            payloads.push_back(line.mid(6).toStdString());
    return payloads;
}

} // namespace

class TstAnthropicMessages : public QObject
{
    Q_OBJECT
private slots:
    void startsWithTheRealPromptWhereItIsKnown();
    void startsWithTheEstimateElsewhere();
    void repeatsTheRequestIdInErrors();
    void findsImagesInHistoryWhereverTheyStand_data();
    void findsImagesInHistoryWhereverTheyStand();
    void readsItsOwnSearchBack_data();
    void readsItsOwnSearchBack();
    void boundsNotesOnUnknownMembers();
    void boundsAllNotes();
};

void TstAnthropicMessages::startsWithTheRealPromptWhereItIsKnown()
{
    AnswerContext context {"id", 0, 321};
    context.promptUsage = Usage {10, 99, 20, 30, 2, false, {}};
    const std::vector<std::string> payloads = streamPayloads(context, {Finished {}});
    const Result<JsonDocument> start = JsonDocument::parse(payloads.front());
    QVERIFY(start);
    const JsonValue usage = start.value().root()["message"]["usage"];
    QCOMPARE(usage["input_tokens"].integer(), 10);
    QCOMPARE(usage["cache_read_input_tokens"].integer(), 20);
    QCOMPARE(usage["cache_creation_input_tokens"].integer(), 30);
    QCOMPARE(usage["output_tokens"].integer(), 0);
    QVERIFY(usage["server_tool_use"].isMissing());
}

void TstAnthropicMessages::startsWithTheEstimateElsewhere()
{
    Finished finished;
    finished.usage.inputTokens = 300;
    finished.usage.cacheReadTokens = 40;
    const std::vector<std::string> payloads = streamPayloads({"id", 0, 321}, {finished});
    QCOMPARE(payloads.size(), std::size_t(3));
    const Result<JsonDocument> start = JsonDocument::parse(payloads[0]);
    const Result<JsonDocument> delta = JsonDocument::parse(payloads[1]);
    QVERIFY(start && delta);
    QCOMPARE(start.value().root()["message"]["usage"]["input_tokens"].integer(), 321);
    const JsonValue corrected = delta.value().root()["usage"];
    QCOMPARE(corrected["input_tokens"].integer(), 300);
    QCOMPARE(corrected["cache_read_input_tokens"].integer(), 40);
}

void TstAnthropicMessages::repeatsTheRequestIdInErrors()
{
    ChatError error;
    error.kind = ChatError::Kind::Overloaded;
    error.message = "busy";
    const auto idIn = [](const std::string &body) {
        const Result<JsonDocument> document = JsonDocument::parse(body);
        return document ? std::string(document.value().root()["request_id"].raw()) : body;
    };
    QCOMPARE(idIn(api().encodeErrorOf(error, "req_1").body), std::string("\"req_1\""));
    QCOMPARE(idIn(api().encodeError(error).body), std::string("null"));
    AnswerContext context {"id"};
    context.requestId = "req_2";
    QCOMPARE(idIn(streamPayloads(context, {Failed {error}}).back()), std::string("\"req_2\""));
}

void TstAnthropicMessages::findsImagesInHistoryWhereverTheyStand_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("path");
    const QByteArray image =
        "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"iVBORw0KGgo=\"}}";
    QTest::newRow("message") << image << u"messages[0].content[0]"_s;
    QTest::newRow("tool result") << QByteArray(
        "{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":[" + image + "]}")
                                 << u"messages[0].content[0].content[0]"_s;
    QTest::newRow("document") << QByteArray(
        "{\"type\":\"document\",\"source\":{\"type\":\"content\",\"content\":[" + image + "]}}")
                              << u"messages[0].content[0].source.content[0]"_s;
}

void TstAnthropicMessages::findsImagesInHistoryWhereverTheyStand()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, path);
    const ChatRequest request =
        decodedRequest("{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\","
                       "\"content\":["
                       + content.toStdString() + "]}]}");
    const Part &part = request.messages.at(0).parts.at(0);
    const auto *result = std::get_if<ToolResultPart>(&part);
    const ImagePart &image = result != nullptr ? result->images.at(0) : std::get<ImagePart>(part);
    QCOMPARE(image.path, path.toStdString());
    QCOMPARE(image.data, std::string("iVBORw0KGgo="));
    QCOMPARE(request.messages.at(0).path, std::string("messages[0]"));
}

/// What an answer shows of a search must be, sent back, what the model saw.
void TstAnthropicMessages::readsItsOwnSearchBack_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("errorCode");
    QTest::addColumn<int>("hits");
    QTest::addRow("found") << QByteArray("{ \"query\": \"qt\" }") << QByteArray() << 2;
    QTest::addRow("nothing found") << QByteArray("{\"query\":\"qt\"}") << QByteArray() << 0;
    QTest::addRow("no query") << QByteArray("{}") << QByteArray() << 0;
    for (const char *code : {"unavailable", "too_many_requests", "query_too_long"})
        QTest::addRow("%s", code) << QByteArray("{\"query\":\"qt\"}") << QByteArray(code) << 0;
}

/// What the model read within the answer is what the client's next request holds: the upstream
/// caches a prompt only as far as it stays the same.
void TstAnthropicMessages::readsItsOwnSearchBack()
{
    QFETCH(QByteArray, input);
    QFETCH(QByteArray, errorCode);
    QFETCH(int, hits);
    const ChatRequest asked = decodedRequest(ShortRequest);
    ChatRequest seen = asked;
    SearchRounds rounds {WebSearchTool {}};
    rounds.prepare(seen);
    std::vector<ChatEvent> out;
    const auto add = [&rounds, &out](const std::vector<ChatEvent> &events) {
        for (const ChatEvent &event : events)
            rounds.add(event, out);
    };
    add({TextDelta {"I look."}, ToolCallStart {"tooluse_1", "web_search"},
         ToolCallDelta {input.toStdString()}, ToolCallEnd {},
         Finished {StopReason::ToolUse, {}, {}}});
    for (const WebSearchCall &call : rounds.pending()) {
        WebSearchResult result {call.id, {}, errorCode.toStdString()};
        if (hits == 2)
            result.hits = {{"One", "https://a.example", "words of it", "May 1"},
                           {"Two", "https://b.example", "", ""}};
        rounds.addResult(result, out);
    }
    QVERIFY(rounds.proceed(seen, out));
    add({TextDelta {"Done."}, Finished {}});

    ChatAssembler assembler;
    for (const ChatEvent &event : out)
        assembler.add(event);
    QVERIFY(assembler.answer());
    const std::string body = api().encodeAnswer(asked, *assembler.answer(), {"id"});
    const Result<JsonDocument> document = JsonDocument::parse(body);
    QVERIFY(document);
    const ChatRequest next = decodedRequest(
        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"assistant\",\"content\":"
        + std::string(document.value().root()["content"].raw()) + "}]}");
    std::vector<Message> expected(seen.messages.begin() + 1, seen.messages.end());
    QCOMPARE(expected.size(), 2U);
    expected.push_back({Role::Assistant, {TextPart {"Done."}}});
    for (Message &message : expected)
        message.path = "messages[0]";
    QVERIFY(next.messages == expected);
    expected = messagesOf(*assembler.answer());
    for (Message &message : expected)
        message.path = "messages[0]";
    QVERIFY(next.messages == expected);
}

void TstAnthropicMessages::boundsNotesOnUnknownMembers()
{
    std::string body = ShortRequest;
    body.pop_back();
    for (int i = 0; i < 1000; ++i)
        body += ",\"unknown" + std::to_string(i) + "\":1";
    QCOMPARE(decodedRequest(body + '}').notes.size(), std::size_t(16));
}

void TstAnthropicMessages::boundsAllNotes()
{
    std::string blocks;
    for (int i = 0; i < 1000; ++i)
        blocks += "{\"type\":\"fallback\"},";
    const std::vector<std::string> notes =
        decodedRequest(
            "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":["
            + blocks + "{\"type\":\"text\",\"text\":\"hi\"}]}]}")
            .notes;
    QCOMPARE(notes.size(), std::size_t(201));
    QCOMPARE(notes.at(199),
             std::string("messages[0].content[199]: a block of type 'fallback' is dropped"));
    QCOMPARE(notes.back(), std::string("…and more"));
}

QTEST_APPLESS_MAIN(TstAnthropicMessages)
#include "tst_anthropicmessages.moc"
