// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/vault.h"
#include "app/kiro/kirotables.h"
#include "app/login/login.h"
#include "app/net/httpclient.h"
#include "app/simulator/simulator.h"
#include "tests/scriptedvault.h"

#include <QObject>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <optional>
#include <vector>

namespace kirotray {

/// Sign-ins against the simulator. init() of a test calls renew().
class OidcBench : public QObject
{
protected:
    using Accounts = std::vector<ImportedAccount>;

    void renew()
    {
        m_login.reset();
        m_http.reset();
        m_simulator = std::make_unique<Simulator>();
        QVERIFY(m_simulator->start());
        m_http = std::make_unique<HttpClient>();
        m_storage = std::make_shared<VaultStorage>();
        m_vault = std::make_unique<ScriptedVault>(m_storage);
        m_now = QDateTime::currentDateTimeUtc();
        const QTemporaryDir folder;
        QFile file(folder.filePath(u"endpoints.json"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(m_simulator->endpointsJson());
        file.close();
        const KiroTablesLoad load = loadKiroTables(folder.path());
        QVERIFY(load.problems.empty());
        m_tables = load.tables;
    }
    void script(const QByteArray &oidc) { scriptAll("{\"logins\":{\"oidc\":" + oidc + "}}"); }
    void scriptAll(const QByteArray &json)
    {
        const Result<Done> set = m_simulator->setScript(json);
        QVERIFY2(set, set ? "" : qPrintable(describe(set.error())));
    }
    LoginServices services()
    {
        return {*m_http, m_tables, *m_vault, {}, [this] { return m_now; }, {0}};
    }

    /// Takes over a sign-in and starts it.
    void start(std::unique_ptr<Login> login)
    {
        m_steps.clear();
        m_result.reset();
        m_endings = 0;
        m_login = std::move(login);
        connect(m_login.get(), &Login::stepped, this,
                [this](const LoginStep &step) { m_steps.push_back(step); });
        connect(m_login.get(), &Login::finished, this, [this](const Result<Accounts> &result) {
            m_result.emplace(result);
            ++m_endings;
        });
        m_login->start();
    }
    /// The same by the table. The error of a sign-in that cannot begin is its result.
    void start(const char *provider, const LoginInput &input)
    {
        m_result.reset();
        const LoginProvider *found = findLoginProvider(QString::fromLatin1(provider));
        QVERIFY(found != nullptr);
        Result<std::unique_ptr<Login>> made = found->make(services(), input);
        if (made)
            start(std::move(made).value());
        else
            m_result.emplace(made.error());
    }
    /// Of a sign-in that has ended in failure; an impossible one otherwise.
    Error error() const
    {
        return m_result && !*m_result ? m_result->error()
                                      : Error {Error::Code::Storage, u"no failure"_s};
    }
    /// For QVERIFY2.
    const char *problem()
    {
        m_problem = m_result && !*m_result ? describe(m_result->error()).toUtf8() : QByteArray();
        return m_problem.constData();
    }
    /// The first step of a kind; null without one.
    template <typename Step>
    const Step *step() const
    {
        for (const LoginStep &each : m_steps)
            if (const Step *found = std::get_if<Step>(&each))
                return found;
        return nullptr;
    }
    /// A reply to a GET of this address, as a browser would send it; redirects are not followed.
    HttpReply browse(const QUrl &url)
    {
        OutboundRequest request;
        request.method = "GET";
        request.url = url;
        std::optional<Result<HttpReply>> reply;
        QObject context;
        m_http->fetch(request, &context, [&](const Result<HttpReply> &got) { reply.emplace(got); });
        [&] { QTRY_VERIFY(reply); }();
        return reply && *reply ? reply->value() : HttpReply {};
    }

    std::unique_ptr<Simulator> m_simulator;
    std::unique_ptr<HttpClient> m_http;
    KiroTablesPtr m_tables;
    std::shared_ptr<VaultStorage> m_storage;
    std::unique_ptr<ScriptedVault> m_vault;
    QDateTime m_now;
    std::unique_ptr<Login> m_login;
    std::vector<LoginStep> m_steps;
    std::optional<Result<Accounts>> m_result;
    int m_endings = 0;
    QByteArray m_problem;
};

} // namespace kirotray
