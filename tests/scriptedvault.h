// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/pendinganswer.h"
#include "app/accounts/vault.h"

#include <map>
#include <memory>
#include <vector>

namespace kirotray {

/// What a ScriptedVault stands on; it outlives a "crash".
struct VaultStorage
{
    std::map<QString, Secret> items;
};

/// A vault in memory that can fail, hold writes back, and die over them.
class ScriptedVault final : public Vault
{
public:
    explicit ScriptedVault(std::shared_ptr<VaultStorage> storage)
        : m_storage(std::move(storage))
    {
    }

    void failReads(bool fail) { m_failReads = fail; }
    void failWrites(bool fail) { m_failWrites = fail; }
    void holdWrites() { m_isHolding = true; }
    std::size_t heldWrites() const { return m_held.size(); }
    /// Carries out what is held, and holds no more.
    void release()
    {
        m_isHolding = false;
        for (HeldWrite &write : std::exchange(m_held, {}))
            carryOut(write);
    }
    /// The process ends here: what is held reaches the storage or not, and nobody is told.
    void die(bool isStored)
    {
        for (const HeldWrite &write : m_held) {
            if (isStored)
                m_storage->items[write.key] = write.value;
        }
        m_isDead = true;
    }
    int reads() const { return m_reads; }
    int writes() const { return m_writes; }

    void read(const QString &key, QObject *context,
              std::function<void(Result<Secret>)> done) override
    {
        ++m_reads;
        PendingAnswer<Secret> answer(context, std::move(done));
        const auto found = m_storage->items.find(key);
        if (m_failReads)
            answer.give(Error {Error::Code::Storage, u"locked"_s});
        else if (found == m_storage->items.end())
            answer.give(Error {Error::Code::BadInput, u"not found"_s});
        else
            answer.give(found->second);
    }

    void write(const QString &key, const Secret &value, QObject *context,
               std::function<void(Result<Done>)> done) override
    {
        ++m_writes;
        HeldWrite write {key, value, PendingAnswer<Done>(context, std::move(done))};
        if (m_isHolding)
            m_held.push_back(std::move(write));
        else
            carryOut(write);
    }

    void remove(const QString &key, QObject *context,
                std::function<void(Result<Done>)> done) override
    {
        m_storage->items.erase(key);
        PendingAnswer<Done>(context, std::move(done)).give(Done {});
    }

    QString description() const override { return u"scripted"_s; }

private:
    struct HeldWrite
    {
        QString key;
        Secret value;
        PendingAnswer<Done> answer;
    };
    void carryOut(HeldWrite &write)
    {
        if (m_isDead)
            return;
        if (m_failWrites) {
            write.answer.give(Error {Error::Code::Storage, u"refused"_s});
            return;
        }
        m_storage->items[write.key] = write.value;
        write.answer.give(Done {});
    }

    std::shared_ptr<VaultStorage> m_storage;
    std::vector<HeldWrite> m_held;
    bool m_failReads = false;
    bool m_failWrites = false;
    bool m_isHolding = false;
    bool m_isDead = false;
    int m_reads = 0;
    int m_writes = 0;
};

} // namespace kirotray
