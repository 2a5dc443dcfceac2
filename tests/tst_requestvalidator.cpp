// SPDX-License-Identifier: MIT
#include "tests/requestdraft.h"

#include <QDir>
#include <QFile>
#include <QTest>

using namespace kirotray;
using namespace kirotray::requestdraft;

namespace {

const QByteArray Arn = "arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK";

} // namespace

/// One row a rule: what passes and what is refused, and how. For tools see tst_toolrules.cpp.
class TstRequestValidator : public QObject
{
    Q_OBJECT

private slots:
    void checksStructure_data();
    void checksStructure() { checkRow(); }
    void checksAttachments_data();
    void checksAttachments() { checkRow(); }
    void checksModelFields_data();
    void checksModelFields() { checkRow(); }
    void checksUnicode_data();
    void checksUnicode() { checkRow(); }
    void limitsLengthsByTheScript();
    void takesBackTheThinkingItGave_data();
    void takesBackTheThinkingItGave();
    void requiresTheProfileArnWhenTold();
    void capsHistoryOfUnknownVersions_data();
    void capsHistoryOfUnknownVersions();
    void wantsJson_data();
    void wantsJson();
    void takesTheExampleOfTheReference();
    void letsInWhatOurBuilderWrites_data();
    void letsInWhatOurBuilderWrites();
    void letsAnythingInWhenOff();
};

void TstRequestValidator::checksStructure_data()
{
    addColumns();
    addRow("smallest", Draft(), Accepted);
    addRow("alternating history", withHistory(user() + "," + assistant()), Accepted);
    addRow("history starts with assistant", withHistory(assistant()), Improper);
    addRow("two users in a row", withHistory(user() + "," + user() + "," + assistant()), Improper);
    addRow("two assistants in a row", withHistory(user() + "," + assistant() + "," + assistant()),
           Improper);
    addRow("history ends with user", withHistory(user()), Improper);
    addRow("history message of two kinds",
           withHistory(R"({"userInputMessage":{"content":"q"},"assistantResponseMessage":{}})"),
           Improper);
    addRow("null history", with(&Draft::history, "null"), Improper);
    addRow("empty user content", with(&Draft::content, R"("")"), Improper);
    addRow("blank user content", with(&Draft::content, R"(" \n\t")"), Improper);
    addRow("content is no string", with(&Draft::content, "[]"), Improper);
    addRow("empty assistant content",
           withHistory(user() + R"(,{"assistantResponseMessage":{"content":""}})"), Improper);
    addRow("assistant content of one space",
           withHistory(user() + R"(,{"assistantResponseMessage":{"content":" "}})"), Accepted);
    addRow("null member of a message", withMessage(R"(,"images":null)"), Improper);
    addRow("unknown member", withMessage(R"(,"somethingNew":1)"), Accepted);
    addRow("trigger AUTO", with(&Draft::trigger, R"("AUTO")"), Improper);
    addRow("trigger INLINE_CHAT", with(&Draft::trigger, R"("INLINE_CHAT")"), Accepted);
    addRow("origin unknown", withMessage(R"(,"origin":"MOON")"), Improper);
    addRow("origin CLI", withMessage(R"(,"origin":"CLI")"), Accepted);
    addRow("task type unknown", with(&Draft::stateExtra, R"(,"agentTaskType":"chat")"), Improper);
    addRow("empty conversation id", with(&Draft::stateExtra, R"(,"conversationId":"")"),
           "INVALID_CONVERSATION_ID");
    addRow("unknown model", with(&Draft::model, R"("claude-9")"), "INVALID_MODEL_ID");
    addRow("four cache points",
           withHistory(user(R"(,"cachePoint":{"type":"default"})") + ","
                       + assistant(R"(,"cachePoint":{"type":"default"})")),
           Accepted);
    addRow("cache point of another type", withMessage(R"(,"cachePoint":{"type":"x"})"), Improper);
    addRow("working directory too long",
           withMessage(R"(,"userInputMessageContext":{"envState":{"currentWorkingDirectory":")"
                       + QByteArray(257, 'd') + R"("}})"),
           Improper);
    addRow("good ARN", with(&Draft::rootExtra, R"(,"profileArn":")" + Arn + "\""), Accepted);
    addRow("malformed ARN", with(&Draft::rootExtra, R"(,"profileArn":"arn:aws:s3:::x")"),
           "REQUEST_BODY_INVALID");
    addRow("null ARN", with(&Draft::rootExtra, R"(,"profileArn":null)"), Improper);
    QTest::addRow("not JSON") << QByteArray("{") << QByteArray("REQUEST_BODY_INVALID_JSON");
    QTest::addRow("not an object") << QByteArray("[]") << Improper;
    QTest::addRow("no state") << QByteArray("{}") << Improper;
    QTest::addRow("current message of the assistant")
        << QByteArray(R"({"conversationState":{"chatTriggerType":"MANUAL","currentMessage":)"
                      R"({"assistantResponseMessage":{"content":"a"}}}})")
        << Improper;
}

