// SPDX-License-Identifier: MIT
// Long conversations through the gateway: cut, summarised, shortened after a refusal, or told to
// the client in the words it acts on.
#include "tests/gatewaybench.h"

#include <QRegularExpression>

#include <functional>

using namespace kirotray;

namespace {

/// That many questions and answers, and a last question, as Chat Completions takes them.
QByteArray longChat(int exchanges, int size, bool isStream = false)
{
    QByteArray body = R"({"model":"claude-sonnet-4.5","stream":)";
    body += isStream ? "true" : "false";
    body += R"(,"messages":[{"role":"system","content":"Be brief."})";
    for (int at = 0; at < exchanges; ++at) {
        const QByteArray text = "turn" + QByteArray::number(at) + ' ' + QByteArray(size, 'x');
        body += R"(,{"role":"user","content":")" + text + R"("},{"role":"assistant","content":")"
            + text + R"("})";
    }
    return body + R"(,{"role":"user","content":"And now?"}]})";
}

QByteArray longMessages(int exchanges, int size)
{
    QByteArray body = R"({"model":"claude-sonnet-4.5","max_tokens":100,"messages":[)";
    for (int at = 0; at < exchanges; ++at) {
        const QByteArray text = "turn" + QByteArray::number(at) + ' ' + QByteArray(size, 'x');
        body += R"({"role":"user","content":")" + text + R"("},{"role":"assistant","content":")"
            + text + R"("},)";
    }
    return body + R"({"role":"user","content":"And now?"}]})";
}

/// Summaries are answered by one, all else by a greeting; the upstream takes that many characters.
QByteArray scriptOf(
    int mostCharacters,
    const QByteArray &summaryStep = R"("steps":[{"text":"They talked of x."},{"metering":0.5}])")
{
    return R"({"record":20,"service":{"maxInputCharacters":)" + QByteArray::number(mostCharacters)
        + R"(},"rules":[{"name":"summary","match":{"system":"You write summaries"},)" + summaryStep
        + R"(},{"name":"answer","steps":[{"text":"Good day."},{"metering":0.25}]}]})";
}

} // namespace

class TstGatewayContext : public GatewayBench
{
    Q_OBJECT

private slots:
    void allOffLeavesTheRequestAsItIs();
    void trimsAheadAndSaysSo();
    void cutsWhatTheWindowWouldNotHold();
    void shortensAfterARefusal();
    void tellsClientsThatCompactThemselves_data();
    void tellsClientsThatCompactThemselves();
    void givesUpWhenNothingMoreMayGo();
    void summarisesOnceAndKeepsIt();
    void trimsPlainlyWhenTheSummaryFails();
    void shortensBetweenSearchesToo();
    void storesTheWholeConversation();

private:
    void use(const std::function<void(ContextSettings &)> &change)
    {
        change(policy.context);
        gateway->setPolicy(policy);
    }
    QList<QByteArray> asked(const QByteArray &rule) const
    {
        QList<QByteArray> bodies;
        for (const SimulatorRequest &request : simulator.requests())
            if (request.rule == rule)
                bodies.append(request.body);
        return bodies;
    }
    QString changes(std::size_t flow) const { return flows[flow].changes.join(u'\n'); }
    static QByteArray postAs(const QByteArray &agent, const QByteArray &path,
                             const QByteArray &body)
    {
        return post(path, body)
            .replace("Host: localhost", "Host: localhost\r\nUser-Agent: " + agent);
    }
};

