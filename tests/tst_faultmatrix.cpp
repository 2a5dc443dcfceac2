// SPDX-License-Identifier: MIT
// Every row of kiro-protocol §3.2, to every API, at an only account and at the first of two: what
// the client gets, what becomes of the account, who is asked.
#include "tests/faultrows.h"
#include "tests/gatewaybench.h"

#include <array>

using namespace kirotray;

class TstFaultMatrix : public GatewayBench
{
    Q_OBJECT

private slots:
    void init() { } // each row starts its own gateway
    void answersAsTheServiceFails_data();
    void answersAsTheServiceFails();

private:
    void startWith(const FaultRow &row, bool hasSecond);
};

Q_DECLARE_METATYPE(kirotray::FaultRow)

namespace {

/// An API, its request, and how it names errors.
struct Api
{
    const char *name;
    QByteArray path;
    QByteArray body; ///< without tools
    QByteArray tools; ///< member to put before the last brace
    QByteArray typeKey; ///< JSON member that tells the kind
};

const std::vector<Api> &apis()
{
    static const QByteArray schema = R"({"type":"object","properties":{"a":{"type":"string"}}})";
    static const std::vector<Api> list {
        {"messages", "/v1/messages", anthropicBody(false),
         R"(,"tools":[{"name":"f","description":"d","input_schema":)" + schema + "}]", "type"},
        {"chat completions", "/v1/chat/completions", openaiBody(false),
         R"(,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":)"
             + schema + "}}]",
         "type"},
        {"responses", "/v1/responses", R"({"model":"gpt-4o","input":"Hello"})",
         R"(,"tools":[{"type":"function","name":"f","description":"d","parameters":)" + schema
             + "}]",
         "type"},
        {"gemini", "/v1beta/models/gemini-2.5-pro:generateContent",
         R"({"contents":[{"role":"user","parts":[{"text":"Hello"}]}]})",
         R"(,"tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":)"
             + schema + "}]}]",
         "status"},
    };
    return list;
}

/// By API, in the order of apis().
struct Told
{
    ChatError::Kind kind;
    int status;
    int anthropicStatus;
    const char *anthropic;
    const char *openai;
    const char *gemini;
};

constexpr std::array Tellings {
    Told {ChatError::Kind::InvalidRequest, 400, 400, "invalid_request_error",
          "invalid_request_error", "INVALID_ARGUMENT"},
    Told {ChatError::Kind::ContextLengthExceeded, 400, 400, "invalid_request_error",
          "invalid_request_error", "INVALID_ARGUMENT"},
    Told {ChatError::Kind::Authentication, 401, 401, "authentication_error",
          "invalid_request_error", "UNAUTHENTICATED"},
    Told {ChatError::Kind::Permission, 403, 403, "permission_error", "invalid_request_error",
          "PERMISSION_DENIED"},
    Told {ChatError::Kind::NotFound, 404, 404, "not_found_error", "invalid_request_error",
          "NOT_FOUND"},
    Told {ChatError::Kind::RequestTooLarge, 413, 413, "request_too_large", "invalid_request_error",
          "INVALID_ARGUMENT"},
    Told {ChatError::Kind::RateLimited, 429, 429, "rate_limit_error", "rate_limit_error",
          "RESOURCE_EXHAUSTED"},
    Told {ChatError::Kind::QuotaExhausted, 429, 429, "rate_limit_error", "insufficient_quota",
          "RESOURCE_EXHAUSTED"},
    Told {ChatError::Kind::Upstream, 502, 502, "api_error", "server_error", "UNAVAILABLE"},
    Told {ChatError::Kind::Timeout, 504, 504, "api_error", "server_error", "DEADLINE_EXCEEDED"},
    Told {ChatError::Kind::Overloaded, 503, 529, "overloaded_error", "server_error", "UNAVAILABLE"},
};

const Told &tellingOf(ChatError::Kind kind)
{
    for (const Told &told : Tellings)
        if (told.kind == kind)
            return told;
    qFatal("no telling");
}

QByteArray typeFor(const Told &told, std::size_t api)
{
    return api == 0 ? told.anthropic : api == 3 ? told.gemini : told.openai;
}

