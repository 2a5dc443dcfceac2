// SPDX-License-Identifier: MIT
#pragma once

#include "app/accounts/vault.h"

#include <functional>

namespace kirotray {

/// A new random secret of the program's own: "kt-…", masked in logs.
Secret makeOwnSecret();

/// The secret under `item`: read from the vault, or made at random and stored there before it is
/// given out. `done` is called once; never after `context` is gone. Main thread. Error::Storage:
/// the vault is locked, absent or not writable; nothing was made then.
void ensureStoredSecret(Vault &vault, const QString &item, QObject *context,
                        std::function<void(Result<Secret>)> done);

} // namespace kirotray
