// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpexchange.h"
#include "app/simulator/answerplan.h"

#include <QObject>
#include <QTimer>

#include <chrono>

namespace kirotray {

/// Plays one plan into one exchange, with a timer of its own; catches up when it is late, pauses
/// while the caller does not read. Deletes itself after ended(). Simulator's thread.
class AnswerStream : public QObject
{
    Q_OBJECT
public:
    /// `headers` go out with the first bytes.
    AnswerStream(HttpExchange exchange, HttpHeaders headers, AnswerPlanPtr plan,
                 QObject *parent = nullptr);
    void start();

signals:
    /// Once. True when the caller hung up before the plan was done.
    void ended(bool aborted);

private:
    using Clock = std::chrono::steady_clock;
    enum class Next { Continue, Later, Over };

    void run();
    void resume();
    Next play(const PlanItem &item);
    Next playWrite(const PlanItem &item);
    /// Later when there is still time until `due`, or `always`.
    Next sleepUntil(Clock::time_point due, bool always);
    void begin();
    void finish(bool aborted);

    HttpExchange m_exchange;
    HttpHeaders m_headers;
    AnswerPlanPtr m_plan;
    QTimer m_timer;
    Clock::time_point m_due; ///< when the item at hand is due
    std::size_t m_at = 0; ///< of the item at hand
    int m_written = 0; ///< repetitions of it that are done
    bool m_slept = false; ///< the wait at hand is over
    bool m_paused = false;
    bool m_over = false;
};

} // namespace kirotray