/// "one one two" for two attempts and one elsewhere.
QString asked(const FlowRecord &flow)
{
    QStringList ids;
    for (const FlowAttempt &one : flow.tries)
        ids.append(one.accountId);
    return ids.join(u' ');
}

} // namespace

void TstFaultMatrix::answersAsTheServiceFails_data()
{
    QTest::addColumn<FaultRow>("row");
    QTest::addColumn<int>("api");
    QTest::addColumn<bool>("hasSecond");
    for (const FaultRow &row : faultRows())
        for (std::size_t api = 0; api < apis().size(); ++api)
            for (const bool hasSecond : {false, true})
                QTest::addRow("%s, %s, %s", row.name.constData(), apis()[api].name,
                              hasSecond ? "first of two" : "only account")
                    << row << int(api) << hasSecond;
}

void TstFaultMatrix::startWith(const FaultRow &row, bool hasSecond)
{
    timing.retry = timing.capacityRetry = std::chrono::milliseconds(1);
    timing.upstream.firstByte = timing.upstream.firstByteMax =
        std::chrono::milliseconds(row.answer.contains("hang") ? 50 : 10'000);
    policy.pool.strategy = PoolStrategy::Priority;
    accounts = {demoAccount(u"one"_s)};
    tokens.insert_or_assign(u"one"_s, Secret("aoaFirst"));
    tokens.insert_or_assign(u"two"_s, Secret("aoaSecond"));
    if (hasSecond) {
        accounts.push_back(demoAccount(u"two"_s));
        accounts.back().priority = 1;
    }
    startGateway();
}

void TstFaultMatrix::answersAsTheServiceFails()
{
    QFETCH(FaultRow, row);
    QFETCH(int, api);
    QFETCH(bool, hasSecond);
    startWith(row, hasSecond);
    script(R"({"tokens":{"anyAccess":true},"rules":[{"match":{"token":"aoaFirst"},)" + row.answer
           + R"(},{"steps":[{"text":"Good day."}]}]})");
    const Api &at = apis()[static_cast<std::size_t>(api)];
    QByteArray body = at.body;
    if (row.hasTools)
        body.insert(body.size() - 1, at.tools);
    const int before = simulator.statistics().chatRequests;

    const Answer answer = exchange(at.path, body);

    QVERIFY(QTest::qWaitFor([this] { return flows.size() == 1; }));
    const FlowRecord &flow = flows.front();
    const bool moves = hasSecond && row.moves;
    const QString wanted =
        QString(u"one "_s).repeated(row.attempts) + (moves ? u"two"_s : QString());
    QCOMPARE(asked(flow), wanted.trimmed());
    QCOMPARE(simulator.statistics().chatRequests - before, row.attempts + (moves ? 1 : 0));
    QCOMPARE(flow.accountId, moves ? u"two"_s : u"one"_s);
    if (moves) {
        QCOMPARE(answer.status, 200);
        QVERIFY2(answer.body.contains("Good day."), answer.body.constData());
        QVERIFY(!flow.changes.filter(u"account changed from one: "_s).isEmpty());
    } else {
        const Told &told = tellingOf(row.client);
        QCOMPARE(answer.status, api == 0 ? told.anthropicStatus : told.status);
        const QByteArray type = '"' + at.typeKey + "\":\"" + typeFor(told, std::size_t(api)) + '"';
        QVERIFY2(answer.body.contains(type), answer.body.constData());
        QCOMPARE(answer.head.contains("retry-after: "), row.saysWhen);
    }
    // What is told of the account precedes the end of the call.
    QCOMPARE(reports.size(), std::size_t(row.effect == AccountEffect::None ? 0 : 1));
    if (!reports.empty()) {
        QCOMPARE(reports.front().accountId, u"one"_s);
        QCOMPARE(int(reports.front().effect), int(row.effect));
        QVERIFY(!reports.front().why.isEmpty());
    }
    QCOMPARE(int(healthOf.value(u"one"_s).state), int(row.state));
    QCOMPARE(healthOf.value(u"one"_s).why.isEmpty(), row.state == AccountHealth::State::Ready);
    if (hasSecond)
        QCOMPARE(int(healthOf.value(u"two"_s).state), int(AccountHealth::State::Ready));
}

QTEST_GUILESS_MAIN(TstFaultMatrix)
#include "tst_faultmatrix.moc"
