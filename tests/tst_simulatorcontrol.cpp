// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "tests/simulatorbench.h"

#include <QTest>

using namespace kirotray;

namespace {

QByteArray oidcBody(const QByteArray &token, const QByteArray &clientId = "id")
{
    return R"({"clientId":")" + clientId
        + R"(","clientSecret":"s","grantType":"refresh_token","refreshToken":")" + token + R"("})";
}

} // namespace

/// Tokens and control calls over the whole box.
class TstSimulatorControl : public SimulatorBench
{
    Q_OBJECT

private slots:
    void rotatesRefreshTokens_data();
    void rotatesRefreshTokens();
    void keepsTheRefreshTokenWithoutRotation();
    void graceEndsWithTheFirstUseOfTheNewToken_data();
    void graceEndsWithTheFirstUseOfTheNewToken();
    void aSecondExchangeVoidsTheFirst();
    void refusesBadRefreshes_data();
    void refusesBadRefreshes();
    void failsRefreshesByTheScript();
    void checksTheBearer_data();
    void checksTheBearer();
    void accessTokensExpire();
    void answersControlCalls_data();
    void answersControlCalls();
    void controlAnswersAreScripted();
    void usageGrowsWithTheCredits();
};

void TstSimulatorControl::rotatesRefreshTokens_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addRow("social") << QByteArray("/refreshToken");
    QTest::addRow("OIDC") << QByteArray("/token");
}

void TstSimulatorControl::rotatesRefreshTokens()
{
    QFETCH(QByteArray, path);
    const bool social = path == "/refreshToken";
    const auto refresh = [&](const QByteArray &token) {
        return post(path, social ? refreshBody(token) : oidcBody(token), "none");
    };
    const RawCall *first = refresh(Simulator::demoRefreshToken());
    QTRY_VERIFY(first->isComplete());
    QCOMPARE(first->status(), 200);
    QCOMPARE(member(first->body(), "expiresIn"), QByteArray("3600"));
    QCOMPARE(member(first->body(), social ? "profileArn" : "tokenType").isEmpty(), false);
    const QByteArray rotated = member(first->body(), "refreshToken");
    QVERIFY(rotated.startsWith("aor") && rotated.size() > 100);

    const RawCall *again = refresh(Simulator::demoRefreshToken());
    QTRY_VERIFY(again->isComplete());
    QCOMPARE(again->status(), 400);
    QCOMPARE(member(again->body(), "error"), QByteArray("invalid_grant"));

    setScript(
        R"({"rules":[{"steps":[]}]})"); // what was issued stays good, what was used stays used
    const RawCall *second = refresh(rotated);
    QTRY_VERIFY(second->isComplete());
    QCOMPARE(second->status(), 200);
    for (const RawCall *grant : {first, second}) {
        const RawCall *call =
            post("/generateAssistantResponse", chatBody(), member(grant->body(), "accessToken"));
        QTRY_VERIFY(call->isComplete());
        QCOMPARE(call->status(), 200);
    }
    const SimulatorStatistics counts = m_simulator->statistics();
    QCOMPARE(social ? counts.socialRefreshes : counts.oidcRefreshes, 3);
    QCOMPARE(social ? counts.oidcRefreshes : counts.socialRefreshes, 0);
}

void TstSimulatorControl::keepsTheRefreshTokenWithoutRotation()
{
    setScript(R"({"tokens":{"rotate":false,"refresh":["aorMine"]}})");
    for (int i = 0; i < 2; ++i) {
        const RawCall *call = post("/token", oidcBody("aorMine"));
        QTRY_VERIFY(call->isComplete());
        QCOMPARE(call->status(), 200);
        QVERIFY(member(call->body(), "refreshToken").isEmpty());
    }
}

void TstSimulatorControl::graceEndsWithTheFirstUseOfTheNewToken_data()
{
    QTest::addColumn<bool>("usesAccessToken");
    QTest::addRow("the access token") << true;
    QTest::addRow("the refresh token") << false;
}

void TstSimulatorControl::graceEndsWithTheFirstUseOfTheNewToken()
{
    QFETCH(bool, usesAccessToken);
    setScript("{\"tokens\":{\"grace\":true}}");
    const auto refresh = [this](const QByteArray &token) {
        RawCall *call = post("/refreshToken", refreshBody(token), "none");
        [&] { QTRY_VERIFY(call->isComplete()); }();
        return call;
    };
    refresh(Simulator::demoRefreshToken());
    const RawCall *second = refresh(Simulator::demoRefreshToken());
    QCOMPARE(second->status(), 200);
    QCOMPARE(m_simulator->statistics().graceRefreshes, 1);
    if (usesAccessToken) {
        const RawCall *use =
            post("/ListAvailableProfiles", "{}", member(second->body(), "accessToken"));
        QTRY_VERIFY(use->isComplete());
        QCOMPARE(use->status(), 200);
    } else {
        QCOMPARE(refresh(member(second->body(), "refreshToken"))->status(), 200);
    }
    QCOMPARE(refresh(Simulator::demoRefreshToken())->status(), 400);
    QCOMPARE(m_simulator->statistics().graceRefreshes, 1);
}

