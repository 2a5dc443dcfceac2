// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/accountimport.h"
#include "app/base/result.h"
#include "app/flows/flowrecord.h"
#include "app/gateway/adminmessages.h"
#include "app/gateway/proxystatus.h"
#include "app/kiro/requestbuilder.h"

#include <QDateTime>
#include <QObject>
#include <QUrl>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace kirotray {

class AccountStore;
struct CoreServices;
class Settings;

enum class VaultKind { Keychain, File };

/// How a program wants its services. Nothing here is read again after construction.
struct CoreOptions
{
    QString dataDir; ///< created when missing
    VaultKind vault = VaultKind::Keychain;
    Secret vaultPassphrase; ///< VaultKind::File only
    QString host; ///< empty: the setting, by default 127.0.0.1 (and ::1 beside it)
    std::optional<quint16>
        port; ///< given: this one or failure; absent: the setting, then the next free ones
    Secret apiKey; ///< empty: the stored one; made at random at the first start
    bool noKey = false; ///< loopback only
    Secret adminToken = {}; ///< of the admin API; empty: the stored one
    ImageScaler imageScaler = {}; ///< null: images that are too large are refused
    bool demo = false; ///< a demo account on an in-process simulator; nothing is stored
};

/// Builds every service, owns the gateway thread and the order of start and stop. Main thread.
class Core : public QObject
{
    Q_OBJECT
public:
    explicit Core(CoreOptions options, QObject *parent = nullptr);
    /// Stops accepting, ends the calls, joins the threads.
    ~Core() override;

    /// Opens data folder, accounts and vault. Error::Storage or BadInput, for exit or a dialog; the
    /// tables' and the accounts file's problems are warnings(), they do not stop the program.
    Result<Done> open();
    const QStringList &warnings() const; ///< English sentences, after open()

    void start(); ///< asynchronous; statusChanged() tells. No-op unless Stopped or Failed.
    void stop(); ///< lets running requests end for limits::StopGrace; no-op unless Running

    ProxyStatus status() const;
    /// The key that clients need; empty with noKey, or before the vault has answered.
    Secret apiKey() const;
    AccountStore &accounts();
    Settings &settings();
    /// The services behind it; windows use their signals and values.
    CoreServices &services();

    /// An operation of the admin API (app/admin/adminapi.h), without a server. `done` once; never
    /// after `context` is gone.
    void administer(const AdminRequest &request, QObject *context,
                    std::function<void(const AdminReply &)> done);

    /// Reads the clients' keys and the admin token from the vault, or makes and stores them.
    /// start() does it by itself; this is for showing them without a running proxy. Error::Storage:
    /// the vault is locked, absent or not writable.
    void loadKeys(QObject *context, std::function<void(Result<Done>)> done);
    Secret adminToken() const; ///< empty before loadKeys()

    /// Calls `done`, queued, once nothing is under way that the program's end could lose: a rotated
    /// token on its way to the vault. Waits limits::VaultTimeout at the most. Every program waits
    /// for it before it ends.
    void settle(QObject *context, std::function<void()> done);

    /// Reads files of any known format and stores what they hold; `done` gets one outcome a file.
    void importFiles(const QStringList &files, QObject *context,
                     std::function<void(const std::vector<ImportOutcome> &)> done);
    /// Removes the account and its secrets. Error::BadInput: unknown id.
    void removeAccount(const AccountId &id, QObject *context,
                       std::function<void(Result<Done>)> done);

signals:
    void statusChanged(const kirotray::ProxyStatus &status);
    void apiKeyReady();
    void requestFinished(const kirotray::FlowRecord &flow);
    /// The keychain has been waiting for five seconds: it may be asking the user.
    void vaultWaiting();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
