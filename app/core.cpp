// SPDX-License-Identifier: MIT
#include "app/core.h"

#include "app/accounts/accountstore.h"
#include "app/accounts/importer.h"
#include "app/accounts/tokenkeeper.h"
#include "app/accounts/vault.h"
#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/base/settings.h"
#include "app/gateway/gateway.h"
#include "app/kiro/controlcalls.h"
#include "app/platform/portowner.h"
#include "app/platform/runfile.h"
#include "app/simulator/simulator.h"

#include <QDir>
#include <QHostAddress>
#include <QLockFile>
#include <QTemporaryDir>
#include <QThread>
#include <QTimer>

namespace kirotray {

namespace {

const QString ApiKeyItem = u"api-key"_s;

bool isLoopback(const QString &host)
{
    return host == u"localhost" || QHostAddress(host).isLoopback();
}

/// Every endpoint of the tables sent to one server.
KiroTablesPtr tablesAt(const KiroTables &tables, const QUrl &server)
{
    auto moved = std::make_shared<KiroTables>(tables);
    const QStringList only {server.toString(QUrl::StripTrailingSlash)};
    moved->endpoints = {only, only, only, only, only, only, only};
    return moved;
}

} // namespace

class Core::Private : public QObject
{
public:
    Private(Core *core, CoreOptions coreOptions)
        : q(core)
        , options(std::move(coreOptions))
    {
    }

    Core *q;
    CoreOptions options;
    QStringList warnings;
    std::unique_ptr<QTemporaryDir> demoFolder;
    std::unique_ptr<QLockFile> lock;
    std::unique_ptr<Simulator> simulator;
    KiroTablesPtr tables;
    std::unique_ptr<Settings> settings;
    std::unique_ptr<AccountStore> store;
    std::unique_ptr<Vault> vault;
    std::unique_ptr<HttpClient> http;
    std::unique_ptr<ControlCalls> calls;
    std::unique_ptr<TokenKeeper> keeper;
    QThread gatewayThread;
    Gateway *gateway = nullptr; ///< lives on gatewayThread; deleted when that ends
    ProxyChoice outboundProxy;
    Secret apiKey;
    ProxyStatus status;
    bool isGatewayStopped = true;
    std::vector<AccountSnapshot> snapshots() const;

    Result<Done> openDataFolder();
    Result<Done> openVault();
    void readOutboundProxy();
    Result<Done> openDemo();
    void createGateway();
    void pushAccounts();
    void answerToken(const QString &accountId, const Secret &rejected);
    void ensureApiKey();
    void startGateway();
    void onListening(const QUrl &baseUrl, const QList<quint16> &skippedPorts);
    void onListenFailed(const Error &error, quint16 port);
    void onStopped();
    void setState(ProxyState state);
    void fail(ProxyFailure failure, const QString &problem);
    void publish();

    QString host() const
    {
        return options.host.isEmpty() ? settings->get(keys::ProxyHost) : options.host;
    }
};

Core::Core(CoreOptions options, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(options)))
{
    qRegisterMetaType<FlowRecord>();
    qRegisterMetaType<GatewayConfig>();
    qRegisterMetaType<Secret>();
    qRegisterMetaType<Error>();
    qRegisterMetaType<std::vector<AccountSnapshot>>();
    d->status.since = QDateTime::currentDateTimeUtc();
}

Core::~Core()
{
    d->gatewayThread.quit();
    d->gatewayThread.wait();
    if (d->status.state == ProxyState::Running || d->status.state == ProxyState::Stopping)
        removeRunFile(d->options.dataDir);
}

