// SPDX-License-Identifier: MIT
// The gateway with several accounts: who answers, who is asked next, who waits.
#include "app/gateway/replies.h"
#include "tests/gatewaybench.h"
#include "tests/httptestclient.h"

#include <QRegularExpression>

using namespace kirotray;

class TstGatewayPool : public GatewayBench
{
    Q_OBJECT

private slots:
    void init();
    void keepsAConversationAtItsAccount();
    void saysWhichAccountAnsweredAndWhy();
    void letsOnlyAnAdministratorNameTheAccount();
    void asksAnAccountWithHostsOfItsOwnOnlyByName();
    void asksNoMoreAccountsAndNoMoreOftenThanAllowed();
    void asksOnlyOneOtherAccountAfterSuspiciousActivity();
    void moves_data();
    void moves();
    void tellsWhenAllAccountsAreUsedUp();
    void takesARestoredAccountBack();
    void asksNoAccountThatLacksTheModel();
    void remembersWhichProfileAHostWants();
    void movesWithinAnAnswerOfSeveralTurns();
    void holdsClientsToTheLimitsOfTheirKeys();
    void letsARequestWaitForItsTurn();
    void refusesWhoWouldWaitTooLong();
    void freesThePlaceOfAClientThatGoes();

private:
    void startWith(const QStringList &ids);
    Answer ask(const QByteArray &text = "Hello", const QByteArray &key = "kt-key",
               const QByteArray &headers = {});
    /// The accounts that the last request asked, in order.
    QString asked() const;
    static QByteArray ruleFor(const QByteArray &token, const QByteArray &answer)
    {
        return QByteArray(R"({"match":{"token":"TOKEN"},)").replace("TOKEN", token) + answer + '}';
    }
    /// The rules, and "Good day." for everybody else.
    void scriptRules(const QByteArrayList &rules)
    {
        script(R"({"tokens":{"anyAccess":true},"rules":[)"
               + (rules + QByteArrayList {R"({"steps":[{"text":"Good day."}]})"}).join(',') + "]}");
    }
};

namespace {

const QByteArray Suspended =
    R"("httpError":{"status":403,"reason":"TEMPORARILY_SUSPENDED","message":"x"})";
const QByteArray Exhausted =
    R"("httpError":{"status":402,"reason":"MONTHLY_REQUEST_COUNT","message":"x"})";
const QByteArray Broken = R"("httpError":{"status":500,"message":"x"})";

QByteArray header(const Answer &answer, const QByteArray &name)
{
    for (const QByteArray &line : answer.head.split('\n'))
        if (line.startsWith(name + ": "))
            return line.mid(name.size() + 2).trimmed();
    return {};
}

} // namespace

void TstGatewayPool::init()
{
    hasAccount = true;
    token = Secret(Simulator::demoAccessToken());
    tokens.clear();
    timing = {};
    timing.retry = timing.capacityRetry = std::chrono::milliseconds(1);
    policy = {};
    policy.pool.strategy = PoolStrategy::Priority;
}

/// In this order; the token of "a" is "aoa-a".
void TstGatewayPool::startWith(const QStringList &ids)
{
    accounts.clear();
    for (const QString &id : ids) {
        accounts.push_back(demoAccount(id));
        accounts.back().label = u"label of "_s + id;
        accounts.back().priority = int(accounts.size());
        tokens.insert_or_assign(id, Secret("aoa-" + id.toLatin1()));
    }
    startGateway();
}

Answer TstGatewayPool::ask(const QByteArray &text, const QByteArray &key, const QByteArray &headers)
{
    flows.clear();
    const Answer answer = send(post("/v1/messages", anthropicBody(false, text), key, headers));
    if (!QTest::qWaitFor([this] { return flows.size() == 1; }))
        return {};
    return answer;
}

QString TstGatewayPool::asked() const
{
    QStringList ids;
    for (const FlowAttempt &one : flows.back().tries)
        ids.append(one.accountId);
    return ids.join(u' ');
}

