// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/vault.h"

#include <functional>

namespace kirotray {

/// Id of the key that every installation has.
inline constexpr QLatin1StringView DefaultClientKey = "default"_L1;

/// Where the vault has a key's secret.
QString clientKeyItem(const QString &id);

/// The key that clients of the proxy must send: read from the vault, or made at random and stored
/// there before it is given out. `done` is called once; never after `context` is gone. Main thread.
/// Error::Storage: the vault is locked, absent or not writable; nothing was made then.
void ensureClientKey(Vault &vault, QObject *context, std::function<void(Result<Secret>)> done);

} // namespace kirotray
