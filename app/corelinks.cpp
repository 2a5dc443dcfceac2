// SPDX-License-Identifier: MIT
#include "app/corelinks.h"

#include "app/admin/usagereply.h"
#include "app/base/log.h"
#include "app/gateway/replies.h"
#include "app/login/loginpage.h"

#include <algorithm>

namespace kirotray {

namespace {

/// What the simulator's account is called in the gateway; no account of the store has such an id.
constexpr QLatin1StringView SimulatorAccount = "simulator"_L1;

/// As x-kirotray-account names it.
QString accountHashOf(const Account &account)
{
    return QString::fromLatin1(
        accountHash(account.label.isEmpty() ? account.id.value : account.label));
}

AdminReply pageReply(const LoginSessions::RemotePage &page)
{
    AdminReply reply {page.status, "text/html; charset=utf-8", page.html};
    const HttpHeaders headers = loginPageHeaders();
    for (const auto &[name, value] : headers.fields())
        if (const QByteArray lower = name.toLower();
            lower != "content-type" && lower != "cache-control") // the relay's own
            reply.headers.push_back({name, value});
    return reply;
}

} // namespace

CoreLinks::CoreLinks(CoreServices &services, AdminApi &admin, bool takesDefaultKey, QObject *parent)
    : QObject(parent)
    , m_services(services)
    , m_admin(admin)
    , m_takesDefaultKey(takesDefaultKey)
{
    connectAccounts();
    connectTraffic();
    connect(m_services.settings.get(), &Settings::changed, this, [this] { applySettings(); });
    connect(m_services.keys.get(), &ClientKeys::changed, this, &CoreLinks::pushPolicy);
    applySettings();
    pushAccounts();
}

void CoreLinks::connectAccounts()
{
    connect(m_services.store.get(), &AccountStore::changed, this, &CoreLinks::pushAccounts);
    connect(m_services.usage.get(), &UsageKeeper::changed, this, &CoreLinks::pushAccounts);
    connect(m_services.tokens.get(), &TokenKeeper::tokenChanged, this,
            [this](const AccountId &id) { passOnToken(id); });
    connect(m_services.usage.get(), &UsageKeeper::lowQuota, this,
            [](const AccountId &id, double remaining) {
                qCWarning(logAccounts).noquote()
                    << "few credits left account=" << id.value << "remaining=" << remaining;
            });
    GatewayThread *gateway = m_services.gateway.get();
    connect(gateway, &GatewayThread::tokenNeeded, this, &CoreLinks::answerToken);
    connect(gateway, &GatewayThread::accountReported, this, &CoreLinks::onReport);
    connect(gateway, &GatewayThread::healthChanged, this,
            [this](const QString &id, const AccountHealth &health) {
                m_health.insert(id, health);
                emit healthChanged({id});
            });
}

void CoreLinks::connectTraffic()
{
    GatewayThread *gateway = m_services.gateway.get();
    connect(gateway, &GatewayThread::adminRequested, this, &CoreLinks::onAdminRequest);
    connect(gateway, &GatewayThread::requestFinished, this,
            [this](const FlowRecord &flow, const FlowBodiesPtr &bodies) {
                m_services.flows->add(flow, bodies);
                m_services.keys->noteUse(flow);
                if (flow.accountId != SimulatorAccount)
                    m_services.usage->noteUse(flow);
                emit requestFinished(flow);
            });
}

void CoreLinks::applySettings()
{
    const Settings &settings = *m_services.settings;
    m_services.usage->setSettings({std::chrono::minutes(settings.get(keys::UsageMinutes)),
                                   settings.get(keys::LowQuotaPercent)});
    FlowLogSettings flows;
    flows.records = settings.get(keys::FlowRecording);
    flows.days = settings.get(keys::FlowDays);
    flows.maxBytes = settings.get(keys::FlowMegabytes) * limits::MiB;
    const bool keepsBodies = flows.records && settings.get(keys::FlowBodies);
    flows.maxBodyBytes = keepsBodies ? settings.get(keys::FlowBodyMegabytes) * limits::MiB : 0;
    m_services.flows->setSettings(flows);
    pushPolicy();
}

GatewayPolicy CoreLinks::policy() const
{
    GatewayPolicy policy = policyBy(*m_services.settings);
    policy.keys = m_services.keys->secrets();
    if (!m_takesDefaultKey)
        std::erase_if(policy.keys,
                      [](const ClientKeySecret &one) { return one.key.id == u"default"; });
    if (m_services.demoFolder)
        policy.pacing.enabled = false; // nobody is hurt by a burst there
    return policy;
}

void CoreLinks::pushPolicy()
{
    m_services.gateway->setPolicy(policy());
}

void CoreLinks::pushAccounts()
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    std::vector<AccountSnapshot> all;
    for (const Account &account : m_services.store->accounts()) {
        AccountSnapshot snapshot;
        snapshot.identity = identityOf(account, {});
        snapshot.label = account.label;
        snapshot.usable = isUsable(account);
        snapshot.priority = account.priority;
        const QuotaNumbers numbers =
            quotaNumbers(account, m_services.usage->quota(account.id), now);
        snapshot.remaining = numbers.remaining;
        snapshot.exhaustedUntil = numbers.exhaustedUntil;
        all.push_back(std::move(snapshot));
    }
    if (m_simulatorTables) {
        AccountSnapshot snapshot;
        snapshot.identity.accountId = SimulatorAccount;
        snapshot.identity.machineId = QString(64, u'0');
        snapshot.label = SimulatorAccount;
        snapshot.ownTables = m_simulatorTables;
        all.push_back(std::move(snapshot));
    }
    m_services.gateway->setAccounts(all);
    emit accountsPushed();
}