void TstGatewayPool::keepsAConversationAtItsAccount()
{
    policy.pool.strategy = PoolStrategy::RoundRobin;
    startWith({u"a"_s, u"b"_s});
    scriptRules({});
    QCOMPARE(ask("one").status, 200);
    const QString first = asked();
    const QString conversation = flows.back().conversation;
    QVERIFY(!conversation.isEmpty());
    ask("two");
    QVERIFY(asked() != first);
    QVERIFY(flows.back().conversation != conversation);
    ask("one");
    QCOMPARE(asked(), first);
    QCOMPARE(flows.back().conversation, conversation);
    QCOMPARE(flows.back().accountReason, u"same conversation"_s);
    // A client's session is a conversation, whatever is said in it.
    ask("three", "kt-key", "x-session-id: s1\r\n");
    const QString ofSession = asked();
    for (const char *text : {"four", "five", "six"}) {
        ask(text, "kt-key", "x-session-id: s1\r\n");
        QCOMPARE(asked(), ofSession);
    }
    // It moves when its account fails, and says why.
    scriptRules({ruleFor("aoa-" + first.toLatin1(), Suspended)});
    QCOMPARE(ask("one").status, 200);
    QVERIFY(flows.back().accountId != first);
    QVERIFY2(flows.back().accountReason.startsWith(u"conversation moved: "_s),
             qPrintable(flows.back().accountReason));
}

void TstGatewayPool::saysWhichAccountAnsweredAndWhy()
{
    startWith({u"a"_s, u"b"_s});
    scriptRules({ruleFor("aoa-a", Suspended)});
    const Answer answer = ask();
    QCOMPARE(answer.status, 200);
    QCOMPARE(header(answer, "x-kirotray-account"), accountHash(u"label of b"_s));
    QVERIFY(QRegularExpression(u"^[0-9a-f]{12}$"_s)
                .match(QString::fromLatin1(header(answer, "x-kirotray-account")))
                .hasMatch());
    const FlowRecord &flow = flows.back();
    QVERIFY(!flow.accountReason.isEmpty());
    QVERIFY(flow.changes.contains(u"account changed from a: TEMPORARILY_SUSPENDED"_s));
    QCOMPARE(flow.tries.size(), std::size_t(2));
    QCOMPARE(flow.tries[0].status, 403);
    QVERIFY(flow.tries[0].what.startsWith(u"TEMPORARILY_SUSPENDED"_s));
    QCOMPARE(flow.tries[0].host, u"127.0.0.1"_s);
    QCOMPARE(flow.tries[1].what, u"ok"_s);
    QCOMPARE(flow.clientKey, u"default"_s);
    // The label is nowhere in the answer.
    QVERIFY(!answer.head.contains("label") && !answer.body.contains("label of"));
}

void TstGatewayPool::letsOnlyAnAdministratorNameTheAccount()
{
    startWith({u"a"_s, u"b"_s});
    scriptRules({});
    const QByteArray named = "x-kirotray-use-account: b\r\n";
    ask("one", "kt-key", named);
    QCOMPARE(asked(), u"a"_s);
    ask("one", "kt-admin", named);
    QCOMPARE(asked(), u"b"_s);
    QCOMPARE(flows.back().clientKey, u"admin"_s);
    // It is that account or none.
    scriptRules({ruleFor("aoa-b", Exhausted)});
    QCOMPARE(ask("one", "kt-admin", named).status, 429);
    QCOMPARE(asked(), u"b"_s);
    QCOMPARE(ask("one", "kt-admin", "x-kirotray-use-account: nobody\r\n").status, 503);
}

void TstGatewayPool::asksAnAccountWithHostsOfItsOwnOnlyByName()
{
    startWith({u"a"_s, u"sim"_s});
    auto tables = std::make_shared<KiroTables>(*loadKiroTables(QString()).tables);
    const QStringList only {simulator.url().toString(QUrl::StripTrailingSlash)};
    tables->endpoints = {only, only, only, only, only, only, only};
    accounts.back().ownTables = tables;
    gateway->setAccounts(accounts);
    scriptRules({ruleFor("aoa-a", Suspended)});
    QCOMPARE(ask().status, 403);
    QCOMPARE(asked(), u"a"_s);
    const Answer named = ask("Hello", "kt-admin", "x-kirotray-use-account: sim\r\n");
    QCOMPARE(named.status, 200);
    QCOMPARE(asked(), u"sim"_s);
    // What it says concerns nobody.
    scriptRules({ruleFor("aoa-sim", Suspended)});
    reports.clear();
    QCOMPARE(ask("Hello", "kt-admin", "x-kirotray-use-account: sim\r\n").status, 403);
    QVERIFY(reports.empty());
}