void TstRequestValidator::checksAttachments_data()
{
    addColumns();
    const auto image = [](const QByteArray &format, const QByteArray &bytes) {
        return R"({"format":")" + format + R"(","source":{"bytes":")" + bytes.toBase64() + R"("}})";
    };
    const auto images = [](const QByteArray &list) { return R"(,"images":[)" + list + "]"; };
    const QByteArray png = image("png", "\x89PNG\r\n\x1a\n----");
    addRow("png", withMessage(images(png)), Accepted);
    addRow("jpeg", withMessage(images(image("jpeg", "\xFF\xD8\xFF\xE0"))), Accepted);
    addRow("webp", withMessage(images(image("webp", "RIFF----WEBP"))), Accepted);
    addRow("jpg is not a format", withMessage(images(image("jpg", "\xFF\xD8\xFF\xE0"))),
           "IMAGE_FORMAT_UNSUPPORTED");
    addRow("bytes of another format", withMessage(images(image("gif", "\xFF\xD8\xFF\xE0"))),
           "IMAGE_MIME_MISMATCH");
    addRow("ten images", withMessage(images(png + ("," + png).repeated(9))), Accepted);
    addRow("eleven images", withMessage(images(png + ("," + png).repeated(10))),
           "IMAGE_COUNT_EXCEEDED");
    addRow(
        "eleven over the history",
        withHistory(user(images(png + ("," + png).repeated(9))) + "," + assistant(), images(png)),
        "IMAGE_COUNT_EXCEEDED");
    addRow("image too large",
           withMessage(images(image("png", "\x89PNG\r\n\x1a\n" + QByteArray(3'932'160, 'x')))),
           "IMAGE_SIZE_EXCEEDED");
    addRow("not base64",
           withMessage(images(R"({"format":"png","source":{"bytes":"data:image/png;base64,x"}})")),
           Improper);
    const QByteArray document = R"({"name":"n","format":"pdf","source":{"bytes":"eA=="}})";
    addRow("document", withMessage(R"(,"documents":[)" + document + "]"), Accepted);
    QByteArray wide("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x1F\x41\0\0\0\1", 24);
    addRow("8001 pixels wide", withMessage(images(image("png", wide))), "IMAGE_DIMENSION_EXCEEDED");
    addRow("8000 pixels wide", withMessage(images(image("png", wide.replace(19, 1, "\x40")))),
           Accepted);
    const auto documents = [](int count, const QByteArray &bytes) {
        QByteArray list;
        for (int i = 0; i < count; ++i)
            list += (i == 0 ? "" : ",") + (R"({"name":"n)" + QByteArray::number(i))
                + R"(","format":"txt","source":{"bytes":")" + bytes + R"("}})";
        return R"(,"documents":[)" + list + "]";
    };
    addRow("five documents", withMessage(documents(5, "eA==")), Accepted);
    addRow("six documents", withMessage(documents(6, "eA==")), "DOCUMENT_COUNT_EXCEEDED");
    addRow("document too large", withMessage(documents(1, QByteArray(6'291'460, 'A'))),
           "DOCUMENT_SIZE_EXCEEDED");
    addRow("document that is no base64", withMessage(documents(1, "*")), Improper);
    addRow("document twice in the history",
           withHistory(user(documents(1, "eA==")) + "," + assistant(), documents(1, "eA==")),
           "DOCUMENT_DUPLICATE_NAME");
    addRow("document twice", withMessage(R"(,"documents":[)" + document + "," + document + "]"),
           "DOCUMENT_DUPLICATE_NAME");
}

