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
/// Asked for on the terminal without echo, or the first line of standard input where that is none.
/// Error::BadInput: it is empty.
Result<Secret> askSecret(const QString &prompt);
/// From KIROTRAY_VAULT_PASSPHRASE or the file of KIROTRAY_VAULT_PASSPHRASE_FILE, else asked for on
/// the terminal without echo; Error::BadInput without either. `isNew`: asked for twice.
Result<Secret> vaultPassphrase(bool isNew);

} // namespace kirotray
