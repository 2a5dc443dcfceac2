// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/chat/searchtext.h"
#include "app/gateway/searchtexts.h"

#include <QTest>

using namespace kirotray;

class TstSearchTexts : public QObject
{
    Q_OBJECT

private slots:
    void theToolAsksForOneQuery()
    {
        const Tool tool = offeredSearchTool({}, "web_search_2");
        QCOMPARE(tool.name, std::string("web_search_2"));
        QVERIFY(!tool.description.empty());
        const Result<JsonDocument> schema = JsonDocument::parse(tool.inputSchemaJson);
        QVERIFY(schema);
        const JsonValue root = schema.value().root();
        QCOMPARE(root["type"].string(), std::string_view("object"));
        QCOMPARE(root["properties"]["query"]["type"].string(), std::string_view("string"));
        QCOMPARE(root["required"].raw(), std::string_view("[\"query\"]"));
    }

    void theToolNamesTheSitesItIsLimitedTo()
    {
        const Tool tool = offeredSearchTool({"web_search", 0, {"a.example", "b.example"}, {}}, "s");
        QVERIFY(tool.description.find("a.example, b.example") != std::string::npos);
        const Tool other = offeredSearchTool({"web_search", 0, {}, {"c.example"}}, "s");
        QVERIFY(other.description.find("c.example") != std::string::npos);
        QVERIFY(offeredSearchTool({}, "s").description.find("sites") == std::string::npos);
    }

    void readsTheQuery_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QByteArray>("query");
        const auto row = [](const char *input, const char *query) {
            QTest::addRow("%s", input) << QByteArray(input) << QByteArray(query);
        };
        row("{\"query\":\"qt 6\"}", "qt 6");
        row("{\"query\":\"  qt 6\\n\",\"more\":1}", "qt 6");
        row("{\"query\":\"\"}", "");
        row("{\"query\":\"  \"}", "");
        row("{\"query\":5}", "");
        row("{\"q\":\"x\"}", "");
        row("{}", "");
        row("[]", "");
        row("{\"query\":\"half", "");
        row("", "");
    }
    void readsTheQuery()
    {
        QFETCH(QByteArray, input);
        QFETCH(QByteArray, query);
        QCOMPARE(searchQueryOf(input.toStdString()), query.toStdString());
    }

    void onlyAllowedSitesAreShown_data()
    {
        QTest::addColumn<QByteArray>("allowed");
        QTest::addColumn<QByteArray>("blocked");
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<bool>("isShown");
        const auto row = [](const char *allowed, const char *blocked, const char *url,
                            bool isShown) {
            QTest::addRow("+%s -%s %s", allowed, blocked, url)
                << QByteArray(allowed) << QByteArray(blocked) << QByteArray(url) << isShown;
        };
        row("", "", "https://a.example/x", true);
        row("", "", "no address", true);
        row("a.example", "", "https://a.example/x", true);
        row("A.Example", "", "https://a.EXAMPLE", true);
        row("a.example", "", "https://docs.a.example/x", true);
        row("docs.a.example", "", "https://a.example/x", false);
        row("a.example", "", "https://na.example/x", false);
        row("a.example", "", "https://a.example.evil/x", false);
        row("a.example", "", "https://b.example/a.example", false);
        row("a.example", "", "https://a.example@b.example/", false);
        row("a.example", "", "no address", false);
        row("https://a.example", "", "https://a.example/x", true);
        row("*.a.example", "", "https://docs.a.example/x", true);
        row("a.example/blog", "", "https://a.example/blog/1", true);
        row("a.example/blog", "", "https://a.example/shop", false);
        row("a.example/", "", "https://a.example/shop", true);
        row("", "a.example", "https://a.example/x", false);
        row("", "a.example", "https://docs.a.example/x", false);
        row("", "a.example", "https://b.example/x", true);
        row("a.example", "docs.a.example", "https://docs.a.example/x", false);
        row("a.example", "docs.a.example", "https://a.example/x", true);
    }
    void onlyAllowedSitesAreShown()
    {
        QFETCH(QByteArray, allowed);
        QFETCH(QByteArray, blocked);
        QFETCH(QByteArray, url);
        QFETCH(bool, isShown);
        WebSearchTool tool;
        if (!allowed.isEmpty())
            tool.allowedDomains = {"other.example", allowed.toStdString()};
        if (!blocked.isEmpty())
            tool.blockedDomains = {"more.example", blocked.toStdString()};
        WebSearchResult result {"id", {{"title", url.toStdString(), "text", ""}}, ""};
        QCOMPARE(allowedHits(tool, result).hits.size(), isShown ? 1U : 0U);
    }

    void theModelReadsTheHits()
    {
        const WebSearchResult result {"id",
                                      {{"One", "https://a.example/1", "First.", "May 2, 2026"},
                                       {"Two", "https://a.example/2", "", ""}},
                                      ""};
        const ToolResultPart part = searchResultPart("tooluse_1", result);
        QCOMPARE(part,
                 (ToolResultPart {"tooluse_1",
                                  "1. One\nhttps://a.example/1\nPublished: May 2, 2026\nFirst."
                                  "\n\n2. Two\nhttps://a.example/2",
                                  false}));
    }

    void theModelReadsThatASearchFailed()
    {
        const auto part = [](const char *code) { return searchResultPart("t", {"id", {}, code}); };
        QCOMPARE(part(""), (ToolResultPart {"t", "No pages were found.", false}));
        std::vector<std::string> texts;
        for (const char *code : {"unavailable", "too_many_requests", "max_uses_exceeded",
                                 "query_too_long", "invalid_input"}) {
            QVERIFY(part(code).isError);
            QVERIFY(std::find(texts.begin(), texts.end(), part(code).text) == texts.end());
            texts.push_back(part(code).text);
        }
        QCOMPARE(part("something else").text, part("unavailable").text);
        // As Anthropic's clients send it back.
        QCOMPARE(part("invalid_tool_input").text, part("invalid_input").text);
    }
};

QTEST_APPLESS_MAIN(TstSearchTexts)
#include "tst_searchtexts.moc"
