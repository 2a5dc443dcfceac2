// SPDX-License-Identifier: MIT
#include "app/accounts/privatefile.h"

#include "app/base/log.h"

#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

namespace kirotray {

namespace {

Error privateFileError(const QString &file, const QString &what)
{
    return {Error::Code::Storage, what, file};
}

} // namespace

Result<QByteArray> readPrivateFile(const QString &file, qsizetype most)
{
    QFile source(file);
    if (!source.open(QIODevice::ReadOnly))
        return privateFileError(file, u"cannot be read: "_s + source.errorString());
    const QByteArray bytes = source.read(most + 1);
    if (source.error() != QFileDevice::NoError)
        return privateFileError(file, u"cannot be read: "_s + source.errorString());
    if (bytes.size() > most)
        return Error {Error::Code::BadInput, u"the file is too large"_s, file};
    return bytes;
}

Result<Done> writePrivateFile(const QString &file, const QByteArray &bytes)
{
    QSaveFile target(file);
    if (!target.open(QIODevice::WriteOnly))
        return privateFileError(file, u"cannot be written: "_s + target.errorString());
    target.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    // commit() does not see that its own flush failed, and puts a cut file in place: a full disk
    // would cost what the old file held.
    if (target.write(bytes) != bytes.size() || !target.flush() || !target.commit())
        return privateFileError(file, u"cannot be written: "_s + target.errorString());
    return Done {};
}

Result<Done> putFileAside(const QString &file)
{
    const QString base =
        file + u".broken-"_s + QDateTime::currentDateTimeUtc().toString(u"yyyyMMddTHHmmssZ"_s);
    QString aside = base;
    for (int copy = 2; QFileInfo::exists(aside); ++copy)
        aside = u"%1-%2"_s.arg(base).arg(copy);
    if (!QFile::rename(file, aside))
        return privateFileError(file, u"the unreadable file cannot be moved aside"_s);
    qCWarning(logAccounts).noquote() << "unreadable file kept as" << aside;
    return Done {};
}

} // namespace kirotray
