// SPDX-License-Identifier: MIT
#include "tests/chatdump.h"
#include "tests/dialectcase.h"
#include "tests/streamgrammar.h"

#include <QFile>
#include <QTest>

using namespace kirotray;
using namespace kirotray::dialectcase;

class TstDialects : public QObject
{
    Q_OBJECT
private slots:
    void decodesRequests_data() { addRows({"request.json", "count.json"}); }
    void decodesRequests();
    void encodesAnswers_data() { addRows({"events.txt"}); }
    void encodesAnswers();
    void streamsKeepTheClientsGrammar_data() { addRows({"events.txt"}); }
    void streamsKeepTheClientsGrammar();
    void refusesWithTheRightStatus_data();
    void refusesWithTheRightStatus();
    void namesAFullContextInTheClientsWords();
    void listsModels();
    void countsTokensWithoutMaxTokens();
    void limitsStopSequences();

private:
    void compareRequest(const Dialect &api, const Result<ChatRequest> &request,
                        const QString &folder);
    void compare(const std::string &actual, const QString &path);
};

void TstDialects::decodesRequests()
{
    QFETCH(DialectId, id);
    QFETCH(QString, folder);
    const Dialect &api = dialect(id);
    const QString count = folder + u"/count.json"_s;
    const bool isCount = QFile::exists(count);
    const Result<JsonDocument> document =
        JsonDocument::parse(fileBytes(isCount ? count : folder + u"/request.json"_s).toStdString());
    QVERIFY2(document, document ? "" : qPrintable(describe(document.error())));
    const CallTarget target = targetOf(folder);
    compareRequest(api,
                   isCount ? api.decodeTokenCount(document.value(), target)
                           : api.decode(document.value(), target),
                   folder);
}

void TstDialects::compareRequest(const Dialect &api, const Result<ChatRequest> &request,
                                 const QString &folder)
{
    if (request) {
        QVERIFY(!QFile::exists(folder + u"/error.json"_s));
        compare(dumpChat(request.value()), folder + u"/chat.txt"_s);
        return;
    }
    QVERIFY2(!QFile::exists(folder + u"/chat.txt"_s), qPrintable(describe(request.error())));
    QCOMPARE(request.error().code, Error::Code::BadInput);
    compare(errorFile(api.encodeError(refusalOf(request.error()))), folder + u"/error.json"_s);
}

void TstDialects::compare(const std::string &actual, const QString &path)
{
    const QByteArray difference = differenceFromFile(actual, path);
    QVERIFY2(difference.isEmpty(), difference.constData());
}

void TstDialects::encodesAnswers()
{
    QFETCH(DialectId, id);
    QFETCH(QString, folder);
    const Dialect &api = dialect(id);
    const ChatRequest request = requestOf(api, folder);
    const std::vector<ScriptStep> steps = stepsOf(folder);
    const EncodedStream stream = streamOf(api, request, steps);
    compare(stream.bytes, folder + u"/stream.txt"_s);
    const QString document = folder + u"/document.json"_s;
    if (stream.document.empty())
        QVERIFY(!QFile::exists(document));
    else
        compare(stream.document + '\n', document);
    const ChatAssembler assembler = assembledFrom(steps);
    if (assembler.answer())
        compare(api.encodeAnswer(request, *assembler.answer(), context()) + '\n',
                folder + u"/answer.json"_s);
    else if (assembler.error())
        compare(errorFile(api.encodeError(*assembler.error())), folder + u"/failure.json"_s);
}

void TstDialects::streamsKeepTheClientsGrammar()
{
    QFETCH(DialectId, id);
    QFETCH(QString, folder);
    const std::vector<std::string> broken =
        brokenStreamRules(id, requestOf(dialect(id), folder), stepsOf(folder));
    QVERIFY2(broken.empty(), broken.empty() ? "" : broken.front().c_str());
}

