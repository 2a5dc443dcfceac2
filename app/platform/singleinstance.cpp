// SPDX-License-Identifier: MIT
#include "app/platform/singleinstance.h"

#include "app/base/limits.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFileInfo>
#include <QLocalSocket>
#include <QPointer>
#include <QStandardPaths>
#include <QTimer>
#include <QtEndian>

namespace kirotray {

namespace {

// The message: a length (32 bits, big endian), then the arguments in UTF-8 with NUL between them.
// The answer: one byte.
constexpr char HandOverTaken = '\x06';
constexpr qsizetype HandOverHeader = sizeof(quint32);

QByteArray handOverMessage(const QStringList &arguments)
{
    const QByteArray body = arguments.join(QChar(u'\0')).toUtf8();
    QByteArray message(HandOverHeader, '\0');
    qToBigEndian(static_cast<quint32>(body.size()), message.data());
    return message + body;
}

/// The same before and after the folder is made, also below a symbolic link.
QString resolvedPath(const QString &folder)
{
    QString existing = QDir::cleanPath(QFileInfo(folder).absoluteFilePath());
    QString missing;
    while (!QFileInfo::exists(existing) && !QDir(existing).isRoot()) {
        missing = u'/' + QFileInfo(existing).fileName() + missing;
        existing = QFileInfo(existing).path();
    }
    return QFileInfo(existing).canonicalFilePath() + missing;
}

/// One try after another to give the message away, until the time is over.
class HandOver : public QObject
{
public:
    HandOver(QString socketName, QByteArray message, QObject *context,
             std::function<void(Result<Done>)> done, QObject *parent)
        : QObject(parent)
        , m_socketName(std::move(socketName))
        , m_message(std::move(message))
        , m_context(context)
        , m_done(std::move(done))
    {
        m_deadline.setSingleShot(true);
        m_retry.setSingleShot(true);
        connect(&m_deadline, &QTimer::timeout, this, [this] {
            finish(Error {Error::Code::Timeout, u"the running copy does not answer"_s});
        });
        connect(&m_retry, &QTimer::timeout, this, [this] { tryOnce(); });
        connect(&m_socket, &QLocalSocket::connected, this, [this] { m_socket.write(m_message); });
        connect(&m_socket, &QLocalSocket::readyRead, this, [this] {
            if (m_socket.read(1) == QByteArrayView(&HandOverTaken, 1))
                finish(Done {});
        });
        // Refused, not there yet, or closed without an answer: it may just be starting.
        connect(&m_socket, &QLocalSocket::errorOccurred, this,
                [this] { m_retry.start(limits::HandOverRetry); });
        m_deadline.start(limits::HandOverTimeout);
        m_retry.start(0);
    }
    ~HandOver() override
    {
        m_socket.disconnect(this);
        finish(Error {Error::Code::Cancelled, u"hand-over given up"_s});
    }

private:
    void tryOnce()
    {
        m_socket.abort();
        m_socket.connectToServer(m_socketName);
    }
    void finish(Result<Done> result)
    {
        m_deadline.stop();
        m_retry.stop();
        const auto done = std::exchange(m_done, {});
        if (!done)
            return;
        if (m_context)
            done(std::move(result));
        deleteLater();
    }

    QString m_socketName;
    QByteArray m_message;
    QPointer<QObject> m_context;
    std::function<void(Result<Done>)> m_done;
    QLocalSocket m_socket;
    QTimer m_deadline;
    QTimer m_retry;
};

} // namespace

SingleInstance::SingleInstance(const QString &directory, const QString &name, QObject *parent)
    : QObject(parent)
#ifdef Q_OS_WIN
    , m_socketName(name) // pipes have no folder
#else
    , m_socketName(directory + u'/' + name + u".socket"_s)
#endif
    , m_lock(directory + u'/' + name + u".lock"_s)
{
    // Never too old, only left by a dead process.
    m_lock.setStaleLockTime(0);
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, &SingleInstance::acceptConnections);
}

SingleInstance::~SingleInstance()
{
    // The socket goes before the lock, or the next first copy's socket could be removed.
    m_server.close();
}

QString SingleInstance::runtimeDirectory()
{
#ifdef Q_OS_WIN
    return QStandardPaths::writableLocation(QStandardPaths::TempLocation);
#else
    const QString directory = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    return directory.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::TempLocation)
                               : directory;
#endif
}

QString SingleInstance::nameFor(const QString &dataDir)
{
    const QString path = resolvedPath(dataDir);
    const QByteArray identity = (QDir::homePath() + QChar(u'\0') + path).toUtf8();
    const QByteArray hash = QCryptographicHash::hash(identity, QCryptographicHash::Sha256);
    return u"kirotray-"_s + QString::fromLatin1(hash.toHex().first(16));
}

Result<bool> SingleInstance::claim()
{
    if (m_server.isListening())
        return true;
    if (!m_lock.tryLock(0)) {
        if (m_lock.error() == QLockFile::LockFailedError)
            return false;
        return Error {Error::Code::Storage, u"the lock file cannot be made"_s, m_lock.fileName()};
    }
    if (m_server.listen(m_socketName))
        return true;
    // We hold the lock: a socket of that name is a leftover.
    QLocalServer::removeServer(m_socketName);
    if (m_server.listen(m_socketName))
        return true;
    m_lock.unlock();
    return Error {Error::Code::Storage, m_server.errorString(), m_socketName};
}

void SingleInstance::handOver(const QStringList &arguments, QObject *context,
                              std::function<void(Result<Done>)> done)
{
    const QByteArray message = handOverMessage(arguments);
    if (message.size() > limits::MaxHandOver) {
        QTimer::singleShot(0, context, [done = std::move(done)] {
            done(Error {Error::Code::BadInput, u"the command line is too long"_s});
        });
        return;
    }
    new HandOver(m_socketName, message, context, std::move(done), this);
}

void SingleInstance::acceptConnections()
{
    while (QLocalSocket *socket = m_server.nextPendingConnection()) {
        socket->setReadBufferSize(limits::MaxHandOver);
        connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QLocalSocket::readyRead, this, [this, socket] { readFrom(socket); });
        QTimer::singleShot(limits::HandOverTimeout, socket, [socket] { socket->abort(); });
        readFrom(socket);
    }
}

void SingleInstance::readFrom(QLocalSocket *socket)
{
    if (socket->bytesAvailable() < HandOverHeader)
        return;
    const qint64 size = qFromBigEndian<quint32>(socket->peek(HandOverHeader).constData());
    if (HandOverHeader + size > limits::MaxHandOver) {
        socket->abort();
        return;
    }
    if (socket->bytesAvailable() < HandOverHeader + size)
        return;
    socket->skip(HandOverHeader);
    const QStringList arguments = QString::fromUtf8(socket->read(size)).split(QChar(u'\0'));
    socket->QObject::disconnect(this);
    socket->write(&HandOverTaken, 1);
    socket->disconnectFromServer();
    emit received(arguments);
}

} // namespace kirotray