void TstRequestValidator::checksModelFields_data()
{
    addColumns();
    const auto add = [](const char *name, const QByteArray &model, const QByteArray &fields,
                        const QByteArray &expected) {
        Draft draft = with(&Draft::model, '"' + model + '"');
        draft.rootExtra = R"(,"additionalModelRequestFields":)" + fields;
        addRow(name, draft, expected);
    };
    add("adaptive thinking", "claude-sonnet-5",
        R"({"thinking":{"type":"adaptive","display":"summarized"},"max_tokens":32000})", Accepted);
    add("model without fields", "claude-sonnet-4.5", R"({"thinking":{"type":"adaptive"}})",
        "400 additionalModelRequestFields is not supported for this model");
    add("thinking enabled is not a type", "claude-sonnet-5", R"({"thinking":{"type":"enabled"}})",
        Improper);
    add("effort xhigh of the largest", "claude-opus-5", R"({"output_config":{"effort":"xhigh"}})",
        Accepted);
    add("effort xhigh of 4.6", "claude-opus-4.6", R"({"output_config":{"effort":"xhigh"}})",
        Improper);
    add("too few tokens", "claude-sonnet-5", R"({"max_tokens":1023})", Improper);
    add("too many tokens", "claude-opus-4.6", R"({"max_tokens":64001})", Improper);
    add("reasoning of GPT", "gpt-5.6-sol", R"({"reasoning":{"effort":"none"}})", Accepted);
    add("thinking of GPT", "gpt-5.6-sol", R"({"thinking":{"type":"adaptive"}})", Improper);
    add("reasoning of Claude", "claude-sonnet-5", R"({"reasoning":{"effort":"low"}})", Improper);
    // Ignored by the service, so not refused here either.
    addRow("inferenceConfig", with(&Draft::rootExtra, R"(,"inferenceConfig":{"maxTokens":5})"),
           Accepted);
}

void TstRequestValidator::checksUnicode_data()
{
    addColumns();
    const QByteArray invalidJson = "REQUEST_BODY_INVALID_JSON";
    addRow("pair of escapes", with(&Draft::content, R"("\ud83d\ude00")"), Accepted);
    addRow("character itself", with(&Draft::content, "\"\xF0\x9F\x98\x80\""), Accepted);
    addRow("high surrogate alone", with(&Draft::content, R"("\ud83d")"), Improper);
    addRow("low surrogate alone", with(&Draft::content, R"("\ude00")"), Improper);
    addRow("halves with a letter between", with(&Draft::content, R"("\ud83dx\ude00")"), Improper);
    addRow("high surrogate twice", with(&Draft::content, R"("\ud83d\ud83d\ude00")"), Improper);
    addRow("high surrogate, then another escape", with(&Draft::content, R"("\ud83d\n")"), Improper);
    addRow("zero", with(&Draft::content, R"("a\u0000b")"), Improper);
    addRow("escaped backslash before u", with(&Draft::content, R"("\\ud83d \\u0000")"), Accepted);
    addRow("broken UTF-8", with(&Draft::content, "\"\xC3(\""), invalidJson);
}

void TstRequestValidator::limitsLengthsByTheScript()
{
    const QByteArray tooLong = "CONTENT_LENGTH_EXCEEDS_THRESHOLD";
    const QByteArray body = withHistory(user() + "," + assistant(uses("[" + use("t1") + "]")),
                                        context(tool(), result("t1", R"([{"text":"12345678"}])")))
                                .json();
    ServiceRules rules;
    rules.bounds.messageCharacters = 2;
    rules.bounds.toolResultCharacters = 8;
    QCOMPARE(verdictOn(body, headersWith(), rules), Accepted);
    rules.bounds.toolResultCharacters = 7;
    QCOMPARE(verdictOn(body, headersWith(), rules), tooLong);
    rules.bounds.toolResultCharacters = 8;
    rules.bounds.messageCharacters = 1;
    QCOMPARE(verdictOn(body, headersWith(), rules), tooLong);
    rules.bounds.messageCharacters = 2;
    // q + a + {} + d + schema + 12345678 + hi
    rules.bounds.inputCharacters = 1 + 1 + 2 + 1 + GoodSchema.size() + 8 + 2;
    QCOMPARE(verdictOn(body, headersWith(), rules), Accepted);
    --rules.bounds.inputCharacters;
    QCOMPARE(verdictOn(body, headersWith(), rules), tooLong);
}

