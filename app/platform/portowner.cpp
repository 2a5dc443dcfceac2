// SPDX-License-Identifier: MIT
#include "app/platform/portowner.h"

#include "app/base/result.h"

#include <QDir>
#include <QFile>
#include <QSet>

namespace kirotray {

namespace {

/// Inodes of the sockets that listen on `port`, from a table of /proc/net (proc(5)).
void collectListeners(const QString &table, quint16 port, QSet<QString> &inodes)
{
    QFile file(table);
    if (!file.open(QIODevice::ReadOnly))
        return;
    const QByteArray wanted = ':' + QByteArray::number(port, 16).toUpper().rightJustified(4, '0');
    for (const QByteArray &line : file.readAll().split('\n')) {
        // sl local_address rem_address st … inode; state 0A is LISTEN.
        const QList<QByteArray> fields = line.simplified().split(' ');
        if (fields.size() > 9 && fields.at(3) == "0A" && fields.at(1).endsWith(wanted))
            inodes.insert(u"socket:["_s + QString::fromLatin1(fields.at(9)) + u']');
    }
}

bool holdsSocket(const QString &process, const QSet<QString> &inodes)
{
    const QDir descriptors(u"/proc/"_s + process + u"/fd"_s);
    const QStringList names =
        descriptors.entryList(QDir::System | QDir::Files | QDir::NoDotAndDotDot);
    for (const QString &name : names) {
        // The link's text is no path: symLinkTarget() would make it one.
        const QString target = QFile::symLinkTarget(descriptors.filePath(name));
        if (inodes.contains(target.section(u'/', -1)))
            return true;
    }
    return false;
}

QString processName(const QString &process)
{
    QFile file(u"/proc/"_s + process + u"/comm"_s);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll().trimmed()) : QString();
}

} // namespace

QString portOwner(quint16 port)
{
    QSet<QString> inodes;
    collectListeners(u"/proc/net/tcp"_s, port, inodes);
    collectListeners(u"/proc/net/tcp6"_s, port, inodes);
    if (inodes.isEmpty())
        return {};
    for (const QString &process : QDir(u"/proc"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        const bool isProcess = process.front().isDigit();
        if (isProcess && holdsSocket(process, inodes))
            return u"%1 (process %2)"_s.arg(processName(process), process);
    }
    return {};
}

} // namespace kirotray
