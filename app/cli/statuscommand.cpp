// SPDX-License-Identifier: MIT
#include "app/accounts/accountstore.h"
#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"
#include "app/net/httpclient.h"
#include "app/platform/runfile.h"

#include <QDir>

namespace kirotray {

namespace {

void printStatus(bool isRunning, const QString &url, const JsonValue &health, qsizetype accounts,
                 bool asJson)
{
    if (asJson) {
        std::string text;
        JsonWriter json(text);
        json.beginObject().memberBoolean("running", isRunning);
        if (isRunning)
            json.member("url", url.toStdString())
                .member("version", health["version"].string())
                .memberInteger("uptimeSeconds", health["uptime_seconds"].integer().value_or(0))
                .memberInteger("activeRequests", health["active_requests"].integer().value_or(0));
        json.memberInteger("accounts", accounts).endObject();
        printLine(QString::fromStdString(text));
        return;
    }
    if (isRunning)
        printLine(u"running at %1, version %2, up %3 s, %4 requests in progress, %5 accounts"_s
                      .arg(url, QString::fromUtf8(health["version"].string()))
                      .arg(health["uptime_seconds"].integer().value_or(0))
                      .arg(health["active_requests"].integer().value_or(0))
                      .arg(accounts));
    else
        printLine(u"not running, %1 accounts"_s.arg(accounts));
}

} // namespace

void runStatus(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    AccountStore store(QDir(line.core.dataDir).filePath(u"accounts.json"_s));
    if (const Result<Done> loaded = store.load(); !loaded)
        printError(u"warning: "_s + describe(loaded.error()));
    const auto accounts = static_cast<qsizetype>(store.accounts().size());
    const QUrl base = readRunFile(line.core.dataDir);
    if (base.isEmpty()) {
        printStatus(false, {}, {}, accounts, line.json);
        done(ExitCode::NotFound);
        return;
    }
    auto *http = new HttpClient(owner);
    OutboundRequest request;
    request.method = "GET";
    request.url = base.resolved(QUrl(u"/health"_s));
    request.proxy.kind = ProxyChoice::Kind::None;
    request.firstByteTimeout = request.idleTimeout = request.totalTimeout = limits::StatusTimeout;
    http->fetch(request, owner, [line, base, accounts, done](const Result<HttpReply> &reply) {
        const Result<JsonDocument> health = reply
            ? JsonDocument::parse(reply.value().body.toStdString())
            : Result<JsonDocument>(reply.error());
        const bool isRunning = health && health.value().root()["name"].string() == "kirotray";
        printStatus(isRunning, base.toString(), health ? health.value().root() : JsonValue(),
                    accounts, line.json);
        done(isRunning ? ExitCode::Ok : ExitCode::NotFound);
    });
}

} // namespace kirotray
