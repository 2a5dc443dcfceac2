// SPDX-License-Identifier: MIT
#include "app/simulator/rulematch.h"

#include <QTest>

using namespace kirotray;

namespace {

/// The second request of a conversation: the tool's result and a new question.
const std::string SecondRequest =
    R"({"conversationState":{"history":[)"
    R"({"userInputMessage":{"content":"You are kind.\n\na question"}},)"
    R"({"assistantResponseMessage":{"content":"Let me look.",)"
    R"("toolUses":[{"toolUseId":"t1","name":"f","input":{}}]}}],)"
    R"("currentMessage":{"userInputMessage":{"content":"here it is",)"
    R"("userInputMessageContext":{"tools":[{"toolSpecification":{"name":"f"}}],)"
    R"("toolResults":[{"toolUseId":"t1","content":[{"text":"seven degrees"}]}]}}}}})";

} // namespace

class TstRuleMatch : public QObject
{
    Q_OBJECT

private slots:
    void tellsRequestsOfOneConversationApart_data();
    void tellsRequestsOfOneConversationApart();
};

void TstRuleMatch::tellsRequestsOfOneConversationApart_data()
{
    QTest::addColumn<QByteArray>("match");
    QTest::addColumn<bool>("matches");
    const auto row = [](const char *name, const char *match, bool matches) {
        QTest::addRow("%s", name) << QByteArray(match) << matches;
    };
    row("declared", R"({"tool":"f","notTool":"g"})", true);
    row("not undeclared", R"({"notTool":"f"})", false);
    row("some tools", R"({"tools":true})", true);
    row("no tools", R"({"tools":false})", false);
    row("system", R"({"system":"You are"})", true);
    row("no system", R"({"system":"here it is"})", false);
    row("past user text", R"({"anyText":"a question"})", true);
    row("past answer", R"({"anyText":"Let me"})", true);
    row("current text counts", R"({"anyText":"here it is"})", true);
    row("nowhere", R"({"anyText":"nowhere"})", false);
    row("current text is not that", R"({"notText":"a question"})", true);
    row("current text is that", R"({"notText":"here"})", false);
    row("result text", R"({"toolResultText":"seven"})", true);
    row("other result text", R"({"toolResultText":"eight"})", false);
    row("result of", R"({"resultOf":"f"})", true);
    row("result of another", R"({"resultOf":"fu"})", false);
}

void TstRuleMatch::tellsRequestsOfOneConversationApart()
{
    QFETCH(QByteArray, match);
    const Result<Scenario> scenario = parseScenario(R"({"rules":[{"match":)" + match + "}]}");
    QVERIFY(scenario);
    const Result<JsonDocument> request = JsonDocument::parse(SecondRequest);
    QVERIFY(request);
    QTEST(
        ruleMatches(scenario.value().rules.at(0).match, readChatAsk(request.value().root()), {}, 1),
        "matches");
}

QTEST_APPLESS_MAIN(TstRuleMatch)
#include "tst_rulematch.moc"
