// SPDX-License-Identifier: MIT
#include "app/dialects/customtool.h"
#include "app/dialects/freetextinput.h"

#include <QTest>

using namespace kirotray;

class TstFreeTextInput : public QObject
{
    Q_OBJECT
private slots:
    void unwrapsTheText_data();
    void unwrapsTheText();
    void tellsTheTextAsSoonAsItIsKnown();
    void writesNothingBehindTheText();
};

void TstFreeTextInput::unwrapsTheText_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char *name, const char *json, const char *text) {
        QTest::addRow("%s", name) << QByteArray(json) << QByteArray(text);
    };
    row("plain", "{\"input\":\"ls -l\"}", "ls -l");
    row("empty text", "{\"input\":\"\"}", "");
    row("white space between the tokens", " {\n\t\"input\" :\r \" a \" } ", " a ");
    row("all short escapes", "{\"input\":\"\\n\\t\\r\\b\\f\\\"\\\\\\/\"}", "\n\t\r\b\f\"\\/");
    row("unicode of one, two and three bytes", "{\"input\":\"\\u0041\\u00e9\\u4F60\"}",
        "A\xC3\xA9\xE4\xBD\xA0");
    row("surrogate pair", "{\"input\":\"\\ud83d\\ude00!\"}", "\xF0\x9F\x98\x80!");
    row("bytes beyond ASCII", "{\"input\":\"\xE4\xBD\xA0\xF0\x9F\x98\x80\"}",
        "\xE4\xBD\xA0\xF0\x9F\x98\x80");
    row("high surrogate before a letter", "{\"input\":\"\\ud83dx\"}", "\xEF\xBF\xBDx");
    row("high surrogate before an escape", "{\"input\":\"\\ud83d\\n\"}", "\xEF\xBF\xBD\n");
    row("high surrogate at the end", "{\"input\":\"\\ud83d\"}", "\xEF\xBF\xBD");
    row("low surrogate alone", "{\"input\":\"\\ude00\"}", "\xEF\xBF\xBD");
    row("two high surrogates", "{\"input\":\"\\ud83d\\ud83d\\ude00\"}",
        "\xEF\xBF\xBD\xF0\x9F\x98\x80");
    row("escaped NUL", "{\"input\":\"a\\u0000b\"}",
        "a\xEF\xBF\xBD"
        "b");
    row("members behind the text", "{\"input\":\"a\",\"why\":\"b\"}", "a");
    row("members before the text", "{\"why\":\"b\",\"input\":\"a\\n\"}", "a\n");
    row("escaped key", "{\"\\u0069nput\":\"a\"}", "a");
    row("no input", "{\"patch\":\"a\"}", "{\"patch\":\"a\"}");
    row("input of another type", "{\"input\":[\"a\"]}", "{\"input\":[\"a\"]}");
    row("no JSON", "*** Begin Patch\n{}", "*** Begin Patch\n{}");
    row("a longer key", "{\"inputs\":\"a\"}", "{\"inputs\":\"a\"}");
    row("nothing", "", "");
    row("an empty object", "{}", "");
}

void TstFreeTextInput::unwrapsTheText()
{
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, text);
    FreeTextInput whole;
    std::string out;
    whole.add(json.toStdString(), out);
    whole.finish(out);
    QCOMPARE(QByteArray::fromStdString(out), text);
    QCOMPARE(QByteArray::fromStdString(whole.text()), text);

    FreeTextInput pieces;
    out.clear();
    for (const char c : json)
        pieces.add({&c, 1}, out);
    pieces.finish(out);
    QCOMPARE(QByteArray::fromStdString(out), text);
    QCOMPARE(QByteArray::fromStdString(pieces.text()), text);

    QCOMPARE(QByteArray::fromStdString(customToolInput(json.toStdString())), text);
}

void TstFreeTextInput::tellsTheTextAsSoonAsItIsKnown()
{
    FreeTextInput input;
    std::string out;
    input.add("{\"input\":\"one\\", out);
    QCOMPARE(out, std::string("one"));
    input.add("ntwo\\ud83d", out);
    QCOMPARE(out, std::string("one\ntwo"));
    input.add("\\ude00", out);
    QCOMPARE(out, std::string("one\ntwo\xF0\x9F\x98\x80"));
}

void TstFreeTextInput::writesNothingBehindTheText()
{
    FreeTextInput input;
    std::string out;
    input.add("{\"input\":\"a\"}", out);
    input.finish(out);
    input.finish(out);
    QCOMPARE(out, std::string("a"));
}

QTEST_APPLESS_MAIN(TstFreeTextInput)
#include "tst_freetextinput.moc"
