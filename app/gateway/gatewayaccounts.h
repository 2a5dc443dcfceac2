// SPDX-License-Identifier: MIT
#pragma once

#include "app/gateway/gatewayconfig.h"

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QSet>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace kirotray {

/// The accounts as the gateway thread sees them: snapshots from the main thread, and the access
/// tokens that it handed over. Asks for a token once, however many calls wait for it. Gateway
/// thread.
class GatewayAccounts : public QObject
{
    Q_OBJECT
public:
    struct Pick
    {
        AccountSnapshot account;
        QString reason; ///< why this one, for the flow
    };
    using TokenReply = std::function<void(Result<Secret>)>;

    using QObject::QObject;

    void setAccounts(std::vector<AccountSnapshot> accounts);
    /// The first usable account in the user's order; nullopt when there is none.
    std::optional<Pick> pick() const;
    void restore(const QString &accountId); ///< see Pool::restore()
    bool isEmpty() const { return m_accounts.empty(); }
    const std::vector<AccountSnapshot> &all() const { return m_accounts; }

    /// `done` at once when a token is known that is not `rejected`; else after resolve(). Never
    /// after `context` is gone.
    void token(const QString &accountId, const Secret &rejected, QObject *context, TokenReply done);
    /// The main thread's answer; also unasked, when a token was renewed ahead of its expiry.
    void resolve(const QString &accountId, const Result<Secret> &token);

    /// The base URL that answered last (§1.1), so that the next call starts there.
    QString lastHost(const QString &accountId) const { return m_lastHost.value(accountId); }
    void setLastHost(const QString &accountId, const QString &baseUrl);

    /// Whether this host has closed this model's answers with closing events before; see
    /// ChatStream::Attempt::expectsClosingEvents.
    bool sendsClosingEvents(const QString &baseUrl, const QString &modelId) const;
    void noteClosingEvents(const QString &baseUrl, const QString &modelId);

signals:
    void tokenNeeded(const QString &accountId, const kirotray::Secret &rejected);

private:
    struct Waiter
    {
        QPointer<QObject> context;
        Secret rejected;
        TokenReply done;
        bool hasAskedAgain = false;
    };

    std::vector<AccountSnapshot> m_accounts;
    QHash<QString, Secret> m_tokens;
    QHash<QString, std::vector<Waiter>> m_waiters; ///< an entry means that the question is out
    QHash<QString, QString> m_lastHost;
    QSet<std::pair<QString, QString>> m_closers; ///< base URL and model
};

} // namespace kirotray
