// SPDX-License-Identifier: MIT
#include "app/admin/flowreplay.h"
#include "app/base/limits.h"

#include <QTest>

#include "fakepeer.h"
#include "flowsample.h"

using namespace kirotray;

namespace {

FlowBodiesPtr requestOnly(const QByteArray &request)
{
    FlowBodies bodies;
    bodies.clientRequest = request;
    return std::make_shared<const FlowBodies>(bodies);
}

} // namespace

class TstFlowReplay : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void sendsTheSameBytesAgain();
    void changesOnlyTheModel_data();
    void changesOnlyTheModel();
    void changesTheModelOfAnAddress_data();
    void changesTheModelOfAnAddress();
    void asksForEventsWhereTheyWereSent();
    void tellsWhatCameBack_data();
    void tellsWhatCameBack();
    void refusesWhatCannotBeRepeated_data();
    void refusesWhatCannotBeRepeated();
    void tellsAFailedConnection();
    void staysSilentWhenTheAskerIsGone();

private:
    void replay(const FlowBodiesPtr &bodies, const ReplayTarget &target = {});
    bool wasAnswered();
    Error::Code refusal();

    HttpClient m_http;
    std::unique_ptr<FakePeer> m_peer;
    FlowEntry m_flow;
    QObject m_context;
    std::optional<Result<ReplayOutcome>> m_outcome;
    int m_answers = 0;
};

void TstFlowReplay::init()
{
    m_peer = std::make_unique<FakePeer>();
    m_peer->always(PeerScript::reply(200, "{}", "request-id: req_0a1b2c3d\r\n"));
    m_flow = {};
    m_flow.record = flowRecord(QStringLiteral("01020304"), flowTime(10));
    m_outcome.reset();
    m_answers = 0;
}

void TstFlowReplay::replay(const FlowBodiesPtr &bodies, const ReplayTarget &target)
{
    replayFlow({m_http, m_peer->url(), Secret("kt-admin")}, m_flow, bodies, target, &m_context,
               [this](Result<ReplayOutcome> outcome) {
                   m_outcome.emplace(std::move(outcome));
                   ++m_answers;
               });
}

bool TstFlowReplay::wasAnswered()
{
    return QTest::qWaitFor([this] { return m_answers == 1; }, 10'000);
}

void TstFlowReplay::sendsTheSameBytesAgain()
{
    const QByteArray body = "  {\"model\" : \"m\",\t\"x\":1.0e0}\n";
    replay(requestOnly(body), {u"account-7"_s, {}});
    QVERIFY(wasAnswered());
    QVERIFY(*m_outcome);
    QCOMPARE(m_peer->requestCount(), 1);
    const PeerRequest &request = m_peer->requests().front();
    QCOMPARE(request.line(), QByteArray("POST /v1/messages HTTP/1.1"));
    QCOMPARE(request.body, body);
    QCOMPARE(request.field("content-type"), QByteArray("application/json"));
    QCOMPARE(request.field("authorization"), QByteArray("Bearer kt-admin"));
    QCOMPARE(request.field("x-kirotray-use-account"), QByteArray("account-7"));
    QCOMPARE(request.field("x-kirotray-replay-of"), QByteArray("01020304"));
}

void TstFlowReplay::changesOnlyTheModel_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("model");
    QTest::addColumn<QByteArray>("expected");
    QTest::addRow("in the middle")
        << QByteArray("{\"a\": 1.50 ,\"model\" : \"old\" ,\"b\":\"\\u00e9\"}") << u"new"_s
        << QByteArray("{\"a\": 1.50 ,\"model\" : \"new\" ,\"b\":\"\\u00e9\"}");
    QTest::addRow("first, behind white space")
        << QByteArray("\n {\"model\":\"old\"} ") << u"newer"_s
        << QByteArray("\n {\"model\":\"newer\"} ");
    QTest::addRow("inner members of that name stay")
        << QByteArray("{\"m\":{\"model\":\"in\"},\"model\":\"old\",\"n\":[{\"model\":\"in\"}]}")
        << u"new"_s
        << QByteArray("{\"m\":{\"model\":\"in\"},\"model\":\"new\",\"n\":[{\"model\":\"in\"}]}");
    QTest::addRow("the last of two, which is the one that counts")
        << QByteArray("{\"model\":\"first\",\"model\":\"second\"}") << u"new"_s
        << QByteArray("{\"model\":\"first\",\"model\":\"new\"}");
    QTest::addRow("quotes are escaped")
        << QByteArray("{\"model\":\"old\"}") << u"a\"b"_s << QByteArray("{\"model\":\"a\\\"b\"}");
    QTest::addRow("with other letters before it")
        << QByteArray("{\"t\":\"\xe4\xbd\xa0\xe5\xa5\xbd\",\"model\":\"old\"}") << u"new"_s
        << QByteArray("{\"t\":\"\xe4\xbd\xa0\xe5\xa5\xbd\",\"model\":\"new\"}");
}

void TstFlowReplay::changesOnlyTheModel()
{
    QFETCH(QByteArray, body);
    QFETCH(QString, model);
    replay(requestOnly(body), {{}, model});
    QVERIFY(wasAnswered());
    QCOMPARE(m_peer->requestCount(), 1);
    QTEST(m_peer->requests().front().body, "expected");
    QVERIFY(m_peer->requests().front().field("x-kirotray-use-account").isNull());
}

