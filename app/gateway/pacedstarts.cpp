// SPDX-License-Identifier: MIT
#include "app/gateway/pacedstarts.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace kirotray {

namespace {

using PaceClock = std::chrono::steady_clock;

} // namespace

PacedStarts::PacedStarts(QObject *parent)
    : QObject(parent)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &PacedStarts::proceed);
}

void PacedStarts::setSettings(const PacingSettings &settings)
{
    m_pacing.setSettings(settings);
    m_line.setLimits(settings.queueLength, settings.maxWait);
    proceed();
}

PacedStarts::Ticket PacedStarts::ask(const Asker &asker, QObject *context, Done done)
{
    if (!m_waiters.empty())
        proceed(); // who can start by now was here before
    const auto now = PaceClock::now();
    if (m_pacing.waitOf(asker.accountId, now) == std::chrono::milliseconds(0)) {
        m_pacing.started(asker.accountId, now);
        done(std::nullopt);
        return 0;
    }
    const std::optional<Ticket> ticket = m_line.join(asker.client, asker.conversation, now);
    if (!ticket) {
        done(refusal("too many requests wait for their turn already"));
        return 0;
    }
    m_waiters.emplace(*ticket, Waiter {asker.accountId, context, std::move(done)});
    schedule();
    return *ticket;
}

void PacedStarts::leave(Ticket ticket)
{
    if (m_waiters.erase(ticket) > 0)
        m_line.leave(ticket);
}

void PacedStarts::ended(const QString &accountId)
{
    m_pacing.ended(accountId);
    if (!m_waiters.empty())
        proceed();
}

/// Callers may ask, leave and end from within their answer: it comes when the line is settled.
void PacedStarts::proceed()
{
    const auto now = PaceClock::now();
    std::vector<std::pair<Waiter, std::optional<ChatError>>> answers;
    const auto take = [this, &answers](Ticket ticket, std::optional<ChatError> error) {
        auto node = m_waiters.extract(ticket);
        if (!node.empty())
            answers.emplace_back(std::move(node.mapped()), std::move(error));
    };
    for (const Ticket ticket : m_line.takeExpired(now))
        take(ticket, refusal("the request has waited too long for its turn"));
    for (const Ticket ticket : m_line.order()) {
        const QString &accountId = m_waiters.at(ticket).accountId;
        if (m_pacing.waitOf(accountId, now) != std::chrono::milliseconds(0))
            continue;
        m_pacing.started(accountId, now);
        m_line.start(ticket);
        take(ticket, std::nullopt);
    }
    schedule();
    for (const auto &[waiter, error] : answers) {
        if (waiter.context)
            waiter.done(error);
        else if (!error)
            ended(waiter.accountId);
    }
}

void PacedStarts::schedule()
{
    const std::optional<WaitingLine::Time> expiry = m_line.nextExpiry();
    if (!expiry) {
        m_timer.stop();
        return;
    }
    const auto now = PaceClock::now();
    auto next = std::chrono::ceil<std::chrono::milliseconds>(*expiry - now);
    for (const auto &[ticket, waiter] : m_waiters)
        if (const auto wait = m_pacing.waitOf(waiter.accountId, now))
            next = std::min(next, *wait);
    m_timer.start(std::max(next, std::chrono::milliseconds(1)));
}

ChatError PacedStarts::refusal(const char *why) const
{
    const std::chrono::seconds wait = m_line.retryAfter(m_pacing.settings().total);
    return {ChatError::Kind::RateLimited,
            std::string(why) + "; KiroTray paces requests as its settings say. Try again in "
                + std::to_string(wait.count()) + " s",
            "", wait};
}

} // namespace kirotray
