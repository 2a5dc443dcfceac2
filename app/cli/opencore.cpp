// SPDX-License-Identifier: MIT
#include "app/cli/commands.h"
#include "app/cli/console.h"

#include <QDir>
#include <QFile>

namespace kirotray {

ExitCode exitCodeOf(const Error &error, const CommandLine &line)
{
    const QDir folder(line.core.dataDir);
    const bool isOfFolder = error.path == folder.absolutePath()
        || error.path == folder.absoluteFilePath(u"accounts.json"_s);
    return isOfFolder ? ExitCode::DataFolder : ExitCode::Vault;
}

void endWith(ExitCode code, Core &core, const CommandDone &done)
{
    core.settle(&core, [code, done] { done(code); });
}

bool givePassphrase(CoreOptions &options, const CommandDone &done)
{
    if (options.demo || options.vault != VaultKind::File)
        return true;
    const bool isNew = !QFile::exists(QDir(options.dataDir).filePath(u"vault.bin"_s));
    const Result<Secret> passphrase = vaultPassphrase(isNew);
    if (!passphrase) {
        printError(passphrase.error().what);
        done(ExitCode::Vault);
        return false;
    }
    options.vaultPassphrase = passphrase.value();
    return true;
}

Core *openCore(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    CoreOptions options = line.core;
    if (!givePassphrase(options, done))
        return nullptr;
    auto *core = new Core(options, owner);
    if (const Result<Done> opened = core->open(); !opened) {
        printError(describe(opened.error()));
        done(exitCodeOf(opened.error(), line));
        return nullptr;
    }
    for (const QString &warning : core->warnings())
        printError(u"warning: "_s + warning);
    return core;
}

} // namespace kirotray
