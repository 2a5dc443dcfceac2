// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QLocalServer>
#include <QLockFile>
#include <QObject>
#include <QStringList>

#include <functional>

class QLocalSocket;

namespace kirotray {

/// Sees to it that one copy of the program runs for one user and one data folder. A lock file
/// decides who is first (a lock left by a dead process is taken over); later copies hand their
/// command line to the first through a local socket that only this user may open. Main thread.
class SingleInstance : public QObject
{
    Q_OBJECT
public:
    /// `directory` must be the user's own, see runtimeDirectory(); `name` see nameFor().
    SingleInstance(const QString &directory, const QString &name, QObject *parent = nullptr);
    ~SingleInstance() override;

    /// The folder for sockets and locks that belongs to this user alone.
    static QString runtimeDirectory();
    /// A name that differs between users and between data folders.
    static QString nameFor(const QString &dataDir);

    /// True: this is the first copy, received() tells of later ones. False: another copy runs, give
    /// it the arguments by handOver(). Error::Storage: lock or socket cannot be made. Does not
    /// wait.
    Result<bool> claim();

    /// Asynchronous; `done` is called exactly once unless `context` is gone. Error::Timeout: the
    /// first copy did not take the arguments within limits::HandOverTimeout; Error::BadInput: they
    /// are longer than limits::MaxHandOver; Error::Cancelled: this object was destroyed before.
    void handOver(const QStringList &arguments, QObject *context,
                  std::function<void(Result<Done>)> done);

signals:
    /// A later copy was started with these arguments, the program's name included.
    void received(const QStringList &arguments);

private:
    void acceptConnections();
    void readFrom(QLocalSocket *socket);

    QString m_socketName;
    QLockFile m_lock;
    QLocalServer m_server;
};

} // namespace kirotray
