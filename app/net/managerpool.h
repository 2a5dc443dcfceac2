// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/limits.h"

#include <QDeadlineTimer>
#include <QNetworkProxy>
#include <QString>
#include <QTimer>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

class QNetworkAccessManager;

namespace kirotray {

class ManagerLease;

/// Network access managers by lane and proxy, each leased to at most limits::StreamsPerManager
/// calls: Qt opens six connections a host and lets further requests wait without a sign. An idle
/// one is deleted after `idleLifetime`. Shared by an HttpClient and its calls, because a call may
/// live longer than the client; one thread.
class ManagerPool : public std::enable_shared_from_this<ManagerPool>
{
public:
    explicit ManagerPool(std::chrono::milliseconds idleLifetime = limits::IdleManagerLifetime);
    ~ManagerPool();
    Q_DISABLE_COPY_MOVE(ManagerPool)

    ManagerLease lease(const QString &lane, const QNetworkProxy &proxy);
    /// From now on managers go as soon as they are idle.
    void close();

    int managerCount() const { return static_cast<int>(m_entries.size()); }
    int leaseCount() const;

    /// While one lives, a reply's signal is being delivered: managers are then deleted later,
    /// because the reply belongs to one.
    class Delivery
    {
    public:
        explicit Delivery(std::shared_ptr<ManagerPool> pool)
            : m_pool(std::move(pool))
        {
            ++m_pool->m_deliveries;
        }
        ~Delivery() { --m_pool->m_deliveries; }
        Q_DISABLE_COPY_MOVE(Delivery)

    private:
        std::shared_ptr<ManagerPool> m_pool;
    };

private:
    friend class ManagerLease;
    struct Entry
    {
        QString lane;
        QNetworkProxy proxy;
        QNetworkAccessManager *manager;
        int leases;
        QDeadlineTimer expiry;
    };

    QNetworkAccessManager *freeManager(const QString &lane, const QNetworkProxy &proxy);
    void giveBack(QNetworkAccessManager *manager);
    void removeExpired();
    void remove(QNetworkAccessManager *manager);

    std::chrono::milliseconds m_idleLifetime;
    std::vector<Entry> m_entries;
    QTimer m_sweep; ///< runs only while a manager is idle
    int m_deliveries = 0;
    bool m_closed = false;
};

/// The right to use a manager for one call. Gives it back when destroyed; movable.
class ManagerLease
{
public:
    ManagerLease() = default;
    ManagerLease(std::shared_ptr<ManagerPool> pool, QNetworkAccessManager *manager)
        : m_pool(std::move(pool))
        , m_manager(manager)
    {
    }
    ManagerLease(ManagerLease &&other) noexcept
        : m_pool(std::move(other.m_pool))
        , m_manager(std::exchange(other.m_manager, nullptr))
    {
    }
    ManagerLease &operator=(ManagerLease &&other) noexcept
    {
        if (this != &other) {
            giveBack();
            m_pool = std::move(other.m_pool);
            m_manager = std::exchange(other.m_manager, nullptr);
        }
        return *this;
    }
    ManagerLease(const ManagerLease &) = delete;
    ManagerLease &operator=(const ManagerLease &) = delete;
    ~ManagerLease() { giveBack(); }

    QNetworkAccessManager *manager() const { return m_manager; }
    void giveBack();

private:
    std::shared_ptr<ManagerPool> m_pool;
    QNetworkAccessManager *m_manager = nullptr;
};

} // namespace kirotray
