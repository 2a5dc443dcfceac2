// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QByteArray>
#include <QHostAddress>
#include <QTcpSocket>

#include <optional>

namespace kirotray {

/// One answer as it came over the wire, de-chunked.
struct WireAnswer
{
    int status = 0;
    QByteArray head; ///< lower case, all lines
    QByteArray body;

    bool hasLine(const QByteArray &line) const { return head.contains("\r\n" + line + "\r\n"); }
};

/// A raw HTTP client: sends what it is told, byte for byte, and takes answers apart.
class HttpTestClient
{
public:
    explicit HttpTestClient(quint16 port, const QHostAddress &host = QHostAddress::LocalHost)
    {
        m_socket.connectToHost(host, port);
    }

    QTcpSocket &socket() { return m_socket; }
    bool isClosed() const { return m_socket.state() == QAbstractSocket::UnconnectedState; }
    void send(const QByteArray &bytes) { m_socket.write(bytes); }

    const QByteArray &received()
    {
        m_received += m_socket.readAll();
        return m_received;
    }

    /// The next complete answer, taken out of what was received. `toHead`: it has no body.
    std::optional<WireAnswer> takeAnswer(bool toHead = false)
    {
        const qsizetype headEnd = received().indexOf("\r\n\r\n");
        if (headEnd < 0)
            return {};
        WireAnswer answer;
        answer.head = m_received.left(headEnd + 2).toLower();
        answer.status = m_received.mid(9, 3).toInt();
        const qsizetype start = headEnd + 4;
        const bool hasBody = !toHead && answer.status != 204 && answer.status >= 200;
        qsizetype end = start;
        if (hasBody && answer.hasLine("transfer-encoding: chunked"))
            end = takeChunks(start, answer.body);
        else if (hasBody)
            end = takeCounted(start, answer);
        if (end < 0)
            return {};
        m_received.remove(0, end);
        return answer;
    }

private:
    qsizetype takeCounted(qsizetype start, WireAnswer &answer) const
    {
        const QByteArray name = "\r\ncontent-length: ";
        const qsizetype at = answer.head.indexOf(name);
        if (at < 0) { // until the end of the connection
            answer.body = m_received.mid(start);
            return isClosed() ? m_received.size() : -1;
        }
        const qsizetype from = at + name.size();
        const qsizetype size =
            answer.head.mid(from, answer.head.indexOf('\r', from) - from).toLongLong();
        answer.body = m_received.mid(start, size);
        return answer.body.size() == size ? start + size : -1;
    }

    qsizetype takeChunks(qsizetype at, QByteArray &body) const
    {
        for (;;) {
            const qsizetype lineEnd = m_received.indexOf("\r\n", at);
            if (lineEnd < 0)
                return -1;
            const qsizetype size = m_received.mid(at, lineEnd - at).toLongLong(nullptr, 16);
            const qsizetype end = lineEnd + 2 + size + 2;
            if (end > m_received.size())
                return -1;
            body += m_received.mid(lineEnd + 2, size);
            at = end;
            if (size == 0)
                return at;
        }
    }

    QTcpSocket m_socket;
    QByteArray m_received;
};

} // namespace kirotray
