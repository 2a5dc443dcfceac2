// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/base/secret.h"

#include <QObject>
#include <QString>

#include <functional>
#include <memory>

namespace kirotray {

/// Keeps secrets by name. Main thread. Every call ends once, queued, within limits::VaultTimeout;
/// never after `context` is gone. Calls of one key are carried out in order.
class Vault : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    /// Error::Storage; a key that is not there is Error::BadInput with "not found".
    virtual void read(const QString &key, QObject *context,
                      std::function<void(Result<Secret>)> done) = 0;
    /// Atomic: after a crash the old or the new value is whole. Values up to limits::MaxSecretItem.
    virtual void write(const QString &key, const Secret &value, QObject *context,
                       std::function<void(Result<Done>)> done) = 0;
    /// Removing what is not there succeeds.
    virtual void remove(const QString &key, QObject *context,
                        std::function<void(Result<Done>)> done) = 0;
    /// For status lines: "keychain" or the file's path.
    virtual QString description() const = 0;

signals:
    /// The keychain has been waiting for more than five seconds (it may be asking the user).
    void waiting();
};

/// The operating system's keychain, one item per key; on Windows split by generations (design §7).
/// QtKeychain's insecure fallback is never used.
std::unique_ptr<Vault> makeKeychainVault(const QString &service);

/// A file sealed with a passphrase: libsodium Argon2id and XChaCha20-Poly1305, written by atomic
/// replace with mode 0600. A wrong passphrase or a damaged file is Error::Storage at open; the file
/// is not touched.
Result<std::unique_ptr<Vault>> openFileVault(const QString &file, const Secret &passphrase);

/// The same file beside the program that has it open: what it held at this moment. Writing is
/// Error::Storage.
Result<std::unique_ptr<Vault>> readFileVault(const QString &file, const Secret &passphrase);

/// Secrets that live as long as the process: the demo, and a person who wants nothing stored.
std::unique_ptr<Vault> makeMemoryVault();

} // namespace kirotray
