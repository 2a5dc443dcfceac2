// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/pool.h"

#include <QDateTime>
#include <QStringList>

namespace kirotray {

/// A pool with a clock of its own, and short words for what tests ask of it.
class PoolBench
{
public:
    explicit PoolBench(const QStringList &ids = {}, const PoolSettings &settings = {})
    {
        for (const QString &id : ids)
            m_members.push_back({id});
        m_pool.setSettings(settings);
        update();
    }

    PoolMember &member(const QString &id)
    {
        for (PoolMember &one : m_members) {
            if (one.id == id)
                return one;
        }
        m_members.push_back({id});
        return m_members.back();
    }
    std::vector<PoolMember> &members() { return m_members; }
    void update() { m_pool.setMembers(m_members); }

    Pool &pool() { return m_pool; }
    const QDateTime &now() const { return m_now; }
    void pass(std::chrono::milliseconds time) { m_now = m_now.addMSecs(time.count()); }
    void setNow(const QDateTime &now) { m_now = now; }

    std::variant<Pool::Choice, Pool::Refusal> ask(const Pool::Ask &ask = {})
    {
        return m_pool.pick(ask, m_now);
    }
    /// Of a request that must be answered.
    Pool::Choice choice(const Pool::Ask &wanted = {})
    {
        const auto answer = ask(wanted);
        const auto *choice = std::get_if<Pool::Choice>(&answer);
        return choice == nullptr ? Pool::Choice {u"refused"_s, {}} : *choice;
    }
    /// Of a request that must be refused.
    std::optional<Pool::Refusal> refusal(const Pool::Ask &wanted = {})
    {
        const auto answer = ask(wanted);
        const auto *refusal = std::get_if<Pool::Refusal>(&answer);
        return refusal == nullptr ? std::nullopt : std::optional(*refusal);
    }
    /// The account of a whole request that ends well.
    QString served(const Pool::Ask &wanted = {})
    {
        const QString id = choice(wanted).accountId;
        m_pool.succeeded(id, m_now);
        return id;
    }
    /// The accounts of `count` of them, with spaces between.
    QString serve(int count, const Pool::Ask &wanted = {})
    {
        QStringList ids;
        for (int i = 0; i < count; ++i)
            ids.append(served(wanted));
        return ids.join(u' ');
    }
    /// One request that only this account may answer, and that it fails.
    void fail(const QString &id, AccountEffect effect,
              std::chrono::seconds coolDown = std::chrono::seconds(0))
    {
        choice({.conversation = {}, .model = {}, .only = id});
        m_pool.failed(id, effect, coolDown, u"too many requests"_s, m_now);
    }
    AccountHealth health(const QString &id) const { return m_pool.health(id, m_now); }

private:
    Pool m_pool;
    std::vector<PoolMember> m_members;
    QDateTime m_now {QDate(2026, 3, 14), QTime(15, 9, 26), Qt::UTC};
};

} // namespace kirotray
