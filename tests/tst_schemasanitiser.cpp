// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/kiro/schemasanitiser.h"

#include <QFile>
#include <QTest>

using namespace kirotray;

namespace {

/// Nesting of objects and arrays in a JSON text without strings that hold brackets.
int depthOf(const std::string &json)
{
    int depth = 0;
    int deepest = 0;
    for (const char c : json) {
        depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
        deepest = std::max(deepest, depth);
    }
    return deepest;
}

} // namespace

class TstSchemaSanitiser : public QObject
{
    Q_OBJECT

private slots:
    /// tool-schemas.json: `client` (or any bytes, clientText), `safe` and, where it differs,
    /// `strict`; compared byte for byte.
    void keepsOnlyWhatTheUpstreamTakes_data()
    {
        QTest::addColumn<std::string>("client");
        QTest::addColumn<std::string>("safe");
        QTest::addColumn<std::string>("strict");
        QFile file(QStringLiteral(KIROTRAY_FIXTURES) + "/tool-schemas.json"_L1);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const Result<JsonDocument> cases = JsonDocument::parse(file.readAll().toStdString());
        QVERIFY(cases && cases.value().root().size() > 40);
        for (const JsonValue &row : cases.value().root()) {
            const JsonValue text = row["clientText"];
            const JsonValue strict = row["strict"].isMissing() ? row["safe"] : row["strict"];
            QTest::addRow("%s", std::string(row["name"].string()).c_str())
                << std::string(text.isMissing() ? row["client"].raw() : text.string())
                << std::string(row["safe"].raw()) << std::string(strict.raw());
        }
    }
    void keepsOnlyWhatTheUpstreamTakes()
    {
        QFETCH(std::string, client);
        QFETCH(std::string, safe);
        QFETCH(std::string, strict);
        QCOMPARE(QByteArray::fromStdString(sanitiseSchema(client, SchemaLevel::Safe).json),
                 QByteArray::fromStdString(safe));
        QCOMPARE(QByteArray::fromStdString(sanitiseSchema(client, SchemaLevel::Strict).json),
                 QByteArray::fromStdString(strict));
    }

    void whatIsSoundIsNotTouched()
    {
        const std::string sound =
            "{\"type\":\"object\",\"description\":\"d\",\"properties\":{\"b\":{\"type\":"
            "\"integer\","
            "\"minimum\":1.50,\"maximum\":12345678901234567890},\"a\":{\"type\":\"array\","
            "\"items\":{\"type\":\"string\",\"enum\":[\"x\",\"y\"]}}},\"required\":[\"b\"]}";
        for (const SchemaLevel level : {SchemaLevel::Safe, SchemaLevel::Strict}) {
            const SanitisedSchema result = sanitiseSchema(sound, level);
            QCOMPARE(result.json, sound);
            QVERIFY(result.changes.empty());
        }
    }

    void sanitisingTwiceChangesNothingMore_data() { keepsOnlyWhatTheUpstreamTakes_data(); }
    void sanitisingTwiceChangesNothingMore()
    {
        QFETCH(std::string, client);
        for (const SchemaLevel level : {SchemaLevel::Safe, SchemaLevel::Strict}) {
            const std::string once = sanitiseSchema(client, level).json;
            const SanitisedSchema twice = sanitiseSchema(once, level);
            QCOMPARE(twice.json, once);
        }
    }

    void tellsWhatItChangedEachOnce()
    {
        const SanitisedSchema result =
            sanitiseSchema("{\"$schema\":\"x\",\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
                           "[\"string\",\"null\"],\"default\":null},"
                           "\"b\":{\"type\":[\"string\",\"null\"],\"additionalProperties\":false}},"
                           "\"required\":[\"a\",\"z\"]}",
                           SchemaLevel::Safe);
        const std::vector<std::string> expected {"$schema removed", "type list reduced to one",
                                                 "default removed", "additionalProperties removed",
                                                 "required reduced"};
        QCOMPARE(result.changes, expected);
    }

    void referencesCannotMakeASchemaGrowWithoutEnd()
    {
        // Each level names the next one twice: 2^40 leaves.
        std::string client =
            "{\"type\":\"object\",\"properties\":{\"p\":{\"$ref\":\"#/$defs/d0\"}},\"$defs\":{";
        for (int level = 0; level < 40; ++level) {
            const std::string next = "{\"$ref\":\"#/$defs/d" + std::to_string(level + 1) + "\"}";
            client += "\"d" + std::to_string(level)
                + "\":{\"type\":\"object\",\"properties\":{\"l\":" + next + ",\"r\":" + next
                + "}},";
        }
        client += "\"d40\":{\"type\":\"string\"}}}";
        const SanitisedSchema result = sanitiseSchema(client, SchemaLevel::Safe);
        QVERIFY(result.json.size() < 2 * std::size_t(limits::MaxToolSchema));
        QVERIFY(JsonDocument::parse(result.json));
    }

    void nestingIsBounded_data()
    {
        QTest::addColumn<std::string>("client");
        std::string nested;
        for (int level = 0; level < 100; ++level)
            nested += "{\"type\":\"object\",\"properties\":{\"a\":";
        QTest::addRow("written out") << nested + "{}" + std::string(200, '}');
        std::string chain = "{\"$ref\":\"#/$defs/d0\",\"$defs\":{";
        for (int level = 0; level < 1000; ++level)
            chain += "\"d" + std::to_string(level)
                + "\":{\"type\":\"object\",\"properties\":{\"a\":" + "{\"$ref\":\"#/$defs/d"
                + std::to_string(level + 1) + "\"}}},";
        QTest::addRow("by references") << chain + "\"d1000\":{}}}";
        std::string aliases = "{\"$ref\":\"#/$defs/d0\",\"$defs\":{";
        for (int level = 0; level < 1000; ++level)
            aliases += "\"d" + std::to_string(level) + "\":{\"$ref\":\"#/$defs/d"
                + std::to_string(level + 1) + "\"},";
        QTest::addRow("by references to references") << aliases + "\"d1000\":{}}}";
    }
    void nestingIsBounded()
    {
        QFETCH(std::string, client);
        for (const SchemaLevel level : {SchemaLevel::Safe, SchemaLevel::Strict}) {
            const SanitisedSchema result = sanitiseSchema(client, level);
            QVERIFY(JsonDocument::parse(result.json));
            QVERIFY(depthOf(result.json) <= 2 * limits::MaxSchemaDepth + 2);
        }
    }
};

QTEST_APPLESS_MAIN(TstSchemaSanitiser)
#include "tst_schemasanitiser.moc"
