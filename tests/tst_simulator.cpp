// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/simulator/simulator.h"
#include "tests/rawcall.h"

#include <QTest>

#include <memory>
#include <vector>

using namespace kirotray;

namespace {

QByteArray chatBody(const QByteArray &text = "hi", const QByteArray &model = "claude-sonnet-4.5")
{
    return R"({"conversationState":{"conversationId":"c-1","chatTriggerType":"MANUAL",)"
           R"("currentMessage":{"userInputMessage":{"content":")"
        + text + R"(","modelId":")" + model + R"("}}}})";
}

QByteArray refreshBody(const QByteArray &token)
{
    return R"({"refreshToken":")" + token + R"("})";
}

QByteArray oidcBody(const QByteArray &token, const QByteArray &clientId = "id")
{
    return R"({"clientId":")" + clientId
        + R"(","clientSecret":"s","grantType":"refresh_token","refreshToken":")" + token + R"("})";
}

QByteArray member(const QByteArray &json, std::string_view key)
{
    const auto document = JsonDocument::parse(json.toStdString());
    if (!document)
        return {};
    const JsonValue value = document.value().root()[key];
    return QByteArray::fromStdString(std::string(value.isString() ? value.string() : value.raw()));
}

} // namespace

/// The whole box, over its socket.
class TstSimulator : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void answersWithTheDemo();
    void speaksTheJsonBinding();
    void playsScripts_data();
    void playsScripts();
    void writesWhatTheCutPlanSays();
    void cutsTheConnection_data();
    void cutsTheConnection();
    void hangsUntilTheCallerGoes();
    void answersWithScriptedErrors_data();
    void answersWithScriptedErrors();
    void refusesWhatTheServiceRefuses();
    void picksTheFirstRuleThatMatches_data();
    void picksTheFirstRuleThatMatches();
    void ruleIsUsedUpAfterItsTimes();
    void rotatesRefreshTokens_data();
    void rotatesRefreshTokens();
    void keepsTheRefreshTokenWithoutRotation();
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
    void countsWhatArrives();
    void carriesManyStreams();
    void waitsForASlowReader();
    void brokenScriptChangesNothing();
    void diesWithStreamsOpen();
    void namesItselfForEveryPurpose();

private:
    RawCall *post(const QByteArray &path, const QByteArray &body,
                  const QByteArray &token = Simulator::demoAccessToken(),
                  const QByteArrayList &extraHeaders = {});
    RawCall *chat(const QByteArray &body = chatBody())
    {
        return post("/generateAssistantResponse", body);
    }
    void setScript(const QByteArray &json);

    std::unique_ptr<Simulator> m_simulator;
    std::unique_ptr<QObject> m_calls; ///< parent of the calls of one test
};

void TstSimulator::init()
{
    m_simulator = std::make_unique<Simulator>();
    QVERIFY(m_simulator->start());
    m_calls = std::make_unique<QObject>();
}

void TstSimulator::cleanup()
{
    m_calls.reset();
    m_simulator.reset();
}

RawCall *TstSimulator::post(const QByteArray &path, const QByteArray &body, const QByteArray &token,
                            const QByteArrayList &extraHeaders)
{
    const QByteArrayList headers =
        QByteArrayList {"Content-Type: application/json", "Authorization: Bearer " + token}
        + extraHeaders;
    return new RawCall(m_simulator->url(), "POST " + path, headers, body, m_calls.get());
}

void TstSimulator::setScript(const QByteArray &json)
{
    const Result<Done> set = m_simulator->setScript(json);
    QVERIFY2(set, set ? "" : qPrintable(describe(set.error())));
}

