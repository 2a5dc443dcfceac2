// SPDX-License-Identifier: MIT
#include "tests/benchclient.h"

#include <QDir>
#include <QEventLoop>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkProxy>
#include <QTcpSocket>
#include <QThread>
#include <QTimer>

#include <algorithm>
#include <cstdio>

namespace kirotray::bench {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int PatienceMs = 60'000;
const QByteArray ApiKey = "kt-bench";

/// One request on one connection; watches the answer go by without keeping it.
class Client
{
public:
    Client(const QUrl &server, QByteArray request, QByteArray marker)
        : m_request(std::move(request))
        , m_marker(std::move(marker))
    {
        socket.setProxy(QNetworkProxy::NoProxy);
        socket.connectToHost(server.host(), static_cast<quint16>(server.port()));
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this] { read(); });
    }

    void send()
    {
        m_clock.start();
        socket.write(m_request);
    }

    QTcpSocket socket;
    std::function<void()> onFirst;
    std::function<void()> onEnd;
    double firstMs = -1;
    double longestGapMs = 0;
    bool isComplete = false;

private:
    void read()
    {
        const QByteArray bytes = socket.readAll();
        const double now = double(m_clock.nsecsElapsed()) / 1e6;
        m_tail = m_tail.right(64) + bytes;
        if (firstMs >= 0) {
            longestGapMs = std::max(longestGapMs, now - m_lastMs);
        } else if (m_tail.contains(m_marker)) {
            firstMs = now;
            if (onFirst)
                onFirst();
        }
        m_lastMs = now;
        if (m_tail.endsWith("\r\n0\r\n\r\n") && !isComplete) {
            isComplete = true;
            if (onEnd)
                onEnd();
        }
    }

    QByteArray m_request;
    QByteArray m_marker;
    QByteArray m_tail;
    QElapsedTimer m_clock;
    double m_lastMs = 0;
};

QList<QByteArray> lines(const QString &file)
{
    QFile handle(file);
    return handle.open(QIODevice::ReadOnly) ? handle.readAll().split('\n') : QList<QByteArray>();
}

qint64 statusField(const QString &file, const char *field)
{
    for (const QByteArray &line : lines(file))
        if (line.startsWith(field))
            return line.simplified().split(' ').value(1).toLongLong();
    return 0;
}

QStringList tasksOf(qint64 process)
{
    const QDir folder(u"/proc/%1/task"_s.arg(process));
    QStringList paths;
    for (const QString &task : folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        paths.append(folder.filePath(task));
    return paths;
}

QByteArray post(const QByteArray &path, const QByteArray &headers, const QByteArray &body)
{
    return "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        + headers + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

} // namespace

Bench::Bench(const QString &kirotrayctl, const QString &simulator)
{
    m_isReady = startSimulator(simulator) && startProxy(kirotrayctl);
    if (!m_isReady)
        return;
    script(R"({"rules":[{"steps":[{"text":"Hello"}]}]})");
    run(true, {});
    const QJsonObject counts = QJsonDocument::fromJson(ask(R"({"statistics":true})")).object();
    m_upstreamBody = counts.value(u"lastChatBody"_s).toString().toUtf8();
    m_isReady = !m_upstreamBody.isEmpty();
}

Bench::~Bench()
{
    m_proxy.terminate();
    m_proxy.waitForFinished();
    m_simulator.closeWriteChannel();
    m_simulator.waitForFinished();
}

bool Bench::startSimulator(const QString &program)
{
    m_simulator.start(program, QStringList());
    if (!m_simulator.waitForReadyRead(PatienceMs))
        return false;
    const QJsonObject hello = QJsonDocument::fromJson(m_simulator.readLine()).object();
    m_simulatorUrl = QUrl(hello.value(u"url"_s).toString());
    m_accessToken = hello.value(u"accessToken"_s).toString().toLatin1();
    m_refreshToken = hello.value(u"refreshToken"_s).toString().toLatin1();
    m_endpoints = QJsonDocument(hello.value(u"endpoints"_s).toObject()).toJson();
    return m_simulatorUrl.isValid();
}

bool Bench::startProxy(const QString &program)
{
    const auto write = [this](const QString &name, const QByteArray &text) {
        QFile file(m_folder.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    const QString account = m_folder.filePath(u"account.json"_s);
    // What is measured is the proxy, not the pace that a user sets.
    if (!write(u"endpoints.json"_s, m_endpoints)
        || !write(u"settings.ini"_s, "[pacing]\nenabled=false\n")
        || !write(
            u"account.json"_s,
            R"([{"refreshToken":")" + m_refreshToken + R"(","accessToken":")" + m_accessToken
                + R"(","expiresAt":"2099-01-01T00:00:00Z","authMethod":"social","profileArn":)"
                  R"("arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK"}])"))
        return false;
    qputenv("KIROTRAY_VAULT_PASSPHRASE", "bench");
    const QStringList folder {u"--data-dir"_s, m_folder.path(), u"--vault"_s, u"file"_s};
    if (QProcess::execute(program, QStringList {u"accounts"_s, u"import"_s, account} + folder) != 0)
        return false;
    m_proxy.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    QElapsedTimer clock;
    clock.start();
    m_proxy.start(program,
                  QStringList {u"serve"_s, u"--json"_s, u"--port"_s, u"0"_s, u"--api-key"_s,
                               QString::fromLatin1(ApiKey)}
                      + folder);
    if (!m_proxy.waitForReadyRead(PatienceMs))
        return false;
    m_startMs = double(clock.nsecsElapsed()) / 1e6;
    m_proxyUrl =
        QUrl(QJsonDocument::fromJson(m_proxy.readLine()).object().value(u"url"_s).toString());
    return m_proxyUrl.isValid();
}

QByteArray Bench::ask(const QByteArray &command)
{
    m_simulator.write(command + '\n');
    QByteArray answer;
    while (!answer.endsWith('\n') && m_simulator.waitForReadyRead(PatienceMs))
        answer += m_simulator.readAll();
    return answer;
}

void Bench::script(const QByteArray &json)
{
    const QByteArray answer = ask(R"({"script":)" + json + '}');
    if (answer.contains("error"))
        std::fprintf(stderr, "script: %s", answer.constData());
}

QByteArray Bench::request(bool isProxied, const QByteArray &content) const
{
    if (isProxied)
        return post("/v1/messages", "x-api-key: " + ApiKey + "\r\n",
                    R"({"model":"claude-sonnet-4.5","max_tokens":1000,"stream":true,"messages":[)"
                    R"({"role":"user","content":")"
                        + content + R"("}]})");
    return post("/generateAssistantResponse",
                "Authorization: Bearer " + m_accessToken
                    + "\r\nUser-Agent: aws-sdk-js/1.0.34 KiroIDE-1.1.14-" + QByteArray(64, '0')
                    + "\r\n",
                m_upstreamBody);
}

