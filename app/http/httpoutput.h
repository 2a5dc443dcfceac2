// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>

#include <chrono>
#include <optional>

class QTcpSocket;

namespace kirotray {

/// The way out of one connection. Everything appended within one turn of the event loop goes to the
/// socket in one write, queued; never flushed (feasibility: a flush per event costs 5 µs each).
class HttpOutput
{
public:
    using Clock = std::chrono::steady_clock;

    /// The socket must live as long as this.
    HttpOutput(QTcpSocket &socket, std::chrono::milliseconds stallTimeout);

    /// To append to. Schedules the write; no other use of the socket's writing side is allowed.
    QByteArray &buffer();
    qint64 unsentBytes() const;
    /// Closes the connection in an orderly way once everything has been sent.
    void closeWhenSent();

    /// To be called when the socket has sent something.
    void noteProgress();
    /// Unsent bytes have made no progress when this instant comes. Absent when nothing is unsent.
    std::optional<Clock::time_point> stallDeadline() const;

private:
    void schedule();
    void writeOut();

    QTcpSocket &m_socket;
    std::chrono::milliseconds m_stallTimeout;
    QByteArray m_buffer;
    Clock::time_point m_progress;
    bool m_isScheduled = false;
    bool m_isClosing = false;
};

} // namespace kirotray
