// SPDX-License-Identifier: MIT
#include "app/core.h"

#include "app/accounts/accountstore.h"
#include "app/accounts/clientkey.h"
#include "app/accounts/tokenkeeper.h"
#include "app/accounts/vault.h"
#include "app/base/limits.h"
#include "app/base/log.h"
#include "app/base/settings.h"
#include "app/gateway/gatewaythread.h"
#include "app/kiro/controlcalls.h"
#include "app/platform/datafolder.h"
#include "app/platform/portowner.h"
#include "app/platform/runfile.h"
#include "app/simulator/simulator.h"

#include <QDir>
#include <QHostAddress>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>

namespace kirotray {

namespace {

bool isLoopbackHost(const QString &host)
{
    return host == u"localhost" || QHostAddress(host).isLoopback();
}

/// Every endpoint of the tables sent to one server.
KiroTablesPtr tablesAt(const KiroTables &tables, const QUrl &server)
{
    auto moved = std::make_shared<KiroTables>(tables);
    const QStringList only {server.toString(QUrl::StripTrailingSlash)};
    moved->endpoints = {only, only, only, only, only, only, only, only, only};
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

    Result<Done> openVault();
    Result<Done> openDemo();
    void readOutboundProxy();
    void connectServices();
    void pushAccounts();
    void answerToken(const QString &accountId, const Secret &rejected);
    void startGateway();
    void onListening(const QUrl &baseUrl, const QList<quint16> &skippedPorts);
    void onListenFailed(const Error &error, quint16 port);
    void setState(ProxyState state);
    void fail(ProxyFailure failure, const QString &problem);
    QString host() const
    {
        return options.host.isEmpty() ? settings->get(keys::ProxyHost) : options.host;
    }

    Core *q;
    CoreOptions options;
    QStringList warnings;
    // In the order of construction; destroyed the other way round.
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
    std::unique_ptr<GatewayThread> gateway;
    ProxyChoice outboundProxy;
    Secret apiKey;
    ProxyStatus status;
};

Core::Core(CoreOptions options, QObject *parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, std::move(options)))
{
    d->status.since = QDateTime::currentDateTimeUtc();
}

Core::~Core()
{
    if (d->status.state == ProxyState::Running || d->status.state == ProxyState::Stopping)
        removeRunFile(d->options.dataDir);
}

Result<Done> Core::open()
{
    if (d->options.demo) {
        d->demoFolder = std::make_unique<QTemporaryDir>();
        d->options.dataDir = d->demoFolder->path();
    }
    d->options.dataDir = QDir(d->options.dataDir).absolutePath();
    Result<std::unique_ptr<QLockFile>> lock = claimDataFolder(d->options.dataDir);
    if (!lock)
        return lock.error();
    d->lock = std::move(lock).value();
    const QDir folder(d->options.dataDir);
    d->settings = std::make_unique<Settings>(folder.filePath(u"settings.ini"_s));
    KiroTablesLoad load = loadKiroTables(d->options.dataDir);
    for (const Error &problem : load.problems)
        d->warnings.append(describe(problem) + u"; the built-in table is used"_s);
    d->tables = std::move(load.tables);
    d->store = std::make_unique<AccountStore>(folder.filePath(u"accounts.json"_s));
    if (const Result<Done> loaded = d->store->load(); !loaded)
        d->warnings.append(describe(loaded.error())
                           + u"; the file is kept, and set aside when accounts are saved"_s);
    if (Result<Done> opened = d->openVault(); !opened)
        return opened;
    if (d->options.demo)
        if (Result<Done> opened = d->openDemo(); !opened)
            return opened;
    d->readOutboundProxy();
    d->http = std::make_unique<HttpClient>();
    d->calls = std::make_unique<ControlCalls>(*d->http, d->tables);
    d->calls->setGeneralProxy(d->outboundProxy);
    d->keeper = std::make_unique<TokenKeeper>(*d->store, *d->vault, *d->calls);
    d->gateway = std::make_unique<GatewayThread>();
    d->connectServices();
    d->pushAccounts();
    return Done {};
}

Result<Done> Core::Private::openVault()
{
    if (options.demo) {
        vault = makeMemoryVault();
    } else if (options.vault == VaultKind::Keychain) {
        vault = makeKeychainVault(u"KiroTray"_s);
    } else {
        Result<std::unique_ptr<Vault>> opened =
            openFileVault(QDir(options.dataDir).filePath(u"vault.bin"_s), options.vaultPassphrase);
        if (!opened)
            return opened.error();
        vault = std::move(opened).value();
    }
    connect(vault.get(), &Vault::waiting, q, &Core::vaultWaiting);
    return Done {};
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
    Credential credential;
    credential.accessToken = Secret(Simulator::demoAccessToken());
    credential.refreshToken = Secret(Simulator::demoRefreshToken());
    credential.expiresAt = account.createdAt.addDays(1);
    // The memory vault is written at once; the answer comes queued and cannot be a failure.
    vault->write(vaultKey(account.id), serialise(credential), this, [](const Result<Done> &) {});
    return store->put(account);
}

void Core::Private::readOutboundProxy()
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

void Core::Private::connectServices()
{
    connect(store.get(), &AccountStore::changed, this, &Private::pushAccounts);
    connect(keeper.get(), &TokenKeeper::tokenChanged, this,
            [this](const AccountId &id) { answerToken(id.value, {}); });
    connect(gateway.get(), &GatewayThread::tokenNeeded, this, &Private::answerToken);
    connect(gateway.get(), &GatewayThread::listening, this, &Private::onListening);
    connect(gateway.get(), &GatewayThread::listenFailed, this, &Private::onListenFailed);
    connect(gateway.get(), &GatewayThread::stopped, this, [this] {
        removeRunFile(options.dataDir);
        // Stopped means that the program may end.
        q->settle(this, [this] { setState(ProxyState::Stopped); });
    });
    connect(gateway.get(), &GatewayThread::requestFinished, q,
            [this](const FlowRecord &flow) { emit q->requestFinished(flow); });
    connect(gateway.get(), &GatewayThread::activeRequestsChanged, this, [this](int count) {
        status.activeRequests = count;
        emit q->statusChanged(status);
    });
}

void Core::Private::pushAccounts()
{
    std::vector<AccountSnapshot> all;
    for (const Account &account : store->accounts())
        all.push_back({identityOf(account, {}), account.label, isUsable(account)});
    gateway->setAccounts(all);
    status.usableAccounts = static_cast<int>(std::count_if(
        all.begin(), all.end(), [](const AccountSnapshot &one) { return one.usable; }));
    emit q->statusChanged(status);
}

void Core::Private::answerToken(const QString &accountId, const Secret &rejected)
{
    keeper->token({accountId}, rejected, this, [this, accountId](const Result<Secret> &token) {
        gateway->answerToken(accountId, token);
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
    if (state != ProxyState::Running)
        status.baseUrl.clear();
    status.since = QDateTime::currentDateTimeUtc();
    emit q->statusChanged(status);
}

void Core::start()
{
    if (d->status.state != ProxyState::Stopped && d->status.state != ProxyState::Failed)
        return;
    d->setState(ProxyState::Starting);
    if (d->options.noKey && !isLoopbackHost(d->host())) {
        d->fail(ProxyFailure::KeyRequired, u"without a key the proxy listens on loopback only"_s);
        return;
    }
    loadApiKey(d.get(), [this](const Result<Done> &loaded) {
        if (loaded)
            d->startGateway();
        else
            d->fail(ProxyFailure::Vault, describe(loaded.error()));
    });
}

void Core::loadApiKey(QObject *context, std::function<void(Result<Done>)> done)
{
    if (d->apiKey.isEmpty())
        d->apiKey = d->options.apiKey;
    if (d->options.noKey || !d->apiKey.isEmpty()) {
        done(Done {});
        return;
    }
    ensureClientKey(*d->vault, context, [this, done = std::move(done)](const Result<Secret> &key) {
        if (!key) {
            done(key.error());
            return;
        }
        d->apiKey = key.value();
        done(Done {});
    });
}

void Core::Private::startGateway()
{
    GatewayConfig config = answersBy(*settings);
    config.imageScaler = options.imageScaler;
    config.host = host();
    config.port = options.port.value_or(static_cast<quint16>(settings->get(keys::ProxyPort)));
    config.portTries = options.port ? 1 : limits::PortTries;
    config.apiKey = q->apiKey();
    config.tables = tables;
    config.proxy = outboundProxy;
    emit q->apiKeyReady();
    gateway->start(config);
}

void Core::Private::onListening(const QUrl &baseUrl, const QList<quint16> &skippedPorts)
{
    const QHash<quint16, QString> owners = portOwners(skippedPorts);
    for (const quint16 port : skippedPorts)
        warnings.append(
            u"port %1 is taken by %2"_s.arg(port).arg(owners.value(port, u"another program"_s)));
    if (!isLoopbackHost(host()))
        warnings.append(
            u"listening beyond this computer: whoever has the key can use your accounts"_s);
    warnings.removeDuplicates(); // the next start may have the same to say
    status.baseUrl = baseUrl;
    writeRunFile(options.dataDir, baseUrl);
    keeper->startTimer();
    qCInfo(logCore).noquote() << u"listening url="_s + baseUrl.toString();
    setState(ProxyState::Running);
}

void Core::Private::onListenFailed(const Error &error, quint16 port)
{
    if (error.code != Error::Code::Network) {
        fail(ProxyFailure::Address,
             u"cannot listen on %1 port %2: %3"_s.arg(host()).arg(port).arg(describe(error)));
        return;
    }
    const QString owner = portOwners({port}).value(port, u"another program"_s);
    fail(ProxyFailure::PortTaken, u"port %1 is taken by %2"_s.arg(port).arg(owner));
}

void Core::stop()
{
    if (d->status.state != ProxyState::Running)
        return;
    d->setState(ProxyState::Stopping);
    d->gateway->stop();
}

void Core::settle(QObject *context, std::function<void()> done)
{
    auto *limit = new QTimer(context);
    limit->setSingleShot(true);
    connect(limit, &QTimer::timeout, context, [limit, done = std::move(done)] {
        limit->deleteLater();
        done();
    });
    const bool isBusy = d->keeper && d->keeper->isBusy();
    limit->start(isBusy ? std::chrono::milliseconds(limits::VaultTimeout)
                        : std::chrono::milliseconds(0));
    if (isBusy)
        connect(d->keeper.get(), &TokenKeeper::settled, limit, [limit] { limit->start(0); });
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