void TstSimulatorControl::aSecondExchangeVoidsTheFirst()
{
    setScript("{\"tokens\":{\"grace\":true}}");
    const auto refresh = [this](const QByteArray &token) {
        RawCall *call = post("/refreshToken", refreshBody(token), "none");
        [&] { QTRY_VERIFY(call->isComplete()); }();
        return call;
    };
    const RawCall *first = refresh(Simulator::demoRefreshToken());
    const RawCall *second = refresh(Simulator::demoRefreshToken());
    QCOMPARE(refresh(member(first->body(), "refreshToken"))->status(), 400);
    QCOMPARE(refresh(member(second->body(), "refreshToken"))->status(), 200);
}

void TstSimulatorControl::refusesBadRefreshes_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("part");
    QTest::addRow("unknown social token") << QByteArray("/refreshToken") << refreshBody("aorX")
                                          << 401 << QByteArray("Bad credentials");
    QTest::addRow("no social token")
        << QByteArray("/refreshToken") << QByteArray("{}") << 400 << QByteArray("Improperly");
    QTest::addRow("unknown OIDC token")
        << QByteArray("/token") << oidcBody("aorX") << 400 << QByteArray("invalid_grant");
    QTest::addRow("OIDC without client")
        << QByteArray("/token") << oidcBody(Simulator::demoRefreshToken(), "") << 400
        << QByteArray("invalid_client");
    QTest::addRow("another grant")
        << QByteArray("/token") << QByteArray(R"({"grantType":"password"})") << 400
        << QByteArray("unsupported_grant_type");
    QTest::addRow("not JSON") << QByteArray("/token") << QByteArray("a=b") << 400
                              << QByteArray("invalid_request");
}

void TstSimulatorControl::refusesBadRefreshes()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, part);
    const RawCall *call = post(path, body);
    QTRY_VERIFY(call->isComplete());
    QTEST(call->status(), "status");
    QVERIFY2(call->body().contains(part), call->body().constData());
}

void TstSimulatorControl::failsRefreshesByTheScript()
{
    setScript(R"({"tokens":{"delayMs":10,"failures":[
        {"status":500,"message":"boom","on":"social","times":1}]}})");
    const RawCall *other = post("/token", R"({"grantType":"x"})");
    QTRY_VERIFY(other->isComplete());
    QCOMPARE(other->status(), 400);
    QList<int> statuses;
    for (int i = 0; i < 2; ++i) {
        const RawCall *call = post("/refreshToken", refreshBody(Simulator::demoRefreshToken()));
        QTRY_VERIFY(call->isComplete());
        statuses += call->status();
    }
    QCOMPARE(statuses, (QList<int> {500, 200}));
}

void TstSimulatorControl::checksTheBearer_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<QByteArray>("tokenType");
    QTest::addColumn<int>("status");
    const auto row = [](const char *name, const QByteArray &token, const char *type, int status) {
        QTest::addRow("%s", name) << token << QByteArray(type) << status;
    };
    row("demo token", Simulator::demoAccessToken(), "", 200);
    row("demo token with a type", Simulator::demoAccessToken(), "API_KEY", 403);
    row("unknown", "aoaX", "", 403);
    row("empty", "", "", 403);
    row("scripted", "aoaMine", "", 200);
    row("scripted and expired", "aoaOld", "", 403);
    row("API key", "ksk_mine", "API_KEY", 200);
    row("API key without type", "ksk_mine", "", 403);
    row("unknown API key", "ksk_x", "API_KEY", 403);
    row("external", "ext", "EXTERNAL_IDP", 200);
    row("external as API key", "ext", "API_KEY", 403);
}

void TstSimulatorControl::checksTheBearer()
{
    QFETCH(QByteArray, token);
    QFETCH(QByteArray, tokenType);
    QFETCH(int, status);
    setScript(
        R"({"rules":[{"steps":[]}],"tokens":{"access":["aoaMine","aoaOld"],"expired":["aoaOld"],
        "apiKeys":["ksk_mine"],"externalIdp":["ext"]}})");
    const QByteArrayList extra =
        tokenType.isEmpty() ? QByteArrayList() : QByteArrayList {"TokenType: " + tokenType};
    const RawCall *call = post("/generateAssistantResponse", chatBody(), token, extra);
    const RawCall *control = post("/ListAvailableProfiles", "{}", token, extra);
    QTRY_VERIFY(call->isComplete());
    QTRY_VERIFY(control->isComplete());
    QCOMPARE(call->status(), status);
    QCOMPARE(control->status(), status);
    if (status == 403) {
        QCOMPARE(member(call->body(), "message"),
                 QByteArray("The bearer token included in the request is invalid."));
    }
}

