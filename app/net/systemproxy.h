// SPDX-License-Identifier: MIT
#pragma once

#include <QDeadlineTimer>
#include <QHash>
#include <QNetworkProxy>
#include <QObject>
#include <QUrl>

#include <functional>

namespace kirotray {

/// The system's proxy for a target, kept for limits::SystemProxyLifetime. Asked for on a pool
/// thread, because the system may run a PAC script or search the network first. Lives on the
/// thread of its HttpClient.
class SystemProxy : public QObject
{
    Q_OBJECT
public:
    using Lookup = std::function<QNetworkProxy(const QUrl &)>;

    /// `lookup` runs on a pool thread; replaceable for tests.
    explicit SystemProxy(Lookup lookup = askSystem, QObject *parent = nullptr);

    /// Calls `done` once: at once when the answer is known (no proxy for this machine itself),
    /// else later; never after `context` is destroyed.
    void resolve(const QUrl &url, QObject *context, std::function<void(QNetworkProxy)> done);

    /// The first proxy the system names that Qt can use; NoProxy when there is none. Blocks.
    static QNetworkProxy askSystem(const QUrl &url);

private:
    struct Answer
    {
        QNetworkProxy proxy;
        QDeadlineTimer staleAt;
    };

    void keep(const QString &key, const QNetworkProxy &proxy);

    Lookup m_lookup;
    QHash<QString, Answer> m_answers; ///< by scheme, host and port
};

} // namespace kirotray
