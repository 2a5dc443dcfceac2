// SPDX-License-Identifier: MIT
#include "tests/rawcall.h"

#include "app/base/json.h"
#include "app/kiro/eventstream.h"

using namespace kirotray;

RawCall::RawCall(const QUrl &base, const QByteArray &requestLine, const QByteArrayList &headers,
                 const QByteArray &body, QObject *parent)
    : QObject(parent)
{
    connect(&m_socket, &QTcpSocket::readyRead, this, [this] {
        if (!m_isPaused)
            m_received += m_socket.readAll();
    });
    connect(&m_socket, &QTcpSocket::disconnected, this, [this] {
        m_received += m_socket.readAll();
        m_isClosed = true;
    });
    QByteArray request = requestLine + " HTTP/1.1\r\nHost: " + base.authority().toLatin1() + "\r\n";
    for (const QByteArray &line : headers)
        request += line + "\r\n";
    request += "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body;
    m_socket.connectToHost(base.host(), static_cast<quint16>(base.port()));
    m_socket.write(request); // buffered until the connection stands
}

void RawCall::pauseReading()
{
    m_isPaused = true;
    m_socket.setReadBufferSize(1);
}

void RawCall::resumeReading()
{
    m_isPaused = false;
    m_socket.setReadBufferSize(0);
    m_received += m_socket.readAll();
}

int RawCall::status() const
{
    return m_received.startsWith("HTTP/1.1 ") ? m_received.mid(9, 3).toInt() : 0;
}

QByteArray RawCall::header(const QByteArray &name) const
{
    const QByteArray head = m_received.left(m_received.indexOf("\r\n\r\n"));
    for (const QByteArray &line : head.split('\n')) {
        if (line.toLower().startsWith(name + ':'))
            return line.mid(name.size() + 1).trimmed();
    }
    return {};
}

QByteArray RawCall::payload() const
{
    const qsizetype end = m_received.indexOf("\r\n\r\n");
    return end < 0 ? QByteArray() : m_received.mid(end + 4);
}

QList<qsizetype> RawCall::chunkSizes() const
{
    QList<qsizetype> sizes;
    const QByteArray bytes = payload();
    for (qsizetype at = 0; header("transfer-encoding") == "chunked";) {
        const qsizetype lineEnd = bytes.indexOf("\r\n", at);
        if (lineEnd < 0)
            break;
        const qsizetype size = bytes.mid(at, lineEnd - at).toLongLong(nullptr, 16);
        at = lineEnd + 2 + size + 2;
        if (size == 0 || at > bytes.size())
            break;
        sizes.append(size);
    }
    return sizes;
}

QByteArray RawCall::body() const
{
    const QByteArray bytes = payload();
    if (header("transfer-encoding") != "chunked")
        return bytes;
    QByteArray body;
    qsizetype at = 0;
    for (const qsizetype size : chunkSizes()) {
        const qsizetype begin = bytes.indexOf("\r\n", at) + 2;
        body += bytes.mid(begin, size);
        at = begin + size + 2;
    }
    return body;
}

bool RawCall::isComplete() const
{
    if (status() == 0 || !m_received.contains("\r\n\r\n"))
        return false;
    if (header("transfer-encoding") == "chunked")
        return payload().endsWith("0\r\n\r\n");
    return payload().size() == header("content-length").toLongLong();
}

QStringList RawCall::frames() const
{
    QStringList lines;
    EventStreamDecoder decoder;
    const std::string bytes = body().toStdString();
    const auto failure = decoder.feed(bytes, [&](const EventStreamFrame &frame) {
        std::string type(frame.header(":event-type"));
        type += frame.header(":exception-type");
        type += frame.header(":error-code");
        lines += QString::fromStdString(type + ' ' + std::string(frame.payload));
    });
    if (failure)
        lines += QString::fromLatin1(toString(*failure));
    else if (decoder.bufferedBytes() > 0)
        lines += u"rest of "_s + QString::number(decoder.bufferedBytes());
    return lines;
}

QString RawCall::text() const
{
    QString all;
    for (const QString &line : frames()) {
        if (!line.startsWith(u"assistantResponseEvent "))
            continue;
        const auto document = JsonDocument::parse(line.section(u' ', 1).toStdString());
        if (document)
            all += QString::fromStdString(std::string(document.value().root()["content"].string()));
    }
    return all;
}
