// SPDX-License-Identifier: MIT
#include "app/base/json.h"

#include <QTest>

#include <functional>
#include <optional>
#include <string>

using namespace kirotray;
using namespace std::string_literals;

namespace {

JsonDocument parsed(const std::string &text)
{
    Result<JsonDocument> document = JsonDocument::parse(text);
    if (!document)
        qFatal("not JSON: %s: %s", text.c_str(), qPrintable(describe(document.error())));
    return std::move(document).value();
}

} // namespace

class TstJsonReader : public QObject
{
    Q_OBJECT

private slots:
    void readerReadsWhatIsThere()
    {
        const JsonDocument document =
            parsed(R"({"s":"x","e":"","b":false,"i":7,"n":1.5,"l":[1],"o":{"k":1},"z":null})");
        const JsonValue root = document.root();
        JsonReader reader;
        QCOMPARE(reader.requiredString(root, "s"), "x"s);
        QCOMPARE(reader.optionalString(root, "e"), std::optional(""s));
        QCOMPARE(reader.optionalBoolean(root, "b"), std::optional(false));
        QCOMPARE(reader.optionalInteger(root, "i"), std::optional<qint64>(7));
        QCOMPARE(reader.optionalNumber(root, "n"), std::optional(1.5));
        QCOMPARE(reader.requiredArray(root, "l").size(), 1);
        QCOMPARE(reader.optionalArray(root, "l").size(), 1);
        QCOMPARE(reader.requiredObject(root, "o").size(), 1);
        QCOMPARE(reader.optionalObject(root, "o").size(), 1);
        QVERIFY(reader.expect(root, JsonValue::Type::Object));
        for (const std::string_view absent : {"z", "nope"}) {
            QVERIFY(!reader.optionalString(root, absent));
            QVERIFY(!reader.optionalBoolean(root, absent));
            QVERIFY(!reader.optionalInteger(root, absent));
            QVERIFY(!reader.optionalNumber(root, absent));
            QVERIFY(reader.optionalArray(root, absent).isMissing());
            QVERIFY(reader.optionalObject(root, absent).isMissing());
        }
        QVERIFY(!reader.failed());
    }

    void readerNamesTheFirstMistake_data()
    {
        using Read = std::function<void(JsonReader &, const JsonValue &)>;
        QTest::addColumn<Read>("read");
        QTest::addColumn<QString>("error");
        const auto row = [](const char *name, const QString &error, const Read &read) {
            QTest::addRow("%s", name) << read << error;
        };
        using R = JsonReader;
        using V = JsonValue;
        row("absent string", u"o.nope: is required"_s,
            [](R &r, const V &v) { r.requiredString(v["o"], "nope"); });
        row("null for a required string", u"z: expected a string"_s,
            [](R &r, const V &v) { r.requiredString(v, "z"); });
        row("number for a string", u"i: expected a string"_s,
            [](R &r, const V &v) { r.requiredString(v, "i"); });
        row("number for an optional string", u"i: expected a string"_s,
            [](R &r, const V &v) { r.optionalString(v, "i"); });
        row("string for a boolean", u"s: expected true or false"_s,
            [](R &r, const V &v) { r.optionalBoolean(v, "s"); });
        row("string for an integer", u"s: expected a number"_s,
            [](R &r, const V &v) { r.optionalInteger(v, "s"); });
        row("fraction for an integer", u"n: expected a whole number"_s,
            [](R &r, const V &v) { r.optionalInteger(v, "n"); });
        row("boolean for a number", u"b: expected a number"_s,
            [](R &r, const V &v) { r.optionalNumber(v, "b"); });
        row("object for an array", u"o: expected an array"_s,
            [](R &r, const V &v) { r.requiredArray(v, "o"); });
        row("string for an optional array", u"s: expected an array"_s,
            [](R &r, const V &v) { r.optionalArray(v, "s"); });
        row("array for an object", u"l: expected an object"_s,
            [](R &r, const V &v) { r.requiredObject(v, "l"); });
        row("array for an optional object", u"l: expected an object"_s,
            [](R &r, const V &v) { r.optionalObject(v, "l"); });
        row("absent array", u"nope: is required"_s,
            [](R &r, const V &v) { r.requiredArray(v, "nope"); });
        row("absent object", u"nope: is required"_s,
            [](R &r, const V &v) { r.requiredObject(v, "nope"); });
        row("element of a wrong type", u"l[0]: expected a string"_s,
            [](R &r, const V &v) { r.expect(*v["l"].begin(), JsonValue::Type::String); });
        row("a member of what is no object", u"s.x: is required"_s,
            [](R &r, const V &v) { r.requiredString(v["s"], "x"); });
        row("the root", u"expected an array"_s,
            [](R &r, const V &v) { r.expect(v, JsonValue::Type::Array); });
        row("a rule of the caller", u"o.k: must be even"_s,
            [](R &r, const V &v) { r.fail(v["o"]["k"], "must be even"); });
    }
    void readerNamesTheFirstMistake()
    {
        using Read = std::function<void(JsonReader &, const JsonValue &)>;
        QFETCH(Read, read);
        QFETCH(QString, error);
        const JsonDocument document =
            parsed(R"({"s":"x","b":false,"i":7,"n":1.5,"l":[1],"o":{"k":1},"z":null})");
        JsonReader reader;
        read(reader, document.root());
        QVERIFY(reader.failed());
        QCOMPARE(reader.error().code, Error::Code::BadInput);
        QCOMPARE(describe(reader.error()), error);
        reader.requiredString(document.root(), "later"); // the first stays
        reader.fail(document.root()["s"], "later");
        QCOMPARE(describe(reader.error()), error);
        QCOMPARE(reader.requiredString(document.root(), "s"), "x"s); // and reading goes on
    }
};

QTEST_GUILESS_MAIN(TstJsonReader)
#include "tst_jsonreader.moc"
