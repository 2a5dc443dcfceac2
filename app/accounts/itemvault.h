// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/itemstore.h"
#include "app/accounts/pendinganswer.h"
#include "app/accounts/vault.h"
#include "app/base/limits.h"

#include <QTimer>

#include <chrono>
#include <list>

namespace kirotray {

/// A Vault over an ItemStore: names carry the service, calls are made one after the other, each is
/// answered within the time limit. A call that the keychain has begun and not ended holds up those
/// behind it, as it does in the keychain itself; late, it is still carried out, so that the order
/// of calls stays.
class ItemVault final : public Vault
{
public:
    struct Waits
    {
        std::chrono::milliseconds hint = limits::VaultHint; ///< until waiting()
        std::chrono::milliseconds timeout = limits::VaultTimeout;
    };
    ItemVault(std::unique_ptr<ItemStore> items, QString service, QString description, Waits waits);
    ~ItemVault() override;

    void read(const QString &key, QObject *context,
              std::function<void(Result<Secret>)> done) override;
    void write(const QString &key, const Secret &value, QObject *context,
               std::function<void(Result<Done>)> done) override;
    void remove(const QString &key, QObject *context,
                std::function<void(Result<Done>)> done) override;
    QString description() const override { return m_description; }

private:
    enum class Verb { Read, Write, Remove };
    struct Call
    {
        quint64 number = 0;
        Verb verb = Verb::Read;
        QString key;
        Secret value;
        PendingAnswer<Secret> secret; ///< of a read
        PendingAnswer<Done> done; ///< of the others
    };
    void add(Call call);
    void startNext();
    void end(quint64 number, const Error *error, const Secret &value);
    void timeOut(quint64 number);

    QString m_service;
    QString m_description;
    Waits m_waits;
    std::list<Call> m_calls; ///< the first one runs when m_running
    bool m_running = false;
    quint64 m_lastNumber = 0;
    QTimer m_hint;
    std::unique_ptr<ItemStore> m_items;
};

} // namespace kirotray
