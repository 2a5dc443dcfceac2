// SPDX-License-Identifier: MIT
#include "app/simulator/requestvalidator.h"

#include <QDir>
#include <QFile>
#include <QTest>

using namespace kirotray;

namespace {

const QByteArray Arn = "arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK";
const QByteArray GoodSchema =
    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";

/// The pieces of a request that the rows vary; together a sound one.
struct Draft
{
    QByteArray history = "[]";
    QByteArray content = R"("hi")";
    QByteArray model = R"("claude-sonnet-4.5")";
    QByteArray messageExtra; ///< members of userInputMessage, with a leading comma
    QByteArray stateExtra;
    QByteArray trigger = R"("MANUAL")";
    QByteArray rootExtra;

    QByteArray json() const
    {
        return R"({"conversationState":{"chatTriggerType":)" + trigger + R"(,"history":)" + history
            + R"(,"currentMessage":{"userInputMessage":{"content":)" + content + R"(,"modelId":)"
            + model + messageExtra + "}}" + stateExtra + "}" + rootExtra + "}";
    }
};

/// A sound one but for one piece.
Draft with(QByteArray Draft::*piece, const QByteArray &json)
{
    Draft draft;
    draft.*piece = json;
    return draft;
}

QByteArray user(const QByteArray &extra = {})
{
    return R"({"userInputMessage":{"content":"q")" + extra + "}}";
}

QByteArray assistant(const QByteArray &extra = {})
{
    return R"({"assistantResponseMessage":{"content":"a")" + extra + "}}";
}

QByteArray uses(const QByteArray &list)
{
    return R"(,"toolUses":)" + list;
}

QByteArray use(const QByteArray &id, const QByteArray &name = "f", const QByteArray &input = "{}")
{
    return R"({"toolUseId":")" + id + R"(","name":")" + name + R"(","input":)" + input + "}";
}

QByteArray result(const QByteArray &id, const QByteArray &content = R"([{"text":"r"}])")
{
    return R"({"toolUseId":")" + id + R"(","status":"success","content":)" + content + "}";
}

QByteArray tool(const QByteArray &name = "f", const QByteArray &schema = GoodSchema,
                const QByteArray &description = R"("d")")
{
    return R"({"toolSpecification":{"name":")" + name + R"(","description":)" + description
        + R"(,"inputSchema":{"json":)" + schema + "}}}";
}

QByteArray context(const QByteArray &tools, const QByteArray &results = {})
{
    QByteArray members;
    if (!tools.isEmpty())
        members = R"("tools":[)" + tools + "]";
    if (!results.isEmpty())
        members +=
            (members.isEmpty() ? R"("toolResults":[)" : R"(,"toolResults":[)") + results + "]";
    return R"(,"userInputMessageContext":{)" + members + "}";
}

HttpHeaders headersWith(const QByteArray &type = "application/json",
                        const QByteArray &agent = "x KiroIDE-1.1.14-0000")
{
    HttpHeaders headers;
    headers.append("Content-Type", type);
    headers.append("User-Agent", agent);
    return headers;
}

/// "accepted", or the reason, or status and message when there is none.
QByteArray verdictOn(const QByteArray &body, const HttpHeaders &headers, const ServiceRules &rules)
{
    const CheckedRequest checked =
        checkChatRequest(headers, {body.constData(), static_cast<std::size_t>(body.size())}, rules);
    if (!checked.refusal)
        return checked.document ? "accepted" : "neither";
    if (!checked.refusal->reason.isEmpty())
        return checked.refusal->reason;
    return QByteArray::number(checked.refusal->status) + ' ' + checked.refusal->message;
}

const QByteArray Accepted = "accepted";
const QByteArray Improper = "400 Improperly formed request.";

void addRow(const char *name, const Draft &draft, const QByteArray &expected)
{
    QTest::addRow("%s", name) << draft.json() << expected;
}

Draft withHistory(const QByteArray &history, const QByteArray &messageExtra = {})
{
    Draft draft;
    draft.history = "[" + history + "]";
    draft.messageExtra = messageExtra;
    return draft;
}

Draft withMessage(const QByteArray &messageExtra)
{
    return withHistory({}, messageExtra);
}

} // namespace

/// One row a rule: what passes and what is refused, and how.
class TstRequestValidator : public QObject
{
    Q_OBJECT

private slots:
    void checksStructure_data();
    void checksStructure() { check({}); }
    void checksToolPairs_data();
    void checksToolPairs() { check({}); }
    void checksTools_data();
    void checksTools() { check({}); }
    void checksAttachments_data();
    void checksAttachments() { check({}); }
    void checksModelFields_data();
    void checksModelFields() { check({}); }
    void checksUnicode_data();
    void checksUnicode() { check({}); }
    void strictSchemasRefuseMore_data();
    void strictSchemasRefuseMore();
    void limitsLengthsByTheScript();
    void requiresTheProfileArnWhenTold();
    void capsHistoryOfUnknownVersions_data();
    void capsHistoryOfUnknownVersions();
    void wantsJson_data();
    void wantsJson();
    void takesTheExampleOfTheReference();
    void letsInWhatOurBuilderWrites_data();
    void letsInWhatOurBuilderWrites();
    void letsAnythingInWhenOff();

private:
    static void check(const ServiceRules &rules);
};

