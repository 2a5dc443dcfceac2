// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/vault.h"
#include "app/base/result.h"
#include "app/flows/flowrecord.h"

#include <QDateTime>
#include <QObject>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace kirotray {

/// A key that clients of the proxy send, without its secret; in clientkeys.json.
struct ClientKey
{
    QString id; ///< UUID without braces; "default" is the one every installation has
    QString name; ///< the user's word for it; unique
    bool enabled = true;
    std::optional<int> requestsPerDay; ///< local days; absent: no limit
    std::optional<double> creditsPerDay;
    QStringList models; ///< allowed names as clients ask for them, * matches anything; empty: all
    QDateTime createdAt; ///< UTC
    QDateTime lastUsedAt; ///< UTC; saved with limits on how often
    QDate day; ///< local; the day that the two counts belong to
    int requestsToday = 0;
    double creditsToday = 0;
    bool operator==(const ClientKey &) const = default;
};

/// A key with what guards the gateway.
struct ClientKeySecret
{
    ClientKey key;
    Secret secret;
};

/// The keys: metadata in a file by atomic replace, secrets in the vault. Main thread.
class ClientKeys : public QObject
{
    Q_OBJECT
public:
    ClientKeys(Vault &vault, QString file, QObject *parent = nullptr);
    ~ClientKeys() override;

    /// Reads the file, and the secrets from the vault; makes the "default" key when there is none.
    /// A damaged file is set aside, and the keys that the vault has no secret for are disabled.
    void load(QObject *context, std::function<void(Result<Done>)> done);

    const std::vector<ClientKey> &keys() const;
    std::vector<ClientKeySecret> secrets() const; ///< of all that are enabled
    Secret secretOf(const QString &id) const; ///< empty: unknown

    /// A new random secret. Error::BadInput: a name that is taken or empty, too many keys.
    void add(const ClientKey &wanted, QObject *context,
             std::function<void(Result<ClientKey>)> done);
    Result<Done> change(const ClientKey &key); ///< everything but the secret and the counts
    void renew(const QString &id, QObject *context,
               std::function<void(Result<Done>)> done); ///< another secret; the old one is refused
    void remove(const QString &id, QObject *context,
                std::function<void(Result<Done>)> done); ///< not the default one

    void noteUse(const FlowRecord &flow); ///< counts by FlowRecord::clientKey

signals:
    void changed(); ///< not for counts

private:
    class Private;
    std::unique_ptr<Private> d;
};

/// The token of the admin API: read from the vault, or made at random and stored there before it is
/// given out. Like ensureClientKey().
void ensureAdminToken(Vault &vault, QObject *context, std::function<void(Result<Secret>)> done);

} // namespace kirotray
