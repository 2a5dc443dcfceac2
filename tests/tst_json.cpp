// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/base/limits.h"

#include <QTest>

#include <array>
#include <limits>
#include <optional>
#include <string>

using namespace kirotray;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

JsonDocument parsed(const std::string &text)
{
    Result<JsonDocument> document = JsonDocument::parse(text);
    if (!document)
        qFatal("not JSON: %s: %s", text.c_str(), qPrintable(describe(document.error())));
    return std::move(document).value();
}

std::string nested(int depth, char open, char close)
{
    const auto count = static_cast<std::size_t>(depth);
    return std::string(count, open) + std::string(count, close);
}

} // namespace

class TstJson : public QObject
{
    Q_OBJECT

private slots:
    void knowsEveryType_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<JsonValue::Type>("type");
        using Type = JsonValue::Type;
        const std::array rows {
            std::pair {"null"s, Type::Null},       std::pair {"true"s, Type::Boolean},
            std::pair {"false"s, Type::Boolean},   std::pair {"0"s, Type::Number},
            std::pair {"-1.5e-3"s, Type::Number},  std::pair {"\"\""s, Type::String},
            std::pair {"\"x\\n\""s, Type::String}, std::pair {"[]"s, Type::Array},
            std::pair {"{}"s, Type::Object},
        };
        for (const auto &[text, type] : rows) {
            QTest::addRow("root %s", text.c_str()) << text << type;
            QTest::addRow("root %s with spaces", text.c_str()) << " \r\n\t" + text + "\n " << type;
        }
    }
    void knowsEveryType()
    {
        QFETCH(std::string, text);
        QFETCH(JsonValue::Type, type);
        const JsonDocument root = parsed(text);
        QCOMPARE(root.root().type(), type);
        QCOMPARE(root.root().path(), ""s);
        QCOMPARE(QByteArray(root.root().raw().data(), std::ssize(root.root().raw())),
                 QByteArray::fromStdString(text).trimmed());
        const JsonDocument inObject = parsed("{\"a\": " + text + " ,\"b\":1}");
        QCOMPARE(inObject.root()["a"].type(), type);
        QCOMPARE(inObject.root()["b"].integer(), 1);
        const JsonDocument inArray = parsed("[" + text + "]");
        QCOMPARE((*inArray.root().begin()).type(), type);
        QCOMPARE(inArray.root().size(), 1);
    }

    void refuses_data()
    {
        QTest::addColumn<std::string>("text");
        for (const char *text : {"",
                                 " ",
                                 "{",
                                 "}",
                                 "[",
                                 "]",
                                 "[1",
                                 "[1,",
                                 "[1,]",
                                 "[,1]",
                                 "[1 2]",
                                 "[1}",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":1,}",
                                 "{\"a\":1 \"b\":2}",
                                 "{\"a\" 1}",
                                 "{a:1}",
                                 "{'a':1}",
                                 "{1:2}",
                                 "{,}",
                                 "{\"a\":1}}",
                                 "[1]]",
                                 "[1] 2",
                                 "{} {}",
                                 "1 2",
                                 "\"a\" \"b\"",
                                 "\"",
                                 "\"abc",
                                 "\"abc\\",
                                 "\"abc\\\"",
                                 "[\"abc]",
                                 "nul",
                                 "nulll",
                                 "True",
                                 "[truefalse]",
                                 "[tru]",
                                 "NaN",
                                 "Infinity",
                                 "[-]",
                                 "-",
                                 "+1",
                                 "[+1]",
                                 "01",
                                 "[01]",
                                 "[-01]",
                                 "1.",
                                 "[1.]",
                                 "[.5]",
                                 ".5",
                                 "[1e]",
                                 "[1e+]",
                                 "1e",
                                 "[0x10]",
                                 "[1_000]",
                                 "\"\\x\"",
                                 "\"\\u12\"",
                                 "\"\\u12G4\"",
                                 "\"\\u\"",
                                 "{\"\\q\":1}",
                                 "\"a\nb\"",
                                 "\"a\tb\"",
                                 "[\"a\x01\"]",
                                 "\"\xff\"",
                                 "\"\xc3\"",
                                 "\"\xc0\xaf\"",
                                 "\"\xed\xa0\x80\"",
                                 "\"\xf5\x80\x80\x80\"",
                                 "// comment\n1",
                                 "[1 /* comment */]",
                                 "abc"})
            QTest::addRow(
                "%s", text[0] ? QByteArray(text).toPercentEncoding(" {}[]\",:").data() : "nothing")
                << std::string(text);
        QTest::addRow("zero byte in a string") << "\"a\0b\""s;
        QTest::addRow("zero byte behind") << "1\0"s;
        QTest::addRow("zero byte between") << "[1,\0 2]"s;
    }
    void refuses()
    {
        QFETCH(std::string, text);
        const Result<JsonDocument> document = JsonDocument::parse(text);
        QVERIFY(!document);
        QCOMPARE(document.error().code, Error::Code::BadInput);
        QVERIFY(!document.error().what.isEmpty());
        // The same inside a larger text, where it is not the root.
        QVERIFY(!JsonDocument::parse("{\"a\":[" + text + "],\"b\":" + text + "}"));
    }

    void everyPrefixIsRefused()
    {
        const std::string text =
            R"({"a":[1,-2.5e3,"x\u00e9\n",true,null,{"b":{}},[]],"c":"ü","d":false})";
        QVERIFY(JsonDocument::parse(text));
        for (std::size_t length = 0; length < text.size(); ++length)
            QVERIFY2(!JsonDocument::parse(text.substr(0, length)), text.substr(0, length).c_str());
    }

    void errorsNameThePlace_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<QString>("path");
        QTest::addRow("number") << R"({"a":[{"b":01}]})"s << u"a[0].b"_s;
        QTest::addRow("escape") << R"({"a":["x","\q"]})"s << u"a[1]"_s;
        QTest::addRow("word") << R"([null,[nope]])"s << u"[1][0]"_s;
    }
    void errorsNameThePlace()
    {
        QFETCH(std::string, text);
        QFETCH(QString, path);
        const Result<JsonDocument> document = JsonDocument::parse(text);
        QVERIFY(!document);
        QCOMPARE(document.error().path, path);
    }

    void namesPaths()
    {
        const JsonDocument document = parsed(
            R"({"messages":[{"role":"user"},{"content":[[{"type":"text"}]]}],"a b":{"":1}})");
        const JsonValue root = document.root();
        JsonValue message;
        for (const JsonValue &each : root["messages"])
            message = each;
        QCOMPARE(message.path(), "messages[1]"s);
        const JsonValue type = (*(*message["content"].begin()).begin())["type"];
        QCOMPARE(type.path(), "messages[1].content[0][0].type"s);
        QCOMPARE(message["role"].path(), "messages[1].role"s); // missing
        QCOMPARE(root["none"].path(), "none"s);
        QCOMPARE(root["none"]["deeper"]["still"].path(), "none"s); // the first absence
        QCOMPARE(root["messages"]["x"].path(), "messages.x"s);
        QCOMPARE(root["a b"].path(), "a b"s);
        const JsonDocument array = parsed("[[1,2],{\"a\":3}]");
        JsonValue last;
        for (const JsonValue &each : array.root())
            last = each;
        QCOMPARE(last["a"].path(), "[1].a"s);
        QCOMPARE(JsonValue().path(), ""s);
    }

    void missingValuesAreHarmless()
    {
        const JsonValue nothing;
        QVERIFY(nothing.isMissing() && nothing.isAbsent() && !nothing.isNull());
        QCOMPARE(nothing["a"].type(), JsonValue::Type::Missing);
        QCOMPARE(nothing.string(), ""sv);
        QCOMPARE(nothing.raw(), ""sv);
        QCOMPARE(nothing.size(), 0);
        QVERIFY(!nothing.boolean() && !nothing.number() && !nothing.integer());
        for (const JsonValue &each : nothing)
            QVERIFY2(false, each.path().c_str());
        const JsonDocument document = parsed(R"({"a":null,"b":"x"})");
        QVERIFY(document.root()["a"].isAbsent());
        QVERIFY(document.root()["c"].isAbsent());
        QVERIFY(!document.root()["b"].isAbsent());
        QCOMPARE(document.root()["b"].size(), 0);
        QCOMPARE(document.root()["b"]["c"].type(), JsonValue::Type::Missing);
    }

    void theLastOfARepeatedKeyCounts()
    {
        const JsonDocument document = parsed(R"({"a":1,"b":2,"a":3,"\u0061":4})");
        QCOMPARE(document.root()["a"].integer(), 4);
        QCOMPARE(document.root().size(), 4);
        std::string keys;
        for (const JsonValue &member : document.root())
            keys += member.key();
        QCOMPARE(keys, "abaa"s);
    }

    void readsKeysWithEscapes()
    {
        const JsonDocument document = parsed("{\"a\\\"b\\\\\":1,\"\\ud83d\\ude00\":2,\"\":3}");
        QCOMPARE(document.root()["a\"b\\"].integer(), 1);
        QCOMPARE(document.root()["\U0001F600"].integer(), 2);
        QCOMPARE(document.root()[""].integer(), 3);
    }

    void readsStrings_data()
    {
        QTest::addColumn<std::string>("literal");
        QTest::addColumn<std::string>("expected");
        QTest::addRow("plain") << R"("abc")"s
                               << "abc"s;
        QTest::addRow("empty") << R"("")"s
                               << ""s;
        QTest::addRow("simple escapes") << "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""s
                                        << "\"\\/\b\f\n\r\t"s;
        QTest::addRow("two-byte") << R"("\u00e9")"s
                                  << "\u00e9"s;
        QTest::addRow("three-byte") << R"("\u20AC")"s
                                    << "\u20ac"s;
        QTest::addRow("UTF-8 as it is") << "\"é€😀\""s
                                        << "é€😀"s;
        QTest::addRow("last one-byte") << R"("\u007f")"s
                                       << "\x7f"s;
        QTest::addRow("first two-byte") << R"("\u0080")"s
                                        << "\u0080"s;
        QTest::addRow("last below surrogates") << R"("\ud7ff")"s
                                               << "\ud7ff"s;
        QTest::addRow("first above surrogates") << R"("\ue000")"s
                                                << "\ue000"s;
        QTest::addRow("pair") << R"("\ud83d\ude00")"s
                              << "\U0001F600"s;
        QTest::addRow("first pair") << R"("\ud800\udc00")"s
                                    << "\U00010000"s;
        QTest::addRow("last pair") << R"("\udbff\udfff")"s
                                   << "\U0010FFFF"s;
        QTest::addRow("high alone") << R"("a\ud83db")"s
                                    << "a\ufffdb"s;
        QTest::addRow("high at the end") << R"("a\ud83d")"s
                                         << "a\ufffd"s;
        QTest::addRow("low alone") << R"("a\ude00b")"s
                                   << "a\ufffdb"s;
        QTest::addRow("pair turned round") << R"("\ude00\ud83d")"s
                                           << "\ufffd\ufffd"s;
        QTest::addRow("two highs, then a low") << R"("\ud83d\ud83d\ude00")"s
                                               << "\ufffd\U0001F600"s;
        QTest::addRow("high, then another escape") << R"("\ud83d\n")"s
                                                   << "\ufffd\n"s;
        QTest::addRow("high, then a plain escape") << R"("\ud83d\u0041")"s
                                                   << "\ufffd"
                                                      "A"s;
        QTest::addRow("zero") << R"("a\u0000b")"s
                              << "a\ufffdb"s;
        QTest::addRow("backslash, then u") << "\"\\\\u0041\""s
                                           << "\\u0041"s;
        QTest::addRow("control, escaped") << R"("\u0001")"s
                                          << "\x01"s;
    }
    void readsStrings()
    {
        QFETCH(std::string, literal);
        QFETCH(std::string, expected);
        const JsonDocument root = parsed(literal);
        QCOMPARE(std::string(root.root().string()), expected);
        const JsonDocument member = parsed("{\"k\" : " + literal + " , \"x\":[" + literal + "]}");
        QCOMPARE(std::string(member.root()["k"].string()), expected);
        QCOMPARE(std::string(member.root()["k"].raw()), literal);
        QCOMPARE(std::string((*member.root()["x"].begin()).string()), expected);
    }

    void readsNumbers_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<double>("number");
        QTest::addColumn<std::optional<qint64>>("integer");
        const auto row = [](const char *text, double number, std::optional<qint64> integer) {
            QTest::addRow("%s", text) << std::string(text) << number << integer;
        };
        row("0", 0, 0);
        row("-0", -0.0, 0);
        row("7", 7, 7);
        row("-7", -7, -7);
        row("3.0", 3, 3);
        row("1e3", 1000, 1000);
        row("1E+3", 1000, 1000);
        row("1.7645472E9", 1764547200, 1764547200);
        row("1.5", 1.5, std::nullopt);
        row("1e-1", 0.1, std::nullopt);
        row("9007199254740991", 9007199254740991, 9007199254740991);
        row("9007199254740993", 9007199254740992, 9007199254740993);
        row("9223372036854775807", 9.223372036854775807e18, std::numeric_limits<qint64>::max());
        row("-9223372036854775808", -9.223372036854775808e18, std::numeric_limits<qint64>::min());
        row("9223372036854775808", 9.223372036854775808e18, std::nullopt);
        row("123456789012345678901234567890", 1.2345678901234568e29, std::nullopt);
        row("9.1e15", 9.1e15, std::nullopt); // above 2^53: not exact
        row("1e300", 1e300, std::nullopt);
        row("5e-324", 5e-324, std::nullopt);
        row("1e-400", 0, 0);
        row("0.1", 0.1, std::nullopt);
        row("-1.7976931348623157e308", -1.7976931348623157e308, std::nullopt);
    }
    void readsNumbers()
    {
        QFETCH(std::string, text);
        QFETCH(double, number);
        QFETCH(std::optional<qint64>, integer);
        for (const std::string &around : {"%"s, "[%]"s, "{\"a\":%}"s, "[ % ]"s}) {
            std::string whole = around;
            whole.replace(around.find('%'), 1, text);
            const JsonDocument document = parsed(whole);
            const JsonValue root = document.root();
            const JsonValue value = root.isArray() || root.isObject() ? *root.begin() : root;
            QCOMPARE(value.type(), JsonValue::Type::Number);
            QVERIFY(value.number().has_value());
            QVERIFY2(*value.number() == number, text.c_str());
            QVERIFY2(value.integer() == integer, text.c_str());
            QCOMPARE(std::string(value.raw()), text);
        }
    }

    void otherTypesAreNotConverted()
    {
        const JsonDocument document = parsed(R"({"s":"1","b":true,"n":1,"l":[1]})");
        const JsonValue root = document.root();
        QVERIFY(!root["s"].number() && !root["s"].integer() && !root["s"].boolean());
        QVERIFY(!root["b"].number() && root["b"].string().empty());
        QVERIFY(!root["n"].boolean() && root["n"].string().empty());
        QVERIFY(!root["l"].integer() && root["l"].string().empty());
    }

    void rawKeepsTheBytes()
    {
        const std::string input =
            R"({ "big" : 123456789012345678901234567890.00 , "z":1,"a" : [ 1 , {"x" : "\u0041" }  ] })";
        const JsonDocument document = parsed(R"({"tool":{"input": )" + input + R"( },"n":2})");
        QCOMPARE(std::string(document.root()["tool"]["input"].raw()), input);
        const JsonValue inner = document.root()["tool"]["input"];
        QCOMPARE(std::string(inner["big"].raw()), "123456789012345678901234567890.00"s);
        QCOMPARE(std::string(inner["a"].raw()), R"([ 1 , {"x" : "\u0041" }  ])"s);
        QCOMPARE(std::string(parsed("[ ]").root().raw()), "[ ]"s);
        QCOMPARE(std::string(parsed("[ { } , [ ] ]").root().raw()), "[ { } , [ ] ]"s);
    }

    void survivesBeingMoved()
    {
        std::optional<JsonDocument> first = parsed(R"({"a":"short","b":"\u0041\u0042"})");
        JsonDocument second = std::move(*first);
        first.reset();
        QCOMPARE(second.root()["a"].string(), "short"sv);
        QCOMPARE(second.root()["b"].string(), "AB"sv);
        JsonDocument third = parsed("1");
        third = std::move(second);
        QCOMPARE(third.root()["b"].string(), "AB"sv);
    }

    void documentsDoNotDisturbEachOther()
    {
        const JsonDocument first = parsed(R"({"a":"one"})");
        const JsonDocument second =
            parsed(R"({"a":"two","b":[)" + std::string(100'000, ' ') + "]}");
        QVERIFY(!JsonDocument::parse("{"));
        QCOMPARE(first.root()["a"].string(), "one"sv);
        QCOMPARE(second.root()["a"].string(), "two"sv);
    }

    void limitsTheDepth_data()
    {
        QTest::addColumn<char>("open");
        QTest::addColumn<char>("close");
        QTest::addRow("arrays") << '[' << ']';
    }
    void limitsTheDepth()
    {
        QFETCH(char, open);
        QFETCH(char, close);
        QVERIFY(JsonDocument::parse(nested(limits::MaxJsonDepth, open, close)));
        const Result<JsonDocument> deeper =
            JsonDocument::parse(nested(limits::MaxJsonDepth + 1, open, close));
        QVERIFY(!deeper);
        QCOMPARE(deeper.error().code, Error::Code::BadInput);
        QVERIFY(!JsonDocument::parse(nested(1'000'000, open, close)));
        QVERIFY(!JsonDocument::parse(std::string(1'000'000, open)));
    }

    void limitsTheDepthOfObjects()
    {
        std::string text = "{}";
        for (int i = 1; i < limits::MaxJsonDepth; ++i)
            text = "{\"a\":" + text + "}";
        QVERIFY(JsonDocument::parse(text));
        QVERIFY(!JsonDocument::parse("{\"a\":" + text + "}"));
        QVERIFY(!JsonDocument::parse("[" + text + "]"));
    }

    void readsALargeText()
    {
        std::string text = "[";
        constexpr int Count = 100'000;
        for (int i = 0; i < Count; ++i)
            text += (i ? "," : "") + ("{\"id\":" + std::to_string(i) + ",\"t\":\"a\\nb\"}");
        const JsonDocument document = parsed(text + "]");
        QCOMPARE(document.root().size(), Count);
        qint64 next = 0;
        for (const JsonValue &each : document.root()) {
            QCOMPARE(each["id"].integer(), next);
            ++next;
        }
        QCOMPARE(next, Count);
        QCOMPARE(std::ssize(document.root().raw()), std::ssize(text) + 1);
    }
};

QTEST_GUILESS_MAIN(TstJson)
#include "tst_json.moc"