void TstRequestValidator::check(const ServiceRules &rules)
{
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, expected);
    QCOMPARE(verdictOn(body, headersWith(), rules), expected);
}

void TstRequestValidator::checksStructure_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
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

void TstRequestValidator::checksToolPairs_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
    const QByteArray mismatch = "TOOL_USE_RESULT_MISMATCH";
    const QByteArray call = user() + "," + assistant(uses("[" + use("t1") + "]"));
    addRow("pair", withHistory(call, context(tool(), result("t1"))), Accepted);
    Draft silent = withHistory(call, context(tool(), result("t1")));
    silent.content = R"("")";
    addRow("results without text", silent, Accepted);
    addRow("pair within the history",
           withHistory(call + "," + user(context({}, result("t1"))) + "," + assistant(),
                       context(tool())),
           Accepted);
    addRow("tool name in another case",
           withHistory(user() + "," + assistant(uses("[" + use("t1", "F") + "]")),
                       context(tool(), result("t1"))),
           Accepted);
    addRow("use without result", withHistory(call, context(tool())), mismatch);
    addRow("one of two results",
           withHistory(user() + "," + assistant(uses("[" + use("t1") + "," + use("t2") + "]")),
                       context(tool(), result("t1"))),
           mismatch);
    addRow("result one message late",
           withHistory(call + "," + user() + "," + assistant(), context(tool(), result("t1"))),
           mismatch);
    addRow("orphan result", withMessage(context(tool(), result("t1"))), mismatch);
    addRow("result twice", withHistory(call, context(tool(), result("t1") + "," + result("t1"))),
           mismatch);
    addRow("use id twice",
           withHistory(user() + "," + assistant(uses("[" + use("t1") + "," + use("t1") + "]")),
                       context(tool(), result("t1"))),
           mismatch);
    addRow("use id again in a later turn",
           withHistory(call + "," + user(context({}, result("t1"))) + ","
                           + assistant(uses("[" + use("t1") + "]")),
                       context(tool(), result("t1"))),
           mismatch);
    addRow("tool not declared", withHistory(call, context({}, result("t1"))),
           "TOOL_CONFIG_MISSING");
    addRow("input as text",
           withHistory(user() + "," + assistant(uses("[" + use("t1", "f", R"("{}")") + "]")),
                       context(tool(), result("t1"))),
           Improper);
    addRow("empty toolUses", withHistory(user() + "," + assistant(uses("[]"))), Improper);
    addRow("null toolUses", withHistory(user() + "," + assistant(uses("null"))), Improper);
    addRow("null within an input",
           withHistory(user() + "," + assistant(uses("[" + use("t1", "f", R"({"a":null})") + "]")),
                       context(tool(), result("t1"))),
           Accepted);
    addRow("empty result content", withHistory(call, context(tool(), result("t1", "[]"))),
           Improper);
    addRow("result of JSON", withHistory(call, context(tool(), result("t1", R"([{"json":{}}])"))),
           Accepted);
    addRow("result of an unknown kind",
           withHistory(call, context(tool(), result("t1", R"([{"image":{}}])"))), Improper);
    addRow(
        "signed reasoning",
        withHistory(
            user() + ","
            + assistant(R"(,"reasoningContent":{"reasoningText":{"text":"t","signature":"s"}})")),
        Accepted);
    addRow(
        "redacted reasoning",
        withHistory(user() + "," + assistant(R"(,"reasoningContent":{"redactedContent":"eA=="})")),
        Accepted);
    addRow("flat reasoning",
           withHistory(user() + ","
                       + assistant(R"(,"reasoningContent":{"text":"t","signature":"s"})")),
           "REQUEST_BODY_INVALID");
    addRow("unsigned reasoning",
           withHistory(
               user() + ","
               + assistant(R"(,"reasoningContent":{"reasoningText":{"text":"t","signature":""}})")),
           "THINKING_SIGNATURE_INVALID");
}

