// SPDX-License-Identifier: MIT
// The gateway against the simulator: web searches that KiroTray runs within an answer.
#include "tests/gatewaybench.h"

#include <QRegularExpression>
#include <QTcpSocket>

#include <algorithm>

using namespace kirotray;

namespace {

using Call = SimulatorRequest::Call;

const QByteArray SearchTool = R"({"type":"web_search_20250305","name":"web_search","max_uses":8})";
const QByteArray OwnTool = R"({"name":"Bash","input_schema":{"type":"object"}})";
const QByteArray SearchStep =
    R"({"toolCall":{"name":"web_search","id":"tooluse_1","input":{"query":"Qt 6"}}})";

QByteArray searchBody(const QByteArray &tools, const QByteArray &text = "What is new?",
                      bool isStream = true)
{
    return R"({"model":"claude-sonnet-4-5","max_tokens":100,"stream":)"
        + QByteArray(isStream ? "true" : "false") + R"(,"tools":[)" + tools
        + R"(],"messages":[{"role":"user","content":")" + text + R"("}]})";
}

/// The model searches at first, and answers when it has a result. `control` may be empty.
QByteArray searchScript(const QByteArray &firstSteps, const QByteArray &mcp = {})
{
    return R"({"rules":[{"match":{"toolResults":true},"steps":[{"text":"That is new."}]},)"
           R"({"steps":[)"
        + firstSteps + R"(]}],"record":20)"
        + (mcp.isEmpty() ? QByteArray() : R"(,"control":{"mcp":)" + mcp + "}") + "}";
}

/// Of the blocks of a stream, in their order.
QString blockTypes(const QByteArray &stream)
{
    static const QRegularExpression start(u"\"content_block\":\\{\"type\":\"([a-z_]+)\""_s);
    QStringList types;
    for (const QRegularExpressionMatch &match : start.globalMatch(QString::fromUtf8(stream)))
        types.append(match.captured(1));
    return types.join(u' ');
}

} // namespace

class TstGatewaySearch : public GatewayBench
{
    Q_OBJECT

private slots:
    void searchesWithinAnAnswer();
    void leavesTheClientsToolsBesideASearchToTheClient_data();
    void leavesTheClientsToolsBesideASearchToTheClient();
    void searchesForClaudeCodeWithoutTheModel();
    void tellsThatClaudeCodesSearchFailed();
    void showsASearchThatFails();
    void endsWhenTheClientGoesDuringASearch();
    void renewsATokenThatExpiresDuringSearchesOnce();
    void triesARenewedTokenOnlyOnce();

private:
    std::ptrdiff_t sent(Call call) const
    {
        const std::vector<SimulatorRequest> requests = simulator.requests();
        return std::count_if(requests.begin(), requests.end(),
                             [call](const SimulatorRequest &each) { return each.call == call; });
    }
};

void TstGatewaySearch::searchesWithinAnAnswer()
{
    script(searchScript(R"({"text":"Let me look. "},)" + SearchStep));
    const Answer answer = exchange("/v1/messages", searchBody(SearchTool));
    QCOMPARE(answer.status, 200);
    QCOMPARE(blockTypes(answer.body), u"text server_tool_use web_search_tool_result text"_s);
    QVERIFY2(answer.body.contains("About Qt 6"), answer.body.constData());
    QVERIFY2(answer.body.contains(R"("stop_reason":"end_turn")"), answer.body.constData());
    QVERIFY2(answer.body.contains(R"("web_search_requests":1)"), answer.body.constData());
    QCOMPARE(answer.body.count("event: message_start"), 1);
    QCOMPARE(answer.body.count("event: message_stop"), 1);
    QCOMPARE(sent(Call::Chat), 2);
    QCOMPARE(sent(Call::WebSearch), 1);
    const QByteArray second = simulator.requests().back().body;
    QVERIFY2(second.contains("https://example.com/demo/r1"), second.constData());
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QCOMPARE(flows.front().attempts, 2);
}

void TstGatewaySearch::leavesTheClientsToolsBesideASearchToTheClient_data()
{
    QTest::addColumn<QByteArray>("steps");
    QTest::addColumn<QString>("blocks");
    const QByteArray own = R"({"toolCall":{"name":"Bash","id":"tooluse_2","input":{"a":1}}})";
    QTest::addRow("behind the search") << R"({"text":"a"},)" + SearchStep + "," + own
                                       << u"text server_tool_use web_search_tool_result tool_use"_s;
    QTest::addRow("before the search")
        << own + "," + SearchStep << u"tool_use server_tool_use web_search_tool_result"_s;
}

void TstGatewaySearch::leavesTheClientsToolsBesideASearchToTheClient()
{
    QFETCH(const QByteArray, steps);
    script(searchScript(steps));
    const Answer answer = exchange("/v1/messages", searchBody(OwnTool + "," + SearchTool));
    QCOMPARE(answer.status, 200);
    QTEST(blockTypes(answer.body), "blocks");
    QVERIFY2(answer.body.contains(R"("stop_reason":"tool_use")"), answer.body.constData());
    QVERIFY2(answer.body.contains("About Qt 6"), answer.body.constData());
    QVERIFY(!answer.body.contains("That is new.")); // the client's results come first
    QCOMPARE(sent(Call::Chat), 1);
    QCOMPARE(sent(Call::WebSearch), 1);
}