void TstSimulator::answersWithTheDemo()
{
    const RawCall *call = chat(chatBody("早上好"));
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->status(), 200);
    QCOMPARE(call->header("content-type"), QByteArray("application/vnd.amazon.eventstream"));
    QCOMPARE(call->header("x-amzn-codewhisperer-conversation-id"), QByteArray("c-1"));
    QVERIFY2(call->text().contains(u"早上好"), qPrintable(call->text()));
    const QStringList frames = call->frames();
    QVERIFY(frames.filter(u"assistantResponseEvent"_s).size() > 10); // word by word
    QVERIFY(frames.at(frames.size() - 3).startsWith(uR"(metadataEvent {"stopReason":"END_TURN")"));
    QVERIFY(frames.at(frames.size() - 2).startsWith(u"contextUsageEvent "));
    QVERIFY(frames.at(frames.size() - 1).startsWith(u"meteringEvent "));
}

void TstSimulator::speaksTheJsonBinding()
{
    setScript(R"({"rules":[{"steps":[{"text":"a"}]}]})");
    const QByteArray target = "X-Amz-Target: AmazonCodeWhispererStreamingService.";
    const RawCall *call =
        post("/", chatBody(), Simulator::demoAccessToken(), {target + "GenerateAssistantResponse"});
    const RawCall *unknown = post("/", "{}", Simulator::demoAccessToken(), {target + "Nothing"});
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->frames().value(0), uR"(initial-response {"conversationId":"c-1"})"_s);
    QTRY_VERIFY(unknown->isComplete());
    QCOMPARE(unknown->status(), 404);
}

void TstSimulator::playsScripts_data()
{
    QTest::addColumn<QByteArray>("rule");
    QTest::addColumn<QStringList>("frames");
    const auto row = [](const char *name, const char *rule, const QStringList &frames) {
        QTest::addRow("%s", name) << QByteArray(rule) << frames;
    };
    const QString a = uR"(assistantResponseEvent {"content":"a"})"_s;
    const QString b = uR"(assistantResponseEvent {"content":"b"})"_s;
    row("no steps at all", R"({"steps":[]})", {});
    row("steps in order", R"({"steps":[{"text":"a"},{"delayMs":5},{"text":"b"}]})", {a, b});
    row("repeated", R"({"steps":[{"text":"a"}],"repeat":3})", {a, a, a});
    row("in pieces", R"({"steps":[{"text":"ab","chunk":1,"intervalMs":1}]})", {a, b});
    row("burst in time", R"({"steps":[{"burst":{"text":"a","count":4,"intervalMs":1}}]})",
        {a, a, a, a});
    row("cut into bytes", R"({"steps":[{"text":"a"},{"text":"b"}],"cut":[1]})", {a, b});
    row("late first byte", R"({"steps":[{"text":"a"}],"firstByteDelayMs":20})", {a});
    row("exception", R"({"steps":[{"text":"a"},{"exception":{"type":"error","message":"m"}}]})",
        {a, uR"(error {"message":"m","reason":null})"_s});
    row("bad message CRC", R"({"steps":[{"text":"a"},{"badFrame":"messageCrc"}]})",
        {a, u"MESSAGE_CRC"_s});
    row("bad prelude CRC", R"({"steps":[{"badFrame":"preludeCrc"}]})", {u"PRELUDE_CRC"_s});
    row("garbage", R"({"steps":[{"text":"a"},{"badFrame":"garbage"}]})", {a, u"PRELUDE_CRC"_s});
    row("truncated", R"({"steps":[{"text":"a"},{"badFrame":"truncated"}]})", {a, u"rest of 64"_s});
}

void TstSimulator::playsScripts()
{
    QFETCH(QByteArray, rule);
    setScript(R"({"rules":[)" + rule + "]}");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->status(), 200);
    QTEST(call->frames(), "frames");
}

void TstSimulator::writesWhatTheCutPlanSays()
{
    setScript(R"({"rules":[{"steps":[{"text":"a"},{"text":"b"}],"cut":[5,7,100]}]})");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    const QList<qsizetype> sizes = call->chunkSizes();
    QCOMPARE(sizes.mid(0, 3), (QList<qsizetype> {5, 7, 100}));
    QCOMPARE(sizes.size(), 5);
}

void TstSimulator::cutsTheConnection_data()
{
    QTest::addColumn<QByteArray>("steps");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("frames");
    QTest::addRow("before the header") << QByteArray(R"({"drop":true})") << 0 << 0;
    QTest::addRow("after the header") << QByteArray(R"({"begin":true},{"drop":true})") << 200 << 0;
    QTest::addRow("after a frame")
        << QByteArray(R"({"text":"a"},{"drop":true},{"text":"b"})") << 200 << 1;
}

