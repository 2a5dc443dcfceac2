// SPDX-License-Identifier: MIT
// The commands that print a secret: it was asked for. They read it from the vault themselves, since
// no answer of the admin API holds one.
#include "app/accounts/clientkeys.h"
#include "app/cli/adminclient.h"
#include "app/cli/console.h"
#include "app/cli/printers.h"

#include <algorithm>

namespace kirotray {

namespace {

void printSecret(const CommandLine &line, std::string_view name, const Secret &secret)
{
    std::string text = secret.reveal().toStdString();
    if (line.json) {
        std::string json;
        JsonWriter(json).beginObject().member(name, text).endObject();
        text = json;
    }
    printLine(QString::fromStdString(text));
}

/// The key of that name or id, read from the file and the vault, whichever program holds them.
void showKeyNamed(AdminClient &client, const CommandLine &line, const QString &name)
{
    auto *keys = new ClientKeys(client.vault(), line.core.dataDir + u"/clientkeys.json"_s, &client);
    keys->load(&client, [&client, line, name, keys](const Result<Done> &loaded) {
        if (!loaded) {
            printError(describe(loaded.error()));
            return client.end(ExitCode::Vault);
        }
        const std::vector<ClientKey> &all = keys->keys();
        const auto found = std::find_if(all.begin(), all.end(), [&name](const ClientKey &key) {
            return key.id == name || key.name == name;
        });
        if (found == all.end()) {
            printError(u"there is no key '%1'"_s.arg(name));
            return client.end(ExitCode::NotFound);
        }
        printSecret(line, "key", keys->secretOf(found->id));
        client.end(ExitCode::Ok);
    });
}

} // namespace

void runShowKey(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    AdminClient::open(line, owner, done, [line](AdminClient &client) {
        showKeyNamed(client, line, line.arguments.value(0, u"default"_s));
    });
}

void runKeysAdd(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    std::string body;
    JsonWriter(body).beginObject().member("name", line.arguments.first().toStdString()).endObject();
    AdminClient::open(line, owner, done, [line, body](AdminClient &client) {
        client.call("POST", u"/api/keys"_s, body, [&client, line](const AdminReply &reply) {
            if (reply.status >= 400)
                return client.fail(reply);
            showKeyNamed(client, line, line.arguments.first());
        });
    });
}

void runShowToken(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    AdminClient::open(line, owner, done, [line](AdminClient &client) {
        ensureAdminToken(client.vault(), &client, [&client, line](const Result<Secret> &token) {
            if (!token) {
                printError(describe(token.error()));
                return client.end(ExitCode::Vault);
            }
            printSecret(line, "token", token.value());
            client.end(ExitCode::Ok);
        });
    });
}

} // namespace kirotray
