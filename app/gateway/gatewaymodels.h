// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/limits.h"
#include "app/gateway/gatewayconfig.h"
#include "app/kiro/controlcalls.h"

#include <QHash>
#include <QObject>
#include <QSet>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace kirotray {

/// Which models each account has (kiro-protocol §5.2): lists are fetched when first wanted and kept
/// for limits::ModelListLifetime, one fetch at a time an account, and no chat ever waits for one.
/// Also what the upstream has refused of models. Gateway thread.
class GatewayModels : public QObject
{
    Q_OBJECT
public:
    using List = std::shared_ptr<const std::vector<KiroModel>>;
    using Milliseconds = std::chrono::milliseconds;
    /// Tests change it.
    struct Timing
    {
        Milliseconds lifetime = limits::ModelListLifetime;
        Milliseconds retry = limits::ModelListRetry;
        Milliseconds wait = limits::ModelListWait;
        /// A refused model may come with the next plan (§3.2, INVALID_MODEL_ID).
        Milliseconds refusal = std::chrono::hours(1);
    };

    GatewayModels(HttpClient &http, KiroTablesPtr tables, QObject *parent = nullptr);
    GatewayModels(HttpClient &http, KiroTablesPtr tables, Timing timing, QObject *parent = nullptr);
    ~GatewayModels() override;

    /// Forgets the accounts that are gone, and the lists of those that became another identity.
    /// Only accounts that were given here are known below.
    void setAccounts(const std::vector<AccountSnapshot> &accounts);

    /// The account's own list, an old one while no newer can be had. Never null; empty while none
    /// is known, which chooseModel() takes for the table's.
    List listOf(const QString &accountId) const;
    /// There is no fresh list, and one may be asked for: a token is worth getting for refresh().
    bool wantsRefresh(const QString &accountId) const;
    /// Fetches the list where wantsRefresh(); else nothing. `proxy` is for accounts without their
    /// own.
    void refresh(const AccountSnapshot &account, const Secret &token, const ProxyChoice &proxy);
    /// `done` once, from the event loop, never after `context` is gone: when the fetch under way
    /// has ended, after limits::ModelListWait, or at once when there is none.
    void whenListed(const QString &accountId, QObject *context, std::function<void()> done);

    /// The upstream says that the account cannot use the model; remembered for an hour.
    void noteRefused(const QString &accountId, const QString &modelId);
    bool isRefused(const QString &accountId, const QString &modelId) const;
    /// What a client may choose from: the account's own list, else the table's, without what the
    /// upstream refused lately.
    std::vector<KiroModel> offered(const QString &accountId) const;
    /// The upstream says that the model takes no additionalModelRequestFields, whatever its list
    /// says; remembered as long as the gateway lives.
    void noteFieldsRefused(const QString &modelId);
    /// The model as requests should see it: without the fields that were refused. Null stays null.
    std::shared_ptr<const KiroModel> usable(const std::shared_ptr<const KiroModel> &model) const;

signals:
    void listed(const QString &accountId); ///< a new list is there

private:
    using Clock = std::chrono::steady_clock;
    struct Waiter;
    struct Account
    {
        KiroIdentity identity;
        List list;
        Clock::time_point nextFetch; ///< not before
        std::unique_ptr<QObject> fetch; ///< context of the one under way
        std::vector<std::shared_ptr<Waiter>> waiters;
    };

    void onFetched(const QString &accountId, Result<std::vector<KiroModel>> result);
    static void release(std::vector<std::shared_ptr<Waiter>> waiters);
    void forgetRefusals();

    KiroTablesPtr m_tables;
    ControlCalls m_calls;
    Timing m_timing;
    std::map<QString, Account> m_accounts;
    QHash<std::pair<QString, QString>, Clock::time_point> m_refused; ///< account, model: until when
    QSet<QString> m_fieldless; ///< ids of the upstream's own lists
    List m_none = std::make_shared<const std::vector<KiroModel>>();
};

} // namespace kirotray
