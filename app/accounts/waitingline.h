// SPDX-License-Identifier: MIT
#pragma once

#include <QHash>
#include <QString>

#include <chrono>
#include <optional>
#include <vector>

namespace kirotray {

/// The requests that wait for an account, bounded and fair (features RAT-07): clients take turns,
/// and within a client its conversations do, so that a busy one starves nobody. Pure; times are
/// passed in. Any one thread.
class WaitingLine
{
public:
    using Time = std::chrono::steady_clock::time_point;
    using Ticket = quint64; ///< never zero, never given twice

    /// `length` zero: nobody may wait. Those who wait already stay.
    void setLimits(int length, std::chrono::milliseconds maxWait);

    /// Absent: the line is full, the request is to be refused.
    std::optional<Ticket> join(const QString &client, const QString &conversation, Time now);
    /// The request starts: its client and conversation had their turn. Unknown: no-op.
    void start(Ticket ticket);
    void leave(Ticket ticket); ///< without its turn: the client is gone, or it was refused

    /// All who wait, whose turn it is first. A caller starts the first one that can start: one that
    /// waits for a certain account holds nobody up.
    std::vector<Ticket> order() const;
    int place(Ticket ticket) const; ///< 1: it is next; 0: unknown
    int size() const { return static_cast<int>(m_waiting.size()); }

    /// Who waits for longer than allowed; they are out of the line then.
    std::vector<Ticket> takeExpired(Time now);
    std::optional<Time> nextExpiry() const; ///< absent: the line is empty

    /// What a refused client is told: about the time in which the line empties when `startsAMinute`
    /// can start; at least a second, at most the wait limit.
    std::chrono::seconds retryAfter(int startsAMinute) const;

private:
    struct Waiting
    {
        Ticket ticket = 0;
        QString client;
        QString conversation;
        Time since;
    };
    /// One who takes turns, with the number of its last one.
    struct Turn
    {
        quint64 last = 0;
        int waiting = 0;
    };
    using Talk = std::pair<QString, QString>; ///< client and conversation

    void remove(std::vector<Waiting>::iterator at);
    std::vector<Waiting>::iterator find(Ticket ticket);

    int m_length = 0;
    std::chrono::milliseconds m_maxWait {0};
    std::vector<Waiting> m_waiting; ///< as they came
    QHash<QString, Turn> m_clients; ///< only of those who wait
    QHash<Talk, Turn> m_talks;
    quint64 m_turn = 0;
    Ticket m_lastTicket = 0;
};

} // namespace kirotray
