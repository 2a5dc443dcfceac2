// SPDX-License-Identifier: MIT
#include "app/coreservices.h"

#include "app/accounts/accountcompletion.h"
#include "app/accounts/accountintake.h"
#include "app/accounts/completionrules.h"
#include "app/accounts/registrationwarnings.h"
#include "app/base/log.h"
#include "app/platform/datafolder.h"

#include <QDir>

#include <utility>

namespace kirotray {

namespace {

/// Every endpoint of the tables sent to one server.
KiroTablesPtr tablesAt(const KiroTables &tables, const QUrl &server)
{
    auto moved = std::make_shared<KiroTables>(tables);
    const QStringList only {server.toString(QUrl::StripTrailingSlash)};
    moved->endpoints = {only, only, only, only, only, only, only, only, only};
    return moved;
}

} // namespace

Result<std::unique_ptr<CoreServices>> CoreServices::open(CoreOptions options, QStringList &warnings)
{
    auto all = std::make_unique<CoreServices>();
    if (options.demo) {
        all->demoFolder = std::make_unique<QTemporaryDir>();
        options.dataDir = all->demoFolder->path();
    }
    const QDir folder(QDir(options.dataDir).absolutePath());
    all->dataDir = folder.path();
    Result<std::unique_ptr<QLockFile>> lock = claimDataFolder(all->dataDir);
    if (!lock)
        return lock.error();
    all->lock = std::move(lock).value();
    all->settings = std::make_unique<Settings>(folder.filePath(u"settings.ini"_s));
    KiroTablesLoad load = loadKiroTables(all->dataDir);
    for (const Error &problem : load.problems)
        warnings.append(describe(problem) + u"; the built-in table is used"_s);
    all->tables = std::move(load.tables);
    all->store = std::make_unique<AccountStore>(folder.filePath(u"accounts.json"_s));
    if (const Result<Done> loaded = all->store->load(); !loaded)
        warnings.append(describe(loaded.error())
                        + u"; the file is kept, and set aside when accounts are saved"_s);
    if (const Result<Done> opened = all->openVault(options); !opened)
        return opened.error();
    if (options.demo)
        if (const Result<Done> opened = all->openDemo(); !opened)
            return opened.error();
    all->readOutboundProxy(warnings);
    all->http = std::make_unique<HttpClient>();
    all->calls = std::make_unique<ControlCalls>(*all->http, all->tables);
    all->calls->setGeneralProxy(all->outboundProxy);
    all->tokens = std::make_unique<TokenKeeper>(*all->store, *all->vault, *all->calls);
    all->usage = std::make_unique<UsageKeeper>(*all->store, *all->tokens, *all->calls,
                                               folder.filePath(u"usage.json"_s));
    all->keys = std::make_unique<ClientKeys>(*all->vault, folder.filePath(u"clientkeys.json"_s));
    all->flows =
        std::make_unique<FlowLog>(options.demo ? QString() : folder.filePath(u"flows.sqlite"_s));
    all->logins = std::make_unique<LoginSessions>(
        LoginServices {*all->http, all->tables, *all->vault, all->outboundProxy},
        [services = all.get()](std::vector<ImportedAccount> accounts,
                               const std::function<void(Result<QStringList>)> &done) {
            services->takeLogin(std::move(accounts), done);
        });
    all->gateway = std::make_unique<GatewayThread>();
    for (const RegistrationWarning &warning :
         registrationWarnings(all->store->accounts(), QDateTime::currentDateTimeUtc()))
        warnings.append(warning.what);
    return all;
}

Result<Done> CoreServices::openVault(const CoreOptions &options)
{
    if (options.demo) {
        vault = makeMemoryVault();
        return Done {};
    }
    if (options.vault == VaultKind::Keychain) {
        vault = makeKeychainVault(u"KiroTray"_s);
        return Done {};
    }
    Result<std::unique_ptr<Vault>> opened =
        openFileVault(QDir(dataDir).filePath(u"vault.bin"_s), options.vaultPassphrase);
    if (!opened)
        return opened.error();
    vault = std::move(opened).value();
    return Done {};
}

Result<Done> CoreServices::openDemo()
{
    Result<KiroTablesPtr> simulated = simulatorTables();
    if (!simulated)
        return simulated.error();
    tables = std::move(simulated).value();
    Account account;
    account.id = {u"demo"_s};
    account.label = u"Demo"_s;
    account.provider = u"Demo"_s;
    account.machineId = QString(64, u'0');
    account.profileArn = u"arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK"_s;
    account.createdAt = QDateTime::currentDateTimeUtc();
    Credential credential;
    credential.accessToken = Secret(Simulator::demoAccessToken());
    credential.refreshToken = Secret(Simulator::demoRefreshToken());
    credential.expiresAt = account.createdAt.addDays(1);
    // The memory vault is written at once; the answer comes queued and cannot be a failure.
    vault->write(vaultKey(account.id), serialise(credential), vault.get(),
                 [](const Result<Done> &) {});
    return store->put(account);
}

Result<KiroTablesPtr> CoreServices::simulatorTables()
{
    if (!simulator) {
        simulator = std::make_unique<Simulator>();
        if (const Result<QUrl> server = simulator->start(); !server) {
            simulator.reset();
            return server.error();
        }
    }
    return tablesAt(*tables, simulator->url());
}

void CoreServices::readOutboundProxy(QStringList &warnings)
{
    const Result<ProxyChoice> proxy = ProxyChoice::parse(settings->get(keys::OutboundProxy));
    if (proxy && proxy.value().password.isEmpty()) {
        outboundProxy = proxy.value();
        return;
    }
    warnings.append(
        u"net/proxy: "_s
        + (proxy ? u"a password does not belong in the settings file"_s : describe(proxy.error()))
        + u"; the system's proxy is used"_s);
}

/// A sign-in is done when its accounts are stored and their profile and user are known.
void CoreServices::takeLogin(std::vector<ImportedAccount> accounts,
                             const std::function<void(Result<QStringList>)> &done)
{
    auto *intake =
        new AccountIntake(*store, *tokens, planIntake(store->accounts(), std::move(accounts)),
                          logins.get(), [this, done](const Result<AccountIntake::Outcome> &taken) {
                              if (!taken)
                                  return done(taken.error());
                              completeNext(taken.value().ids, {}, done);
                          });
    intake->start();
}

void CoreServices::completeNext(std::vector<AccountId> left, QStringList ids,
                                const std::function<void(Result<QStringList>)> &done)
{
    if (left.empty()) {
        for (const QString &id : ids)
            gateway->restoreAccount(id); // a new sign-in: what the pool held against it is over
        return done(ids);
    }
    const AccountId id = left.back();
    left.pop_back();
    completeOne(id, [this, left = std::move(left), ids, done](const AccountId &stayed) mutable {
        if (!ids.contains(stayed.value))
            ids.append(stayed.value);
        completeNext(std::move(left), std::move(ids), done);
    });
}

void CoreServices::completeOne(const AccountId &id,
                               const std::function<void(const AccountId &)> &done)
{
    m_lookedUp.insert(id);
    auto *completion = new AccountCompletion({*store, *tokens, *calls, *usage}, id, logins.get(),
                                             [done](const CompletionOutcome &outcome) {
                                                 for (const Error &problem : outcome.problems)
                                                     qCWarning(logAccounts).noquote()
                                                         << "account not completed account="
                                                         << outcome.id.value << describe(problem);
                                                 done(outcome.id);
                                             });
    completion->start();
}

void CoreServices::lookUpAccounts()
{
    if (!std::exchange(m_isLookingUp, true))
        lookUpNext();
}

void CoreServices::lookUpNext()
{
    for (const Account &account : store->accounts()) {
        const bool isKnown = !account.userId.isEmpty() || !account.email.isEmpty();
        const bool hasProfile = !completion::needsProfile(account) || !account.profileArn.isEmpty();
        if ((isKnown && hasProfile) || !isUsable(account) || m_lookedUp.contains(account.id))
            continue;
        completeOne(account.id, [this](const AccountId &) { lookUpNext(); });
        return;
    }
    m_isLookingUp = false;
}

} // namespace kirotray
