// SPDX-License-Identifier: MIT
#include "tests/fakepeer.h"

#include <QHostAddress>
#include <QNetworkProxy>
#include <QTcpSocket>
#include <QTimer>

#include <algorithm>
#include <memory>

namespace kirotray {

PeerScript &PeerScript::send(const QByteArray &bytes)
{
    m_steps.push_back({Step::Kind::Send, bytes});
    return *this;
}

PeerScript &PeerScript::sendInPieces(const QByteArray &bytes, qsizetype size)
{
    for (qsizetype at = 0; at < bytes.size(); at += size)
        send(bytes.mid(at, size)).wait(std::chrono::milliseconds(0));
    return *this;
}

PeerScript &PeerScript::wait(std::chrono::milliseconds time)
{
    m_steps.push_back({Step::Kind::Wait, {}, time});
    return *this;
}

PeerScript &PeerScript::hold()
{
    m_steps.push_back({Step::Kind::Hold});
    return *this;
}

PeerScript &PeerScript::close()
{
    m_steps.push_back({Step::Kind::Close});
    return *this;
}

PeerScript &PeerScript::reset()
{
    m_steps.push_back({Step::Kind::Reset});
    return *this;
}

PeerScript PeerScript::reply(int status, const QByteArray &body, const QByteArray &fields)
{
    return PeerScript().send("HTTP/1.1 " + QByteArray::number(status) + " Status\r\n" + fields
                             + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n"
                             + body);
}

QByteArray PeerRequest::field(const QByteArray &name) const
{
    const QList<QByteArray> lines = head.split('\n');
    for (const QByteArray &line : lines) {
        const qsizetype colon = line.indexOf(':');
        if (colon > 0 && line.first(colon).compare(name, Qt::CaseInsensitive) == 0)
            return line.mid(colon + 1).trimmed();
    }
    return {};
}

FakePeer::FakePeer(QObject *parent)
    : QObject(parent)
{
    m_server.setProxy(QNetworkProxy::NoProxy);
    m_server.setListenBacklogSize(1024);
    connect(&m_server, &QTcpServer::newConnection, this, &FakePeer::accept);
    if (!m_server.listen(QHostAddress::LocalHost))
        qFatal("cannot listen: %s", qPrintable(m_server.errorString()));
}

QUrl FakePeer::url(const QString &path) const
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1%2").arg(port()).arg(path));
}

int FakePeer::openCount() const
{
    const QList<QTcpSocket *> sockets = m_server.findChildren<QTcpSocket *>();
    return static_cast<int>(std::count_if(sockets.begin(), sockets.end(), [](QTcpSocket *socket) {
        return socket->state() != QAbstractSocket::UnconnectedState;
    }));
}

qint64 FakePeer::unsentBytes() const
{
    qint64 sum = 0;
    const QList<QTcpSocket *> sockets = m_server.findChildren<QTcpSocket *>();
    for (QTcpSocket *socket : sockets)
        sum += socket->bytesToWrite();
    return sum;
}

void FakePeer::accept()
{
    while (QTcpSocket *socket = m_server.nextPendingConnection()) {
        ++m_connectionCount;
        auto line = std::make_shared<Line>();
        if (m_reading)
            connect(socket, &QIODevice::readyRead, this, [=, this] { read(socket, *line); });
        else
            socket->setReadBufferSize(1);
        connect(socket, &QAbstractSocket::disconnected, this, [=, this] {
            socket->deleteLater();
            emit connectionClosed();
        });
    }
}

void FakePeer::read(QTcpSocket *socket, Line &line)
{
    line.received += socket->readAll();
    const qsizetype end = line.received.indexOf("\r\n\r\n");
    if (end < 0 || line.isBusy)
        return;
    PeerRequest request {line.received.first(end), {}};
    const qsizetype length = request.field("content-length").toLongLong();
    if (line.received.size() < end + 4 + length)
        return;
    request.body = line.received.mid(end + 4, length);
    line.received.remove(0, end + 4 + length);
    line.isBusy = true;
    PeerScript script = m_fallback;
    if (!m_scripts.empty()) {
        script = m_scripts.front();
        m_scripts.pop_front();
    }
    line.steps.assign(script.steps().begin(), script.steps().end());
    m_requests.push_back(std::move(request));
    emit requestReceived();
    run(socket, line);
}

void FakePeer::run(QTcpSocket *socket, Line &line)
{
    while (!line.steps.empty() && socket->state() == QAbstractSocket::ConnectedState) {
        const PeerScript::Step step = line.steps.front();
        line.steps.pop_front();
        switch (step.kind) {
        case PeerScript::Step::Kind::Send:
            socket->write(step.bytes);
            break;
        case PeerScript::Step::Kind::Wait:
            // The line lives as long as the socket: a connection of it holds it.
            QTimer::singleShot(step.wait, socket, [=, this, &line] { run(socket, line); });
            return;
        case PeerScript::Step::Kind::Hold:
            connect(
                this, &FakePeer::released, socket, [=, this, &line] { run(socket, line); },
                Qt::SingleShotConnection);
            return;
        case PeerScript::Step::Kind::Close:
            socket->disconnectFromHost();
            return;
        case PeerScript::Step::Kind::Reset:
            socket->abort();
            return;
        }
    }
    line.isBusy = false;
    if (!line.received.isEmpty())
        read(socket, line);
}

} // namespace kirotray
