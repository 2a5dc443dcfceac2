// SPDX-License-Identifier: MIT
#include "app/accounts/accountstore.h"
#include "app/base/json.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"

#include <QDir>

namespace kirotray {

namespace {

QString accountLine(const Account &account, bool asJson)
{
    const QString state = !account.enabled ? u"disabled"_s
        : isUsable(account)                ? u"ok"_s
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

} // namespace

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

} // namespace kirotray
