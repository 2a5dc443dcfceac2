// SPDX-License-Identifier: MIT
#pragma once

#include "app/core.h"

#include <QHash>
#include <QStringList>

#include <functional>
#include <vector>

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

struct CommandLine;
using CommandDone = std::function<void(ExitCode)>;

/// One command of kirotrayctl. Listed in commandtable.cpp; adding one is one line there.
struct Command
{
    const char *words; ///< "accounts import"
    const char *arguments; ///< "FILE...", for the help
    const char *what; ///< one line, for the help
    int minArguments;
    int maxArguments; ///< -1: any number
    /// Starts it inside a running event loop and calls `done` once. What it creates is owned by
    /// `owner`. Main thread.
    void (*run)(const CommandLine &line, QObject *owner, const CommandDone &done);
};
const std::vector<Command> &commands();

/// What the command line asks for.
struct CommandLine
{
    const Command *command = nullptr;
    CoreOptions core;
    QStringList arguments; ///< files, ids, names
    QHash<QString, QString> options; ///< of single commands: output, browser, …; a switch is empty
    bool json = false;
    QString logLevel; ///< debug, info, warning, error; empty: the setting
    bool logsJson = false; ///< one JSON object a line on stderr and in the file

    bool has(const QString &option) const { return options.contains(option); }
};

/// Error::BadInput with a sentence for stderr.
Result<CommandLine> parseCommandLine(const QStringList &arguments);
QString helpText();

/// The environment's value of `name`, or what stands in the file that `name`_FILE names (container
/// secrets), without surrounding white space. Empty without either.
QByteArray environmentValue(const char *name);

} // namespace kirotray
