// SPDX-License-Identifier: MIT
#include "app/accounts/accountstore.h"
#include "app/base/json.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"

#include <QDir>

namespace kirotray {

namespace {

QString outcomeLine(const ImportOutcome &outcome, bool asJson)
{
    if (!asJson)
        return u"%1: %2 added, %3 updated"_s.arg(outcome.file)
            .arg(outcome.added)
            .arg(outcome.updated);
    std::string text;
    JsonWriter json(text);
    json.beginObject()
        .member("file", outcome.file.toStdString())
        .memberInteger("added", outcome.added)
        .memberInteger("updated", outcome.updated);
    if (outcome.error)
        json.member("error", describe(*outcome.error).toStdString());
    json.endObject();
    return QString::fromStdString(text);
}

QString accountLine(const Account &account, bool asJson)
{
    const QString state = !account.enabled ? u"disabled"_s
        : account.note.isEmpty()           ? u"ok"_s
                                           : account.note;
    if (!asJson)
        return u"%1  %2  %3  %4"_s.arg(account.id.value, toString(account.kind), account.label,
                                       state);
    std::string text;
    JsonWriter json(text);
    json.beginObject()
        .member("id", account.id.value.toStdString())
        .member("label", account.label.toStdString())
        .member("kind", toString(account.kind).toStdString())
        .member("provider", account.provider.toStdString())
        .memberBoolean("enabled", account.enabled)
        .member("state", state.toStdString())
        .endObject();
    return QString::fromStdString(text);
}

ExitCode codeOf(const ImportOutcome &outcome, const CommandLine &line)
{
    if (!outcome.error)
        return ExitCode::Ok;
    const bool isOfFile =
        outcome.error->code == Error::Code::BadInput || outcome.error->path == outcome.file;
    return isOfFile ? ExitCode::BadFile : exitCodeOf(*outcome.error, line);
}

} // namespace

void runAccountsImport(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    Core *core = openCore(line, owner, done);
    if (core == nullptr)
        return;
    const auto report = [core, line, done](const std::vector<ImportOutcome> &outcomes) {
        ExitCode result = ExitCode::Ok;
        for (const ImportOutcome &outcome : outcomes) {
            if (outcome.error && !line.json)
                printError(describe(*outcome.error));
            else
                printLine(outcomeLine(outcome, line.json));
            if (outcome.error)
                result = codeOf(outcome, line);
        }
        endWith(result, *core, done);
    };
    core->importFiles(line.arguments, core, report);
}

void runAccountsList(const CommandLine &line, QObject *, const CommandDone &done)
{
    // Reads only: works beside a running proxy, and without the vault.
    AccountStore store(QDir(line.core.dataDir).filePath(u"accounts.json"_s));
    if (const Result<Done> loaded = store.load(); !loaded) {
        printError(describe(loaded.error()));
        done(ExitCode::DataFolder);
        return;
    }
    for (const Account &account : store.accounts())
        printLine(accountLine(account, line.json));
    if (store.accounts().empty() && !line.json)
        printLine(u"no accounts; add one with: kirotrayctl accounts import FILE"_s);
    done(ExitCode::Ok);
}

void runAccountsRemove(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    Core *core = openCore(line, owner, done);
    if (core == nullptr)
        return;
    const QString id = line.arguments.first();
    core->removeAccount({id}, core, [core, id, line, done](const Result<Done> &removed) {
        if (removed) {
            std::string text = "removed " + id.toStdString();
            if (line.json) {
                text.clear();
                JsonWriter(text).beginObject().member("removed", id.toStdString()).endObject();
            }
            printLine(QString::fromStdString(text));
            endWith(ExitCode::Ok, *core, done);
            return;
        }
        printError(describe(removed.error()));
        const bool isUnknown = removed.error().code == Error::Code::BadInput;
        endWith(isUnknown ? ExitCode::NotFound : exitCodeOf(removed.error(), line), *core, done);
    });
}

} // namespace kirotray
