// SPDX-License-Identifier: MIT
#pragma once

#include "app/gateway/gatewayconfig.h"
#include "app/kiro/profilechoice.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QSet>
#include <QTimer>

#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace kirotray {

/// The accounts as the gateway thread sees them: snapshots from the main thread, the pool that
/// chooses among them, and the access tokens that the main thread handed over. Asks for a token
/// once, however many calls wait for it. Gateway thread.
class GatewayAccounts : public QObject
{
    Q_OBJECT
public:
    struct Pick
    {
        AccountSnapshot account;
        QString reason; ///< why this one, for the flow
        bool isProbe = false; ///< see Pool::Choice
    };
    using TokenReply = std::function<void(Result<Secret>)>;

    explicit GatewayAccounts(QObject *parent = nullptr);

    void setAccounts(std::vector<AccountSnapshot> accounts);
    void setPool(const PoolSettings &settings) { m_pool.setSettings(settings); }
    void restore(const QString &accountId); ///< see Pool::restore()
    const std::vector<AccountSnapshot> &all() const { return m_accounts; }
    /// The first usable account in the user's order, for what costs nothing: lists of models.
    std::optional<AccountSnapshot> firstUsable() const;

    /// See Pool::pick(). An account with tables of its own only when Ask::only names it.
    std::variant<Pick, Pool::Refusal> pick(const Pool::Ask &ask);
    /// Each pick is answered by one of the three; healthChanged() follows.
    void succeeded(const QString &accountId);
    void failed(const QString &accountId, AccountEffect effect, std::chrono::seconds coolDown,
                const QString &why); ///< AccountEffect::None: abandoned()
    void abandoned(const QString &accountId);
    /// A failure behind a success that was told already.
    void report(const QString &accountId, AccountEffect effect, const QString &why);
    void modelRefused(const QString &accountId, const QString &modelId);
    /// What was last held against accounts that only a person can help; one entry each.
    std::vector<AccountEffect> problems() const;

    /// `done` at once when a token is known that is not `rejected`; else after resolve(). Never
    /// after `context` is gone.
    void token(const QString &accountId, const Secret &rejected, QObject *context, TokenReply done);
    /// The main thread's answer; also unasked, when a token was renewed ahead of its expiry.
    void resolve(const QString &accountId, const Result<Secret> &token);

    /// The base URL that answered last (§1.1), so that the next call starts there.
    QString lastHost(const QString &accountId) const { return m_lastHost.value(accountId); }
    void setLastHost(const QString &accountId, const QString &baseUrl);

    /// Which profile this host wanted of the account, where that is known to be unusual (§1.6).
    std::optional<ProfileUse> profileUse(const QString &accountId, const QString &baseUrl) const;
    void noteProfileUse(const QString &accountId, const QString &baseUrl, ProfileUse use);

    /// Whether this host has closed this model's answers with closing events before; see
    /// ChatStream::Attempt::expectsClosingEvents.
    bool sendsClosingEvents(const QString &baseUrl, const QString &modelId) const;
    void noteClosingEvents(const QString &baseUrl, const QString &modelId);

signals:
    void tokenNeeded(const QString &accountId, const kirotray::Secret &rejected);
    void reported(const kirotray::AccountReport &report);
    void healthChanged(const QString &accountId, const kirotray::AccountHealth &health);

private:
    struct Waiter
    {
        QPointer<QObject> context;
        Secret rejected;
        TokenReply done;
        bool hasAskedAgain = false;
    };
    const AccountSnapshot *find(const QString &accountId) const;
    void publishHealth(const QString &accountId);
    void publishAll();

    std::vector<AccountSnapshot> m_accounts;
    Pool m_pool;
    QHash<QString, AccountHealth> m_health; ///< as it was published
    QHash<QString, AccountEffect> m_problems; ///< AuthProblem or Suspended
    QTimer m_returnTimer; ///< until the next account comes back from a pause
    QHash<QString, Secret> m_tokens;
    QHash<QString, std::vector<Waiter>> m_waiters; ///< an entry means that the question is out
    QHash<QString, QString> m_lastHost;
    QHash<std::pair<QString, QString>, ProfileUse> m_profileUses; ///< account and base URL
    QSet<std::pair<QString, QString>> m_closers; ///< base URL and model
};

} // namespace kirotray
