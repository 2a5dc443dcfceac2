// SPDX-License-Identifier: MIT
#include "app/chat/citationfinder.h"
#include "tests/answerrun.h"

#include <QTest>

using namespace kirotray;
using namespace Qt::Literals::StringLiterals;

namespace {

const std::vector<WebSearchHit> SearchHits {
    {"Qt", "https://a.com/x", "About Qt", {}},
    {"Longer", "https://a.com/x/y", {}, {}},
    {"Query", "http://b.org/?q=1&r=(2)", {}, {}},
    {"Slash", "https://c.net/", {}, {}},
    {"Wiki", "https://d.org/wiki/C_(language)", {}, {}},
    {"Other script", "https://e.cn/中文", {}, {}},
};

/// "text {title: cited part} text": where the citations stand and what their offsets cover.
QString cited(const Events &events)
{
    CitationFinder finder;
    finder.addHits(SearchHits);
    Events out;
    for (const ChatEvent &event : events)
        finder.add(event, out);
    QString all;
    std::u32string running;
    for (const ChatEvent &event : out) {
        if (const auto *text = std::get_if<TextDelta>(&event)) {
            all += QString::fromStdString(text->text);
            running += QString::fromStdString(text->text).toStdU32String();
        } else if (const auto *citation = std::get_if<TextCitation>(&event)) {
            const auto part = running.substr(std::size_t(citation->start),
                                             std::size_t(citation->end - citation->start));
            all += u"{%1: %2}"_s.arg(QString::fromStdString(citation->title),
                                     QString::fromStdU32String(part));
        } else {
            all += u" | "_s + describeAll({event}) + u" | "_s;
            running.clear();
        }
    }
    return all;
}

/// Where whole characters can be cut.
std::vector<std::string> characters(const std::string &text)
{
    std::vector<std::string> all;
    for (const char32_t point : QString::fromStdString(text).toStdU32String())
        all.push_back(QString::fromUcs4(&point, 1).toStdString());
    return all;
}

} // namespace

class TstCitationFinder : public QObject
{
    Q_OBJECT
private slots:
    void findsSources_data();
    void findsSources();
    void takesTheHitsOfResults();
    void quotesTheSource();
    void endsAnAddressAtOtherEvents();
    void passesTextAtOnce();
    void boundsAddresses();
};

void TstCitationFinder::findsSources_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *name, const char *text, const char *expected) {
        QTest::addRow("%s", name) << QString::fromUtf8(text) << QString::fromUtf8(expected);
    };
    row("bare", "See https://a.com/x for more",
        "See https://a.com/x{Qt: https://a.com/x} for more");
    row("a link", "See [the *docs*](https://a.com/x).",
        "See [the *docs*](https://a.com/x){Qt: [the *docs*](https://a.com/x)}.");
    row("a link in parentheses", "Yes ([a](https://a.com/x)).",
        "Yes ([a](https://a.com/x){Qt: [a](https://a.com/x)}).");
    row("a link with brackets in its words", "[a [b]](https://a.com/x)!",
        "[a [b]](https://a.com/x){Qt: [a [b]](https://a.com/x)}!");
    row("a link with a title", "[a](https://a.com/x \"t\")",
        "[a](https://a.com/x{Qt: https://a.com/x} \"t\")");
    row("an address in angle brackets", "<https://a.com/x>",
        "<https://a.com/x{Qt: https://a.com/x}>");
    row("an address in parentheses", "(https://a.com/x)", "(https://a.com/x{Qt: https://a.com/x})");
    row("behind a bracket that is no link", "[1] (https://a.com/x) b",
        "[1] (https://a.com/x{Qt: https://a.com/x}) b");
    row("each time", "https://a.com/x https://a.com/x ",
        "https://a.com/x{Qt: https://a.com/x} https://a.com/x{Qt: https://a.com/x} ");
    row("the longest address", "https://a.com/x/y ",
        "https://a.com/x/y{Longer: https://a.com/x/y} ");
    row("not the start of another address", "https://a.com/xyz https://a.com/ ",
        "https://a.com/xyz https://a.com/ ");
    row("punctuation is not part of it", "**https://a.com/x**, https://a.com/x. And",
        "**https://a.com/x**,{Qt: https://a.com/x} https://a.com/x.{Qt: https://a.com/x} And");
    row("with a query", "http://b.org/?q=1&r=(2) ",
        "http://b.org/?q=1&r=(2){Query: http://b.org/?q=1&r=(2)} ");
    row("with parentheses, in a link", "[C](https://d.org/wiki/C_(language)) b",
        "[C](https://d.org/wiki/C_(language)){Wiki: [C](https://d.org/wiki/C_(language))} b");
    row("with or without the slash", "https://c.net https://c.net/ ",
        "https://c.net{Slash: https://c.net} https://c.net/{Slash: https://c.net/} ");
    row("with a fragment", "https://a.com/x#part ",
        "https://a.com/x#part{Qt: https://a.com/x#part} ");
    row("the host's case does not matter", "https://A.com/x https://a.com/X ",
        "https://A.com/x{Qt: https://A.com/x} https://a.com/X ");
    row("the scheme does", "http://a.com/x ", "http://a.com/x ");
    row("within a word", "xhttps://a.com/x ", "xhttps://a.com/x ");
    row("behind another start", "http:https://a.com/x hhttps://a.com/x ",
        "http:https://a.com/x{Qt: https://a.com/x} hhttps://a.com/x ");
    row("behind other scripts", "你好😀https://a.com/x 吗",
        "你好😀https://a.com/x{Qt: https://a.com/x} 吗");
    row("before other scripts", "见https://a.com/x。好 x",
        "见https://a.com/x。好{Qt: https://a.com/x} x");
    row("an address in another script", "https://e.cn/中文 x",
        "https://e.cn/中文{Other script: https://e.cn/中文} x");
    row("a link in another script", "见[文档😀](https://e.cn/中文)。",
        "见[文档😀](https://e.cn/中文){Other script: [文档😀](https://e.cn/中文)}。");
    row("a line break ends a bracket", "[a\n](https://a.com/x) ",
        "[a\n](https://a.com/x{Qt: https://a.com/x}) ");
}