void TstSimulator::cutsTheConnection()
{
    QFETCH(QByteArray, steps);
    setScript(R"({"rules":[{"steps":[)" + steps + "]}]}");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isClosed());
    QVERIFY(!call->isComplete());
    QTEST(call->status(), "status");
    QTEST(static_cast<int>(call->frames().size()), "frames");
    QCOMPARE(m_simulator->statistics().activeStreams, 0);
    QCOMPARE(m_simulator->statistics().chatAborted, 0); // it was us
}

void TstSimulator::hangsUntilTheCallerGoes()
{
    setScript(R"({"rules":[{"match":{"nth":1},"steps":[{"hang":true}]},
                           {"steps":[{"text":"a"},{"hang":true},{"text":"b"}]}]})");
    RawCall *silent = chat();
    QTRY_COMPARE(m_simulator->statistics().activeStreams, 1);
    RawCall *call = chat();
    QTRY_COMPARE(call->frames().size(), 1);
    QCOMPARE(m_simulator->statistics().activeStreams, 2);
    QVERIFY(silent->received().isEmpty());
    silent->hangUp();
    call->hangUp();
    QTRY_COMPARE(m_simulator->statistics().chatAborted, 2);
    QCOMPARE(m_simulator->statistics().activeStreams, 0);
    QCOMPARE(m_simulator->statistics().peakStreams, 2);
}

void TstSimulator::answersWithScriptedErrors_data()
{
    QTest::addColumn<QByteArray>("error");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("errorType");
    QTest::addColumn<QByteArray>("retryAfter");
    QTest::addRow("quota")
        << QByteArray(
               R"({"status":402,"class":"ServiceQuotaExceededException",)"
               R"("reason":"MONTHLY_REQUEST_COUNT","message":"You have reached the limit."})")
        << 402
        << QByteArray(
               R"({"message":"You have reached the limit.","reason":"MONTHLY_REQUEST_COUNT"})")
        << QByteArray("ServiceQuotaExceededException") << QByteArray();
    QTest::addRow("retry after") << QByteArray(
        R"({"status":429,"message":"slow","retryAfter":"7"})")
                                 << 429 << QByteArray(R"({"message":"slow","reason":null})")
                                 << QByteArray() << QByteArray("7");
    QTest::addRow("page of a front end")
        << QByteArray(R"({"status":503,"contentType":"text/html","rawBody":"<html>"})") << 503
        << QByteArray("<html>") << QByteArray() << QByteArray();
}

void TstSimulator::answersWithScriptedErrors()
{
    QFETCH(QByteArray, error);
    setScript(R"({"rules":[{"firstByteDelayMs":5,"httpError":)" + error + "}]}");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QTEST(call->status(), "status");
    QTEST(call->body(), "body");
    QTEST(call->header("x-amzn-errortype"), "errorType");
    QTEST(call->header("retry-after"), "retryAfter");
    QCOMPARE(m_simulator->statistics().chatRefused, 1);
}

void TstSimulator::refusesWhatTheServiceRefuses()
{
    const RawCall *call = chat(chatBody("hi", "no-such-model"));
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->status(), 400);
    QCOMPARE(call->header("x-amzn-errortype"), QByteArray("ValidationException"));
    QCOMPARE(member(call->body(), "reason"), QByteArray("INVALID_MODEL_ID"));
    QCOMPARE(m_simulator->statistics().chatRefused, 1);
}

