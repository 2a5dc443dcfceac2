// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/commandline.h"

#include <QObject>

#include <functional>

namespace kirotray {

/// Each starts one command inside a running event loop and calls `done` once, with the program's
/// exit code. What it creates is owned by `owner`. Main thread.
using CommandDone = std::function<void(ExitCode)>;

void runServe(const CommandLine &line, QObject *owner, const CommandDone &done);
void runAccountsImport(const CommandLine &line, QObject *owner, const CommandDone &done);
void runAccountsList(const CommandLine &line, QObject *owner, const CommandDone &done);
void runAccountsRemove(const CommandLine &line, QObject *owner, const CommandDone &done);
void runShowKey(const CommandLine &line, QObject *owner, const CommandDone &done);
void runStatus(const CommandLine &line, QObject *owner, const CommandDone &done);

/// Ends the program with `code` once the core has settled.
void endWith(ExitCode code, Core &core, const CommandDone &done);
/// For what went wrong with data folder, vault or accounts file of `line`.
ExitCode exitCodeOf(const Error &error, const CommandLine &line);

/// Opens a Core by the line's options; the passphrase is asked for when needed. Null when it cannot
/// be opened: the reason is printed then, and `done` was called.
Core *openCore(const CommandLine &line, QObject *owner, const CommandDone &done);

} // namespace kirotray
