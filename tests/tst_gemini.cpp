// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/dialects/gemini.h"
#include "tests/dialectcase.h"

#include <QTest>

using namespace kirotray;
using namespace kirotray::dialectcase;

namespace {

/// The response objects of a stream: the payloads of its events, or the elements of its array.
std::vector<QByteArray> chunksOf(const ChatRequest &request, const std::vector<ScriptStep> &steps)
{
    const std::string stream = streamOf(gemini(), request, steps).bytes;
    std::vector<QByteArray> chunks;
    if (!isGeminiArrayStream(request)) {
        for (const SentEvent &event : sentEvents(stream))
            chunks.push_back(event.payload);
        return chunks;
    }
    const Result<JsonDocument> array = JsonDocument::parse(stream);
    if (!array)
        qFatal("no JSON array: %s", stream.c_str());
    for (const JsonValue &chunk : array.value().root())
        chunks.push_back(QByteArray::fromStdString(std::string(chunk.raw())));
    return chunks;
}

/// How clients echo an answer.
enum class Echo { Everything, WithoutThoughts, WithoutSignatures, UrlSafe };

/// A content of the conversation as the client sends it back.
QByteArray echoed(const QByteArray &chunk, Echo echo)
{
    const Result<JsonDocument> response = JsonDocument::parse(chunk.toStdString());
    std::string content;
    JsonWriter writer(content);
    writer.beginObject().member("role", "model").key("parts").beginArray();
    for (const JsonValue &part : response.value().root()["candidates"]) {
        for (const JsonValue &each : part["content"]["parts"]) {
            if (echo == Echo::WithoutThoughts && each["thought"].boolean())
                continue;
            writer.beginObject();
            for (const JsonValue &member : each)
                if (member.key() != "thoughtSignature")
                    writer.memberRaw(member.key(), member.raw());
            QByteArray signature =
                QByteArray::fromStdString(std::string(each["thoughtSignature"].string()));
            if (echo == Echo::UrlSafe)
                signature.replace('+', '-').replace('/', '_');
            if (!signature.isEmpty() && echo != Echo::WithoutSignatures)
                writer.member("thoughtSignature", signature.toStdString());
            writer.endObject();
        }
    }
    writer.endArray().endObject();
    return QByteArray::fromStdString(content);
}

std::vector<ThinkingPart> thinkingOf(const ChatRequest &request)
{
    std::vector<ThinkingPart> thinking;
    for (const Message &message : request.messages)
        for (const Part &part : message.parts)
            if (const auto *each = std::get_if<ThinkingPart>(&part))
                thinking.push_back(*each);
    return thinking;
}

ChatRequest shortRequest(bool showsThoughts = true)
{
    ChatRequest request;
    request.model = "m";
    request.reasoning.isShown = showsThoughts;
    return request;
}

} // namespace

class TstGemini : public QObject
{
    Q_OBJECT
private slots:
    void thinkingComesBackWholeOrNotAtAll_data();
    void thinkingComesBackWholeOrNotAtAll();
    void thinkingTooLongToCarryIsLeftOut();
    void refusesInGooglesEnvelope_data();
    void refusesInGooglesEnvelope();
    void saysWhenToRetry();
    void namesAFullContextInGooglesWords();
    void namesTheFieldOfABadRequest();
    void listsModels();
    void countsTokens();
    void namesTheTypeOfAStream();
    void limitsStopSequences();
};

void TstGemini::thinkingComesBackWholeOrNotAtAll_data()
{
    QTest::addColumn<Echo>("echo");
    QTest::addColumn<bool>("isStream");
    QTest::addColumn<bool>("isShown");
    QTest::addColumn<bool>("comesBack");
    const std::pair<const char *, Echo> echoes[] {
        {"everything", Echo::Everything},
        {"thought parts dropped", Echo::WithoutThoughts},
        {"signatures dropped", Echo::WithoutSignatures},
        {"signatures in the alphabet for URLs", Echo::UrlSafe},
    };
    for (const auto &[name, echo] : echoes)
        for (const bool isStream : {true, false})
            for (const bool isShown : {true, false})
                QTest::addRow("%s, %s, %s", name, isStream ? "streamed" : "whole",
                              isShown ? "shown" : "hidden")
                    << echo << isStream << isShown << (echo != Echo::WithoutSignatures);
}

