// SPDX-License-Identifier: MIT
#include "tests/gatewaybench.h"

#include <QTcpSocket>

namespace kirotray {

namespace {

QByteArray withoutChunks(QByteArray bytes, bool &isComplete)
{
    QByteArray out;
    isComplete = false;
    while (true) {
        const qsizetype line = bytes.indexOf("\r\n");
        if (line < 0)
            return out;
        const qsizetype size = bytes.first(line).toLongLong(nullptr, 16);
        if (size == 0) {
            isComplete = true;
            return out;
        }
        out += bytes.mid(line + 2, size);
        bytes.remove(0, line + 2 + size + 2);
    }
}

Answer parseAnswer(const QByteArray &bytes)
{
    Answer answer;
    const qsizetype end = bytes.indexOf("\r\n\r\n");
    if (end < 0)
        return answer;
    answer.head = bytes.first(end).toLower();
    answer.status = answer.head.mid(9, 3).toInt();
    const QByteArray rest = bytes.mid(end + 4);
    if (answer.head.contains("transfer-encoding: chunked")) {
        answer.body = withoutChunks(rest, answer.isComplete);
        return answer;
    }
    if (answer.status == 204) { // RFC 9110 §15.3.5: no content, no length
        answer.isComplete = true;
        return answer;
    }
    const qsizetype at = answer.head.indexOf("content-length: ");
    const qsizetype length = answer.head.mid(at + 16).split('\r').first().toLongLong();
    answer.body = rest.first(qMin(length, rest.size()));
    answer.isComplete = at >= 0 && rest.size() >= length;
    return answer;
}

} // namespace

QByteArray anthropicBody(bool isStream, const QByteArray &content)
{
    return R"({"model":"claude-sonnet-4-5","max_tokens":100,"stream":)"
        + QByteArray(isStream ? "true" : "false") + R"(,"messages":[{"role":"user","content":")"
        + content + R"("}]})";
}

QByteArray openaiBody(bool isStream)
{
    return R"({"model":"gpt-4o","stream":)" + QByteArray(isStream ? "true" : "false")
        + R"(,"messages":[{"role":"user","content":"Hello"}]})";
}

AccountSnapshot demoAccount(const QString &id)
{
    AccountSnapshot account;
    account.identity = {id,
                        AccountKind::Social,
                        {},
                        u"arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK"_s,
                        {},
                        {},
                        QString(64, u'0'),
                        {}};
    return account;
}

void GatewayBench::initTestCase()
{
    const Result<QUrl> started = simulator.start();
    QVERIFY(started);
    m_upstream = started.value();
}

void GatewayBench::init()
{
    hasAccount = true;
    token = Secret(Simulator::demoAccessToken());
    timing = {};
    policy = {};
    accounts.clear();
    tokens.clear();
    startGateway();
}

void GatewayBench::cleanup()
{
    stopGateway();
}

void GatewayBench::startGateway()
{
    auto tables = std::make_shared<KiroTables>(*loadKiroTables(QString()).tables);
    const QStringList only {m_upstream.toString(QUrl::StripTrailingSlash)};
    tables->endpoints = {only, only, only, only, only, only, only};
    GatewayConfig config;
    config.apiKey = Secret("kt-key");
    config.tables = tables;
    config.timing = timing;
    config.policy = policy;
    config.adminToken = Secret("kt-admin");
    port = 0;
    flows.clear();
    active.clear();
    stoppedCount = 0;
    tokensAsked = 0;
    reports.clear();
    healthOf.clear();
    gateway = std::make_unique<GatewayThread>();
    connect(gateway.get(), &GatewayThread::listening, this,
            [this](const QUrl &url) { port = static_cast<quint16>(url.port()); });
    connect(gateway.get(), &GatewayThread::requestFinished, this,
            [this](const FlowRecord &flow) { flows.push_back(flow); });
    connect(gateway.get(), &GatewayThread::activeRequestsChanged, this,
            [this](int count) { active.push_back(count); });
    connect(gateway.get(), &GatewayThread::stopped, this, [this] { ++stoppedCount; });
    connect(gateway.get(), &GatewayThread::tokenNeeded, this, [this](const QString &id) {
        ++tokensAsked;
        const auto own = tokens.find(id);
        gateway->answerToken(id, own == tokens.end() ? token : own->second);
    });
    connect(gateway.get(), &GatewayThread::accountReported, this,
            [this](const AccountReport &report) { reports.push_back(report); });
    connect(gateway.get(), &GatewayThread::healthChanged, this,
            [this](const QString &id, const AccountHealth &now) { healthOf.insert(id, now); });
    if (accounts.empty())
        accounts = {demoAccount(u"one"_s)};
    gateway->setAccounts(hasAccount ? accounts : std::vector<AccountSnapshot>());
    gateway->start(config);
    // QTRY_VERIFY looks only every 50 ms.
    QVERIFY(QTest::qWaitFor([this] { return port != 0; }));
}

void GatewayBench::stopGateway()
{
    gateway.reset();
}

Answer GatewayBench::send(const QByteArray &bytes)
{
    QTcpSocket socket;
    QByteArray received;
    connect(&socket, &QTcpSocket::readyRead, &socket, [&] { received += socket.readAll(); });
    socket.connectToHost(u"127.0.0.1"_s, port);
    socket.write(bytes);
    Answer answer;
    const bool isDone = QTest::qWaitFor(
        [&] {
            answer = parseAnswer(received);
            return answer.isComplete || socket.state() == QAbstractSocket::UnconnectedState;
        },
        15'000);
    return isDone ? answer : Answer();
}

QByteArray GatewayBench::post(const QByteArray &path, const QByteArray &body, const QByteArray &key,
                              const QByteArray &moreHeaders)
{
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nx-api-key: " + key + "\r\n"
        + moreHeaders + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

Answer GatewayBench::exchange(const QByteArray &path, const QByteArray &body)
{
    return send(post(path, body));
}

} // namespace kirotray