void TstGatewaySearch::searchesForClaudeCodeWithoutTheModel()
{
    script(R"({"rules":[{"httpError":{"status":500,"message":"asked"}}],"record":20})");
    const Answer answer = exchange(
        "/v1/messages", searchBody(SearchTool, "Perform a web search for the query: Qt 6.8"));
    QCOMPARE(answer.status, 200);
    QVERIFY2(blockTypes(answer.body).startsWith(u"server_tool_use web_search_tool_result text"_s),
             answer.body.constData());
    QVERIFY2(answer.body.contains("About Qt 6.8"), answer.body.constData());
    QVERIFY2(answer.body.contains(R"("stop_reason":"end_turn")"), answer.body.constData());
    QCOMPARE(sent(Call::Chat), 0);
    QCOMPARE(sent(Call::WebSearch), 1);
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QCOMPARE(flows.front().outcome, u"ok"_s);
}

void TstGatewaySearch::tellsThatClaudeCodesSearchFailed()
{
    script(R"({"control":{"mcp":{"httpError":{"status":500,"message":"x"}}}})");
    const Answer answer =
        exchange("/v1/messages",
                 searchBody(SearchTool, "Perform a web search for the query: Qt 6.8", false));
    QCOMPARE(answer.status, 200);
    QVERIFY2(answer.body.contains("web_search_tool_result_error"), answer.body.constData());
    QVERIFY2(!answer.body.contains(R"("web_search_requests":1)"), answer.body.constData());
}

void TstGatewaySearch::showsASearchThatFails()
{
    script(searchScript(SearchStep, R"({"httpError":{"status":500,"message":"x"}})"));
    const Answer answer = exchange("/v1/messages", searchBody(SearchTool));
    QCOMPARE(answer.status, 200);
    QCOMPARE(blockTypes(answer.body), u"server_tool_use web_search_tool_result text"_s);
    QVERIFY2(answer.body.contains(R"("error_code":"unavailable")"), answer.body.constData());
    // The model is told, and answers without it.
    QVERIFY2(answer.body.contains("That is new."), answer.body.constData());
    QVERIFY2(answer.body.contains(R"("stop_reason":"end_turn")"), answer.body.constData());
    const QByteArray second = simulator.requests().back().body;
    QVERIFY2(second.contains(R"("status":"error")"), second.constData());
}

void TstGatewaySearch::endsWhenTheClientGoesDuringASearch()
{
    script(searchScript(SearchStep, R"({"delayMs":600000})"));
    QTcpSocket socket;
    socket.connectToHost(u"127.0.0.1"_s, port);
    socket.write(post("/v1/messages", searchBody(SearchTool)));
    QTRY_COMPARE(sent(Call::WebSearch), 1);
    QVERIFY(flows.empty());
    socket.abort();
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QCOMPARE(flows.front().outcome, u"client-gone"_s);
    QTRY_COMPARE(active.back(), 0);
    // Nobody asks the model for an answer to it, and the next client is served.
    QCOMPARE(sent(Call::Chat), 1);
    script(searchScript(SearchStep));
    const Answer next = exchange("/v1/messages", searchBody(SearchTool));
    QVERIFY2(next.body.contains("That is new."), next.body.constData());
    QTRY_COMPARE(flows.size(), std::size_t(2));
}

void TstGatewaySearch::renewsATokenThatExpiresDuringSearchesOnce()
{
    // Both searches of the round are refused; the keeper has another token from then on.
    script(R"({"tokens":{"access":["aoaSECOND"]},"rules":[)"
           R"({"match":{"toolResults":true,"token":"aoaSECOND"},"steps":[{"text":"Renewed."}]},)"
           R"({"match":{"toolResults":false},"steps":[)"
           + SearchStep
           + R"(,{"toolCall":{"name":"web_search","id":"tooluse_2","input":{"query":"other"}}}]}],)"
             R"("record":20,"control":{"mcp":{"times":2,"httpError":{"status":403,)"
             R"("message":"The bearer token included in the request is invalid."}}}})");
    connect(gateway.get(), &GatewayThread::tokenNeeded, this,
            [this] { token = Secret("aoaSECOND"); });
    const Answer answer = exchange("/v1/messages", searchBody(SearchTool));
    QCOMPARE(
        blockTypes(answer.body),
        u"server_tool_use web_search_tool_result server_tool_use web_search_tool_result text"_s);
    QVERIFY2(answer.body.contains("About Qt 6") && answer.body.contains("About other"),
             answer.body.constData());
    QVERIFY2(answer.body.contains("Renewed."), answer.body.constData());
    QCOMPARE(sent(Call::WebSearch), 4);
    QCOMPARE(tokensAsked, 2); // one for the call, one for both searches
}

void TstGatewaySearch::triesARenewedTokenOnlyOnce()
{
    script(R"({"tokens":{"access":["aoaSECOND"]},"rules":[)"
           R"({"match":{"toolResults":true},"steps":[{"text":"No luck."}]},{"steps":[)"
           + SearchStep
           + R"(]}],"record":20,"control":{"mcp":{"httpError":{"status":403,)"
             R"("message":"The bearer token included in the request is invalid."}}}})");
    connect(gateway.get(), &GatewayThread::tokenNeeded, this,
            [this] { token = Secret("aoaSECOND"); });
    const Answer answer = exchange("/v1/messages", searchBody(SearchTool));
    QVERIFY2(answer.body.contains(R"("error_code":"unavailable")"), answer.body.constData());
    QVERIFY2(answer.body.contains("No luck."), answer.body.constData());
    QCOMPARE(sent(Call::WebSearch), 2);
    QCOMPARE(tokensAsked, 2);
}

QTEST_GUILESS_MAIN(TstGatewaySearch)
#include "tst_gatewaysearch.moc"
