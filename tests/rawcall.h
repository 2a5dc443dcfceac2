// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QList>
#include <QObject>
#include <QTcpSocket>
#include <QUrl>

/// One HTTP request on a socket of its own, and what came back, byte for byte.
class RawCall : public QObject
{
    Q_OBJECT
public:
    /// `headers` are whole lines without line ends; Host and Content-Length are added.
    RawCall(const QUrl &base, const QByteArray &requestLine, const QByteArrayList &headers,
            const QByteArray &body, QObject *parent = nullptr);

    /// Stops reading until the socket's buffer is asked for again.
    void pauseReading();
    void resumeReading();
    void hangUp() { m_socket.abort(); }

    const QByteArray &received() const { return m_received; }
    int status() const; ///< 0 before the status line
    QByteArray header(const QByteArray &name) const; ///< lower-case name
    /// De-chunked, as far as it has arrived.
    QByteArray body() const;
    QList<qsizetype> chunkSizes() const; ///< without the last, empty one
    bool isComplete() const; ///< the framing says that all has arrived
    bool isClosed() const { return m_isClosed; }
    /// "type payload" of each frame that is whole; a decoder error as the last line.
    QStringList frames() const;
    /// The texts of the assistantResponseEvents.
    QString text() const;

private:
    QByteArray payload() const; ///< everything after the header

    QTcpSocket m_socket;
    QByteArray m_received;
    bool m_isClosed = false;
    bool m_isPaused = false;
};
