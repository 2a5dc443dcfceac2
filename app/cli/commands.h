// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/commandline.h"

#include <QObject>

#include <functional>

namespace kirotray {

// The commands: see Command::run.

void runServe(const CommandLine &line, QObject *owner, const CommandDone &done);
void runStatus(const CommandLine &line, QObject *owner, const CommandDone &done);
void runLogin(const CommandLine &line, QObject *owner, const CommandDone &done);
void runRemoteLogin(const CommandLine &line, QObject *owner, const CommandDone &done);
void runAccountsList(const CommandLine &line, QObject *owner, const CommandDone &done);
void runAccountsAdd(const CommandLine &line, QObject *owner, const CommandDone &done);
void runAccountsImport(const CommandLine &line, QObject *owner, const CommandDone &done);
void runAccountsScan(const CommandLine &line, QObject *owner, const CommandDone &done);
void runAccountsExport(const CommandLine &line, QObject *owner, const CommandDone &done);
void runKeysAdd(const CommandLine &line, QObject *owner, const CommandDone &done);
void runShowKey(const CommandLine &line, QObject *owner, const CommandDone &done);
void runShowToken(const CommandLine &line, QObject *owner, const CommandDone &done);
/// Those that are one operation of the admin API; see admincommands.cpp.
void runAdminCommand(const CommandLine &line, QObject *owner, const CommandDone &done);

/// Ends the program with `code` once the core has settled.
void endWith(ExitCode code, Core &core, const CommandDone &done);
/// For what went wrong with data folder, vault or accounts file of `line`.
ExitCode exitCodeOf(const Error &error, const CommandLine &line);

/// Asks for the passphrase of a file vault where one is needed. False, with `done` called, when
/// there is none.
bool givePassphrase(CoreOptions &options, const CommandDone &done);
/// Opens a Core by the line's options; the passphrase is asked for when needed. Null when it cannot
/// be opened: the reason is printed then, and `done` was called.
Core *openCore(const CommandLine &line, QObject *owner, const CommandDone &done);

} // namespace kirotray
