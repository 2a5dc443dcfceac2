// SPDX-License-Identifier: MIT
// Accounts in and out: files, standard input, other programs' places.
#include "app/accounts/importer.h"
#include "app/cli/adminclient.h"
#include "app/cli/console.h"
#include "app/cli/printers.h"
#include "app/cli/stdinlines.h"

#include <QFileInfo>

#include <algorithm>

namespace kirotray {

namespace {

constexpr QLatin1StringView PlainConfirmation =
    "I know that this file holds secrets in plain text"_L1;

std::string sourceBody(const QStringList &paths, const QByteArray &text, const Secret &passphrase)
{
    std::string body;
    JsonWriter json(body);
    json.beginObject();
    if (!paths.isEmpty()) {
        json.key("paths").beginArray();
        for (const QString &path : paths)
            json.string(QFileInfo(path).absoluteFilePath().toStdString());
        json.endArray();
    }
    if (!text.isEmpty())
        json.member("text", text.toStdString());
    if (!passphrase.isEmpty())
        json.member("passphrase", passphrase.reveal().toStdString());
    json.endObject();
    return body;
}

void printOutcome(const JsonValue &source, bool asJson)
{
    if (asJson) {
        printLine(QString::fromStdString(std::string(source.raw())));
        return;
    }
    const QString name = textAt(source, "source");
    if (source["error"].isObject())
        printError(name + u": "_s + textAt(source["error"], "message"));
    else
        printLine(u"%1: %2 added, %3 updated, %4 left as they are"_s.arg(name)
                      .arg(source["added"].integer().value_or(0))
                      .arg(source["updated"].integer().value_or(0))
                      .arg(source["kept"].integer().value_or(0)));
}

void printPlan(const JsonValue &source)
{
    printLine(u"%1 (%2)"_s.arg(textAt(source, "source"), textAt(source, "format")));
    if (source["error"].isObject())
        printLine(u"  refused: "_s + textAt(source["error"], "message"));
    for (const JsonValue entry : source["entries"])
        printLine(u"  %1  %2  %3  %4"_s.arg(textAt(entry, "action"), textAt(entry, "kind"),
                                            textAt(entry, "label"), textAt(entry, "why")));
}

/// Prints what became of each source; the exit code is that of the last failure.
void showImport(AdminClient &client, const CommandLine &line, const AdminReply &reply)
{
    const Result<JsonDocument> answer = JsonDocument::parse(reply.body.toStdString());
    if (reply.status >= 400 || !answer)
        return client.fail(reply);
    ExitCode code = ExitCode::Ok;
    for (const JsonValue source : answer.value().root()["sources"]) {
        if (line.has(u"dry-run"_s) && !line.json)
            printPlan(source);
        else
            printOutcome(source, line.json);
        if (source["error"].isObject())
            code = ExitCode::BadFile;
    }
    client.end(code);
}

void importInto(AdminClient &client, const CommandLine &line, const std::string &body)
{
    const QString path =
        line.has(u"dry-run"_s) ? u"/api/accounts/import/preview"_s : u"/api/accounts/import"_s;
    client.call("POST", path, body,
                [&client, line](const AdminReply &reply) { showImport(client, line, reply); });
}

/// Of the sealed file that is taken or written; empty when none is given.
Secret transferPassphrase()
{
    return Secret(environmentValue("KIROTRAY_EXPORT_PASSPHRASE"));
}

/// The same, asked for when one of the files is sealed.
Secret passphraseFor(const QStringList &files)
{
    Secret given = transferPassphrase();
    const bool isNeeded = given.isEmpty()
        && std::any_of(files.begin(), files.end(),
                       [](const QString &file) { return isSealedExport(file); });
    if (!isNeeded)
        return given;
    const Result<Secret> asked = askSecret(u"Passphrase of the export: "_s);
    return asked ? asked.value() : Secret();
}

/// Asked for twice, unless the environment gives it.
Result<Secret> newPassphrase()
{
    Secret given = transferPassphrase();
    if (!given.isEmpty())
        return given;
    Result<Secret> first = askSecret(u"Passphrase of the export: "_s);
    if (!first)
        return first;
    const Result<Secret> second = askSecret(u"Once more: "_s);
    if (!second || !(first.value() == second.value()))
        return Error {Error::Code::BadInput, u"the two passphrases differ"_s};
    return first;
}

Result<std::string> exportBody(const CommandLine &line)
{
    const QString output = line.options.value(u"output"_s);
    if (output.isEmpty())
        return Error {Error::Code::BadInput, u"accounts export: -o FILE is missing"_s};
    std::string body;
    JsonWriter json(body);
    json.beginObject().member("path", QFileInfo(output).absoluteFilePath().toStdString());
    json.member("format", line.options.value(u"format"_s, u"kirotray"_s).toStdString());
    if (line.has(u"plain"_s)) {
        if (!line.has(u"yes"_s))
            return Error {Error::Code::BadInput,
                          u"a plain export shows every token to whoever reads the file; add --yes "
                          "if that is what you want"_s};
        json.memberBoolean("plain", true)
            .member("confirm",
                    std::string_view(PlainConfirmation.data(),
                                     static_cast<std::size_t>(PlainConfirmation.size())));
    } else {
        const Result<Secret> passphrase = newPassphrase();
        if (!passphrase)
            return passphrase.error();
        json.member("passphrase", passphrase.value().reveal().toStdString());
    }
    json.endObject();
    return body;
}

} // namespace

void runAccountsImport(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    const std::string body = sourceBody(line.arguments, {}, passphraseFor(line.arguments));
    AdminClient::open(line, owner, done,
                      [line, body](AdminClient &client) { importInto(client, line, body); });
}

void runAccountsAdd(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    const QByteArray text = wholeStdin();
    if (text.trimmed().isEmpty()) {
        printError(u"nothing came on standard input"_s);
        return done(ExitCode::Usage);
    }
    const std::string body = sourceBody({}, text, transferPassphrase());
    AdminClient::open(line, owner, done,
                      [line, body](AdminClient &client) { importInto(client, line, body); });
}

void runAccountsScan(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    AdminClient::open(line, owner, done, [line](AdminClient &client) {
        client.call(
            "POST", u"/api/accounts/scan"_s, "{}", [&client, line](const AdminReply &reply) {
                const Result<JsonDocument> answer = JsonDocument::parse(reply.body.toStdString());
                if (reply.status >= 400 || !answer)
                    return client.fail(reply);
                QStringList paths;
                for (const JsonValue found : answer.value().root()["found"]) {
                    paths.append(textAt(found, "path"));
                    if (line.json)
                        printLine(QString::fromStdString(std::string(found.raw())));
                    else
                        printLine(u"%1 (%2)"_s.arg(textAt(found, "path"), textAt(found, "format")));
                }
                if (paths.isEmpty() && !line.json)
                    printLine(u"nothing was found"_s);
                if (paths.isEmpty() || !line.has(u"auto"_s))
                    return client.end(ExitCode::Ok);
                importInto(client, line, sourceBody(paths, {}, {}));
            });
    });
}

void runAccountsExport(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    const Result<std::string> body = exportBody(line);
    if (!body) {
        printError(describe(body.error()));
        return done(ExitCode::Usage);
    }
    AdminClient::open(line, owner, done, [line, body = body.value()](AdminClient &client) {
        client.call(
            "POST", u"/api/accounts/export"_s, body, [&client, line](const AdminReply &reply) {
                const Result<JsonDocument> answer = JsonDocument::parse(reply.body.toStdString());
                if (reply.status >= 400 || !answer)
                    return client.fail(reply);
                const JsonValue root = answer.value().root();
                if (line.json)
                    printLine(QString::fromStdString(std::string(root.raw())));
                else
                    printLine(
                        u"%1 accounts written to %2"_s.arg(root["accounts"].integer().value_or(0))
                            .arg(textAt(root, "path")));
                client.end(ExitCode::Ok);
            });
    });
}

} // namespace kirotray
