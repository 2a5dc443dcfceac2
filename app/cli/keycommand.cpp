// SPDX-License-Identifier: MIT
// The commands that print a secret: it was asked for. They read it from the vault themselves, since
// no answer of the admin API holds one.
#include "app/accounts/clientkey.h"
#include "app/accounts/clientkeys.h"
#include "app/cli/adminclient.h"
#include "app/cli/console.h"
#include "app/cli/printers.h"

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

void showSecretItem(AdminClient &client, const CommandLine &line, const QString &item)
{
    client.vault().read(item, &client, [&client, line](const Result<Secret> &secret) {
        if (!secret) {
            printError(describe(secret.error()));
            return client.end(ExitCode::Vault);
        }
        printSecret(line, "key", secret.value());
        client.end(ExitCode::Ok);
    });
}

/// The key of that name or id: the list comes from whichever program has it, the secret from the
/// vault.
void showKeyNamed(AdminClient &client, const CommandLine &line, const QString &name)
{
    client.call("GET", u"/api/keys"_s, {}, [&client, line, name](const AdminReply &reply) {
        const Result<JsonDocument> answer = JsonDocument::parse(reply.body.toStdString());
        if (reply.status >= 400 || !answer)
            return client.fail(reply);
        for (const JsonValue key : answer.value().root()["keys"])
            if (textAt(key, "id") == name || textAt(key, "name") == name)
                return showSecretItem(client, line, clientKeyItem(textAt(key, "id")));
        printError(u"there is no key '%1'"_s.arg(name));
        client.end(ExitCode::NotFound);
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
