// SPDX-License-Identifier: MIT
#include "app/http/httpoutput.h"

#include <QTcpSocket>

namespace kirotray {

HttpOutput::HttpOutput(QTcpSocket &socket, std::chrono::milliseconds stallTimeout)
    : m_socket(socket)
    , m_stallTimeout(stallTimeout)
{
}

QByteArray &HttpOutput::buffer()
{
    schedule();
    return m_buffer;
}

qint64 HttpOutput::unsentBytes() const
{
    return m_buffer.size() + m_socket.bytesToWrite();
}

void HttpOutput::closeWhenSent()
{
    m_isClosing = true;
    schedule();
}

void HttpOutput::noteProgress()
{
    m_progress = Clock::now();
}

std::optional<HttpOutput::Clock::time_point> HttpOutput::stallDeadline() const
{
    if (unsentBytes() == 0)
        return {};
    return m_progress + m_stallTimeout;
}

void HttpOutput::schedule()
{
    if (m_isScheduled)
        return;
    m_isScheduled = true;
    if (unsentBytes() == 0)
        noteProgress(); // the time starts with the first unsent byte
    QMetaObject::invokeMethod(
        &m_socket, [this] { writeOut(); }, Qt::QueuedConnection);
}

void HttpOutput::writeOut()
{
    m_isScheduled = false;
    if (m_socket.state() != QAbstractSocket::ConnectedState)
        return;
    if (!m_buffer.isEmpty())
        m_socket.write(std::exchange(m_buffer, {}));
    if (m_isClosing)
        m_socket.disconnectFromHost();
}

} // namespace kirotray