int CoreLinks::usableAccounts() const
{
    const std::vector<Account> &accounts = m_services.store->accounts();
    return static_cast<int>(std::count_if(accounts.begin(), accounts.end(), isUsable));
}

void CoreLinks::answerToken(const QString &accountId, const Secret &rejected)
{
    if (accountId == SimulatorAccount) {
        m_services.gateway->answerToken(accountId, Secret(Simulator::demoAccessToken()));
        return;
    }
    m_services.tokens->token({accountId}, rejected, this,
                             [this, accountId](const Result<Secret> &token) {
                                 m_services.gateway->answerToken(accountId, token);
                             });
}

/// As it is: asking for a token here would renew one that lives for seconds again and again.
void CoreLinks::passOnToken(const AccountId &id)
{
    m_services.tokens->credential(id, this, [this, id](const Result<Credential> &credential) {
        if (credential && !credential.value().accessToken.isEmpty())
            m_services.gateway->answerToken(id.value, credential.value().accessToken);
    });
}

/// A suspension is stored: only a person ends it. Used-up credits are read, to learn until when.
void CoreLinks::onReport(const AccountReport &report)
{
    const AccountId id {report.accountId};
    const Account *found = m_services.store->find(id);
    if (found == nullptr)
        return;
    if (report.effect == AccountEffect::MonthlyExhausted) {
        m_services.usage->noteExhausted(id);
        return;
    }
    if (report.effect != AccountEffect::Suspended || found->problem == AccountProblem::Suspended)
        return;
    Account account = *found;
    account.problem = AccountProblem::Suspended;
    account.note = u"the service has suspended this account: "_s + report.why
        + u"; see its owner's mail, then restore it"_s;
    qCWarning(logAccounts).noquote() << "account suspended account=" << id.value << report.why;
    if (const Result<Done> put = m_services.store->put(account); !put)
        qCWarning(logAccounts).noquote() << "account not updated" << describe(put.error());
}

void CoreLinks::restore(const AccountId &id)
{
    m_services.gateway->restoreAccount(id.value);
}

void CoreLinks::useSimulator()
{
    if (m_simulatorTables)
        return;
    const Result<KiroTablesPtr> tables = m_services.simulatorTables();
    if (!tables) {
        qCWarning(logCore).noquote() << "no simulator" << describe(tables.error());
        return;
    }
    m_simulatorTables = tables.value();
    pushAccounts();
}

AdminReply CoreLinks::usageAnswer(const AdminRequest &request) const
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    std::vector<UsageLine> lines;
    for (const Account &account : m_services.store->accounts())
        lines.push_back({account, accountHashOf(account), m_services.usage->quota(account.id),
                         m_services.usage->forecast(account.id)});
    if (request.query.queryItemValue(u"format"_s) == u"text")
        return {200, "text/plain; charset=utf-8",
                QByteArray::fromStdString(usageReplyText(lines, now)) + '\n'};
    return {200, "application/json", QByteArray::fromStdString(usageReplyJson(lines, now))};
}

void CoreLinks::onAdminRequest(const AdminRequest &request)
{
    GatewayThread *gateway = m_services.gateway.get();
    switch (request.kind) {
    case AdminRequest::Kind::Admin:
        m_admin.handle(request, this, [gateway, id = request.id](const AdminReply &reply) {
            gateway->answerAdmin(id, reply);
        });
        return;
    case AdminRequest::Kind::Usage:
        gateway->answerAdmin(request.id, usageAnswer(request));
        return;
    case AdminRequest::Kind::RemoteLogin:
        gateway->answerAdmin(
            request.id,
            pageReply(m_services.logins->remotePage(
                QString::fromUtf8(request.path),
                request.method == "POST" ? request.body : QByteArray(), request.language)));
        return;
    }
}

} // namespace kirotray