void TstGatewayPool::asksNoMoreAccountsAndNoMoreOftenThanAllowed()
{
    startWith({u"a"_s, u"b"_s, u"c"_s, u"d"_s});
    script(R"({"tokens":{"anyAccess":true},"rules":[{)" + Broken + "}]}");
    QCOMPARE(ask().status, 502);
    QCOMPARE(asked(), u"a a a b b b c c c"_s);
    QVERIFY(reports.empty());
    script(R"({"tokens":{"anyAccess":true},"rules":[{)" + Exhausted + "}]}");
    QCOMPARE(ask("two").status, 429);
    QCOMPARE(asked(), u"a b c"_s);
    QCOMPARE(reports.size(), std::size_t(3));
    scriptRules({});
    QCOMPARE(ask("three").status, 200);
    QCOMPARE(asked(), u"d"_s);
}

void TstGatewayPool::asksOnlyOneOtherAccountAfterSuspiciousActivity()
{
    startWith({u"a"_s, u"b"_s, u"c"_s});
    const QByteArray suspicious =
        R"("httpError":{"status":429,"message":"Due to suspicious activity, we are imposing"})";
    script(R"({"tokens":{"anyAccess":true},"rules":[{)" + suspicious + "}]}");
    const Answer answer = ask();
    QCOMPARE(answer.status, 429);
    QCOMPARE(asked(), u"a b"_s);
    QCOMPARE(header(answer, "retry-after"), QByteArray("1800"));
}

void TstGatewayPool::moves_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("isReported");
    QTest::addRow("from a dead sign-in") << int(Error::Code::Unauthorized) << true;
    QTest::addRow("from a token that cannot be read") << int(Error::Code::Storage) << false;
    QTest::addRow("from a token service that is busy") << int(Error::Code::RateLimited) << false;
    QTest::addRow("from a token service out of reach") << int(Error::Code::Network) << false;
}

void TstGatewayPool::moves()
{
    QFETCH(int, code);
    startWith({u"a"_s, u"b"_s});
    tokens.insert_or_assign(u"a"_s, Error {Error::Code(code), u"x"_s});
    scriptRules({});
    QCOMPARE(ask().status, 200);
    QCOMPARE(asked(), u"b"_s);
    QTEST(!reports.empty(), "isReported");
}

void TstGatewayPool::tellsWhenAllAccountsAreUsedUp()
{
    startWith({u"a"_s, u"b"_s});
    const QDateTime reset = QDateTime::currentDateTimeUtc().addDays(5);
    for (AccountSnapshot &one : accounts)
        one.exhaustedUntil = reset;
    gateway->setAccounts(accounts);
    const Answer answer = ask();
    QCOMPARE(answer.status, 429);
    QVERIFY2(answer.body.contains(reset.toString(u"yyyy-MM-dd HH:mm"_s).toLatin1() + " UTC"),
             answer.body.constData());
    const qint64 wait = header(answer, "retry-after").toLongLong();
    QVERIFY(wait > 5 * 86'400 - 60 && wait <= 5 * 86'400);
    QCOMPARE(header(answer, "x-should-retry"), QByteArray("false"));
    QCOMPARE(asked(), QString());
    const Answer gemini = exchange("/v1beta/models/gemini-2.5-pro:generateContent",
                                   R"({"contents":[{"parts":[{"text":"Hello"}]}]})");
    QCOMPARE(gemini.status, 429);
    QVERIFY(gemini.body.contains("RESOURCE_EXHAUSTED"));
}

void TstGatewayPool::takesARestoredAccountBack()
{
    startWith({u"a"_s});
    scriptRules({R"({"times":1,)" + Suspended + '}'});
    QCOMPARE(ask().status, 403);
    QCOMPARE(healthOf.value(u"a"_s).state, AccountHealth::State::Unusable);
    // Until a person says otherwise nobody asks again.
    const int before = simulator.statistics().chatRequests;
    const Answer second = ask();
    QCOMPARE(second.status, 403);
    QVERIFY2(second.body.contains("suspended"), second.body.constData());
    QCOMPARE(simulator.statistics().chatRequests, before);
    gateway->restoreAccount(u"a"_s);
    QCOMPARE(ask().status, 200);
    QTRY_COMPARE(healthOf.value(u"a"_s).state, AccountHealth::State::Ready);
}