void TstGatewayContext::allOffLeavesTheRequestAsItIs()
{
    const QByteArray body = longChat(100, 3000);
    const auto sent = [&](ContextRetry retry) {
        use([retry](ContextSettings &settings) { settings.retry = retry; });
        if (!simulator.setScript(scriptOf(4'000'000))
            || exchange("/v1/chat/completions", body).status != 200)
            return QByteArray();
        const QByteArray upstream = simulator.requests().back().body;
        // New for each user turn.
        const qsizetype at = upstream.indexOf("agentContinuationId");
        return at < 0 ? upstream : upstream.left(at) + upstream.mid(at + 60);
    };
    const QByteArray off = sent(ContextRetry::Off);
    QVERIFY(off.size() > 600'000 && off.contains("turn0") && off.contains("turn99"));
    QCOMPARE(sent(ContextRetry::All), off);
}

void TstGatewayContext::trimsAheadAndSaysSo()
{
    script(scriptOf(4'000'000));
    use([](ContextSettings &settings) {
        settings.trims = true;
        settings.maxMessages = 8;
    });
    QCOMPARE(exchange("/v1/chat/completions", longChat(10, 10)).status, 200);
    const QByteArray upstream = simulator.requests().back().body;
    QVERIFY(upstream.contains("Be brief.") && upstream.contains("And now?"));
    QVERIFY(upstream.contains("turn9 ") && !upstream.contains("turn0 "));
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QVERIFY2(changes(0).contains(u"were cut: there are more than 8 messages"),
             qPrintable(changes(0)));
}

void TstGatewayContext::cutsWhatTheWindowWouldNotHold()
{
    script(scriptOf(4'000'000));
    use([](ContextSettings &settings) { settings.estimates = true; });
    QCOMPARE(exchange("/v1/chat/completions", longChat(40, 30'000)).status, 200);
    const QByteArray upstream = simulator.requests().back().body;
    QVERIFY(!upstream.contains("turn0 ") && upstream.contains("turn39 "));
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QCOMPARE(flows[0].attempts, 1);
    QVERIFY2(changes(0).contains(u"tokens, the model takes 200,000"), qPrintable(changes(0)));
}

void TstGatewayContext::shortensAfterARefusal()
{
    script(scriptOf(100'000));
    for (const bool isStream : {false, true}) {
        flows.clear();
        const Answer answer =
            exchange("/v1/chat/completions", longChat(40, 5000, isStream)); // 400,000
        QCOMPARE(answer.status, 200);
        QVERIFY2(answer.body.contains("Good day."), answer.body.constData());
        QTRY_COMPARE(flows.size(), std::size_t(1));
        QCOMPARE(flows[0].attempts, 4); // whole, half, a quarter, an eighth
        QCOMPARE(flows[0].outcome, u"ok"_s);
        QCOMPARE(changes(0).count(u"the upstream called the request too long"), 3);
    }
}

void TstGatewayContext::tellsClientsThatCompactThemselves_data()
{
    QTest::addColumn<QByteArray>("agent");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("words");
    const auto row = [](const char *name, const char *agent, const char *path, const char *words) {
        QTest::addRow("%s", name) << QByteArray(agent) << QByteArray(path) << QByteArray(words);
    };
    row("Claude Code", "claude-cli/2.1.0 (external, sdk-cli)", "/v1/messages",
        "prompt is too long: ");
    row("Codex", "codex_exec/0.99.0 (Linux)", "/v1/responses", "context_length_exceeded");
    row("OpenCode", "opencode/1.0.0 ai-sdk/openai-compatible", "/v1/chat/completions",
        "context_length_exceeded");
    row("Gemini CLI", "GeminiCLI-tui/0.9.0/gemini-2.5-pro (linux; x64)",
        "/v1beta/models/claude-sonnet-4.5:generateContent", "exceeds the maximum number of tokens");
}

void TstGatewayContext::tellsClientsThatCompactThemselves()
{
    QFETCH(QByteArray, agent);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, words);
    script(scriptOf(100'000));
    const QByteArray text = QByteArray(900'000, 'x');
    QByteArray body = longChat(40, 15'000);
    if (path == "/v1/messages")
        body = longMessages(40, 30'000);
    if (path == "/v1/responses")
        body = R"({"model":"claude-sonnet-4.5","input":")" + text + R"("})";
    if (path.startsWith("/v1beta"))
        body = R"({"contents":[{"role":"user","parts":[{"text":")" + text + R"("}]}]})";
    const Answer answer = send(postAs(agent, path, body));
    QCOMPARE(answer.status, 400);
    QVERIFY2(answer.body.contains(words), answer.body.constData());
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QCOMPARE(flows[0].attempts, 1);
    if (path != "/v1/messages")
        return;
    // Both numbers, which Claude Code shows.
    const QString said = QString::fromUtf8(answer.body);
    static const QRegularExpression form(u"prompt is too long: (\\d+) tokens > 200000 maximum"_s);
    const QRegularExpressionMatch match = form.match(said);
    QVERIFY2(match.hasMatch(), qPrintable(said));
    QVERIFY(match.captured(1).toInt() > 200'000);
}

void TstGatewayContext::givesUpWhenNothingMoreMayGo()
{
    script(scriptOf(1000));
    const Answer answer =
        exchange("/v1/chat/completions", longChat(0, 0).replace("And now?", QByteArray(5000, 'x')));
    QCOMPARE(answer.status, 400);
    QVERIFY2(answer.body.contains("context_length_exceeded"), answer.body.constData());
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QCOMPARE(flows[0].attempts, 1);
}

void TstGatewayContext::summarisesOnceAndKeepsIt()
{
    script(scriptOf(4'000'000));
    use([](ContextSettings &settings) {
        settings.summarises = true;
        settings.maxMessages = 8;
    });
    for (int at = 0; at < 2; ++at) {
        QCOMPARE(exchange("/v1/chat/completions", longChat(10, 10)).status, 200);
        QCOMPARE(asked("summary").size(), 1);
        const QByteArray upstream = asked("answer").back();
        QVERIFY(upstream.contains("They talked of x.") && upstream.contains("turn9 "));
        QVERIFY(!upstream.contains("turn0 "));
    }
    const QByteArray ask = asked("summary").front();
    QVERIFY(ask.contains("turn0 ") && !ask.contains("turn9 ") && !ask.contains("And now?"));
    QTRY_COMPARE(flows.size(), std::size_t(2));
    QVERIFY2(changes(0).contains(u"replaced by a summary of 17 characters"),
             qPrintable(changes(0)));
    QVERIFY(changes(1).contains(u"a summary made before"));
    // What the summary cost is part of the first request's price.
    QCOMPARE(flows[0].credits.value_or(0), 0.75);
    QCOMPARE(flows[1].credits.value_or(0), 0.25);
    QCOMPARE(flows[0].attempts, 1);
}

void TstGatewayContext::trimsPlainlyWhenTheSummaryFails()
{
    script(scriptOf(4'000'000,
                    R"("httpError":{"status":400,"reason":"INVALID_MODEL_ID","message":"no"})"));
    use([](ContextSettings &settings) {
        settings.summarises = true;
        settings.maxMessages = 8;
    });
    QCOMPARE(exchange("/v1/chat/completions", longChat(10, 10)).status, 200);
    QVERIFY(!asked("answer").back().contains("turn0 "));
    QTRY_COMPARE(flows.size(), std::size_t(1));
    QVERIFY2(changes(0).contains(u"no summary: ") && changes(0).contains(u"were cut"),
             qPrintable(changes(0)));
}

void TstGatewayContext::shortensBetweenSearchesToo()
{
    const QByteArray tooLong =
        R"("times":1,"httpError":{"status":400,"reason":"CONTENT_LENGTH_EXCEEDS_THRESHOLD",)"
        R"("message":"Input is too long."})";
    script(R"({"record":20,"rules":[{"match":{"toolResults":true},)" + tooLong
           + R"(},{"match":{"toolResults":true},"steps":[{"text":"That is new."}]},{)" + tooLong
           + R"(},{"steps":[{"toolCall":{"name":"web_search","id":"tooluse_1",)"
             R"("input":{"query":"Qt 6"}}}]}]})");
    const QByteArray body = longMessages(8, 10);
    const Answer answer =
        exchange("/v1/messages",
                 R"({"tools":[{"type":"web_search_20250305","name":"web_search"}],)" + body.mid(1));
    QCOMPARE(answer.status, 200);
    QVERIFY2(answer.body.contains("That is new."), answer.body.constData());
    QCOMPARE(answer.body.count("\"type\":\"web_search_tool_result\""), 1);
    const QByteArray last = simulator.requests().back().body;
    QVERIFY2(last.contains("And now?") && last.contains("toolResults"), last.constData());
    QVERIFY(last.contains("turn7 ") && !last.contains("turn4 "));
}

/// What is cut for the model is not lost for the client.
void TstGatewayContext::storesTheWholeConversation()
{
    script(scriptOf(4'000'000));
    use([](ContextSettings &settings) {
        settings.trims = true;
        settings.maxMessages = 4;
    });
    QByteArray input;
    for (int at = 0; at < 6; ++at)
        input += R"({"role":"user","content":"turn)" + QByteArray::number(at) + R"( "},)"
            + R"({"role":"assistant","content":"yes"},)";
    const Answer first = exchange("/v1/responses",
                                  R"({"model":"claude-sonnet-4.5","store":true,"input":[)" + input
                                      + R"({"role":"user","content":"And now?"}]})");
    QCOMPARE(first.status, 200);
    QVERIFY(!simulator.requests().back().body.contains("turn0 "));
    const qsizetype id = first.body.indexOf("resp_");
    const QByteArray previous = first.body.mid(id, first.body.indexOf('"', id) - id);
    use([](ContextSettings &settings) { settings.trims = false; });
    QCOMPARE(exchange("/v1/responses",
                      R"({"model":"claude-sonnet-4.5","previous_response_id":")" + previous
                          + R"(","input":"Then go on."})")
                 .status,
             200);
    const QByteArray last = simulator.requests().back().body;
    QVERIFY2(last.contains("turn0 ") && last.contains("turn5 "), last.constData());
    QVERIFY(last.contains("And now?") && last.contains("Good day.")
            && last.contains("Then go on."));
}

QTEST_GUILESS_MAIN(TstGatewayContext)
#include "tst_gatewaycontext.moc"
