// SPDX-License-Identifier: MIT
#include "tests/browserloginbench.h"

#include <QFile>
#include <QTest>

#include <algorithm>

namespace kirotray {

void BrowserLoginBench::prepare()
{
    m_simulator = std::make_unique<Simulator>();
    QVERIFY(m_simulator->start());
    m_folder = std::make_unique<QTemporaryDir>();
    QFile endpoints(m_folder->filePath(u"endpoints.json"_s));
    QVERIFY(endpoints.open(QIODevice::WriteOnly));
    endpoints.write(m_simulator->endpointsJson());
    endpoints.close();
    const KiroTablesLoad load = loadKiroTables(m_folder->path());
    QVERIFY2(load.problems.empty(),
             load.problems.empty() ? "" : qPrintable(describe(load.problems.front())));
    m_tables = load.tables;
    m_http = std::make_unique<HttpClient>();
    m_vault = makeMemoryVault();
    m_now = QDateTime(QDate(2026, 1, 2), QTime(3, 4, 5), Qt::UTC);
    m_ports = {0};
}

void BrowserLoginBench::tearDown()
{
    m_login.reset();
    m_http.reset();
    m_simulator.reset();
    m_steps.clear();
    m_outcome.reset();
    m_ends = 0;
}

void BrowserLoginBench::setScript(const QByteArray &json)
{
    const Result<Done> set = m_simulator->setScript(json);
    QVERIFY2(set, set ? "" : qPrintable(describe(set.error())));
}

LoginServices BrowserLoginBench::services()
{
    return {*m_http,
            m_tables,
            *m_vault,
            {},
            [this] {
                ++m_clockReads;
                return m_now;
            },
            m_ports};
}

void BrowserLoginBench::start(const QString &provider, const LoginInput &input)
{
    const LoginProvider *found = findLoginProvider(provider);
    QVERIFY(found != nullptr);
    Result<std::unique_ptr<Login>> made = found->make(services(), input);
    QVERIFY2(made, made ? "" : qPrintable(describe(made.error())));
    m_login = std::move(made).value();
    connect(m_login.get(), &Login::stepped, this,
            [this](const LoginStep &step) { m_steps.push_back(step); });
    connect(m_login.get(), &Login::finished, this, [this](const Outcome &outcome) {
        m_outcome = outcome;
        ++m_ends;
    });
    m_login->start();
    QVERIFY(m_steps.empty()); // not before the event loop runs
    QTRY_VERIFY(linkCount() == 1 || m_outcome);
}

QUrl BrowserLoginBench::link() const
{
    QUrl url;
    for (const LoginStep &step : m_steps)
        if (const auto *open = std::get_if<loginstep::OpenBrowser>(&step))
            url = open->url;
    return url;
}

int BrowserLoginBench::linkCount() const
{
    return static_cast<int>(std::ranges::count_if(m_steps, [](const LoginStep &step) {
        return std::holds_alternative<loginstep::OpenBrowser>(step);
    }));
}

BrowserLoginBench::Page BrowserLoginBench::get(const QUrl &url)
{
    OutboundRequest request;
    request.method = "GET";
    request.url = url;
    std::optional<Result<HttpReply>> reply;
    m_http->fetch(request, this, [&reply](Result<HttpReply> got) { reply.emplace(got); });
    [&] { QTRY_VERIFY(reply); }();
    if (!reply || !*reply)
        return {};
    const HttpReply &answer = reply->value();
    return {answer.status, answer.body, QUrl::fromEncoded(answer.header("Location"))};
}

BrowserLoginBench::Page BrowserLoginBench::signIn()
{
    const Page sent = get(link());
    return sent.status == 302 ? get(sent.location) : sent;
}

std::optional<Error::Code> BrowserLoginBench::failure() const
{
    if (!m_outcome || *m_outcome)
        return std::nullopt;
    return m_outcome->error().code;
}

ImportedAccount BrowserLoginBench::account()
{
    [&] { QTRY_VERIFY(m_outcome); }();
    if (!m_outcome || !*m_outcome || m_outcome->value().size() != 1)
        return {};
    return m_outcome->value().front();
}

Result<TokenGrant> BrowserLoginBench::renew(const ImportedAccount &imported)
{
    RefreshInput input;
    input.identity = identityOf(imported.account, imported.credential.accessToken);
    input.refreshToken = imported.credential.refreshToken;
    input.clientId = imported.credential.clientId;
    input.clientSecret = imported.credential.clientSecret;
    input.tokenEndpoint = imported.account.tokenEndpoint;
    input.scopes = imported.account.scopes;
    std::optional<Result<TokenGrant>> grant;
    ControlCalls calls(*m_http, m_tables);
    calls.refresh(input, this, [&grant](Result<TokenGrant> got) { grant.emplace(got); });
    [&] { QTRY_VERIFY(grant); }();
    if (!grant)
        return Error {Error::Code::Cancelled, u"no answer"_s};
    return *grant;
}

} // namespace kirotray