void TstDialects::refusesWithTheRightStatus_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("param");
    QTest::addColumn<int>("anthropicStatus");
    QTest::addColumn<QString>("anthropicType");
    QTest::addColumn<int>("openAiStatus");
    QTest::addColumn<QString>("openAiType");
    QTest::addColumn<QString>("openAiCode");
    QTest::addColumn<QString>("geminiStatus");
    const auto row = [](const char *name, const QString &kind, const QString &param,
                        std::pair<int, QString> anthropic, std::pair<int, QString> openAi,
                        const QString &code, const char *gemini) {
        QTest::addRow("%s", name) << kind << param << anthropic.first << anthropic.second
                                  << openAi.first << openAi.second << code
                                  << QString::fromLatin1(gemini);
    };
    const QString invalid = u"invalid_request_error"_s;
    const QString server = u"server_error"_s;
    const QString api = u"api_error"_s;
    row("bad request", u"invalid_request"_s, u"a[0].b"_s, {400, invalid}, {400, invalid}, {},
        "INVALID_ARGUMENT");
    row("full context", u"context_length"_s, {}, {400, invalid}, {400, invalid},
        u"context_length_exceeded"_s, "INVALID_ARGUMENT");
    row("bad key", u"authentication"_s, {}, {401, u"authentication_error"_s}, {401, invalid},
        u"invalid_api_key"_s, "UNAUTHENTICATED");
    row("forbidden", u"permission"_s, {}, {403, u"permission_error"_s}, {403, invalid},
        u"insufficient_permissions"_s, "PERMISSION_DENIED");
    row("unknown path", u"not_found"_s, {}, {404, u"not_found_error"_s}, {404, invalid}, {},
        "NOT_FOUND");
    row("unknown model", u"not_found"_s, u"model"_s, {404, u"not_found_error"_s}, {404, invalid},
        u"model_not_found"_s, "NOT_FOUND");
    row("wrong method", u"method_not_allowed"_s, {}, {405, invalid}, {405, invalid},
        u"method_not_supported"_s, "INVALID_ARGUMENT");
    row("too large", u"too_large"_s, {}, {413, u"request_too_large"_s}, {413, invalid},
        u"request_too_large"_s, "INVALID_ARGUMENT");
    row("no JSON", u"unsupported_media"_s, {}, {415, invalid}, {415, invalid},
        u"unsupported_content_type"_s, "INVALID_ARGUMENT");
    row("rate limit", u"rate_limited"_s, {}, {429, u"rate_limit_error"_s},
        {429, u"rate_limit_error"_s}, u"rate_limit_exceeded"_s, "RESOURCE_EXHAUSTED");
    row("used up", u"quota_exhausted"_s, {}, {429, u"rate_limit_error"_s},
        {429, u"insufficient_quota"_s}, u"insufficient_quota"_s, "RESOURCE_EXHAUSTED");
    row("upstream", u"upstream"_s, {}, {502, api}, {502, server}, u"upstream_error"_s,
        "UNAVAILABLE");
    row("no account", u"no_account"_s, {}, {503, api}, {503, server}, u"no_account"_s,
        "UNAVAILABLE");
    row("timeout", u"timeout"_s, {}, {504, api}, {504, server}, u"timeout"_s, "DEADLINE_EXCEEDED");
    row("overloaded", u"overloaded"_s, {}, {529, u"overloaded_error"_s}, {503, server},
        u"server_is_overloaded"_s, "UNAVAILABLE");
    row("internal", u"internal"_s, {}, {500, api}, {500, server}, {}, "INTERNAL");
}