void TstGatewayPool::asksNoAccountThatLacksTheModel()
{
    startWith({u"a"_s, u"b"_s, u"c"_s});
    const QByteArray unknown =
        R"("httpError":{"status":400,"reason":"INVALID_MODEL_ID","message":"x"})";
    scriptRules({ruleFor("aoa-a", unknown), ruleFor("aoa-b", unknown)});
    QCOMPARE(ask("one").status, 200);
    QCOMPARE(asked(), u"a b c"_s);
    // Remembered: no detour any more.
    QCOMPARE(ask("two").status, 200);
    QCOMPARE(asked(), u"c"_s);
    QVERIFY(reports.empty());
}

void TstGatewayPool::remembersWhichProfileAHostWants()
{
    startWith({u"a"_s});
    accounts.front().identity.kind = AccountKind::BuilderId;
    accounts.front().identity.profileArn.clear();
    gateway->setAccounts(accounts);
    script(R"({"tokens":{"anyAccess":true},"service":{"requireProfileArn":true},)"
           R"("rules":[{"steps":[{"text":"Good day."}]}]})");
    const int refused = simulator.statistics().chatRefused;
    QCOMPARE(ask().status, 200);
    QCOMPARE(asked(), u"a a"_s);
    QVERIFY(simulator.statistics().lastChatBody.contains("638616132270:profile/AAAACCCCXXXX"));
    QCOMPARE(ask().status, 200);
    QCOMPARE(asked(), u"a"_s);
    QCOMPARE(simulator.statistics().chatRefused, refused + 1);
}

void TstGatewayPool::movesWithinAnAnswerOfSeveralTurns()
{
    startWith({u"a"_s, u"b"_s});
    // The model searches; then the first account is suspended, and the second one goes on.
    script(R"({"tokens":{"anyAccess":true},"rules":[)"
           R"({"match":{"toolResults":false},"steps":[{"text":"Let me look. "},)"
           R"({"toolCall":{"name":"web_search","input":{"query":"x"}}}]},)"
           + ruleFor("aoa-a", Suspended) + R"(,{"steps":[{"text":"Found."}]}]})");
    const QByteArray body = R"({"model":"claude-sonnet-4-5","max_tokens":100,"tools":[)"
                            R"({"type":"web_search_20250305","name":"web_search"}],)"
                            R"("messages":[{"role":"user","content":"Hello"}]})";
    const Answer answer = exchange("/v1/messages", body);
    QVERIFY(QTest::qWaitFor([this] { return !flows.empty(); }));
    QCOMPARE(answer.status, 200);
    QVERIFY2(answer.body.contains("Let me look.") && answer.body.contains("Found."),
             answer.body.constData());
    QCOMPARE(asked(), u"a a b"_s);
}

void TstGatewayPool::holdsClientsToTheLimitsOfTheirKeys()
{
    ClientKey key;
    key.id = u"k1"_s;
    key.name = u"laptop"_s;
    key.requestsPerDay = 1;
    key.models = {u"claude-*"_s};
    policy.keys = {{key, Secret("kt-laptop")}};
    startWith({u"a"_s});
    scriptRules({});
    const int before = simulator.statistics().chatRequests;
    // Another model: refused, and not counted.
    const Answer foreign = send(post("/v1/chat/completions", openaiBody(false), "kt-laptop"));
    QCOMPARE(foreign.status, 403);
    QVERIFY2(foreign.body.contains("gpt-4o"), foreign.body.constData());
    QCOMPARE(simulator.statistics().chatRequests, before);
    QCOMPARE(ask("one", "kt-laptop").status, 200);
    QCOMPARE(flows.back().clientKey, u"laptop"_s);
    const Answer spent = ask("two", "kt-laptop");
    QCOMPARE(spent.status, 429);
    const qint64 wait = header(spent, "retry-after").toLongLong();
    QVERIFY(wait > 0 && wait <= 25 * 3600);
    QCOMPARE(simulator.statistics().chatRequests, before + 1);
    // Nobody else is meant; and what the user changes holds at once.
    QCOMPARE(ask("two", "kt-key").status, 200);
    policy.keys.front().key.requestsPerDay = 2;
    gateway->setPolicy(policy);
    QCOMPARE(ask("two", "kt-laptop").status, 200);
    QCOMPARE(ask("three", "kt-laptop").status, 429);
}

