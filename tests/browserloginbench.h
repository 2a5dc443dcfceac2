// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/vault.h"
#include "app/kiro/controlcalls.h"
#include "app/login/login.h"
#include "app/simulator/simulator.h"

#include <QObject>
#include <QTemporaryDir>

#include <memory>
#include <optional>
#include <vector>

namespace kirotray {

/// Sign-ins in the browser against the simulator. The browser is an HTTP client that follows one
/// redirect at a time; the clock stands still unless the test moves it.
class BrowserLoginBench : public QObject
{
    Q_OBJECT

private slots:
    void init() { prepare(); }
    void cleanup() { tearDown(); }

protected:
    void prepare();
    void tearDown();
    using Outcome = Result<std::vector<ImportedAccount>>;
    struct Page
    {
        int status = 0;
        QByteArray body;
        QUrl location; ///< of a redirect
    };

    void setScript(const QByteArray &json);
    LoginServices services();
    /// Makes and starts a sign-in; its first link is waited for unless it ends before.
    void start(const QString &provider, const LoginInput &input = {});
    /// The link of the newest OpenBrowser step.
    QUrl link() const;
    int linkCount() const;
    Page get(const QUrl &url);
    /// Opens the link, and goes where the service sends the browser.
    Page signIn();
    /// The error that the sign-in ended with; empty when it has not, or has not failed.
    std::optional<Error::Code> failure() const;
    /// Waits for the end; the only account. Default-made when there is none.
    ImportedAccount account();
    /// What renewing `imported` gives.
    Result<TokenGrant> renew(const ImportedAccount &imported);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Simulator> m_simulator;
    std::unique_ptr<HttpClient> m_http;
    std::unique_ptr<Vault> m_vault;
    KiroTablesPtr m_tables;
    QDateTime m_now;
    int m_clockReads = 0;
    QList<quint16> m_ports;
    std::unique_ptr<Login> m_login;
    std::vector<LoginStep> m_steps;
    std::optional<Outcome> m_outcome;
    int m_ends = 0;
};

} // namespace kirotray