Result<Done> Core::open()
{
    if (Result<Done> folder = d->openDataFolder(); !folder)
        return folder;
    d->settings = std::make_unique<Settings>(d->options.dataDir + u"/settings.ini"_s);
    KiroTablesLoad load = loadKiroTables(d->options.dataDir);
    for (const Error &problem : load.problems)
        d->warnings.append(describe(problem) + u"; the built-in table is used"_s);
    d->tables = std::move(load.tables);
    d->store = std::make_unique<AccountStore>(d->options.dataDir + u"/accounts.json"_s);
    if (const Result<Done> loaded = d->store->load(); !loaded)
        d->warnings.append(describe(loaded.error())
                           + u"; the file is kept, and set aside when accounts are saved"_s);
    if (Result<Done> opened = d->openVault(); !opened)
        return opened;
    if (d->options.demo)
        if (Result<Done> opened = d->openDemo(); !opened)
            return opened;
    d->http = std::make_unique<HttpClient>();
    d->calls = std::make_unique<ControlCalls>(*d->http, d->tables);
    d->readOutboundProxy();
    d->calls->setGeneralProxy(d->outboundProxy);
    d->keeper = std::make_unique<TokenKeeper>(*d->store, *d->vault, *d->calls);
    d->createGateway();
    if (d->options.demo)
        d->keeper->store(d->store->accounts().front().id,
                         {Secret(Simulator::demoAccessToken()),
                          Secret(Simulator::demoRefreshToken()),
                          QDateTime::currentDateTimeUtc().addDays(1),
                          {},
                          {},
                          {}},
                         this, [](const Result<Done> &) {});
    d->keeper->startTimer();
    return Done {};
}