void TstSimulator::picksTheFirstRuleThatMatches_data()
{
    QTest::addColumn<QByteArray>("match");
    QTest::addColumn<bool>("matches");
    const auto row = [](const char *name, const char *match, bool matches) {
        QTest::addRow("%s", name) << QByteArray(match) << matches;
    };
    row("nothing asked", "{}", true);
    row("text", R"({"text":"h"})", true);
    row("other text", R"({"text":"x"})", false);
    row("model", R"({"model":"claude-sonnet-4.5"})", true);
    row("part of a model", R"({"model":"claude"})", false);
    row("first request", R"({"nth":1})", true);
    row("second request", R"({"nth":2})", false);
    row("no tool results", R"({"toolResults":false})", true);
    row("tool results", R"({"toolResults":true})", false);
    row("undeclared tool", R"({"tool":"f"})", false);
    row("token", R"({"token":"Demo"})", true);
    row("other token", R"({"token":"demo"})", false);
    row("one of two fails", R"({"text":"h","nth":2})", false);
}

void TstSimulator::picksTheFirstRuleThatMatches()
{
    QFETCH(QByteArray, match);
    QFETCH(bool, matches);
    setScript(R"({"rules":[{"match":)" + match
              + R"(,"steps":[{"text":"yes"}]},{"steps":[{"text":"no"}]}]})");
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->text(), matches ? u"yes"_s : u"no"_s);
}

void TstSimulator::ruleIsUsedUpAfterItsTimes()
{
    const QByteArray script =
        R"({"rules":[{"times":2,"steps":[{"text":"x"}]},{"steps":[{"text":"y"}]}]})";
    setScript(script);
    QString texts;
    for (int i = 0; i < 3; ++i) {
        const RawCall *call = chat();
        QTRY_VERIFY(call->isComplete());
        texts += call->text();
    }
    QCOMPARE(texts, u"xxy"_s);
    setScript(script);
    const RawCall *again = chat();
    QTRY_VERIFY(again->isComplete());
    QCOMPARE(again->text(), u"x"_s);
}

void TstSimulator::rotatesRefreshTokens_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addRow("social") << QByteArray("/refreshToken");
    QTest::addRow("OIDC") << QByteArray("/token");
}

void TstSimulator::rotatesRefreshTokens()
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

void TstSimulator::keepsTheRefreshTokenWithoutRotation()
{
    setScript(R"({"tokens":{"rotate":false,"refresh":["aorMine"]}})");
    for (int i = 0; i < 2; ++i) {
        const RawCall *call = post("/token", oidcBody("aorMine"));
        QTRY_VERIFY(call->isComplete());
        QCOMPARE(call->status(), 200);
        QVERIFY(member(call->body(), "refreshToken").isEmpty());
    }
}

void TstSimulator::refusesBadRefreshes_data()
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
        << QByteArray("/token") << QByteArray(R"({"grantType":"authorization_code"})") << 400
        << QByteArray("unsupported_grant_type");
    QTest::addRow("not JSON") << QByteArray("/token") << QByteArray("a=b") << 400
                              << QByteArray("invalid_request");
}

void TstSimulator::refusesBadRefreshes()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, part);
    const RawCall *call = post(path, body);
    QTRY_VERIFY(call->isComplete());
    QTEST(call->status(), "status");
    QVERIFY2(call->body().contains(part), call->body().constData());
}

void TstSimulator::failsRefreshesByTheScript()
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

void TstSimulator::checksTheBearer_data()
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

void TstSimulator::checksTheBearer()
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

void TstSimulator::accessTokensExpire()
{
    setScript(R"({"tokens":{"expiresIn":0}})");
    const RawCall *grant = post("/refreshToken", refreshBody(Simulator::demoRefreshToken()));
    QTRY_VERIFY(grant->isComplete());
    const RawCall *call =
        post("/generateAssistantResponse", chatBody(), member(grant->body(), "accessToken"));
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->status(), 403);
}

void TstSimulator::answersControlCalls_data()
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

void TstSimulator::answersControlCalls()
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

void TstSimulator::controlAnswersAreScripted()
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

void TstSimulator::usageGrowsWithTheCredits()
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