void TstSimulatorControl::accessTokensExpire()
{
    setScript(R"({"tokens":{"expiresIn":0}})");
    const RawCall *grant = post("/refreshToken", refreshBody(Simulator::demoRefreshToken()));
    QTRY_VERIFY(grant->isComplete());
    const RawCall *call =
        post("/generateAssistantResponse", chatBody(), member(grant->body(), "accessToken"));
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->status(), 403);
}

void TstSimulatorControl::answersControlCalls_data()
{
    QTest::addColumn<QByteArray>("requestLine");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("part");
    const auto row = [](const char *name, const char *line, const char *body, int status,
                        const char *part) {
        QTest::addRow("%s", name) << QByteArray(line) << QByteArray(body) << status
                                  << QByteArray(part);
    };
    row("usage", "GET /getUsageLimits?origin=AI_EDITOR&resourceType=AGENTIC_REQUEST", "", 200,
        R"("subscriptionTitle":"KIRO PRO")");
    row("usage of the new host", "GET /Get-Usage-Limits?origin=KIRO_CLI", "", 200,
        R"("usageBreakdownList":[{"resourceType":"CREDIT")");
    row("models", "GET /ListAvailableModels?origin=AI_EDITOR", "", 200,
        R"("modelId":"claude-sonnet-4.5")");
    row("profiles", "POST /ListAvailableProfiles", "{}", 200, R"("status":"ACTIVE")");
    row("malformed ARN", "GET /getUsageLimits?profileArn=arn%3Ax", "", 400, "REQUEST_BODY_INVALID");
    row("good ARN",
        "GET /getUsageLimits?profileArn="
        "arn%3Aaws%3Acodewhisperer%3Aus-east-1%3A699475941385%3Aprofile%2FEHGA3GRVQMUK",
        "", 200, "KIRO PRO");
    row("search", "POST /mcp",
        R"({"id":"s1","jsonrpc":"2.0","method":"tools/call","params":{"name":"web_search","arguments":{"query":"Qt \"6\""}}})",
        200, R"(\"query\":\"Qt \\\"6\\\"\")");
    row("query too long", "POST /mcp",
        (R"({"id":"s1","jsonrpc":"2.0","method":"tools/call","params":{"name":"web_search","arguments":{"query":")"
         + QByteArray(201, 'q') + R"("}}})")
            .constData(),
        200, R"("error":{"code":-32602)");
    row("unknown MCP method", "POST /mcp", R"({"id":1,"jsonrpc":"2.0","method":"x"})", 200,
        R"({"id":1,"jsonrpc":"2.0","error":{"code":-32601)");
    row("MCP tools", "POST /mcp", R"({"id":1,"jsonrpc":"2.0","method":"tools/list"})", 200,
        R"("name":"web_search")");
    row("unknown route", "GET /nothing", "", 404, "Unknown operation");
    row("wrong method", "GET /generateAssistantResponse", "", 404, "Unknown operation");
}

void TstSimulatorControl::answersControlCalls()
{
    QFETCH(QByteArray, requestLine);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, part);
    const RawCall call(
        m_simulator->url(), requestLine,
        {"Authorization: Bearer " + Simulator::demoAccessToken(), "Content-Type: application/json"},
        body);
    QTRY_VERIFY(call.isComplete());
    QTEST(call.status(), "status");
    QVERIFY2(call.body().contains(part), call.body().constData());
    QVERIFY(JsonDocument::parse(call.body().toStdString()));
}

void TstSimulatorControl::controlAnswersAreScripted()
{
    setScript(R"({"control":{"profiles":{"json":{"profiles":[]},"times":1,"delayMs":5},
        "mcp":{"httpError":{"status":403,"message":"no"}}}})");
    QByteArrayList bodies;
    for (int i = 0; i < 2; ++i) {
        const RawCall *call = post("/ListAvailableProfiles", "{}");
        QTRY_VERIFY(call->isComplete());
        bodies += call->body();
    }
    QCOMPARE(bodies.at(0), QByteArray(R"({"profiles":[]})"));
    QVERIFY(bodies.at(1).contains("arn:aws:codewhisperer"));
    const RawCall *mcp = post("/mcp", "{}");
    QTRY_VERIFY(mcp->isComplete());
    QCOMPARE(mcp->status(), 403);
    QCOMPARE(m_simulator->statistics().controlRequests, 3);
}

void TstSimulatorControl::usageGrowsWithTheCredits()
{
    setScript(R"({"rules":[{"steps":[{"metering":2.5}]}]})");
    const auto used = [this] {
        const RawCall call(m_simulator->url(), "GET /getUsageLimits",
                           {"Authorization: Bearer " + Simulator::demoAccessToken()}, {});
        if (!QTest::qWaitFor([&] { return call.isComplete(); }))
            return 0.0;
        const auto document = JsonDocument::parse(call.body().toStdString());
        const JsonValue row = *document.value().root()["usageBreakdownList"].begin();
        return row["currentUsageWithPrecision"].number().value_or(0);
    };
    const double before = used();
    QVERIFY(before > 0);
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(used(), before + 2.5);
}

QTEST_GUILESS_MAIN(TstSimulatorControl)
#include "tst_simulatorcontrol.moc"
