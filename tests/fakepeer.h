// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QObject>
#include <QTcpServer>
#include <QUrl>

#include <chrono>
#include <deque>
#include <vector>

class QTcpSocket;

namespace kirotray {

/// What a FakePeer does with one request. Without a closing step the connection stays open, which
/// after an incomplete answer is a hang.
class PeerScript
{
public:
    struct Step
    {
        enum class Kind { Send, Wait, Hold, Close, Reset };
        Kind kind;
        QByteArray bytes = {};
        std::chrono::milliseconds wait = {};
    };

    PeerScript &send(const QByteArray &bytes);
    /// The same bytes in pieces of `size`, with a turn of the event loop between them.
    PeerScript &sendInPieces(const QByteArray &bytes, qsizetype size);
    PeerScript &wait(std::chrono::milliseconds time);
    PeerScript &hold(); ///< until FakePeer::release()
    PeerScript &close(); ///< after everything is sent
    PeerScript &reset(); ///< at once, unsent bytes are lost
    /// A whole answer with Content-Length.
    static PeerScript reply(int status, const QByteArray &body, const QByteArray &fields = {});

    const std::vector<Step> &steps() const { return m_steps; }

private:
    std::vector<Step> m_steps;
};

struct PeerRequest
{
    QByteArray head; ///< request line and fields, as received, without the empty line
    QByteArray body;
    QByteArray line() const { return head.left(head.indexOf("\r\n")); }
    QByteArray field(const QByteArray &name) const; ///< null when absent; without case
};

/// A scripted HTTP/1.1 server on 127.0.0.1: delays, splits, truncates, hangs and counts.
class FakePeer : public QObject
{
    Q_OBJECT
public:
    explicit FakePeer(QObject *parent = nullptr);

    quint16 port() const { return m_server.serverPort(); }
    QUrl url(const QString &path = QStringLiteral("/")) const;

    void next(const PeerScript &script) { m_scripts.push_back(script); } ///< one request each
    void always(const PeerScript &script) { m_fallback = script; } ///< when next() has run out
    void release() { emit released(); } ///< every script that holds goes on
    void stopReading() { m_reading = false; } ///< on connections made from now on

    const std::vector<PeerRequest> &requests() const { return m_requests; }
    int requestCount() const { return static_cast<int>(m_requests.size()); }
    int connectionCount() const { return m_connectionCount; } ///< ever made
    int openCount() const; ///< now
    qint64 unsentBytes() const; ///< of all open connections, not yet taken by the kernel

signals:
    void requestReceived();
    void connectionClosed(); ///< by the other side or by a script
    void released();

private:
    struct Line
    {
        QByteArray received;
        std::deque<PeerScript::Step> steps;
        bool isBusy = false;
    };

    void accept();
    void read(QTcpSocket *socket, Line &line);
    void run(QTcpSocket *socket, Line &line);

    QTcpServer m_server;
    std::deque<PeerScript> m_scripts;
    PeerScript m_fallback;
    std::vector<PeerRequest> m_requests;
    int m_connectionCount = 0;
    bool m_reading = true;
};

} // namespace kirotray
