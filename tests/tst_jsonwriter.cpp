// SPDX-License-Identifier: MIT
#include "app/base/json.h"

#include <QTest>

#include <cmath>
#include <limits>
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

class TstJsonWriter : public QObject
{
    Q_OBJECT

private slots:
    void writes()
    {
        std::string out;
        JsonWriter writer(out);
        writer.beginObject()
            .member("s", "a/b")
            .memberInteger("i", -7)
            .memberBoolean("t", true)
            .memberBoolean("f", false)
            .memberNull("n")
            .memberRaw("r", "{ \"x\" : 1 }");
        writer.key("l").beginArray().endArray();
        writer.key("o").beginObject().endObject();
        writer.key("m").beginArray().integer(1).string("x").beginArray().null().endArray();
        writer.beginObject().key("k").number(0.5).endObject().boolean(true).raw("[1]").endArray();
        writer.member("", "").endObject();
        QCOMPARE(out,
                 "{\"s\":\"a/b\",\"i\":-7,\"t\":true,\"f\":false,\"n\":null,\"r\":{ \"x\" : 1 "
                 "},\"l\":[],\"o\":{},"
                 "\"m\":[1,\"x\",[null],{\"k\":0.5},true,[1]],\"\":\"\"}"s);
        QVERIFY(JsonDocument::parse(out));
    }

    void appendsToWhatIsThere()
    {
        std::string out = "data: ";
        JsonWriter(out).beginArray().integer(1).endArray();
        QCOMPARE(out, "data: [1]"s);
    }

    void escapesStrings_data()
    {
        QTest::addColumn<std::string>("text");
        QTest::addColumn<std::string>("literal");
        QTest::addRow("empty") << ""s
                               << "\"\""s;
        QTest::addRow("plain") << "abc/'"s
                               << "\"abc/'\""s;
        QTest::addRow("quote and backslash") << "a\"b\\c"s
                                             << "\"a\\\"b\\\\c\""s;
        QTest::addRow("named controls") << "\b\f\n\r\t"s
                                        << "\"\\b\\f\\n\\r\\t\""s;
        QTest::addRow("other controls") << "\x01\x1f"s
                                        << "\"\\u0001\\u001f\""s;
        QTest::addRow("zero") << "a\0b"s
                              << "\"a\\u0000b\""s;
        QTest::addRow("delete is plain") << "\x7f"s
                                         << "\"\x7f\""s;
        QTest::addRow("UTF-8") << "é😀"s
                               << "\"é😀\""s;
        QTest::addRow("line separator") << "\u2028"s
                                        << "\"\u2028\""s;
    }
    void escapesStrings()
    {
        QFETCH(std::string, text);
        QFETCH(std::string, literal);
        std::string out;
        appendJsonString(out, text);
        QCOMPARE(out, literal);
    }

    void everyByteComesBack()
    {
        std::string text;
        for (int code = 1; code < 0x250; ++code)
            text += QString(QChar(code)).toStdString();
        std::string out;
        JsonWriter(out).beginObject().member(text, text).endObject();
        const JsonDocument document = parsed(out);
        QCOMPARE(std::string(document.root()[text].string()), text);
    }

    void numbersComeBack_data()
    {
        QTest::addColumn<double>("number");
        QTest::addColumn<std::string>("text");
        QTest::addRow("zero") << 0.0 << "0"s;
        QTest::addRow("tenth") << 0.1 << "0.1"s;
        QTest::addRow("third") << 1.0 / 3 << "0.3333333333333333"s;
        QTest::addRow("whole") << 3.0 << "3"s;
        QTest::addRow("large") << 1e300 << "1e+300"s;
        QTest::addRow("smallest") << 5e-324 << "5e-324"s;
        QTest::addRow("negative") << -2.5 << "-2.5"s;
    }
    void numbersComeBack()
    {
        QFETCH(double, number);
        QFETCH(std::string, text);
        std::string out;
        JsonWriter(out).number(number);
        QCOMPARE(out, text);
        QVERIFY(*parsed(out).root().number() == number);
    }

    void numbersThatJsonHasNotBecomeNull()
    {
        std::string out;
        JsonWriter(out)
            .beginArray()
            .number(std::nan(""))
            .number(std::numeric_limits<double>::infinity())
            .number(-std::numeric_limits<double>::infinity())
            .integer(std::numeric_limits<qint64>::min())
            .integer(std::numeric_limits<qint64>::max())
            .endArray();
        QCOMPARE(out, "[null,null,null,-9223372036854775808,9223372036854775807]"s);
    }
};

QTEST_GUILESS_MAIN(TstJsonWriter)
#include "tst_jsonwriter.moc"
