// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/pacing.h"
#include "app/accounts/waitingline.h"
#include "app/chat/chaterror.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <functional>
#include <map>
#include <optional>

namespace kirotray {

/// Lets upstream calls start at the user's pace: at once, after a wait in a bounded and fair line,
/// or not at all. Gateway thread.
class PacedStarts : public QObject
{
    Q_OBJECT
public:
    /// Who wants to start: clients and their conversations take turns.
    struct Asker
    {
        QString accountId;
        QString client;
        QString conversation;
    };
    /// Nullopt: the call has started, ended() must follow; else the refusal, with a time to come
    /// back.
    using Done = std::function<void(const std::optional<ChatError> &)>;
    using Ticket = WaitingLine::Ticket;

    explicit PacedStarts(QObject *parent = nullptr);

    void setSettings(const PacingSettings &settings);
    /// `done` once: before this returns, which gives zero then, or later while `context` lives.
    Ticket ask(const Asker &asker, QObject *context, Done done);
    void leave(Ticket ticket); ///< `done` is not called any more; unknown: no-op
    void ended(const QString &accountId);
    void forget(const QString &accountId) { m_pacing.forget(accountId); }

    int place(Ticket ticket) const { return m_line.place(ticket); } ///< 1: it is next
    int waiting() const { return m_line.size(); }

private:
    struct Waiter
    {
        QString accountId;
        QPointer<QObject> context;
        Done done;
    };
    void proceed();
    void schedule();
    ChatError refusal(const char *why) const;

    Pacing m_pacing;
    WaitingLine m_line;
    std::map<Ticket, Waiter> m_waiters;
    QTimer m_timer; ///< until somebody can start or has waited too long
};

} // namespace kirotray