void TstGemini::thinkingComesBackWholeOrNotAtAll()
{
    QFETCH(Echo, echo);
    QFETCH(bool, isStream);
    QFETCH(bool, isShown);
    QFETCH(bool, comesBack);
    const std::vector<ScriptStep> steps {
        ChatEvent(ThinkingDelta {"Let \"me\"\n"}),
        ChatEvent(ThinkingDelta {"see ü>>???~~~."}),
        ChatEvent(ThinkingSignature {"+/+/c2ln"}),
        ChatEvent(RedactedThinking {"UkVEQUNURUQ="}),
        ChatEvent(TextDelta {"I lo"}),
        ChatEvent(TextDelta {"ok."}),
        ChatEvent(ThinkingSignature {"bm8gdGV4dA=="}),
        ChatEvent(ToolCallStart {"1", "f"}),
        ChatEvent(ToolCallEnd {}),
        ChatEvent(ToolCallStart {"2", "g"}),
        ChatEvent(ToolCallEnd {}),
        ChatEvent(Finished {StopReason::ToolUse, {}, {}}),
    };
    const ChatRequest request = shortRequest(isShown);
    std::vector<QByteArray> answers;
    if (isStream)
        answers = chunksOf(request, steps);
    else
        answers.push_back(QByteArray::fromStdString(
            gemini().encodeAnswer(request, *assembledFrom(steps).answer(), context())));
    QByteArray body = "{\"model\":\"m\",\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}";
    for (const QByteArray &answer : answers)
        body += ',' + echoed(answer, echo);
    const Result<ChatRequest> next = decoded(gemini(), body + "]}");
    QVERIFY2(next, next ? "" : qPrintable(describe(next.error())));
    const std::vector<ThinkingPart> sent {{"Let \"me\"\nsee ü>>???~~~.", "+/+/c2ln", {}},
                                          {{}, {}, "UkVEQUNURUQ="},
                                          {{}, "bm8gdGV4dA==", {}}};
    const std::vector<ThinkingPart> expected = comesBack ? sent : std::vector<ThinkingPart>();
    QVERIFY(thinkingOf(next.value()) == expected);
    QCOMPARE(next.value().messages.size(), std::size_t(2));
    const std::vector<Part> &parts = next.value().messages[1].parts;
    const std::size_t shift = comesBack ? 2 : 0;
    QCOMPARE(parts.size(), comesBack ? std::size_t(6) : std::size_t(3));
    QCOMPARE(std::get<TextPart>(parts[shift]).text, std::string("I look."));
    QCOMPARE(std::get<ToolUsePart>(parts.back()).id, std::string("2"));
}

void TstGemini::thinkingTooLongToCarryIsLeftOut()
{
    const std::string longText(static_cast<std::size_t>(limits::MiB), 'x');
    std::vector<ScriptStep> steps {
        ChatEvent(ThinkingDelta {"short"}),  ChatEvent(ThinkingSignature {"YQ=="}),
        ChatEvent(ThinkingDelta {longText}), ChatEvent(ThinkingSignature {"Yg=="}),
        ChatEvent(TextDelta {"a"}),
    };
    const auto count = [&steps] {
        return QByteArray::fromStdString(streamOf(gemini(), shortRequest(false), steps).bytes)
            .count("thoughtSignature");
    };
    QCOMPARE(count(), 0);
    // What comes later is carried again.
    steps.insert(steps.end(), {ChatEvent(ThinkingSignature {"Yw=="}), ChatEvent(TextDelta {"b"})});
    QCOMPARE(count(), 1);
}

void TstGemini::refusesInGooglesEnvelope_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("status");
    const auto row = [](const char *kind, int code, const QString &status) {
        QTest::addRow("%s", kind) << QString::fromLatin1(kind) << code << status;
    };
    const QString invalid = u"INVALID_ARGUMENT"_s;
    const QString unavailable = u"UNAVAILABLE"_s;
    row("invalid_request", 400, invalid);
    row("context_length", 400, invalid);
    row("authentication", 401, u"UNAUTHENTICATED"_s);
    row("permission", 403, u"PERMISSION_DENIED"_s);
    row("not_found", 404, u"NOT_FOUND"_s);
    row("method_not_allowed", 405, invalid);
    row("too_large", 413, invalid);
    row("unsupported_media", 415, invalid);
    row("rate_limited", 429, u"RESOURCE_EXHAUSTED"_s);
    row("upstream", 502, unavailable);
    row("no_account", 503, unavailable);
    row("timeout", 504, u"DEADLINE_EXCEEDED"_s);
    row("overloaded", 503, unavailable);
    row("internal", 500, u"INTERNAL"_s);
}

void TstGemini::refusesInGooglesEnvelope()
{
    QFETCH(QString, kind);
    QFETCH(int, code);
    QFETCH(QString, status);
    const ChatError error {errorKindNamed(kind.toStdString()), "say \"why\"", {}, {}};
    const ErrorReply reply = gemini().encodeError(error);
    QCOMPARE(reply.status, code);
    const Result<JsonDocument> body = JsonDocument::parse(reply.body);
    QVERIFY(body);
    const JsonValue inner = body.value().root()["error"];
    QCOMPARE(inner["code"].integer(), std::optional<qint64>(code));
    QCOMPARE(inner["status"].string(), status.toStdString());
    QVERIFY(inner["message"].string().ends_with("say \"why\""));
    QVERIFY(inner["details"].isMissing());
}

