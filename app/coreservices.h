// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountstore.h"
#include "app/accounts/clientkeys.h"
#include "app/accounts/tokenkeeper.h"
#include "app/accounts/usagekeeper.h"
#include "app/accounts/vault.h"
#include "app/base/settings.h"
#include "app/core.h"
#include "app/flows/flowlog.h"
#include "app/gateway/gatewaythread.h"
#include "app/kiro/controlcalls.h"
#include "app/login/loginsessions.h"
#include "app/net/httpclient.h"
#include "app/simulator/simulator.h"

#include <QLockFile>
#include <QTemporaryDir>

#include <set>

namespace kirotray {

/// Every service of the main thread, in the order of construction; destroyed the other way round.
/// They know nothing of each other beyond what they were built with: CoreLinks connects them.
struct CoreServices
{
    /// Data folder, accounts and vault. Error::Storage or BadInput; what does not stop the program
    /// goes into `warnings`.
    static Result<std::unique_ptr<CoreServices>> open(CoreOptions options, QStringList &warnings);

    QString dataDir; ///< absolute
    std::unique_ptr<QTemporaryDir> demoFolder;
    std::unique_ptr<QLockFile> lock;
    std::unique_ptr<Simulator>
        simulator; ///< the demo's; else made on demand, see simulatorTables()
    KiroTablesPtr tables;
    ProxyChoice outboundProxy;
    std::unique_ptr<Settings> settings;
    std::unique_ptr<AccountStore> store;
    std::unique_ptr<Vault> vault;
    std::unique_ptr<HttpClient> http;
    std::unique_ptr<ControlCalls> calls;
    std::unique_ptr<TokenKeeper> tokens;
    std::unique_ptr<UsageKeeper> usage;
    std::unique_ptr<ClientKeys> keys;
    std::unique_ptr<FlowLog> flows;
    std::unique_ptr<LoginSessions> logins;
    std::unique_ptr<GatewayThread> gateway;

    /// Tables whose hosts are the simulator's, which is started when it is not there yet.
    Result<KiroTablesPtr> simulatorTables();

    /// Looks for profile and user of accounts that lack them: imported ones, or those whose sign-in
    /// ended without a network. In the background, one after the other, each once.
    void lookUpAccounts();

private:
    Result<Done> openVault(const CoreOptions &options);
    Result<Done> openDemo();
    void readOutboundProxy(QStringList &warnings);
    void takeLogin(std::vector<ImportedAccount> accounts,
                   const std::function<void(Result<QStringList>)> &done);
    void completeOne(const AccountId &id, const std::function<void(const AccountId &)> &done);
    void lookUpNext();
    void completeNext(std::vector<AccountId> left, QStringList ids,
                      const std::function<void(Result<QStringList>)> &done);

    std::set<AccountId> m_lookedUp;
    bool m_isLookingUp = false;
};

} // namespace kirotray