Streams Bench::run(bool isProxied, const Load &load)
{
    const int count = load.count;
    Streams result;
    std::vector<std::unique_ptr<Client>> clients;
    QEventLoop loop;
    QElapsedTimer clock;
    int live = 0;
    for (int i = 0; i < count; ++i) {
        auto &client = clients.emplace_back(std::make_unique<Client>(
            isProxied ? m_proxyUrl : m_simulatorUrl, request(isProxied, "Hello"),
            isProxied ? "content_block_delta" : "assistantResponseEvent"));
        client->onFirst = [&] {
            if (++live == count) {
                result.allLiveMs = double(clock.nsecsElapsed()) / 1e6;
                if (load.whenLive)
                    load.whenLive();
            }
        };
        client->onEnd = [&] {
            if (++result.complete == count)
                loop.quit();
        };
    }
    for (const auto &client : clients)
        client->socket.waitForConnected(PatienceMs);
    clock.start();
    for (int i = 0; i < count; ++i) {
        Client *client = clients[std::size_t(i)].get();
        if (load.apartMs == 0)
            client->send();
        else
            QTimer::singleShot(i * load.apartMs, Qt::PreciseTimer, &client->socket,
                               [client] { client->send(); });
    }
    QTimer::singleShot(PatienceMs, &loop, &QEventLoop::quit);
    loop.exec();
    for (const auto &client : clients) {
        if (client->firstMs >= 0)
            result.firstMs.push_back(client->firstMs);
        result.longestGapMs = std::max(result.longestGapMs, client->longestGapMs);
    }
    return result;
}

Streams Bench::runBesideLargeRequests(int count, qsizetype bytes)
{
    std::vector<std::unique_ptr<Client>> large;
    QByteArray text;
    while (text.size() < bytes)
        text += "A line of a long conversation.\\n";
    const QByteArray body = request(true, text + "Go on.");
    return run(true, {count, 0, [&] {
                          for (int i = 0; i < 4; ++i) {
                              large.push_back(std::make_unique<Client>(m_proxyUrl, body,
                                                                       "content_block_delta"));
                              large.back()->send();
                          }
                      }});
}

double Bench::residentBesideStalledClient()
{
    Client client(m_proxyUrl, request(true, "Hello"), "content_block_delta");
    client.socket.setReadBufferSize(4096);
    client.socket.disconnect(&client.socket); // nobody reads
    client.send();
    QEventLoop loop;
    QTimer::singleShot(3000, &loop, &QEventLoop::quit);
    loop.exec();
    return proxyResidentKb();
}

int Bench::abortedStreams()
{
    return QJsonDocument::fromJson(ask(R"({"statistics":true})"))
        .object()
        .value(u"chatAborted"_s)
        .toInt();
}

double Bench::clientGoneToAbortMs()
{
    script(R"({"rules":[{"steps":[{"burst":{"text":"tick ","count":10000,"intervalMs":20}}]}]})");
    auto client =
        std::make_unique<Client>(m_proxyUrl, request(true, "Hello"), "content_block_delta");
    QEventLoop loop;
    client->onFirst = [&] { loop.quit(); };
    client->send();
    QTimer::singleShot(PatienceMs, &loop, &QEventLoop::quit);
    loop.exec();
    const int before = abortedStreams();
    QElapsedTimer clock;
    clock.start();
    client.reset();
    while (abortedStreams() == before && clock.elapsed() < PatienceMs)
        QThread::msleep(1);
    return double(clock.nsecsElapsed()) / 1e6;
}

double Bench::proxyResidentKb() const
{
    return double(statusField(u"/proc/%1/status"_s.arg(m_proxy.processId()), "VmRSS"));
}

double Bench::proxyCpuSeconds() const
{
    double nanoseconds = 0;
    for (const QString &task : tasksOf(m_proxy.processId()))
        nanoseconds += lines(task + u"/schedstat"_s).value(0).split(' ').value(0).toDouble();
    return nanoseconds / 1e9;
}

double Bench::wakeUpsPerSecond() const
{
    const auto switches = [this] {
        qint64 sum = 0;
        for (const QString &task : tasksOf(m_proxy.processId()))
            sum += statusField(task + u"/status"_s, "voluntary_ctxt_switches");
        return sum;
    };
    QThread::sleep(1);
    const qint64 before = switches();
    QThread::sleep(5);
    return double(switches() - before) / 5;
}

} // namespace kirotray::bench
