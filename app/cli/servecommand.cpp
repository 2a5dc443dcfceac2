// SPDX-License-Identifier: MIT
#include "app/base/json.h"
#include "app/base/log.h"
#include "app/base/logoptions.h"
#include "app/base/settings.h"
#include "app/cli/adminclient.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"
#include "app/cli/printers.h"
#include "app/cli/terminationsignals.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace kirotray {

namespace {

ExitCode codeOf(ProxyFailure failure)
{
    switch (failure) {
    case ProxyFailure::PortTaken:
        return ExitCode::PortInUse;
    case ProxyFailure::Address:
    case ProxyFailure::KeyRequired:
        return ExitCode::Usage;
    case ProxyFailure::Vault:
        return ExitCode::Vault;
    case ProxyFailure::None:
        break;
    }
    return ExitCode::Failed;
}

void printListening(const ProxyStatus &status, const Core &core, const CommandLine &line)
{
    if (!line.json) {
        printLine(u"listening "_s + status.baseUrl.toString());
        return;
    }
    std::string text;
    JsonWriter json(text);
    json.beginObject()
        .member("event", "listening")
        .member("url", status.baseUrl.toString().toStdString())
        .memberInteger("port", status.baseUrl.port())
        .memberBoolean("keyRequired", !core.apiKey().isEmpty())
        .memberInteger("accounts", status.usableAccounts)
        .endObject();
    printLine(QString::fromStdString(text));
}

/// Lines that can be pasted into another terminal as they are. Shows the demo's key, which dies
/// with it.
void printDemoLines(const ProxyStatus &status, const Core &core)
{
    const QString url = status.baseUrl.toString();
    const QByteArray key = core.apiKey().reveal();
    const QString header =
        key.isEmpty() ? QString() : u" -H 'x-api-key: %1'"_s.arg(QString::fromLatin1(key));
    const QString messages = uR"([{"role":"user","content":"Hello! What can you do?"}])"_s;
    const auto curl = [&](const QString &title, const QString &path, const QString &body) {
        printLine(u"\n# "_s + title);
        printLine(u"curl -sN %1%2%3 -H 'content-type: application/json' -d '%4'"_s.arg(
            url, path, header, body));
    };
    const QString common =
        uR"("model":"claude-sonnet-4.5","max_tokens":1024,"messages":)"_s + messages;
    printLine(
        u"\nThe demo account needs no Kiro account and no network. Try it in another terminal:"_s);
    curl(u"Anthropic Messages, streaming"_s, u"/v1/messages"_s,
         u"{"_s + common + uR"(,"stream":true})"_s);
    curl(u"Anthropic Messages"_s, u"/v1/messages"_s, u"{"_s + common + u'}');
    curl(u"OpenAI Chat Completions, streaming"_s, u"/v1/chat/completions"_s,
         u"{"_s + common + uR"(,"stream":true})"_s);
    curl(u"OpenAI Chat Completions"_s, u"/v1/chat/completions"_s, u"{"_s + common + u'}');
    curl(u"OpenAI Responses, streaming"_s, u"/v1/responses"_s,
         uR"({"model":"gpt-5.5","stream":true,"input":"Hello! What can you do?"})"_s);
    curl(u"Gemini, streaming"_s, u"/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse"_s,
         uR"({"contents":[{"role":"user","parts":[{"text":"Hello! What can you do?"}]}]})"_s);
    printLine(u"\n# Claude Code\nANTHROPIC_BASE_URL=%1 ANTHROPIC_AUTH_TOKEN=%2 claude\n"_s.arg(
        url, key.isEmpty() ? u"any"_s : QString::fromLatin1(key)));
}

/// KIRO_AUTH_TOKEN: accounts as kiro2api takes them, JSON or the name of a file with it. Taken at
/// every start: those that are known already stay as they are.
void takeEnvironmentAccounts(Core *core, std::function<void()> then)
{
    const QByteArray given = qgetenv("KIRO_AUTH_TOKEN").trimmed();
    if (given.isEmpty()) {
        then();
        return;
    }
    const bool isText = given.startsWith('[') || given.startsWith('{');
    std::string body;
    JsonWriter json(body);
    json.beginObject();
    if (isText)
        json.member("text", given.toStdString());
    else
        json.key("paths")
            .beginArray()
            .string(QFileInfo(QString::fromLocal8Bit(given)).absoluteFilePath().toStdString())
            .endArray();
    json.endObject();
    AdminRequest request;
    request.method = "POST";
    request.path = "/api/accounts/import";
    request.body = QByteArray::fromStdString(body);
    core->administer(request, core, [then = std::move(then)](const AdminReply &reply) {
        const Result<JsonDocument> answer = JsonDocument::parse(reply.body.toStdString());
        const JsonValue root = answer ? answer.value().root() : JsonValue();
        if (reply.status >= 400)
            printError(u"KIRO_AUTH_TOKEN: "_s + errorLine(reply));
        for (const JsonValue source : root["sources"])
            if (source["error"].isObject())
                printError(u"KIRO_AUTH_TOKEN: "_s + textAt(source["error"], "message"));
        then();
    });
}

} // namespace

void runServe(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    if (const Result<Done> log =
            installLog(line.core.demo ? QString()
                                      : QDir(line.core.dataDir).filePath(u"logs/kirotrayctl.log"_s),
                       false);
        !log && !line.core.demo)
        printError(u"warning: no log file: "_s + describe(log.error()));
    setLogFormat(line.logsJson);
    Core *core = openCore(line, owner, done);
    if (core == nullptr)
        return;
    setLogLevel(line.logLevel.isEmpty() ? core->settings().get(keys::LogLevel) : line.logLevel);
    auto *termination = new TerminationSignals(owner);
    const auto shownWarnings = std::make_shared<qsizetype>(core->warnings().size());
    QObject::connect(core, &Core::vaultWaiting, core,
                     [] { printError(u"waiting for the keychain; it may be asking for you"_s); });
    QObject::connect(core, &Core::statusChanged, core,
                     [core, line, done, shownWarnings,
                      previous = ProxyState::Stopped](const ProxyStatus &status) mutable {
                         if (std::exchange(previous, status.state) == status.state)
                             return;
                         for (; *shownWarnings < core->warnings().size(); ++*shownWarnings)
                             printError(u"warning: "_s + core->warnings().at(*shownWarnings));
                         if (status.state == ProxyState::Running) {
                             printListening(status, *core, line);
                             if (line.core.demo && !line.json)
                                 printDemoLines(status, *core);
                         } else if (status.state == ProxyState::Failed) {
                             printError(status.problem);
                             endWith(codeOf(status.failure), *core, done);
                         } else if (status.state == ProxyState::Stopped) {
                             done(ExitCode::Ok);
                         }
                     });
    // A second signal does not wait for running answers.
    QObject::connect(termination, &TerminationSignals::received, core, [core, done] {
        if (core->status().state == ProxyState::Running)
            core->stop();
        else
            endWith(ExitCode::Ok, *core, done);
    });
    takeEnvironmentAccounts(core, [core] { core->start(); });
}

} // namespace kirotray