void TstRequestValidator::takesBackTheThinkingItGave_data()
{
    QTest::addColumn<QByteArray>("thinking");
    QTest::addColumn<bool>("isTaken");
    QTest::addRow("given") << QByteArray(R"({"text":"hm \u00e9","signature":"A"})") << true;
    QTest::addRow("another text") << QByteArray(R"({"text":"hm","signature":"A"})") << false;
    QTest::addRow("no text left") << QByteArray(R"({"text":"","signature":"A"})") << false;
    QTest::addRow("text of another thought")
        << QByteArray(R"({"text":"second","signature":"A"})") << false;
    QTest::addRow("second text of a signature")
        << QByteArray(R"({"text":"second","signature":"B"})") << true;
    QTest::addRow("any text") << QByteArray(R"({"text":"x","signature":"C"})") << true;
    QTest::addRow("another signature") << QByteArray(R"({"text":"hm","signature":"D"})") << false;
}

void TstRequestValidator::takesBackTheThinkingItGave()
{
    QFETCH(QByteArray, thinking);
    QFETCH(bool, isTaken);
    ServiceRules rules;
    rules.bounds.signatures = {
        {"A", "hm \xC3\xA9"}, {"B", "first"}, {"B", "second"}, {"C", std::nullopt}};
    const QByteArray reasoning = R"(,"reasoningContent":{"reasoningText":)" + thinking + "}";
    const Draft draft = withHistory(user() + "," + assistant(reasoning));
    QCOMPARE(verdictOn(draft.json(), headersWith(), rules),
             isTaken ? Accepted : QByteArray("THINKING_SIGNATURE_INVALID"));
    QCOMPARE(verdictOn(draft.json(), headersWith(), {}), Accepted);
}

void TstRequestValidator::requiresTheProfileArnWhenTold()
{
    ServiceRules rules;
    rules.requireProfileArn = true;
    QCOMPARE(verdictOn(Draft().json(), headersWith(), rules),
             QByteArray("400 profileArn is required for this request."));
    const Draft withArn = with(&Draft::rootExtra, R"(,"profileArn":")" + Arn + "\"");
    QCOMPARE(verdictOn(withArn.json(), headersWith(), rules), Accepted);
}

void TstRequestValidator::capsHistoryOfUnknownVersions_data()
{
    QTest::addColumn<QByteArray>("agent");
    QTest::addColumn<int>("messages");
    QTest::addColumn<QByteArray>("expected");
    QTest::addRow("198 without version") << QByteArray("curl/8") << 198 << Accepted;
    QTest::addRow("200 without version") << QByteArray("curl/8") << 200 << Improper;
    QTest::addRow("200 with half a version") << QByteArray("KiroIDE-1.1") << 200 << Improper;
    QTest::addRow("200 with version") << QByteArray("KiroIDE-1.1.14-00") << 200 << Accepted;
    QTest::addRow("200 of the CLI")
        << QByteArray("md/appVersion-2.22.0 app/AmazonQ-For-CLI") << 200 << Accepted;
    QTest::addRow("over the cap of all") << QByteArray("KiroIDE-1.1.14-00") << 10'002 << Improper;
}

void TstRequestValidator::capsHistoryOfUnknownVersions()
{
    QFETCH(QByteArray, agent);
    QFETCH(int, messages);
    QFETCH(QByteArray, expected);
    QByteArray history = (user() + "," + assistant() + ",").repeated(messages / 2);
    history.chop(1);
    QCOMPARE(verdictOn(withHistory(history).json(), headersWith("application/json", agent), {}),
             expected);
}