void TstDialects::refusesWithTheRightStatus()
{
    QFETCH(QString, kind);
    QFETCH(QString, param);
    QFETCH(int, anthropicStatus);
    QFETCH(QString, anthropicType);
    QFETCH(int, openAiStatus);
    QFETCH(QString, openAiType);
    QFETCH(QString, openAiCode);
    QFETCH(QString, geminiStatus);
    ChatError error;
    error.kind = errorKindNamed(kind.toStdString());
    error.message = "say \"why\"";
    error.param = param.toStdString();
    const std::string said = (error.param.empty() ? "" : error.param + ": ") + error.message;

    const ErrorReply reply = dialect(DialectId::AnthropicMessages).encodeError(error);
    QCOMPARE(reply.status, anthropicStatus);
    const Result<JsonDocument> body = JsonDocument::parse(reply.body);
    QVERIFY(body);
    QCOMPARE(body.value().root()["type"].string(), "error");
    QCOMPARE(body.value().root()["error"]["type"].string(), anthropicType.toStdString());
    QVERIFY(body.value().root()["error"]["message"].string().ends_with(said));

    const ErrorReply openAi = dialect(DialectId::OpenAiChat).encodeError(error);
    QCOMPARE(openAi.status, openAiStatus);
    const Result<JsonDocument> openAiBody = JsonDocument::parse(openAi.body);
    QVERIFY(openAiBody);
    const JsonValue inner = openAiBody.value().root()["error"];
    QCOMPARE(inner["type"].string(), openAiType.toStdString());
    QCOMPARE(inner["code"].isNull(), openAiCode.isEmpty());
    QCOMPARE(inner["code"].string(), openAiCode.toStdString());
    QCOMPARE(inner["param"].isNull(), param.isEmpty());
    QCOMPARE(inner["param"].string(), param.toStdString());
    QVERIFY(inner["message"].string().ends_with(said));
    QVERIFY(openAi == dialect(DialectId::OpenAiResponses).encodeError(error));

    const ErrorReply gemini = dialect(DialectId::Gemini).encodeError(error);
    QCOMPARE(gemini.status, openAiStatus);
    const Result<JsonDocument> geminiBody = JsonDocument::parse(gemini.body);
    QVERIFY(geminiBody);
    const JsonValue google = geminiBody.value().root()["error"];
    QCOMPARE(google["code"].integer(), qint64(openAiStatus));
    QCOMPARE(google["status"].string(), geminiStatus.toStdString());
    QVERIFY(google["message"].string().ends_with(said));
}

void TstDialects::namesAFullContextInTheClientsWords()
{
    ChatError error;
    error.kind = ChatError::Kind::ContextLengthExceeded;
    const auto said = [&error](DialectId id) { return dialect(id).encodeError(error).body; };
    const auto count = [](const std::string &text, const char *words) {
        return QByteArray::fromStdString(text).count(words);
    };
    for (const char *message : {"", "too much", "prompt is too long: 7 tokens > 5 maximum",
                                "This model's maximum context length is 5 tokens."}) {
        error.message = message;
        QCOMPARE(count(said(DialectId::AnthropicMessages), "prompt is too long"), 1);
        QCOMPARE(count(said(DialectId::OpenAiChat), "maximum context length"), 1);
        QCOMPARE(count(said(DialectId::Gemini), "exceeds the maximum number of tokens"), 1);
    }
}

