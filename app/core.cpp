// SPDX-License-Identifier: MIT
#include "app/core.h"

#include "app/admin/adminapi.h"
#include "app/base/log.h"
#include "app/corelinks.h"
#include "app/coreservices.h"
#include "app/platform/portowner.h"
#include "app/platform/runfile.h"

#include <QHostAddress>
#include <QRandomGenerator>
#include <QTimer>

namespace kirotray {

namespace {

bool isLoopbackHost(const QString &host)
{
    return host == u"localhost" || QHostAddress(host).isLoopback();
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

    AdminServices adminServices();
    void connectGateway();
    void startGateway();
    Secret gatewayKey() const;
    void onListening(const QUrl &baseUrl, const QList<quint16> &skippedPorts);
    void onListenFailed(const Error &error, quint16 port);
    void setState(ProxyState state);
    void fail(ProxyFailure failure, const QString &problem);
    /// `id` by value: the caller's may lie in the store, which changes.
    void remove(AccountId id, QObject *context, std::function<void(Result<Done>)> done);
    QString host() const
    {
        return options.host.isEmpty() ? services->settings->get(keys::ProxyHost) : options.host;
    }

    Core *q;
    CoreOptions options;
    QStringList warnings;
    std::unique_ptr<CoreServices> services;
    std::unique_ptr<AdminApi> admin;
    std::unique_ptr<CoreLinks> links;
    Secret adminToken;
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
        removeRunFile(d->services->dataDir);
}

Result<Done> Core::open()
{
    Result<std::unique_ptr<CoreServices>> services = CoreServices::open(d->options, d->warnings);
    if (!services)
        return services.error();
    d->services = std::move(services).value();
    d->admin = std::make_unique<AdminApi>(d->adminServices());
    d->connectGateway();
    d->links = std::make_unique<CoreLinks>(*d->services, *d->admin, d->options.apiKey.isEmpty());
    connect(d->links.get(), &CoreLinks::accountsPushed, d.get(), [this] {
        d->status.usableAccounts = d->links->usableAccounts();
        emit statusChanged(d->status);
    });
    connect(d->links.get(), &CoreLinks::requestFinished, this, &Core::requestFinished);
    d->status.usableAccounts = d->links->usableAccounts();
    return Done {};
}

AdminServices Core::Private::adminServices()
{
    CoreServices &all = *services;
    AdminServices access {all.dataDir, *all.settings,
                          *all.store,  *all.vault,
                          *all.tokens, *all.usage,
                          *all.calls,  *all.keys,
                          *all.flows,  *all.logins,
                          *all.http,   all.tables,
                          {},          {},
                          {},          {},
                          {},          {},
                          {},          {}};
    access.status = [this] { return status; };
    access.warnings = [this] { return warnings; };
    access.health = [this](const AccountId &id) { return links->health(id); };
    access.restore = [this](const AccountId &id) { links->restore(id); };
    access.remove = [this](const AccountId &id, QObject *context,
                           std::function<void(Result<Done>)> done) {
        remove(id, context, std::move(done));
    };
    access.adminToken = [this] { return adminToken; };
    access.lookUp = [this] { services->lookUpAccounts(); };
    access.useSimulator = [this] { links->useSimulator(); };
    return access;
}

void Core::Private::connectGateway()
{
    connect(services->vault.get(), &Vault::waiting, q, &Core::vaultWaiting);
    GatewayThread *gateway = services->gateway.get();
    connect(gateway, &GatewayThread::listening, this, &Private::onListening);
    connect(gateway, &GatewayThread::listenFailed, this, &Private::onListenFailed);
    connect(gateway, &GatewayThread::stopped, this, [this] {
        removeRunFile(services->dataDir);
        // Stopped means that the program may end.
        q->settle(this, [this] { setState(ProxyState::Stopped); });
    });
    connect(gateway, &GatewayThread::activeRequestsChanged, this, [this](int count) {
        status.activeRequests = count;
        emit q->statusChanged(status);
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
    loadKeys(d.get(), [this](const Result<Done> &loaded) {
        if (loaded)
            d->startGateway();
        else
            d->fail(ProxyFailure::Vault, describe(loaded.error()));
    });
}

void Core::loadKeys(QObject *context, std::function<void(Result<Done>)> done)
{
    if (!d->adminToken.isEmpty()) {
        done(Done {});
        return;
    }
    const auto haveToken = [this, done](const Secret &token) {
        d->adminToken = token;
        done(Done {});
    };
    d->services->keys->load(context, [this, context, done, haveToken](const Result<Done> &loaded) {
        if (!loaded)
            return done(loaded);
        if (!d->options.adminToken.isEmpty())
            return haveToken(d->options.adminToken);
        ensureAdminToken(*d->services->vault, context,
                         [done, haveToken](const Result<Secret> &token) {
                             if (token)
                                 haveToken(token.value());
                             else
                                 done(token.error());
                         });
    });
}

/// The clients' keys are the policy's, which changes while the proxy runs. Beside them this one is
/// taken: the user's own, or one that nobody knows, so that a key is asked for at all.
Secret Core::Private::gatewayKey() const
{
    if (options.noKey)
        return {};
    if (!options.apiKey.isEmpty())
        return options.apiKey;
    QByteArray random(32, '\0');
    for (char &byte : random)
        byte = static_cast<char>(QRandomGenerator::system()->bounded(256));
    return Secret(random.toHex());
}

void Core::Private::startGateway()
{
    GatewayConfig config = answersBy(*services->settings);
    config.imageScaler = options.imageScaler;
    config.host = host();
    config.port =
        options.port.value_or(static_cast<quint16>(services->settings->get(keys::ProxyPort)));
    config.portTries = options.port ? 1 : limits::PortTries;
    config.apiKey = gatewayKey();
    config.adminToken = adminToken;
    config.policy = links->policy();
    config.tables = services->tables;
    config.proxy = services->outboundProxy;
    emit q->apiKeyReady();
    services->gateway->start(config);
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
    writeRunFile(services->dataDir, baseUrl);
    services->tokens->startTimer();
    services->usage->startTimer();
    services->lookUpAccounts();
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
    d->services->gateway->stop();
}

void Core::settle(QObject *context, std::function<void()> done)
{
    auto *limit = new QTimer(context);
    limit->setSingleShot(true);
    connect(limit, &QTimer::timeout, context, [limit, done = std::move(done)] {
        limit->deleteLater();
        done();
    });
    const bool isBusy = d->services && d->services->tokens->isBusy();
    limit->start(isBusy ? std::chrono::milliseconds(limits::VaultTimeout)
                        : std::chrono::milliseconds(0));
    if (isBusy)
        connect(d->services->tokens.get(), &TokenKeeper::settled, limit,
                [limit] { limit->start(0); });
}

void Core::importFiles(const QStringList &files, QObject *context,
                       std::function<void(const std::vector<ImportOutcome> &)> done)
{
    auto *import = new AccountImport(
        *d->services->store, *d->services->tokens, files, context,
        [this, done = std::move(done)](const std::vector<ImportOutcome> &outcomes) {
            d->services->lookUpAccounts();
            done(outcomes);
        });
    import->start();
}

void Core::removeAccount(const AccountId &id, QObject *context,
                         std::function<void(Result<Done>)> done)
{
    d->remove(id, context, std::move(done));
}

void Core::Private::remove(AccountId id, QObject *context, std::function<void(Result<Done>)> done)
{
    if (services->store->find(id) == nullptr) {
        done(Error {Error::Code::BadInput, u"there is no account '%1'"_s.arg(id.value)});
        return;
    }
    // The list first: an account without its secret would be asked for it.
    if (const Result<Done> removed = services->store->remove(id); !removed) {
        done(removed);
        return;
    }
    services->tokens->forget(id, context, std::move(done));
}

void Core::administer(const AdminRequest &request, QObject *context,
                      std::function<void(const AdminReply &)> done)
{
    d->admin->handle(request, context, std::move(done));
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
    if (d->options.noKey)
        return {};
    return d->options.apiKey.isEmpty() ? d->services->keys->secretOf(u"default"_s)
                                       : d->options.apiKey;
}

Secret Core::adminToken() const
{
    return d->adminToken;
}

AccountStore &Core::accounts()
{
    return *d->services->store;
}

Settings &Core::settings()
{
    return *d->services->settings;
}

CoreServices &Core::services()
{
    return *d->services;
}

} // namespace kirotray
