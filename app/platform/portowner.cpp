// SPDX-License-Identifier: MIT
#include "app/platform/portowner.h"

#include "app/base/result.h"

#include <QDir>
#include <QFile>

namespace kirotray {

namespace {

/// The ports by the inode of the socket that listens on them ("socket:[4711]"), from a table of
/// /proc/net (proc(5)).
void collectListeners(const QString &table, const QList<quint16> &ports,
                      QHash<QString, quint16> &portOfSocket)
{
    QFile file(table);
    if (!file.open(QIODevice::ReadOnly))
        return;
    for (const QByteArray &line : file.readAll().split('\n')) {
        // sl local_address rem_address st … inode; state 0A is LISTEN.
        const QList<QByteArray> fields = line.simplified().split(' ');
        if (fields.size() < 10 || fields.at(3) != "0A")
            continue;
        const quint16 port = fields.at(1).split(':').last().toUShort(nullptr, 16);
        if (ports.contains(port))
            portOfSocket.insert(u"socket:["_s + QString::fromLatin1(fields.at(9)) + u']', port);
    }
}

QString processName(const QString &process)
{
    QFile file(u"/proc/"_s + process + u"/comm"_s);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll().trimmed()) : QString();
}

/// Names the process as the owner of each listening socket that it holds.
void nameSockets(const QString &process, const QHash<QString, quint16> &portOfSocket,
                 QHash<quint16, QString> &owners)
{
    const QDir descriptors(u"/proc/"_s + process + u"/fd"_s);
    const QStringList names =
        descriptors.entryList(QDir::System | QDir::Files | QDir::NoDotAndDotDot);
    for (const QString &name : names) {
        // The link's text is no path: symLinkTarget() makes it one.
        const QString target = QFile::symLinkTarget(descriptors.filePath(name)).section(u'/', -1);
        if (const auto found = portOfSocket.find(target); found != portOfSocket.end())
            owners.insert(found.value(), u"%1 (process %2)"_s.arg(processName(process), process));
    }
}

} // namespace

QHash<quint16, QString> portOwners(const QList<quint16> &ports)
{
    QHash<QString, quint16> portOfSocket;
    collectListeners(u"/proc/net/tcp"_s, ports, portOfSocket);
    collectListeners(u"/proc/net/tcp6"_s, ports, portOfSocket);
    QHash<quint16, QString> owners;
    if (portOfSocket.isEmpty())
        return owners;
    for (const QString &process : QDir(u"/proc"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        if (process.front().isDigit())
            nameSockets(process, portOfSocket, owners);
    return owners;
}

} // namespace kirotray
