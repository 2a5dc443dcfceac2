// SPDX-License-Identifier: MIT
#include "app/platform/datafolder.h"

#include <QDir>
#include <QStandardPaths>

namespace kirotray {

QString defaultDataDir()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + u"/kirotray"_s;
}

Result<std::unique_ptr<QLockFile>> claimDataFolder(const QString &folder)
{
    const auto refused = [&folder](const QString &what) {
        return Error {Error::Code::Storage, what, folder};
    };
    const QDir dir(folder);
    const bool isNew = !dir.exists();
    if (!dir.mkpath(u"."_s))
        return refused(u"the data folder cannot be created"_s);
    if (isNew)
        QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    auto lock = std::make_unique<QLockFile>(dir.filePath(u"lock"_s));
    lock->setStaleLockTime(0); // held as long as the program runs
    if (lock->tryLock())
        return lock;
    if (lock->error() != QLockFile::LockFailedError)
        return refused(u"the data folder cannot be written"_s);
    qint64 process = 0;
    QString computer;
    QString program;
    lock->getLockInfo(&process, &computer, &program);
    return refused(u"in use by %1 (process %2); stop it first"_s.arg(program).arg(process));
}

} // namespace kirotray
