// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/itemstore.h"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace kirotray {

/// What a FakeItems stands on; it outlives a "crash".
struct FakeKeychain
{
    std::map<QString, QByteArray> items;
    qsizetype itemLimit = 2560; ///< bytes, as Windows has it
    int stepsLeft = -1; ///< changes until the process "dies" and nothing is answered; -1: never
    int calls = 0;
    QString failing; ///< calls of names that contain it end in Error::Storage
    bool silent = false; ///< calls are kept in `held` instead of being answered
    std::vector<std::function<void()>> held;
};

/// A keychain in memory that can die, fail and keep silent.
class FakeItems final : public ItemStore
{
public:
    explicit FakeItems(std::shared_ptr<FakeKeychain> keychain)
        : m_keychain(std::move(keychain))
    {
    }

    void read(const QString &name, ReadDone done) override
    {
        answer([this, name, done] {
            const auto found = m_keychain->items.find(name);
            if (isFailing(name))
                done(Error {Error::Code::Storage, u"broken"_s, name});
            else if (found == m_keychain->items.end())
                done(Error {Error::Code::BadInput, u"not found"_s, name});
            else
                done(Secret(found->second));
        });
    }
    void write(const QString &name, const Secret &value, WriteDone done) override
    {
        answer([this, name, value, done] {
            if (isFailing(name) || value.reveal().size() > m_keychain->itemLimit)
                done(Error {Error::Code::Storage, u"refused"_s, name});
            else if (takeStep())
                done((m_keychain->items[name] = value.reveal(), Done {}));
        });
    }
    void remove(const QString &name, WriteDone done) override
    {
        answer([this, name, done] {
            if (isFailing(name))
                done(Error {Error::Code::Storage, u"refused"_s, name});
            else if (!m_keychain->items.contains(name))
                done(Done {});
            else if (takeStep())
                done((m_keychain->items.erase(name), Done {}));
        });
    }

private:
    bool isFailing(const QString &name) const
    {
        return !m_keychain->failing.isEmpty() && name.contains(m_keychain->failing);
    }
    bool takeStep() { return m_keychain->stepsLeft < 0 || m_keychain->stepsLeft-- > 0; }
    void answer(std::function<void()> call)
    {
        ++m_keychain->calls;
        if (m_keychain->silent)
            m_keychain->held.push_back(std::move(call));
        else if (m_keychain->stepsLeft != 0)
            call();
    }

    std::shared_ptr<FakeKeychain> m_keychain;
};

} // namespace kirotray
