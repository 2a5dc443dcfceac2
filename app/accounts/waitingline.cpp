// SPDX-License-Identifier: MIT
#include "app/accounts/waitingline.h"

#include <algorithm>
#include <tuple>

namespace kirotray {

void WaitingLine::setLimits(int length, std::chrono::milliseconds maxWait)
{
    m_length = length;
    m_maxWait = maxWait;
}

std::optional<WaitingLine::Ticket> WaitingLine::join(const QString &client,
                                                     const QString &conversation, Time now)
{
    if (size() >= m_length)
        return std::nullopt;
    const auto arrive = [this](Turn &turn) {
        if (turn.waiting++ == 0) // newly come: behind those who wait for their turn
            turn.last = ++m_turn;
    };
    arrive(m_clients[client]);
    arrive(m_talks[{client, conversation}]);
    m_waiting.push_back({++m_lastTicket, client, conversation, now});
    return m_lastTicket;
}

std::vector<WaitingLine::Waiting>::iterator WaitingLine::find(Ticket ticket)
{
    // Tickets rise.
    const auto at =
        std::lower_bound(m_waiting.begin(), m_waiting.end(), ticket,
                         [](const Waiting &one, Ticket wanted) { return one.ticket < wanted; });
    return at != m_waiting.end() && at->ticket == ticket ? at : m_waiting.end();
}

void WaitingLine::remove(std::vector<Waiting>::iterator at)
{
    const Talk talk {at->client, at->conversation};
    if (--m_clients[talk.first].waiting == 0)
        m_clients.remove(talk.first);
    if (--m_talks[talk].waiting == 0)
        m_talks.remove(talk);
    m_waiting.erase(at);
}

void WaitingLine::start(Ticket ticket)
{
    const auto at = find(ticket);
    if (at == m_waiting.end())
        return;
    m_clients[at->client].last = ++m_turn;
    m_talks[{at->client, at->conversation}].last = ++m_turn;
    remove(at);
}

void WaitingLine::leave(Ticket ticket)
{
    const auto at = find(ticket);
    if (at != m_waiting.end())
        remove(at);
}

/// Round by round: everyone's first request, then everyone's second, and so on. First among the
/// conversations of a client, which makes the client's own order, then among the clients.
std::vector<WaitingLine::Ticket> WaitingLine::order() const
{
    struct Row
    {
        std::tuple<int, quint64, Ticket> inClient; ///< round, last turn, arrival
        const Waiting *waiting = nullptr;
    };
    std::vector<Row> rows;
    rows.reserve(m_waiting.size());
    QHash<Talk, int> talkRounds;
    for (const Waiting &one : m_waiting) {
        const Talk talk {one.client, one.conversation};
        rows.push_back({{talkRounds[talk]++, m_talks[talk].last, one.ticket}, &one});
    }
    std::sort(rows.begin(), rows.end(),
              [](const Row &a, const Row &b) { return a.inClient < b.inClient; });

    QHash<QString, int> clientRounds;
    std::vector<std::tuple<int, quint64, Ticket>> ranks;
    ranks.reserve(rows.size());
    for (const Row &row : rows) {
        const QString &client = row.waiting->client;
        ranks.emplace_back(clientRounds[client]++, m_clients[client].last, row.waiting->ticket);
    }
    std::sort(ranks.begin(), ranks.end());
    std::vector<Ticket> tickets;
    tickets.reserve(ranks.size());
    for (const auto &rank : ranks)
        tickets.push_back(std::get<2>(rank));
    return tickets;
}

int WaitingLine::place(Ticket ticket) const
{
    const std::vector<Ticket> tickets = order();
    const auto at = std::find(tickets.begin(), tickets.end(), ticket);
    return at == tickets.end() ? 0 : static_cast<int>(at - tickets.begin()) + 1;
}

std::vector<WaitingLine::Ticket> WaitingLine::takeExpired(Time now)
{
    std::vector<Ticket> expired;
    while (!m_waiting.empty() && now - m_waiting.front().since >= m_maxWait) {
        expired.push_back(m_waiting.front().ticket);
        remove(m_waiting.begin());
    }
    return expired;
}

std::optional<WaitingLine::Time> WaitingLine::nextExpiry() const
{
    if (m_waiting.empty())
        return std::nullopt;
    return m_waiting.front().since + m_maxWait;
}

std::chrono::seconds WaitingLine::retryAfter(int startsAMinute) const
{
    const int pace = std::max(1, startsAMinute);
    const std::chrono::seconds empties((size() * 60 + pace - 1) / pace);
    const auto most = std::chrono::ceil<std::chrono::seconds>(m_maxWait);
    return std::max(std::chrono::seconds(1), std::min(empties, most));
}

} // namespace kirotray