void TstGemini::saysWhenToRetry()
{
    const ChatError error {
        ChatError::Kind::RateLimited, "Slow down.", {}, std::chrono::seconds(90)};
    QCOMPARE(
        gemini().encodeError(error).body,
        std::string("{\"error\":{\"code\":429,\"message\":\"Slow down.\","
                    "\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":"
                    "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"90s\"}]}}"));
}

void TstGemini::namesAFullContextInGooglesWords()
{
    ChatError error {ChatError::Kind::ContextLengthExceeded, {}, {}, {}};
    for (const char *message :
         {"", "too much",
          "The input token count (7) exceeds the maximum number of tokens allowed (5)."}) {
        error.message = message;
        const QByteArray body = QByteArray::fromStdString(gemini().encodeError(error).body);
        QCOMPARE(body.count("exceeds the maximum number of tokens allowed"), 1);
        QVERIFY(body.contains(message));
    }
}

void TstGemini::namesTheFieldOfABadRequest()
{
    const ChatError error {ChatError::Kind::InvalidRequest, "is required", "contents[0].parts", {}};
    const Result<JsonDocument> body = JsonDocument::parse(gemini().encodeError(error).body);
    QVERIFY(body);
    const JsonValue inner = body.value().root()["error"];
    QCOMPARE(inner["message"].string(), std::string_view("contents[0].parts: is required"));
    int violations = 0;
    for (const JsonValue &detail : inner["details"]) {
        QCOMPARE(detail["@type"].string(),
                 std::string_view("type.googleapis.com/google.rpc.BadRequest"));
        for (const JsonValue &violation : detail["fieldViolations"]) {
            QCOMPARE(violation["field"].string(), std::string_view("contents[0].parts"));
            QCOMPARE(violation["description"].string(), std::string_view("is required"));
            ++violations;
        }
    }
    QCOMPARE(violations, 1);
}

void TstGemini::listsModels()
{
    ModelInfo model;
    model.id = "claude-sonnet-4.5";
    model.displayName = "Claude \"Sonnet\"";
    const std::string expected =
        "{\"name\":\"models/claude-sonnet-4.5\",\"baseModelId\":\"claude-sonnet-4.5\","
        "\"version\":\"001\",\"displayName\":\"Claude \\\"Sonnet\\\"\","
        "\"description\":\"Claude \\\"Sonnet\\\" through KiroTray\",\"inputTokenLimit\":200000,"
        "\"outputTokenLimit\":64000,\"supportedGenerationMethods\":[\"generateContent\","
        "\"streamGenerateContent\",\"countTokens\"]}";
    QCOMPARE(gemini().encodeModel(model), expected);
    const std::vector<ModelInfo> models {model, model};
    QCOMPARE(gemini().encodeModels(models), "{\"models\":[" + expected + ',' + expected + "]}");
    QCOMPARE(gemini().encodeModels({}), std::string("{\"models\":[]}"));
}

void TstGemini::countsTokens()
{
    QCOMPARE(gemini().encodeTokenCount(2048), std::string("{\"totalTokens\":2048}"));
}

void TstGemini::namesTheTypeOfAStream()
{
    const QByteArray body = "{\"contents\":{\"parts\":{\"text\":\"hi\"}}}";
    CallTarget target {"m", true, true};
    const Result<ChatRequest> events = decoded(gemini(), body, target);
    target.serverSentEvents = false;
    const Result<ChatRequest> array = decoded(gemini(), body, target);
    QVERIFY(events && array);
    QCOMPARE(gemini().streamContentType(events.value()), "text/event-stream");
    QCOMPARE(gemini().streamContentType(array.value()), "application/json; charset=UTF-8");
    QVERIFY(array.value().stream);
    target.stream = false;
    QVERIFY(!decoded(gemini(), body, target).value().stream);
}

void TstGemini::limitsStopSequences()
{
    QByteArray sequences = "\"a\"";
    for (int i = 0; i < limits::MaxStopSequences; ++i)
        sequences += ",\"a\"";
    const Result<ChatRequest> request =
        decoded(gemini(),
                "{\"model\":\"m\",\"contents\":{\"parts\":{\"text\":\"hi\"}},"
                "\"generationConfig\":{\"stopSequences\":["
                    + sequences + "]}}");
    QVERIFY(!request);
    QCOMPARE(request.error().path, u"generationConfig.stopSequences"_s);
}

QTEST_APPLESS_MAIN(TstGemini)
#include "tst_gemini.moc"