Result<Done> Core::Private::openDataFolder()
{
    if (options.demo) {
        demoFolder = std::make_unique<QTemporaryDir>();
        options.dataDir = demoFolder->path();
    }
    const QDir folder(options.dataDir);
    if (!folder.mkpath(u"."_s))
        return Error {Error::Code::Storage, u"the data folder cannot be created"_s,
                      options.dataDir};
    QFile::setPermissions(options.dataDir, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    lock = std::make_unique<QLockFile>(folder.filePath(u"lock"_s));
    lock->setStaleLockTime(0); // held as long as the program runs
    if (lock->tryLock())
        return Done {};
    if (lock->error() != QLockFile::LockFailedError)
        return Error {Error::Code::Storage, u"the data folder cannot be written"_s,
                      options.dataDir};
    qint64 process = 0;
    QString computer;
    QString program;
    lock->getLockInfo(&process, &computer, &program);
    return Error {Error::Code::Storage,
                  u"in use by %1 (process %2); stop it first"_s.arg(program).arg(process),
                  options.dataDir};
}

Result<Done> Core::Private::openVault()
{
    if (options.demo) {
        vault = makeMemoryVault();
    } else if (options.vault == VaultKind::Keychain) {
        vault = makeKeychainVault(u"KiroTray"_s);
    } else {
        Result<std::unique_ptr<Vault>> opened =
            openFileVault(options.dataDir + u"/vault.bin"_s, options.vaultPassphrase);
        if (!opened)
            return opened.error();
        vault = std::move(opened).value();
    }
    connect(vault.get(), &Vault::waiting, q, &Core::vaultWaiting);
    return Done {};
}

void Core::Private::readOutboundProxy()
{
    const Result<ProxyChoice> proxy = ProxyChoice::parse(settings->get(keys::OutboundProxy));
    if (proxy && proxy.value().password.isEmpty()) {
        outboundProxy = proxy.value();
        return;
    }
    warnings.append(u"net/proxy: "_s
                    + (proxy ? u"a password does not belong in the settings file"_s
                             : describe(proxy.error()))
                    + u"; the system's proxy is used"_s);
}

Result<Done> Core::Private::openDemo()
{
    simulator = std::make_unique<Simulator>();
    const Result<QUrl> server = simulator->start();
    if (!server)
        return server.error();
    tables = tablesAt(*tables, server.value());
    Account account;
    account.id = {u"demo"_s};
    account.label = u"Demo"_s;
    account.provider = u"Demo"_s;
    account.machineId = QString(64, u'0');
    account.profileArn = u"arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK"_s;
    account.createdAt = QDateTime::currentDateTimeUtc();
    return store->put(account);
}

void Core::Private::createGateway()
{
    gateway = new Gateway;
    gateway->moveToThread(&gatewayThread);
    connect(&gatewayThread, &QThread::finished, gateway, &QObject::deleteLater);
    connect(gateway, &Gateway::listening, this, &Private::onListening);
    connect(gateway, &Gateway::listenFailed, this, &Private::onListenFailed);
    connect(gateway, &Gateway::stopped, this, &Private::onStopped);
    connect(keeper.get(), &TokenKeeper::settled, this, [this] {
        if (status.state == ProxyState::Stopping && isGatewayStopped)
            setState(ProxyState::Stopped);
    });
    connect(gateway, &Gateway::tokenNeeded, this, &Private::answerToken);
    connect(gateway, &Gateway::requestFinished, q, &Core::requestFinished);
    connect(gateway, &Gateway::activeRequestsChanged, this, [this](int count) {
        status.activeRequests = count;
        publish();
    });
    connect(store.get(), &AccountStore::changed, this, &Private::pushAccounts);
    connect(keeper.get(), &TokenKeeper::tokenChanged, this,
            [this](const AccountId &id) { answerToken(id.value, {}); });
    gatewayThread.setObjectName(u"gateway"_s);
    gatewayThread.start();
    pushAccounts();
}

std::vector<AccountSnapshot> Core::Private::snapshots() const
{
    std::vector<AccountSnapshot> all;
    for (const Account &account : store->accounts())
        all.push_back(
            {identityOf(account, {}), account.label, account.enabled && account.note.isEmpty()});
    return all;
}

void Core::Private::pushAccounts()
{
    const std::vector<AccountSnapshot> all = snapshots();
    QMetaObject::invokeMethod(gateway, [gateway = gateway, all] { gateway->setAccounts(all); });
    status.usableAccounts = static_cast<int>(std::count_if(
        all.begin(), all.end(), [](const AccountSnapshot &one) { return one.usable; }));
    publish();
}

void Core::Private::answerToken(const QString &accountId, const Secret &rejected)
{
    keeper->token({accountId}, rejected, this, [this, accountId](const Result<Secret> &token) {
        QMetaObject::invokeMethod(gateway, [gateway = gateway, accountId, token] {
            if (token)
                gateway->tokenReady(accountId, token.value());
            else
                gateway->tokenFailed(accountId, token.error());
        });
    });
}

void Core::Private::fail(ProxyFailure failure, const QString &problem)
{
    status.failure = failure;
    status.problem = problem;
    setState(ProxyState::Failed);
}

void Core::Private::setState(ProxyState state)
{
    status.state = state;
    if (state != ProxyState::Failed) {
        status.failure = ProxyFailure::None;
        status.problem.clear();
    }
    status.since = QDateTime::currentDateTimeUtc();
    if (state != ProxyState::Running)
        status.baseUrl.clear();
    publish();
}

void Core::Private::publish()
{
    emit q->statusChanged(status);
}

void Core::start()
{
    if (d->status.state != ProxyState::Stopped && d->status.state != ProxyState::Failed)
        return;
    d->setState(ProxyState::Starting);
    if (d->options.noKey && !isLoopback(d->host())) {
        d->fail(ProxyFailure::KeyRequired, u"without a key the proxy listens on loopback only"_s);
        return;
    }
    d->ensureApiKey();
}

/// Given, stored, or made now and stored; startGateway() follows, or the state Failed.
void Core::Private::ensureApiKey()
{
    if (!options.apiKey.isEmpty())
        apiKey = options.apiKey;
    if (options.noKey || !apiKey.isEmpty()) {
        startGateway();
        return;
    }
    vault->read(ApiKeyItem, this, [this](const Result<Secret> &stored) {
        if (stored) {
            apiKey = stored.value();
            startGateway();
            return;
        }
        if (stored.error().code != Error::Code::BadInput) {
            fail(ProxyFailure::Vault, describe(stored.error()));
            return;
        }
        apiKey = Secret("kt-" + randomToken(24));
        vault->write(ApiKeyItem, apiKey, this, [this](const Result<Done> &written) {
            if (written)
                startGateway();
            else
                fail(ProxyFailure::Vault, describe(written.error()));
        });
    });
}

void Core::Private::startGateway()
{
    GatewayConfig config;
    config.host = host();
    config.port = options.port.value_or(static_cast<quint16>(settings->get(keys::ProxyPort)));
    config.portTries = options.port ? 1 : limits::PortTries;
    if (!options.noKey)
        config.apiKey = apiKey;
    config.tables = tables;
    config.proxy = outboundProxy;
    emit q->apiKeyReady();
    QMetaObject::invokeMethod(gateway, [gateway = gateway, config] { gateway->start(config); });
}

void Core::Private::onListening(const QUrl &baseUrl, const QList<quint16> &skippedPorts)
{
    for (const quint16 port : skippedPorts) {
        const QString owner = portOwner(port);
        warnings.append(u"port %1 is taken by %2"_s.arg(port).arg(
            owner.isEmpty() ? u"another program"_s : owner));
    }
    status.baseUrl = baseUrl;
    isGatewayStopped = false;
    writeRunFile(options.dataDir, baseUrl);
    setState(ProxyState::Running);
    qCInfo(logCore).noquote() << u"listening url="_s + baseUrl.toString();
}

void Core::Private::onListenFailed(const Error &error, quint16 port)
{
    const QString owner = portOwner(port);
    if (!owner.isEmpty())
        fail(ProxyFailure::PortTaken, u"port %1 is taken by %2"_s.arg(port).arg(owner));
    else
        fail(error.code == Error::Code::BadInput ? ProxyFailure::Address : ProxyFailure::PortTaken,
             u"cannot listen on port %1: %2"_s.arg(port).arg(describe(error)));
}

/// Stopped means that the program may end: not while a rotated token is on its way to the vault.
void Core::Private::onStopped()
{
    isGatewayStopped = true;
    removeRunFile(options.dataDir);
    if (!keeper->isBusy()) {
        setState(ProxyState::Stopped);
        return;
    }
    QTimer::singleShot(limits::VaultTimeout, this, [this] {
        if (status.state == ProxyState::Stopping)
            setState(ProxyState::Stopped);
    });
}

void Core::stop()
{
    if (d->status.state != ProxyState::Running)
        return;
    d->setState(ProxyState::Stopping);
    QMetaObject::invokeMethod(d->gateway, &Gateway::stop);
}

void Core::importFiles(const QStringList &files, QObject *context,
                       std::function<void(const std::vector<ImportOutcome> &)> done)
{
    auto *import = new AccountImport(*d->store, *d->keeper, files, context, std::move(done));
    import->start();
}

void Core::removeAccount(const AccountId &id, QObject *context,
                         std::function<void(Result<Done>)> done)
{
    if (d->store->find(id) == nullptr) {
        done(Error {Error::Code::BadInput, u"there is no account '%1'"_s.arg(id.value)});
        return;
    }
    // The list first: an account without its secret would be asked for it.
    if (const Result<Done> removed = d->store->remove(id); !removed) {
        done(removed);
        return;
    }
    d->keeper->forget(id, context, std::move(done));
}

const QStringList &Core::warnings() const
{
    return d->warnings;
}

ProxyStatus Core::status() const
{
    return d->status;
}

Secret Core::apiKey() const
{
    return d->options.noKey ? Secret() : d->apiKey;
}

AccountStore &Core::accounts()
{
    return *d->store;
}

Settings &Core::settings()
{
    return *d->settings;
}

} // namespace kirotray