void TstGatewayPool::letsARequestWaitForItsTurn()
{
    policy.pacing.enabled = true;
    policy.pacing.concurrency = 1;
    policy.pacing.burst = 100;
    policy.pacing.minGap = std::chrono::milliseconds(0);
    timing.ping = std::chrono::milliseconds(40);
    startWith({u"a"_s});
    scriptRules({R"({"times":1,"firstByteDelayMs":300,"steps":[{"text":"First."}]})"});
    HttpTestClient first(port);
    first.send(post("/v1/messages", anthropicBody(false)));
    QTRY_COMPARE(simulator.statistics().activeStreams, 1);
    HttpTestClient second(port);
    second.send(post("/v1/messages", anthropicBody(true, "two")));
    QVERIFY(QTest::qWaitFor([this] { return flows.size() == 2; }));
    QCOMPARE(flows[0].queuedMs, 0);
    QVERIFY(flows[1].queuedMs > 50);
    QVERIFY(flows[1].changes.contains(u"waited for its turn, place 1"_s));
    QTRY_VERIFY(second.received().contains("message_stop"));
    // It was told that somebody is there.
    const qsizetype ping = second.received().indexOf("event: ping");
    QVERIFY(ping > 0 && ping < second.received().indexOf("Good day."));
}

void TstGatewayPool::refusesWhoWouldWaitTooLong()
{
    policy.pacing.enabled = true;
    policy.pacing.concurrency = 1;
    policy.pacing.queueLength = 1;
    policy.pacing.maxWait = std::chrono::milliseconds(150);
    startWith({u"a"_s});
    scriptRules({R"({"times":1,"firstByteDelayMs":700,"steps":[{"text":"First."}]})"});
    HttpTestClient first(port);
    first.send(post("/v1/messages", anthropicBody(false)));
    QTRY_COMPARE(simulator.statistics().activeStreams, 1);
    HttpTestClient second(port);
    second.send(post("/v1/messages", anthropicBody(false, "two")));
    QTRY_COMPARE(active.back(), 2);
    // The line is full at once; who stands in it is refused after its time.
    const Answer third = exchange("/v1/chat/completions", openaiBody(false));
    QCOMPARE(third.status, 429);
    QVERIFY(third.head.contains("retry-after: "));
    QVERIFY2(third.body.contains("wait for their turn"), third.body.constData());
    std::optional<WireAnswer> refused;
    QVERIFY(QTest::qWaitFor([&] { return (refused = second.takeAnswer()).has_value(); }));
    QCOMPARE(refused->status, 429);
    QVERIFY(refused->body.contains("waited too long"));
    QVERIFY(QTest::qWaitFor([this] { return flows.size() == 3; }));
    QCOMPARE(flows.back().status, 200); // the first one
    QVERIFY(reports.empty());
}

void TstGatewayPool::freesThePlaceOfAClientThatGoes()
{
    policy.pacing.enabled = true;
    policy.pacing.concurrency = 1;
    policy.pacing.queueLength = 1;
    startWith({u"a"_s});
    scriptRules({R"({"times":1,"steps":[{"hang":true}]})"});
    HttpTestClient first(port);
    first.send(post("/v1/messages", anthropicBody(false)));
    QTRY_COMPARE(simulator.statistics().activeStreams, 1);
    HttpTestClient second(port);
    second.send(post("/v1/messages", anthropicBody(false, "two")));
    QTRY_COMPARE(active.back(), 2);
    second.socket().abort();
    QTRY_COMPARE(active.back(), 1);
    HttpTestClient third(port);
    third.send(post("/v1/messages", anthropicBody(false, "three")));
    QTRY_COMPARE(active.back(), 2);
    first.socket().abort(); // its account is free
    std::optional<WireAnswer> answered;
    QVERIFY(QTest::qWaitFor([&] { return (answered = third.takeAnswer()).has_value(); }));
    QCOMPARE(answered->status, 200);
}

QTEST_GUILESS_MAIN(TstGatewayPool)
#include "tst_gatewaypool.moc"
