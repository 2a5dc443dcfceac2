// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/base/secret.h"

#include <QString>

namespace kirotray {

/// Writes a line to stdout and flushes it: a pipe's reader waits for it.
void printLine(const QString &line);
/// Writes "kirotrayctl: `message`" to stderr.
void printError(const QString &message);
/// From KIROTRAY_VAULT_PASSPHRASE, else asked for on the terminal without echo; Error::BadInput
/// without either. `isNew`: asked for twice.
Result<Secret> vaultPassphrase(bool isNew);

} // namespace kirotray