void TstRequestValidator::checksTools_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
    const QByteArray schema = "TOOL_SCHEMA_INVALID";
    const auto addSchema = [&](const char *name, const QByteArray &json,
                               const QByteArray &expected) {
        addRow(name, withMessage(context(tool("f", json))), expected);
    };
    addRow("two tools", withMessage(context(tool() + "," + tool("g"))), Accepted);
    addRow("the same name twice", withMessage(context(tool() + "," + tool())), "TOOL_DUPLICATE");
    addRow("name of 64", withMessage(context(tool(QByteArray(64, 'a')))), Accepted);
    addRow("name of 65", withMessage(context(tool(QByteArray(65, 'a')))), Improper);
    addRow("name with a dot", withMessage(context(tool("a.b"))), Improper);
    addRow("name begins with a digit", withMessage(context(tool("1a"))), Improper);
    addRow("empty name", withMessage(context(tool(""))), Improper);
    addRow("no description",
           withMessage(R"(,"userInputMessageContext":{"tools":[{"toolSpecification":{"name":"f",)"
                       R"("inputSchema":{"json":)"
                       + GoodSchema + "}}}]}"),
           Improper);
    addRow("empty description", withMessage(context(tool("f", GoodSchema, R"("")"))), Improper);
    const QByteArray longest = QByteArray("ä").repeated(10'004);
    addRow("longest description", withMessage(context(tool("f", GoodSchema, '"' + longest + '"'))),
           Accepted);
    addRow("description too long",
           withMessage(context(tool("f", GoodSchema, '"' + longest + "x\""))), Improper);
    addRow(
        "cache point among tools",
        withMessage(R"(,"userInputMessageContext":{"tools":[{"cachePoint":{"type":"default"}}]})"),
        Improper);
    addRow("tools in the history",
           withHistory(user(context(tool())) + "," + assistant(), context(tool())), Improper);
    addRow("null tools", withMessage(R"(,"userInputMessageContext":{"tools":null})"), Improper);
    addSchema("schema without type", R"({"properties":{}})", schema);
    addSchema("schema without properties", R"({"type":"object"})", schema);
    addSchema("root is an array", R"({"type":"array","items":{}})", schema);
    addSchema("root is text", R"("object")", schema);
    addSchema("reference", R"({"type":"object","properties":{"a":{"$ref":"#/x"}}})", schema);
    addSchema("property called $ref",
              R"({"type":"object","properties":{"$ref":{"type":"string"}}})", Accepted);
    addSchema("reference in items",
              R"({"type":"object","properties":{"a":{"type":"array","items":{"$ref":"#"}}}})",
              schema);
    addSchema("null required", R"({"type":"object","properties":{},"required":null})", schema);
    addSchema("required with a number", R"({"type":"object","properties":{},"required":[1]})",
              schema);
    addSchema("null in an enum", R"({"type":"object","properties":{"a":{"enum":["x",null]}}})",
              schema);
    addSchema("properties as array", R"({"type":"object","properties":[]})", schema);
    addSchema("property that is no schema", R"({"type":"object","properties":{"a":1}})", schema);
    addSchema("boolean schema", R"({"type":"object","properties":{"a":true}})", Accepted);
    addSchema("combinators",
              R"({"type":"object","properties":{"a":{"anyOf":[{"type":"string"}]}}})", Accepted);
    addSchema("reference in a combinator",
              R"({"type":"object","properties":{"a":{"anyOf":[{"$ref":"#"}]}}})", schema);
}

void TstRequestValidator::checksAttachments_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
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
    addRow("document twice", withMessage(R"(,"documents":[)" + document + "," + document + "]"),
           "DOCUMENT_DUPLICATE_NAME");
}

void TstRequestValidator::checksModelFields_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
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
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("expected");
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

void TstRequestValidator::strictSchemasRefuseMore_data()
{
    QTest::addColumn<QByteArray>("keyword");
    for (const char *keyword : {R"("$schema":"x")",
                                R"("$id":"x")",
                                R"("$defs":{})",
                                R"("definitions":{})",
                                R"("anyOf":[])",
                                R"("oneOf":[])",
                                R"("allOf":[])",
                                R"("not":{})",
                                R"("if":{})",
                                R"("then":{})",
                                R"("else":{})",
                                R"("const":1)",
                                R"("default":1)",
                                R"("format":"uri")",
                                R"("pattern":"x")",
                                R"("propertyNames":{})",
                                R"("patternProperties":{})",
                                R"("additionalProperties":false)",
                                R"("exclusiveMinimum":true)",
                                R"("exclusiveMaximum":false)",
                                R"("type":["string"])"})
        QTest::addRow("%s", keyword) << QByteArray(keyword);
}

void TstRequestValidator::strictSchemasRefuseMore()
{
    QFETCH(QByteArray, keyword);
    const QByteArray schema = R"({"type":"object","properties":{"a":{)" + keyword + "}}}";
    const QByteArray body = withMessage(context(tool("f", schema))).json();
    ServiceRules rules;
    QCOMPARE(verdictOn(body, headersWith(), rules), Accepted);
    rules.schemas = SchemaRule::Strict;
    QCOMPARE(verdictOn(body, headersWith(), rules), QByteArray("TOOL_SCHEMA_INVALID"));
    QCOMPARE(verdictOn(withMessage(context(tool())).json(), headersWith(), rules), Accepted);
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
