// SPDX-License-Identifier: MIT
#include "app/simulator/answerstream.h"

#include "app/base/limits.h"

#include <algorithm>

namespace kirotray {

AnswerStream::AnswerStream(HttpExchange exchange, HttpHeaders headers, AnswerPlanPtr plan,
                           QObject *parent)
    : QObject(parent)
    , m_exchange(std::move(exchange))
    , m_headers(std::move(headers))
    , m_plan(std::move(plan))
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &AnswerStream::run);
    if (HttpExchangeEvents *events = m_exchange.events()) {
        connect(events, &HttpExchangeEvents::clientGone, this, [this] { finish(true); });
        connect(events, &HttpExchangeEvents::drained, this, &AnswerStream::resume);
    }
}

void AnswerStream::start()
{
    m_due = Clock::now();
    run();
}

void AnswerStream::run()
{
    while (!m_over && m_at < m_plan->items.size()) {
        if (!m_exchange.isOpen())
            return finish(true);
        if (m_exchange.unsentBytes() > limits::ClientBacklogHigh) {
            m_paused = true;
            return;
        }
        if (play(m_plan->items[m_at]) != Next::Continue)
            return;
        ++m_at;
    }
    if (m_over)
        return;
    begin(); // an answer of nothing still has its header
    m_exchange.end();
    finish(false);
}

void AnswerStream::resume()
{
    if (!m_paused || m_over)
        return;
    m_paused = false;
    m_due = std::max(m_due, Clock::now()); // the time of the pause is not caught up
    run();
}

AnswerStream::Next AnswerStream::play(const PlanItem &item)
{
    switch (item.kind) {
    case PlanItem::Kind::Write:
        return playWrite(item);
    case PlanItem::Kind::Wait:
    case PlanItem::Kind::Turn:
        if (!m_slept) {
            m_due += item.time;
            m_slept = true;
            if (sleepUntil(m_due, item.kind == PlanItem::Kind::Turn) == Next::Later)
                return Next::Later;
        }
        m_slept = false;
        return Next::Continue;
    case PlanItem::Kind::Begin:
        begin();
        return Next::Continue;
    case PlanItem::Kind::Drop:
        finish(false); // first, so that the cut is not taken for a caller who went
        m_exchange.abort();
        return Next::Over;
    case PlanItem::Kind::Hang:
        return Next::Later; // only the caller ends it
    }
    return Next::Over;
}

AnswerStream::Next AnswerStream::playWrite(const PlanItem &item)
{
    while (m_written < item.count) {
        if (m_written > 0 && item.time.count() > 0 && !m_slept) {
            m_due += item.time;
            m_slept = true;
            if (sleepUntil(m_due, false) == Next::Later)
                return Next::Later;
        }
        if (m_exchange.unsentBytes() > limits::ClientBacklogHigh) {
            m_paused = true;
            return Next::Later;
        }
        m_slept = false;
        begin();
        m_exchange.write(
            QByteArrayView(item.bytes.data(), static_cast<qsizetype>(item.bytes.size())));
        if (m_over)
            return Next::Over;
        ++m_written;
    }
    m_written = 0;
    return Next::Continue;
}

AnswerStream::Next AnswerStream::sleepUntil(Clock::time_point due, bool always)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
    if (left.count() <= 0 && !always)
        return Next::Continue;
    m_timer.start(std::max(left, std::chrono::milliseconds(0)));
    return Next::Later;
}

void AnswerStream::begin()
{
    if (!m_exchange.isStreaming() && m_exchange.isOpen())
        m_exchange.beginStream(200, m_headers);
}

void AnswerStream::finish(bool aborted)
{
    if (m_over)
        return;
    m_over = true;
    m_timer.stop();
    emit ended(aborted);
    deleteLater();
}

} // namespace kirotray
