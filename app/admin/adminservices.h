// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountcompletion.h"
#include "app/accounts/accountstore.h"
#include "app/accounts/clientkeys.h"
#include "app/accounts/pool.h"
#include "app/accounts/tokenkeeper.h"
#include "app/accounts/usagekeeper.h"
#include "app/flows/flowlog.h"
#include "app/gateway/proxystatus.h"
#include "app/login/loginsessions.h"

#include <functional>

namespace kirotray {

class Settings;

/// What the admin API works with: the services of the main thread, and what only the core can do.
/// All of them outlive it.
struct AdminServices
{
    QString dataDir;
    Settings &settings;
    AccountStore &accounts;
    Vault &vault;
    TokenKeeper &tokens;
    UsageKeeper &usage;
    ControlCalls &calls;
    ClientKeys &keys;
    FlowLog &flows;
    LoginSessions &logins;
    HttpClient &http;
    KiroTablesPtr tables;

    std::function<ProxyStatus()> status;
    std::function<QStringList()> warnings; ///< English sentences
    std::function<AccountHealth(const AccountId &)> health;
    std::function<void(const AccountId &)> restore; ///< the pool tries the account again
    std::function<void(const AccountId &, QObject *, std::function<void(Result<Done>)>)> remove;
    std::function<Secret()> adminToken; ///< for a replay through our own server
    std::function<void()>
        lookUp; ///< profile and user of accounts that lack them, in the background
    std::function<void()> useSimulator; ///< makes the account "simulator" known to the gateway
};

} // namespace kirotray