void TstSimulator::countsWhatArrives()
{
    setScript(R"({"rules":[{"steps":[]}]})");
    const RawCall *call = chat(chatBody("count me"));
    QTRY_VERIFY(call->isComplete());
    const SimulatorStatistics counts = m_simulator->statistics();
    QCOMPARE(counts.chatRequests, 1);
    QCOMPARE(counts.chatRefused, 0);
    QCOMPARE(counts.activeStreams, 0);
    QCOMPARE(counts.peakStreams, 1);
    QCOMPARE(counts.lastChatBody, chatBody("count me"));
    QVERIFY(counts.lastChatHeaders.contains("Authorization: Bearer ***\n"));
    QVERIFY(counts.lastChatHeaders.contains("Content-Type: application/json\n"));
    QVERIFY(!counts.lastChatHeaders.contains(Simulator::demoAccessToken()));
}

void TstSimulator::carriesManyStreams()
{
    static constexpr int Streams = 200;
    setScript(R"({"rules":[{"steps":[{"text":"a"},{"hang":true}],"times":200},
                           {"steps":[{"text":"b","words":true,"intervalMs":2}]}]})");
    std::vector<RawCall *> calls;
    for (int i = 0; i < Streams; ++i)
        calls.push_back(chat());
    QTRY_COMPARE(m_simulator->statistics().activeStreams, Streams);
    const RawCall *other = chat(); // still served
    QTRY_VERIFY(other->isComplete());
    QCOMPARE(other->text(), u"b"_s);
    for (RawCall *call : calls) {
        QTRY_COMPARE(call->text(), u"a"_s);
        call->hangUp();
    }
    QTRY_COMPARE(m_simulator->statistics().activeStreams, 0);
    QCOMPARE(m_simulator->statistics().chatAborted, Streams);
}

void TstSimulator::waitsForASlowReader()
{
    // Far more than socket buffers hold; the reader begins late and gets every frame.
    static constexpr int Frames = 16'000;
    const QByteArray kilobyte(1024, 'x');
    setScript(R"({"rules":[{"steps":[{"burst":{"text":")" + kilobyte
              + R"(","count":16000}},{"metering":1}]}]})");
    RawCall *call = chat();
    call->pauseReading();
    QTRY_COMPARE(m_simulator->statistics().activeStreams, 1);
    const RawCall *between = post("/ListAvailableProfiles", "{}");
    QTRY_VERIFY(between->isComplete());
    QCOMPARE(m_simulator->statistics().activeStreams, 1);
    call->resumeReading();
    QTRY_VERIFY_WITH_TIMEOUT(call->isComplete(), 30'000);
    QCOMPARE(call->frames().size(), Frames + 1);
}

void TstSimulator::brokenScriptChangesNothing()
{
    setScript(R"({"rules":[{"steps":[{"text":"kept"}]}]})");
    const Result<Done> set = m_simulator->setScript(R"({"rules":[{"steps":[{"txt":""}]}]})");
    QVERIFY(!set);
    QCOMPARE(set.error().path, u"rules[0].steps[0]"_s);
    const RawCall *call = chat();
    QTRY_VERIFY(call->isComplete());
    QCOMPARE(call->text(), u"kept"_s);
}

void TstSimulator::diesWithStreamsOpen()
{
    setScript(R"({"rules":[{"steps":[{"text":"a"},{"hang":true}]}]})");
    const RawCall *call = chat();
    QTRY_COMPARE(call->text(), u"a"_s);
    m_simulator.reset();
    QTRY_VERIFY(call->isClosed());
    QVERIFY(!call->isComplete());
}

void TstSimulator::namesItselfForEveryPurpose()
{
    const auto document = JsonDocument::parse(m_simulator->endpointsJson().toStdString());
    QVERIFY(document);
    const std::string url = m_simulator->url().toString().toStdString();
    QVERIFY(QByteArray::fromStdString(url).startsWith("http://127.0.0.1:"));
    for (const char *key : {"chat", "control", "mcp", "socialAuth", "oidc", "portal"}) {
        const JsonValue urls = document.value().root()[key];
        QCOMPARE(urls.size(), 1);
        QCOMPARE(std::string((*urls.begin()).string()), url);
    }
    QCOMPARE(m_simulator->start().value(), m_simulator->url()); // already there
}

QTEST_GUILESS_MAIN(TstSimulator)
#include "tst_simulator.moc"