void TstFlowReplay::changesTheModelOfAnAddress_data()
{
    QTest::addColumn<QString>("route");
    QTest::addColumn<QString>("model");
    QTest::addColumn<QByteArray>("line");
    const QString route = u"POST /v1beta/models/gemini-2.5-pro:generateContent"_s;
    QTest::addRow("kept") << route << QString()
                          << QByteArray(
                                 "POST /v1beta/models/gemini-2.5-pro:generateContent HTTP/1.1");
    QTest::addRow("changed") << route << u"other"_s
                             << QByteArray("POST /v1beta/models/other:generateContent HTTP/1.1");
    QTest::addRow("with a slash") << route << u"a/b c"_s
                                  << QByteArray(
                                         "POST /v1beta/models/a%2Fb%20c:generateContent HTTP/1.1");
    QTest::addRow("what was encoded stays so")
        << u"POST /v1beta/models/a%2Fb:generateContent"_s << QString()
        << QByteArray("POST /v1beta/models/a%2Fb:generateContent HTTP/1.1");
}

void TstFlowReplay::changesTheModelOfAnAddress()
{
    QFETCH(QString, route);
    QFETCH(QString, model);
    m_flow.record.route = route;
    replay(requestOnly("{\"contents\":[]}"), {{}, model});
    QVERIFY(wasAnswered());
    QCOMPARE(m_peer->requestCount(), 1);
    QTEST(m_peer->requests().front().line(), "line");
    QCOMPARE(m_peer->requests().front().body, QByteArray("{\"contents\":[]}"));
}

void TstFlowReplay::asksForEventsWhereTheyWereSent()
{
    m_flow.record.route = u"POST /v1beta/models/m:streamGenerateContent"_s;
    FlowBodies bodies;
    bodies.clientRequest = "{}";
    bodies.clientAnswer = "data: {}\n\n";
    replay(std::make_shared<const FlowBodies>(bodies));
    QVERIFY(wasAnswered());
    QCOMPARE(m_peer->requests().front().line(),
             QByteArray("POST /v1beta/models/m:streamGenerateContent?alt=sse HTTP/1.1"));
}

void TstFlowReplay::tellsWhatCameBack_data()
{
    QTest::addColumn<int>("recorded");
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("same");
    QTest::addRow("as before") << 200 << 200 << true;
    QTest::addRow("a refusal again") << 400 << 400 << true;
    QTest::addRow("better") << 503 << 200 << false;
    QTest::addRow("worse") << 200 << 429 << false;
}

void TstFlowReplay::tellsWhatCameBack()
{
    QFETCH(int, recorded);
    QFETCH(int, status);
    m_flow.record.status = recorded;
    // Larger than a reply that is collected may be.
    m_peer->next(PeerScript::reply(status, QByteArray(limits::MaxReplyBody + 1, ' '),
                                   "request-id: req_0a1b2c3d\r\n"));
    replay(requestOnly("{}"));
    QVERIFY(wasAnswered());
    QVERIFY(*m_outcome);
    QCOMPARE(m_outcome->value().flowId, u"0a1b2c3d"_s);
    QCOMPARE(m_outcome->value().status, status);
    QTEST(m_outcome->value().sameStatus, "same");
    QVERIFY(m_outcome->value().ms >= 0);
}

Error::Code TstFlowReplay::refusal()
{
    return m_outcome && !*m_outcome ? m_outcome->error().code : Error::Code::Cancelled;
}

void TstFlowReplay::refusesWhatCannotBeRepeated_data()
{
    QTest::addColumn<FlowBodiesPtr>("bodies");
    QTest::addColumn<QString>("model");
    FlowBodies cut;
    cut.clientRequest = QByteArray(limits::MaxFlowBody, ' ');
    cut.isCut = true;
    QTest::addRow("no bodies are kept") << FlowBodiesPtr() << QString();
    QTest::addRow("an empty body") << requestOnly("") << QString();
    QTest::addRow("a body that was cut") << std::make_shared<const FlowBodies>(cut) << QString();
    QTest::addRow("no model to change") << requestOnly("{\"a\":1}") << u"new"_s;
    QTest::addRow("a model that is no text") << requestOnly("{\"model\":5}") << u"new"_s;
    QTest::addRow("a body that is no JSON") << requestOnly("model") << u"new"_s;
    QTest::addRow("a list") << requestOnly("[\"model\"]") << u"new"_s;
}

void TstFlowReplay::refusesWhatCannotBeRepeated()
{
    QFETCH(FlowBodiesPtr, bodies);
    QFETCH(QString, model);
    replay(bodies, {{}, model});
    QCOMPARE(m_answers, 0); // never at once
    QVERIFY(wasAnswered());
    QCOMPARE(refusal(), Error::Code::BadInput);
    QCOMPARE(m_peer->requestCount(), 0);
}

void TstFlowReplay::tellsAFailedConnection()
{
    m_peer->next(PeerScript().reset());
    replay(requestOnly("{}"));
    QVERIFY(wasAnswered());
    QCOMPARE(refusal(), Error::Code::Network);
}

void TstFlowReplay::staysSilentWhenTheAskerIsGone()
{
    m_peer->always(PeerScript().hold());
    auto asker = std::make_unique<QObject>();
    int answers = 0;
    const auto count = [&answers](const auto &) { ++answers; };
    const ReplayServices services {m_http, m_peer->url(), Secret("kt-admin")};
    replayFlow(services, m_flow, requestOnly("{}"), {}, asker.get(), count);
    replayFlow(services, m_flow, {}, {}, asker.get(), count);
    QTRY_COMPARE(m_peer->requestCount(), 1);
    QTRY_COMPARE(answers, 1); // the refusal
    asker.reset();
    QTRY_COMPARE(m_peer->openCount(), 0); // the other was aborted
    QCOMPARE(answers, 1);
}

QTEST_GUILESS_MAIN(TstFlowReplay)
#include "tst_flowreplay.moc"
