// SPDX-License-Identifier: MIT
#include "app/net/systemproxy.h"

#include "app/base/limits.h"
#include "app/base/result.h"
#include "app/net/proxychoice.h"

#include <QFutureWatcher>
#include <QNetworkProxyFactory>
#include <QNetworkProxyQuery>
#include <QPointer>
#include <QPromise>
#include <QThreadPool>

#include <memory>

namespace kirotray {

SystemProxy::SystemProxy(Lookup lookup, QObject *parent)
    : QObject(parent)
    , m_lookup(std::move(lookup))
{
}

void SystemProxy::resolve(const QUrl &url, QObject *context,
                          std::function<void(QNetworkProxy)> done)
{
    if (isLoopbackTarget(url)) {
        done(QNetworkProxy(QNetworkProxy::NoProxy));
        return;
    }
    // No path and no query: they may hold a secret, and no proxy rule needs them.
    const QUrl target(url.adjusted(QUrl::RemoveUserInfo | QUrl::RemovePath | QUrl::RemoveQuery
                                   | QUrl::RemoveFragment));
    const QString key = target.toString();
    if (const auto known = m_answers.constFind(key);
        known != m_answers.cend() && !known->staleAt.hasExpired()) {
        done(known->proxy);
        return;
    }
    auto promise = std::make_shared<QPromise<QNetworkProxy>>();
    auto *watcher = new QFutureWatcher<QNetworkProxy>(context);
    connect(watcher, &QFutureWatcherBase::finished, context,
            [self = QPointer<SystemProxy>(this), key, watcher, done = std::move(done)] {
                const QNetworkProxy proxy = watcher->result();
                watcher->deleteLater();
                if (self)
                    self->keep(key, proxy);
                done(proxy);
            });
    watcher->setFuture(promise->future());
    QThreadPool::globalInstance()->start([promise, target, lookup = m_lookup] {
        promise->start();
        promise->addResult(lookup(target));
        promise->finish();
    });
}

void SystemProxy::keep(const QString &key, const QNetworkProxy &proxy)
{
    if (m_answers.size() >= limits::MaxSystemProxyAnswers)
        m_answers.clear();
    m_answers.insert(key, {proxy, QDeadlineTimer(limits::SystemProxyLifetime)});
}

QNetworkProxy SystemProxy::askSystem(const QUrl &url)
{
    const QList<QNetworkProxy> proxies =
        QNetworkProxyFactory::systemProxyForQuery(QNetworkProxyQuery(url));
    for (const QNetworkProxy &proxy : proxies) {
        switch (proxy.type()) {
        case QNetworkProxy::NoProxy:
        case QNetworkProxy::HttpProxy:
        case QNetworkProxy::Socks5Proxy:
            return proxy;
        case QNetworkProxy::DefaultProxy:
        case QNetworkProxy::HttpCachingProxy:
        case QNetworkProxy::FtpCachingProxy:
            break;
        }
    }
    return QNetworkProxy(QNetworkProxy::NoProxy);
}

} // namespace kirotray

#include "moc_systemproxy.cpp"
