// SPDX-License-Identifier: MIT
#include "app/net/managerpool.h"

#include <QNetworkAccessManager>

#include <algorithm>

namespace kirotray {

ManagerPool::ManagerPool(std::chrono::milliseconds idleLifetime)
    : m_idleLifetime(idleLifetime)
{
    m_sweep.setSingleShot(true);
    QObject::connect(&m_sweep, &QTimer::timeout, &m_sweep, [this] { removeExpired(); });
}

ManagerPool::~ManagerPool()
{
    while (!m_entries.empty())
        remove(m_entries.back().manager);
}

ManagerLease ManagerPool::lease(const QString &lane, const QNetworkProxy &proxy)
{
    return {shared_from_this(), freeManager(lane, proxy)};
}

QNetworkAccessManager *ManagerPool::freeManager(const QString &lane, const QNetworkProxy &proxy)
{
    // The oldest with room: the younger ones drain and go when the load falls.
    for (Entry &entry : m_entries) {
        if (entry.leases < limits::StreamsPerManager && entry.lane == lane
            && entry.proxy == proxy) {
            ++entry.leases;
            return entry.manager;
        }
    }
    auto *manager = new QNetworkAccessManager;
    manager->setProxy(proxy);
    manager->setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
    m_entries.push_back({lane, proxy, manager, 1, QDeadlineTimer(QDeadlineTimer::Forever)});
    return manager;
}

int ManagerPool::leaseCount() const
{
    int count = 0;
    for (const Entry &entry : m_entries)
        count += entry.leases;
    return count;
}

void ManagerPool::giveBack(QNetworkAccessManager *manager)
{
    const auto entry = std::find_if(m_entries.begin(), m_entries.end(),
                                    [manager](const Entry &e) { return e.manager == manager; });
    Q_ASSERT(entry != m_entries.end() && entry->leases > 0);
    if (--entry->leases > 0)
        return;
    if (m_closed) {
        remove(manager);
        return;
    }
    entry->expiry = QDeadlineTimer(m_idleLifetime);
    if (!m_sweep.isActive())
        m_sweep.start(m_idleLifetime);
}

void ManagerPool::close()
{
    m_closed = true;
    m_sweep.stop();
    for (qsizetype i = std::ssize(m_entries) - 1; i >= 0; --i) {
        const Entry &entry = m_entries[static_cast<std::size_t>(i)];
        if (entry.leases == 0)
            remove(entry.manager);
    }
}

void ManagerPool::removeExpired()
{
    std::chrono::milliseconds wait = std::chrono::milliseconds::max();
    for (qsizetype i = std::ssize(m_entries) - 1; i >= 0; --i) {
        const Entry &entry = m_entries[static_cast<std::size_t>(i)];
        if (entry.leases > 0)
            continue;
        if (entry.expiry.hasExpired())
            remove(entry.manager);
        else
            wait = std::min(wait,
                            std::chrono::ceil<std::chrono::milliseconds>(
                                entry.expiry.remainingTimeAsDuration()));
    }
    if (wait != std::chrono::milliseconds::max())
        m_sweep.start(wait);
}

void ManagerPool::remove(QNetworkAccessManager *manager)
{
    std::erase_if(m_entries, [manager](const Entry &entry) { return entry.manager == manager; });
    if (m_deliveries > 0)
        manager->deleteLater();
    else
        delete manager;
}

void ManagerLease::giveBack()
{
    if (QNetworkAccessManager *manager = std::exchange(m_manager, nullptr))
        m_pool->giveBack(manager);
    m_pool.reset();
}

} // namespace kirotray
