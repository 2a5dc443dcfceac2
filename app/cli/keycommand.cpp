// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"

namespace kirotray {

void runShowKey(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    Core *core = openCore(line, owner, done);
    if (core == nullptr)
        return;
    core->loadApiKey(core, [core, line, done](const Result<Done> &loaded) {
        if (!loaded) {
            printError(describe(loaded.error()));
            endWith(ExitCode::Vault, *core, done);
            return;
        }
        // The one place that prints it: it was asked for.
        const QByteArray key = core->apiKey().reveal();
        std::string text = key.toStdString();
        if (line.json) {
            text.clear();
            JsonWriter(text).beginObject().member("key", key.toStdString()).endObject();
        }
        printLine(QString::fromStdString(text));
        endWith(ExitCode::Ok, *core, done);
    });
}

} // namespace kirotray
