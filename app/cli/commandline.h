// SPDX-License-Identifier: MIT
#pragma once

#include "app/core.h"

#include <QStringList>

#include <optional>

namespace kirotray {

/// Exit codes of kirotrayctl; README and --help list them.
enum class ExitCode {
    Ok = 0,
    Failed = 1, ///< anything not named below
    Usage = 2, ///< unknown option or missing argument
    PortInUse = 3,
    DataFolder = 4, ///< not writable, or in use by another KiroTray
    Vault = 5, ///< keychain locked or absent, wrong passphrase
    BadFile = 6, ///< an imported file could not be read
    NotFound = 7, ///< no such account; not running
};

/// What the command line asks for.
struct CommandLine
{
    enum class Command {
        Serve,
        AccountsImport,
        AccountsList,
        AccountsRemove,
        ShowKey,
        Status,
        Help,
        Version,
    };
    Command command = Command::Help;
    CoreOptions core;
    QStringList arguments; ///< files, or an account id
    bool json = false;
};

/// Error::BadInput with a sentence for stderr.
Result<CommandLine> parseCommandLine(const QStringList &arguments);
QString helpText();

} // namespace kirotray