void TstRequestValidator::wantsJson_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<bool>("isJson");
    QTest::addRow("json") << QByteArray("application/json") << true;
    QTest::addRow("json with charset") << QByteArray("Application/JSON; charset=utf-8") << true;
    QTest::addRow("AWS JSON 1.0") << QByteArray("application/x-amz-json-1.0") << true;
    QTest::addRow("text") << QByteArray("text/plain") << false;
    QTest::addRow("none") << QByteArray() << false;
}

void TstRequestValidator::wantsJson()
{
    QFETCH(QByteArray, type);
    QFETCH(bool, isJson);
    QCOMPARE(verdictOn(Draft().json(), headersWith(type), {}),
             isJson ? Accepted : QByteArray("415 Unsupported media type."));
}

void TstRequestValidator::takesTheExampleOfTheReference()
{
    // kiro-protocol §1.4, with every identifier invented there.
    const QByteArray body = R"({"conversationState":{
      "conversationId":"6f0c1d52-2f0b-4a0e-9c53-1c1b8f0a7e21",
      "agentContinuationId":"b2f5a2a0-58f2-4c57-8a57-6b9f0f0f8c11",
      "agentTaskType":"vibe","chatTriggerType":"MANUAL","history":[
       {"userInputMessage":{"content":"You are a careful assistant.","modelId":"claude-sonnet-4.5","origin":"AI_EDITOR"}},
       {"assistantResponseMessage":{"content":"Understood."}},
       {"userInputMessage":{"content":"How warm is it in Oslo?","modelId":"claude-sonnet-4.5","origin":"AI_EDITOR"}},
       {"assistantResponseMessage":{"content":"Let me look.","toolUses":[{"toolUseId":"tooluse_h2Vq0Kf1S5q3b9d0pX1yZw","name":"get_weather","input":{"city":"Oslo"}}]}}],
      "currentMessage":{"userInputMessage":{"content":"Tool results:","modelId":"claude-sonnet-4.5","origin":"AI_EDITOR",
       "userInputMessageContext":{"toolResults":[{"toolUseId":"tooluse_h2Vq0Kf1S5q3b9d0pX1yZw","status":"success","content":[{"text":"7 degrees, rain"}]}],
        "tools":[{"toolSpecification":{"name":"get_weather","description":"Current weather of a city","inputSchema":{"json":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}}]}}}},
      "profileArn":"arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE12345"})";
    QCOMPARE(verdictOn(body, headersWith(), {}), Accepted);
}

void TstRequestValidator::letsInWhatOurBuilderWrites_data()
{
    QTest::addColumn<QString>("file");
    const QDir folder(QStringLiteral(KIROTRAY_FIXTURES "/kiro-request"));
    const QStringList cases = folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &name : cases)
        QTest::addRow("%s", qPrintable(name)) << folder.filePath(name + u"/upstream.json"_s);
    QVERIFY(cases.size() > 20);
}

void TstRequestValidator::letsInWhatOurBuilderWrites()
{
    QFETCH(QString, file);
    QFile fixture(file);
    QVERIFY(fixture.open(QIODevice::ReadOnly));
    const QByteArray body = R"({"conversationState":)" + fixture.readAll() + "}";
    ServiceRules rules;
    if (file.contains(u"strict"))
        rules.schemas = SchemaRule::Strict;
    const CheckedRequest checked = checkChatRequest(
        headersWith(), {body.constData(), static_cast<std::size_t>(body.size())}, rules);
    QVERIFY2(!checked.refusal, checked.refusal ? checked.refusal->cause.constData() : "");
}

void TstRequestValidator::letsAnythingInWhenOff()
{
    ServiceRules rules;
    rules.validate = false;
    QCOMPARE(verdictOn("{}", headersWith(), rules), Accepted);
    QCOMPARE(verdictOn("{", headersWith(), rules), QByteArray("REQUEST_BODY_INVALID_JSON"));
}

QTEST_APPLESS_MAIN(TstRequestValidator)
#include "tst_requestvalidator.moc"