void TstCitationFinder::findsSources()
{
    QFETCH(const QString, text);
    QFETCH(const QString, expected);
    const std::vector<std::string> points = characters(text.toStdString());
    const std::string whole = text.toStdString();
    std::vector<Events> cuts {{TextDelta {whole}}, {}};
    for (const std::string &point : points)
        cuts[1].emplace_back(TextDelta {point});
    std::string before;
    for (const std::string &point : points) {
        before += point;
        cuts.push_back({TextDelta {before}, TextDelta {whole.substr(before.size())}});
    }
    for (const Events &cut : cuts)
        QCOMPARE(cited(cut), expected);
}

void TstCitationFinder::takesTheHitsOfResults()
{
    CitationFinder finder;
    Events out;
    finder.add(TextDelta {"https://a.com/x "}, out);
    finder.add(WebSearchResult {"1", SearchHits, {}}, out);
    finder.add(TextDelta {"https://a.com/x "}, out);
    QCOMPARE(describeAll(out),
             u"text(https://a.com/x ) | found(6) | text(https://a.com/x) | "
             "citation(https://a.com/x) | text( )"_s);
}

void TstCitationFinder::quotesTheSource()
{
    CitationFinder finder;
    finder.addHits({{"t", "https://a.com", QString(1000, u'é').toStdString(), {}}});
    Events out;
    finder.add(TextDelta {"https://a.com b"}, out);
    const auto &citation = std::get<TextCitation>(out.at(1));
    QCOMPARE(citation.url, std::string("https://a.com"));
    QCOMPARE(citation.title, std::string("t"));
    QCOMPARE(QString::fromStdString(citation.citedText), QString(150, u'é'));
}

void TstCitationFinder::endsAnAddressAtOtherEvents()
{
    QCOMPARE(cited({TextDelta {"a https://a.com/x"}, ThinkingDelta {"t"}, TextDelta {"/y b "},
                    TextDelta {"[c](https://a.com/x"}, ToolCallStart {"1", "f"}}),
             u"a https://a.com/x{Qt: https://a.com/x} | thinking(t) | /y b "
             "[c](https://a.com/x{Qt: https://a.com/x} | start(1 f) | "_s);
}

void TstCitationFinder::passesTextAtOnce()
{
    CitationFinder finder;
    finder.addHits(SearchHits);
    Events out;
    finder.add(TextDelta {"[a](https://a.co"}, out);
    QCOMPARE(describeAll(out), u"text([a](https://a.co)"_s);
    finder.add(TextDelta {"m/x) b"}, out);
    QCOMPARE(describeAll(out),
             u"text([a](https://a.co) | text(m/x)) | citation(https://a.com/x) | text( b)"_s);
}

void TstCitationFinder::boundsAddresses()
{
    const QString text = u"https://a.com/x/"_s + QString(100'000, u'/') + u" b"_s;
    QCOMPARE(cited({TextDelta {text.toStdString()}}), text);
}

QTEST_APPLESS_MAIN(TstCitationFinder)
#include "tst_citationfinder.moc"
