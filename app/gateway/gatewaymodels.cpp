// SPDX-License-Identifier: MIT
#include "app/gateway/gatewaymodels.h"

#include "app/base/log.h"

#include <QPointer>
#include <QTimer>

#include <utility>

namespace kirotray {

namespace {

/// Accounts and models that were refused: clients may name any.
constexpr qsizetype MaxModelRefusals = 1000;

bool isSameService(const KiroIdentity &a, const KiroIdentity &b)
{
    return a.kind == b.kind && a.profileArn == b.profileArn && apiRegionOf(a) == apiRegionOf(b);
}

} // namespace

/// Somebody who waits for a list, until it is there or for long enough.
struct GatewayModels::Waiter
{
    QPointer<QObject> context;
    std::function<void()> done;

    void fire()
    {
        if (const auto call = std::exchange(done, nullptr); call && context)
            call();
    }
};

GatewayModels::GatewayModels(HttpClient &http, KiroTablesPtr tables, QObject *parent)
    : GatewayModels(http, std::move(tables), Timing {}, parent)
{
}

GatewayModels::GatewayModels(HttpClient &http, KiroTablesPtr tables, Timing timing, QObject *parent)
    : QObject(parent)
    , m_tables(tables)
    , m_calls(http, std::move(tables))
    , m_timing(timing)
{
}

GatewayModels::~GatewayModels() = default;

void GatewayModels::setAccounts(const std::vector<AccountSnapshot> &accounts)
{
    std::map<QString, Account> kept;
    for (const AccountSnapshot &snapshot : accounts) {
        const KiroIdentity &identity = snapshot.identity;
        const auto known = m_accounts.find(identity.accountId);
        if (known != m_accounts.end() && isSameService(known->second.identity, identity)) {
            known->second.identity = identity;
            kept.insert(m_accounts.extract(known));
        } else {
            Account account;
            account.identity = identity;
            kept.emplace(identity.accountId, std::move(account));
        }
    }
    for (auto &[id, account] : m_accounts) {
        release(std::move(account.waiters));
        m_refused.removeIf([&name = id](auto entry) { return entry.key().first == name; });
    }
    m_accounts = std::move(kept);
}

GatewayModels::List GatewayModels::listOf(const QString &accountId) const
{
    const auto known = m_accounts.find(accountId);
    return known != m_accounts.end() && known->second.list ? known->second.list : m_none;
}

bool GatewayModels::wantsRefresh(const QString &accountId) const
{
    const auto known = m_accounts.find(accountId);
    return known != m_accounts.end() && !known->second.fetch
        && Clock::now() >= known->second.nextFetch;
}

void GatewayModels::refresh(const AccountSnapshot &account, const Secret &token,
                            const ProxyChoice &proxy)
{
    const QString id = account.identity.accountId;
    if (!wantsRefresh(id))
        return;
    KiroIdentity asking = account.identity;
    asking.accessToken = token;
    Account &entry = m_accounts.at(id);
    entry.fetch = std::make_unique<QObject>();
    m_calls.setGeneralProxy(proxy);
    m_calls.models(asking, entry.fetch.get(), [this, id](Result<std::vector<KiroModel>> result) {
        onFetched(id, std::move(result));
    });
}

void GatewayModels::onFetched(const QString &accountId, Result<std::vector<KiroModel>> result)
{
    // The account is there: with it, the context of this call would have gone.
    Account &entry = m_accounts.at(accountId);
    entry.fetch.release()->deleteLater(); // which is calling
    entry.nextFetch = Clock::now() + (result ? m_timing.lifetime : m_timing.retry);
    if (result)
        entry.list = std::make_shared<const std::vector<KiroModel>>(std::move(result).value());
    else
        qCInfo(logGateway).noquote()
            << u"no model list account="_s + accountId + u" reason="_s + describe(result.error());
    release(std::exchange(entry.waiters, {}));
    if (result)
        emit listed(accountId);
}

void GatewayModels::whenListed(const QString &accountId, QObject *context,
                               std::function<void()> done)
{
    const auto waiter = std::make_shared<Waiter>(Waiter {context, std::move(done)});
    const auto known = m_accounts.find(accountId);
    if (known == m_accounts.end() || !known->second.fetch) {
        release({waiter});
        return;
    }
    known->second.waiters.push_back(waiter);
    QTimer::singleShot(m_timing.wait, context, [waiter] { waiter->fire(); });
}

void GatewayModels::release(std::vector<std::shared_ptr<Waiter>> waiters)
{
    for (const std::shared_ptr<Waiter> &waiter : waiters)
        if (waiter->context)
            QMetaObject::invokeMethod(
                waiter->context, [waiter] { waiter->fire(); }, Qt::QueuedConnection);
}

void GatewayModels::noteRefused(const QString &accountId, const QString &modelId)
{
    if (!m_accounts.contains(accountId))
        return;
    forgetRefusals();
    if (m_refused.size() < MaxModelRefusals)
        m_refused.insert({accountId, modelId}, Clock::now() + m_timing.refusal);
}

bool GatewayModels::isRefused(const QString &accountId, const QString &modelId) const
{
    const auto known = m_refused.constFind({accountId, modelId});
    return known != m_refused.constEnd() && Clock::now() < known.value();
}

std::vector<KiroModel> GatewayModels::offered(const QString &accountId) const
{
    const List own = listOf(accountId);
    std::vector<KiroModel> models = own->empty() ? m_tables->models : *own;
    std::erase_if(models, [&](const KiroModel &model) {
        return isRefused(accountId, QString::fromStdString(model.info.id));
    });
    return models;
}

void GatewayModels::forgetRefusals()
{
    const Clock::time_point now = Clock::now();
    m_refused.removeIf([now](auto entry) { return entry.value() <= now; });
}

void GatewayModels::noteFieldsRefused(const QString &modelId)
{
    if (m_fieldless.size() < MaxModelRefusals)
        m_fieldless.insert(modelId);
}

std::shared_ptr<const KiroModel>
GatewayModels::usable(const std::shared_ptr<const KiroModel> &model) const
{
    if (model == nullptr || model->fields.isEmpty()
        || !m_fieldless.contains(QString::fromStdString(model->info.id)))
        return model;
    KiroModel plain = *model;
    plain.fields = {};
    return std::make_shared<const KiroModel>(std::move(plain));
}

} // namespace kirotray
