// SPDX-License-Identifier: MIT
#include "tests/requestdraft.h"

#include <QTest>

using namespace kirotray;
using namespace kirotray::requestdraft;

/// One row a rule about tools: their uses and results, their declarations, their schemas.
class TstToolRules : public QObject
{
    Q_OBJECT

private slots:
    void checksToolPairs_data();
    void checksToolPairs() { checkRow(); }
    void checksTools_data();
    void checksTools() { checkRow(); }
    void strictSchemasRefuseMore_data();
    void strictSchemasRefuseMore();
};

void TstToolRules::checksToolPairs_data()
{
    addColumns();
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

void TstToolRules::checksTools_data()
{
    addColumns();
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

void TstToolRules::strictSchemasRefuseMore_data()
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

void TstToolRules::strictSchemasRefuseMore()
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

QTEST_APPLESS_MAIN(TstToolRules)
#include "tst_toolrules.moc"