void TstDialects::listsModels()
{
    const std::vector<ModelInfo> models {
        {"claude-sonnet-4.5", "Claude Sonnet 4.5", 200'000, 64'000, 1'759'104'000},
        {"auto", "Auto \"best\"", 200'000, 64'000, 0}};
    const Dialect &anthropic = dialect(DialectId::AnthropicMessages);
    const std::string sonnet =
        R"({"type":"model","id":"claude-sonnet-4.5","display_name":"Claude Sonnet 4.5","created_at":"2025-09-29T00:00:00Z","max_input_tokens":200000,"max_tokens":64000,"capabilities":null,"line":null,"lifecycle":"active","deprecated_at":null,"retires_at":null})";
    const std::string best =
        R"({"type":"model","id":"auto","display_name":"Auto \"best\"","created_at":"1970-01-01T00:00:00Z","max_input_tokens":200000,"max_tokens":64000,"capabilities":null,"line":null,"lifecycle":"active","deprecated_at":null,"retires_at":null})";
    QCOMPARE(anthropic.encodeModel(models[0]), sonnet);
    QCOMPARE(anthropic.encodeModels(models),
             "{\"data\":[" + sonnet + ',' + best
                 + R"(],"has_more":false,"first_id":"claude-sonnet-4.5","last_id":"auto"})");
    QCOMPARE(anthropic.encodeModels({}),
             std::string(R"({"data":[],"has_more":false,"first_id":null,"last_id":null})"));

    const Dialect &openAi = dialect(DialectId::OpenAiChat);
    const std::string openAiSonnet =
        R"({"id":"claude-sonnet-4.5","object":"model","created":1759104000,"owned_by":"kiro","context_length":200000,"max_model_len":200000,"context_window":200000,"max_output_tokens":64000})";
    const std::string openAiBest =
        R"({"id":"auto","object":"model","created":0,"owned_by":"kiro","context_length":200000,"max_model_len":200000,"context_window":200000,"max_output_tokens":64000})";
    QCOMPARE(openAi.encodeModel(models[0]), openAiSonnet);
    QCOMPARE(openAi.encodeModels(models),
             R"({"object":"list","data":[)" + openAiSonnet + ',' + openAiBest + "]}");
    QCOMPARE(openAi.encodeModels({}), std::string(R"({"object":"list","data":[]})"));
    QCOMPARE(dialect(DialectId::OpenAiResponses).encodeModels(models), openAi.encodeModels(models));

    const Dialect &gemini = dialect(DialectId::Gemini);
    const std::string geminiSonnet =
        R"({"name":"models/claude-sonnet-4.5","baseModelId":"claude-sonnet-4.5","version":"001","displayName":"Claude Sonnet 4.5","description":"Claude Sonnet 4.5 through KiroTray","inputTokenLimit":200000,"outputTokenLimit":64000,"supportedGenerationMethods":["generateContent","streamGenerateContent","countTokens"]})";
    QCOMPARE(gemini.encodeModel(models[0]), geminiSonnet);
    QVERIFY(gemini.encodeModels(models).starts_with("{\"models\":[" + geminiSonnet + ",{"));
    QCOMPARE(gemini.encodeModels({}), std::string(R"({"models":[]})"));
}

void TstDialects::countsTokensWithoutMaxTokens()
{
    const Dialect &anthropic = dialect(DialectId::AnthropicMessages);
    const Result<JsonDocument> body =
        JsonDocument::parse(R"({"model":"m","messages":[{"role":"user","content":"hi"}]})");
    QVERIFY(body);
    QVERIFY(anthropic.decodeTokenCount(body.value(), {}));
    const Result<ChatRequest> message = anthropic.decode(body.value(), {});
    QVERIFY(!message);
    QCOMPARE(message.error().path, u"max_tokens"_s);
    QCOMPARE(anthropic.encodeTokenCount(2048), std::string(R"({"input_tokens":2048})"));
    QVERIFY(dialect(DialectId::OpenAiChat).encodeTokenCount(1).empty());
    QCOMPARE(dialect(DialectId::OpenAiResponses).encodeTokenCount(5),
             std::string(R"({"object":"response.input_tokens","input_tokens":5})"));
    QCOMPARE(dialect(DialectId::Gemini).encodeTokenCount(5), std::string(R"({"totalTokens":5})"));
}

void TstDialects::limitsStopSequences()
{
    QByteArray sequences = "\"a\"";
    for (int i = 0; i < 64; ++i)
        sequences += ",\"a\"";
    const QByteArray start =
        R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}],)";
    const Result<ChatRequest> anthropic = decoded(
        dialect(DialectId::AnthropicMessages), start + "\"stop_sequences\":[" + sequences + "]}");
    QVERIFY(!anthropic);
    QCOMPARE(anthropic.error().path, u"stop_sequences"_s);
    const Result<ChatRequest> openAi =
        decoded(dialect(DialectId::OpenAiChat), start + "\"stop\":[" + sequences + "]}");
    QVERIFY(!openAi);
    QCOMPARE(openAi.error().path, u"stop"_s);
}

QTEST_APPLESS_MAIN(TstDialects)
#include "tst_dialects.moc"
