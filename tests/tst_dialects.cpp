// SPDX-License-Identifier: MIT
#include "app/dialects/dialect.h"
#include "tests/chatdump.h"
#include "tests/eventscript.h"

#include <QDir>
#include <QTest>

#include <array>
#include <map>
#include <utility>

using namespace kirotray;

namespace {

constexpr std::array AllDialects {DialectId::AnthropicMessages, DialectId::OpenAiChat};

AnswerContext fixtureContext()
{
    return {"0123456789abcdefABCDEFGH", 1'760'000'000, 321};
}

QString caseFolder(const Dialect &api, const QString &name)
{
    return QStringLiteral(KIROTRAY_FIXTURES) + u'/' + QString::fromLatin1(api.name()) + u'/' + name;
}

QByteArray fileBytes(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Compares with the file, or writes it when KIROTRAY_UPDATE_FIXTURES is set: the diff is the
/// review.
void compareWithFile(const std::string &actual, const QString &path)
{
    const QByteArray bytes = QByteArray::fromStdString(actual);
    if (qEnvironmentVariableIsSet("KIROTRAY_UPDATE_FIXTURES")) {
        QFile file(path);
        QVERIFY2(file.open(QIODevice::WriteOnly), qPrintable(path));
        file.write(bytes);
        return;
    }
    QVERIFY2(QFile::exists(path), qPrintable(u"missing: "_s + path));
    QCOMPARE(bytes, fileBytes(path));
}

std::string errorFile(const ErrorReply &reply)
{
    return "{\"status\":" + std::to_string(reply.status) + ",\"body\":" + reply.body + "}\n";
}

ChatError refusalOf(const Error &error)
{
    return {ChatError::Kind::InvalidRequest, error.what.toStdString(), error.path.toStdString(),
            std::nullopt};
}

Result<ChatRequest> decoded(const Dialect &api, const QByteArray &body)
{
    const Result<JsonDocument> document = JsonDocument::parse(body.toStdString());
    if (!document)
        return document.error();
    return api.decode(document.value(), {});
}

/// The request of a case, or a short one.
ChatRequest requestOf(const Dialect &api, const QString &folder)
{
    const QString path = folder + u"/request.json"_s;
    if (QFile::exists(path)) {
        Result<ChatRequest> request = decoded(api, fileBytes(path));
        if (request)
            return std::move(request).value();
    }
    ChatRequest request;
    request.model = "claude-sonnet-4-5";
    return request;
}

std::string streamOf(const Dialect &api, const ChatRequest &request,
                     const std::vector<ScriptStep> &steps)
{
    const std::unique_ptr<StreamEncoder> encoder = api.streamEncoder(request, fixtureContext());
    std::string out;
    encoder->begin(out);
    for (const ScriptStep &step : steps) {
        if (const auto *event = std::get_if<ChatEvent>(&step))
            encoder->encode(*event, out);
        else
            encoder->ping(out);
    }
    return out;
}

ChatAssembler assembledFrom(const std::vector<ScriptStep> &steps)
{
    ChatAssembler assembler;
    for (const ScriptStep &step : steps)
        if (const auto *event = std::get_if<ChatEvent>(&step))
            assembler.add(*event);
    return assembler;
}

/// One server-sent event as a client's parser sees it.
struct SentEvent
{
    QByteArray name;
    QByteArray payload;
};

std::vector<SentEvent> sentEvents(const std::string &stream)
{
    std::vector<SentEvent> events;
    QByteArray text = QByteArray::fromStdString(stream);
    if (!text.endsWith("\n\n"))
        qFatal("a stream does not end with an empty line");
    text.chop(2);
    for (qsizetype at = 0; at <= text.size();) {
        const qsizetype found = text.indexOf("\n\n", at);
        const qsizetype end = found < 0 ? text.size() : found;
        SentEvent event;
        for (const QByteArray &line : text.mid(at, end - at).split('\n')) {
            if (line.startsWith("event: "))
                event.name = line.mid(7);
            else if (line.startsWith("data: "))
                event.payload = line.mid(6);
            else if (!line.startsWith(':'))
                qFatal("no field of an event: %s", line.constData());
        }
        at = end + 2;
        if (!event.payload.isEmpty())
            events.push_back(event);
    }
    return events;
}

void addCases(std::initializer_list<const char *> files)
{
    QTest::addColumn<DialectId>("id");
    QTest::addColumn<QString>("folder");
    for (const DialectId id : AllDialects) {
        const Dialect &api = dialect(id);
        int count = 0;
        const QDir folder(caseFolder(api, QString()));
        for (const QString &name : folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            for (const char *file : files) {
                if (!folder.exists(name + u'/' + QLatin1String(file)))
                    continue;
                QTest::addRow("%s/%s", api.name(), qPrintable(name)) << id << folder.filePath(name);
                ++count;
            }
        }
        if (count < 10)
            qFatal("only %d cases of %s were found", count, api.name());
    }
}

} // namespace

class TstDialects : public QObject
{
    Q_OBJECT
private slots:
    void decodesRequests_data() { addCases({"request.json"}); }
    void decodesRequests();
    void encodesAnswers_data() { addCases({"events.txt"}); }
    void encodesAnswers();
    void streamsKeepAnthropicsGrammar_data() { addCases({"events.txt"}); }
    void streamsKeepAnthropicsGrammar();
    void streamsKeepOpenAisGrammar_data() { addCases({"events.txt"}); }
    void streamsKeepOpenAisGrammar();
    void refusesWithTheRightStatus_data();
    void refusesWithTheRightStatus();
    void namesAFullContextInTheClientsWords();
    void listsModels();
    void countsTokensWithoutMaxTokens();
    void limitsStopSequences();
};

void TstDialects::decodesRequests()
{
    QFETCH(DialectId, id);
    QFETCH(QString, folder);
    const Dialect &api = dialect(id);
    const Result<ChatRequest> request = decoded(api, fileBytes(folder + u"/request.json"_s));
    if (request) {
        QVERIFY(!QFile::exists(folder + u"/error.json"_s));
        compareWithFile(dumpChat(request.value()), folder + u"/chat.txt"_s);
        return;
    }
    QVERIFY(!QFile::exists(folder + u"/chat.txt"_s));
    QCOMPARE(request.error().code, Error::Code::BadInput);
    compareWithFile(errorFile(api.encodeError(refusalOf(request.error()))),
                    folder + u"/error.json"_s);
}

void TstDialects::encodesAnswers()
{
    QFETCH(DialectId, id);
    QFETCH(QString, folder);
    const Dialect &api = dialect(id);
    const ChatRequest request = requestOf(api, folder);
    const std::vector<ScriptStep> steps = readEventScript(fileBytes(folder + u"/events.txt"_s));
    compareWithFile(streamOf(api, request, steps), folder + u"/stream.txt"_s);
    const ChatAssembler assembler = assembledFrom(steps);
    if (assembler.answer())
        compareWithFile(api.encodeAnswer(request, *assembler.answer(), fixtureContext()) + '\n',
                        folder + u"/answer.json"_s);
    else if (assembler.error())
        compareWithFile(errorFile(api.encodeError(*assembler.error())),
                        folder + u"/failure.json"_s);
}

void TstDialects::streamsKeepAnthropicsGrammar()
{
    QFETCH(DialectId, id);
    QFETCH(QString, folder);
    if (id != DialectId::AnthropicMessages)
        return;
    const std::vector<ScriptStep> steps = readEventScript(fileBytes(folder + u"/events.txt"_s));
    const Dialect &api = dialect(id);
    qint64 next = 0;
    bool isOpen = false;
    QByteArray last;
    for (const SentEvent &event : sentEvents(streamOf(api, requestOf(api, folder), steps))) {
        const Result<JsonDocument> payload = JsonDocument::parse(event.payload.toStdString());
        QVERIFY2(payload, event.payload.constData());
        const JsonValue root = payload.value().root();
        QCOMPARE(QByteArray::fromStdString(std::string(root["type"].string())), event.name);
        QCOMPARE(last.isEmpty(), event.name == "message_start");
        QVERIFY(last != "message_stop" && last != "error");
        if (event.name.startsWith("content_block"))
            QCOMPARE(root["index"].integer(), next);
        if (event.name == "content_block_start")
            QVERIFY(!std::exchange(isOpen, true));
        else if (event.name == "content_block_delta")
            QVERIFY(isOpen);
        if (event.name == "content_block_stop") {
            QVERIFY(std::exchange(isOpen, false));
            ++next;
        }
        if (event.name.startsWith("message_"))
            QVERIFY(!isOpen);
        last = event.name;
    }
    QVERIFY2(last == "message_stop" || last == "error", last.constData());
}

void TstDialects::streamsKeepOpenAisGrammar()
{
    QFETCH(DialectId, id);
    QFETCH(QString, folder);
    if (id != DialectId::OpenAiChat)
        return;
    const std::vector<ScriptStep> steps = readEventScript(fileBytes(folder + u"/events.txt"_s));
    const Dialect &api = dialect(id);
    std::string content;
    std::map<qint64, std::string> arguments;
    bool isFirst = true;
    bool isDone = false;
    bool hasFailed = false;
    for (const SentEvent &event : sentEvents(streamOf(api, requestOf(api, folder), steps))) {
        QVERIFY(event.name.isEmpty());
        QVERIFY(!isDone && !hasFailed);
        if (event.payload == "[DONE]") {
            isDone = true;
            continue;
        }
        const Result<JsonDocument> payload = JsonDocument::parse(event.payload.toStdString());
        QVERIFY2(payload, event.payload.constData());
        const JsonValue root = payload.value().root();
        hasFailed = root["error"].isObject();
        for (const JsonValue &choice : root["choices"]) {
            const JsonValue delta = choice["delta"];
            QCOMPARE(delta["role"].string() == "assistant", std::exchange(isFirst, false));
            content += delta["content"].string();
            for (const JsonValue &call : delta["tool_calls"]) {
                const qint64 index = call["index"].integer().value_or(-1);
                QCOMPARE(call["id"].isString(), !arguments.contains(index));
                arguments[index] += call["function"]["arguments"].string();
            }
        }
    }
    QVERIFY(isDone != hasFailed);
    const ChatAssembler assembler = assembledFrom(steps);
    if (!assembler.answer())
        return;
    std::string whole;
    std::vector<std::string> inputs;
    for (const AnswerBlock &block : assembler.answer()->blocks) {
        if (const auto *text = std::get_if<AnswerText>(&block))
            whole += text->text;
        else if (const auto *call = std::get_if<AnswerToolCall>(&block))
            inputs.push_back(call->inputJson);
    }
    QCOMPARE(content, whole);
    // A cut call is last: the stream has shown its beginning.
    for (std::size_t i = 0; i < inputs.size() && !arguments.empty(); ++i)
        QCOMPARE(arguments[static_cast<qint64>(i)], inputs[i]);
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
    const auto row = [](const char *name, const QString &kind, const QString &param,
                        std::pair<int, QString> anthropic, std::pair<int, QString> openAi,
                        const QString &code) {
        QTest::addRow("%s", name) << kind << param << anthropic.first << anthropic.second
                                  << openAi.first << openAi.second << code;
    };
    const QString invalid = u"invalid_request_error"_s;
    const QString server = u"server_error"_s;
    const QString api = u"api_error"_s;
    row("bad request", u"invalid_request"_s, u"a[0].b"_s, {400, invalid}, {400, invalid}, {});
    row("full context", u"context_length"_s, {}, {400, invalid}, {400, invalid},
        u"context_length_exceeded"_s);
    row("bad key", u"authentication"_s, {}, {401, u"authentication_error"_s}, {401, invalid},
        u"invalid_api_key"_s);
    row("forbidden", u"permission"_s, {}, {403, u"permission_error"_s}, {403, invalid},
        u"insufficient_permissions"_s);
    row("unknown path", u"not_found"_s, {}, {404, u"not_found_error"_s}, {404, invalid}, {});
    row("unknown model", u"not_found"_s, u"model"_s, {404, u"not_found_error"_s}, {404, invalid},
        u"model_not_found"_s);
    row("wrong method", u"method_not_allowed"_s, {}, {405, invalid}, {405, invalid},
        u"method_not_supported"_s);
    row("too large", u"too_large"_s, {}, {413, u"request_too_large"_s}, {413, invalid},
        u"request_too_large"_s);
    row("no JSON", u"unsupported_media"_s, {}, {415, invalid}, {415, invalid},
        u"unsupported_content_type"_s);
    row("rate limit", u"rate_limited"_s, {}, {429, u"rate_limit_error"_s},
        {429, u"rate_limit_error"_s}, u"rate_limit_exceeded"_s);
    row("upstream", u"upstream"_s, {}, {502, api}, {502, server}, u"upstream_error"_s);
    row("no account", u"no_account"_s, {}, {503, api}, {503, server}, u"no_account"_s);
    row("timeout", u"timeout"_s, {}, {504, api}, {504, server}, u"timeout"_s);
    row("overloaded", u"overloaded"_s, {}, {529, u"overloaded_error"_s}, {503, server},
        u"server_is_overloaded"_s);
    row("internal", u"internal"_s, {}, {500, api}, {500, server}, {});
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
    }
}

void TstDialects::listsModels()
{
    const std::vector<ModelInfo> models {
        {"claude-sonnet-4.5", "Claude Sonnet 4.5", 200'000, 64'000, 1'759'104'000},
        {"auto", "Auto \"best\"", 200'000, 64'000, 0}};
    const Dialect &anthropic = dialect(DialectId::AnthropicMessages);
    const std::string sonnet =
        R"({"type":"model","id":"claude-sonnet-4.5","display_name":"Claude Sonnet 4.5","created_at":"2025-09-29T00:00:00Z"})";
    const std::string best =
        R"({"type":"model","id":"auto","display_name":"Auto \"best\"","created_at":"1970-01-01T00:00:00Z"})";
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
