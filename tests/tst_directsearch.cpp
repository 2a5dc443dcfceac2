// SPDX-License-Identifier: MIT
#include "app/gateway/directsearch.h"
#include "app/gateway/searchrounds.h"
#include "tests/answerrun.h"

#include <QTest>

using namespace kirotray;

namespace {

ChatRequest directRequest(const std::string &text)
{
    ChatRequest request;
    request.webSearch = WebSearchTool {};
    request.messages = {{Role::User, {TextPart {text}}}};
    return request;
}

const WebSearchCall Call {"abc", "Qt 6.8"};
const WebSearchResult Found {"abc",
                             {{"Qt 6.8", "https://a.example/qt", "Out now.", "October 7, 2024"},
                              {"Other", "https://b.example/", "", ""}},
                             ""};

} // namespace

class TstDirectSearch : public QObject
{
    Q_OBJECT

private slots:
    void recognisesTheSearchOfClaudeCode_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("query"); // null: not one
        QTest::addRow("as sent") << QByteArray("Perform a web search for the query: Qt 6.8")
                                 << QByteArray("Qt 6.8");
        QTest::addRow("with blanks")
            << QByteArray("Perform a web search for the query:\n Qt 6.8 \n")
            << QByteArray("Qt 6.8");
        QTest::addRow("without a query")
            << QByteArray("Perform a web search for the query: ") << QByteArray();
        QTest::addRow("a question") << QByteArray("What is new in Qt 6.8?") << QByteArray();
        QTest::addRow("quoted") << QByteArray("Do not: Perform a web search for the query: x")
                                << QByteArray();
    }
    void recognisesTheSearchOfClaudeCode()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, query);
        const auto found = directSearchQuery(directRequest(text.toStdString()));
        QCOMPARE(found.has_value(), !query.isNull());
        QCOMPARE(found.value_or(""), query.toStdString());
    }

    void everythingElseGoesToTheModel()
    {
        const ChatRequest direct = directRequest("Perform a web search for the query: Qt");
        QVERIFY(directSearchQuery(direct));
        ChatRequest request = direct;
        request.messages.front().parts.insert(request.messages.front().parts.begin(),
                                              TextPart {"a reminder"});
        QCOMPARE(directSearchQuery(request).value_or(""), std::string("Qt"));
        request = direct;
        request.webSearch.reset();
        QVERIFY(!directSearchQuery(request));
        request = direct;
        request.tools.push_back({"Bash", "", "{}"});
        QVERIFY(!directSearchQuery(request));
        request = direct;
        request.messages.push_back({Role::Assistant, {TextPart {"{"}}});
        QVERIFY(!directSearchQuery(request));
        request = direct;
        request.messages.front().role = Role::Assistant;
        QVERIFY(!directSearchQuery(request));
        request = direct;
        request.messages.front().parts.insert(request.messages.front().parts.begin(),
                                              ImagePart {"AAAA", "", ""});
        QVERIFY(!directSearchQuery(request));
        request.messages.clear();
        QVERIFY(!directSearchQuery(request));
    }

    void aPreparedRequestIsRecognisedToo()
    {
        ChatRequest request = directRequest("Perform a web search for the query: Qt");
        SearchRounds(*request.webSearch).prepare(request);
        QCOMPARE(request.tools.size(), 1U);
        QCOMPARE(directSearchQuery(request).value_or(""), std::string("Qt"));
        ChatRequest own = directRequest("Perform a web search for the query: Qt");
        own.tools = {{"web_search", "the client's own", "{}"}};
        QVERIFY(!directSearchQuery(own));
        SearchRounds(*own.webSearch).prepare(own);
        QVERIFY(!directSearchQuery(own));
    }

    void theAnswerListsTheHits()
    {
        const Events events = directSearchAnswer(directRequest("x"), Call, Found, 50);
        QVERIFY(std::get<WebSearchCall>(events.at(0)) == Call);
        QVERIFY(std::get<WebSearchResult>(events.at(1)) == Found);
        QCOMPARE(
            textOf(events),
            std::string("Found for \"Qt 6.8\":\n"
                        "\n1. Qt 6.8\nhttps://a.example/qt\nPublished: October 7, 2024\nOut now.\n"
                        "\n2. Other\nhttps://b.example/"));
        std::vector<TextCitation> citations;
        for (const ChatEvent &event : events)
            if (const auto *citation = std::get_if<TextCitation>(&event))
                citations.push_back(*citation);
        QCOMPARE(citations.size(), 2U);
        QVERIFY(citations[0]
                == (TextCitation {"https://a.example/qt", "Qt 6.8", "Out now.", 31, 51}));
        const auto &finished = std::get<Finished>(events.back());
        QCOMPARE(finished.reason, StopReason::EndTurn);
        QCOMPARE(finished.usage.inputTokens, 50);
        QVERIFY(finished.usage.outputTokens > 10);
        QCOMPARE(finished.usage.webSearches, 1);
        QVERIFY(finished.usage.isEstimate);
    }

    void theClientsSitesAreApplied()
    {
        ChatRequest request = directRequest("x");
        request.webSearch->blockedDomains = {"a.example"};
        const Events events = directSearchAnswer(request, Call, Found, 50);
        QCOMPARE(std::get<WebSearchResult>(events.at(1)).hits.size(), 1U);
        QVERIFY(textOf(events).find("a.example") == std::string::npos);
    }

    void aFailureIsNoEmptySuccess()
    {
        const Events failed =
            directSearchAnswer(directRequest("x"), Call, {"abc", {}, "too_many_requests"}, 50);
        QCOMPARE(std::get<WebSearchResult>(failed.at(1)).errorCode,
                 std::string("too_many_requests"));
        QVERIFY(textOf(failed).find("failed") != std::string::npos);
        QCOMPARE(std::get<Finished>(failed.back()).usage.webSearches, 0);
        const Events empty = directSearchAnswer(directRequest("x"), Call, {"abc", {}, ""}, 50);
        QCOMPARE(textOf(empty), std::string("The web search for \"Qt 6.8\" found nothing."));
        QCOMPARE(std::get<Finished>(empty.back()).usage.webSearches, 1);
    }

private:
    static std::string textOf(const Events &events)
    {
        std::string text;
        for (const ChatEvent &event : events)
            if (const auto *delta = std::get_if<TextDelta>(&event))
                text += delta->text;
        return text;
    }
};

QTEST_APPLESS_MAIN(TstDirectSearch)
#include "tst_directsearch.moc"
