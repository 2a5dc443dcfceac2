// SPDX-License-Identifier: MIT
// The commands that are one operation of the admin API: what they ask, and how the answer looks.
#include "app/accounts/privatefile.h"
#include "app/cli/adminclient.h"
#include "app/cli/console.h"
#include "app/cli/printers.h"

#include <QUrlQuery>

#include <algorithm>
#include <vector>

namespace kirotray {

namespace {

struct AdminAsk
{
    QByteArray method = "GET";
    QString path;
    std::string body;
};

/// `words`: of the command; `many`: the form with fewer arguments.
struct AdminRow
{
    const char *words;
    Result<AdminAsk> (*ask)(const CommandLine &line);
    void (*print)(const JsonValue &answer);
};

QString pathPart(const QString &text)
{
    return QString::fromLatin1(QUrl::toPercentEncoding(text));
}

AdminAsk accountAsk(const CommandLine &line, const QByteArray &method, const QString &operation,
                    std::string body = {})
{
    return {method, u"/api/accounts/"_s + pathPart(line.arguments.value(0)) + operation,
            std::move(body)};
}

/// The JSON of what a person types: true, false, null and numbers are those, "a,b" of a list is a
/// list.
std::string typedJson(const QString &name, const QString &text)
{
    std::string json;
    JsonWriter writer(json);
    bool isNumber = false;
    const double number = text.toDouble(&isNumber);
    if (name == u"tags" || name == u"models") {
        writer.beginArray();
        for (const QString &part : text.split(u',', Qt::SkipEmptyParts))
            writer.string(part.trimmed().toStdString());
        writer.endArray();
    } else if (text == u"true" || text == u"false") {
        writer.boolean(text == u"true");
    } else if (text == u"null") {
        writer.null();
    } else if (isNumber && !text.contains(u'.')) {
        writer.integer(static_cast<qint64>(number));
    } else if (isNumber) {
        writer.number(number);
    } else {
        writer.string(text.toStdString());
    }
    return json;
}

/// NAME=VALUE arguments from the `first` on, as an object.
Result<std::string> assignments(const CommandLine &line, qsizetype first)
{
    std::string body;
    JsonWriter json(body);
    json.beginObject();
    for (const QString &argument : line.arguments.mid(first)) {
        const qsizetype equals = argument.indexOf(u'=');
        if (equals <= 0)
            return Error {Error::Code::BadInput,
                          u"expected NAME=VALUE instead of '%1'"_s.arg(argument)};
        const QString name = argument.first(equals);
        json.memberRaw(name.toStdString(), typedJson(name, argument.sliced(equals + 1)));
    }
    json.endObject();
    return body;
}

Result<AdminAsk> withAssignments(const CommandLine &line, AdminAsk ask, qsizetype first)
{
    Result<std::string> body = assignments(line, first);
    if (!body)
        return body.error();
    ask.body = std::move(body).value();
    return ask;
}

Result<AdminAsk> askAccountUsage(const CommandLine &line)
{
    if (line.arguments.isEmpty())
        return AdminAsk {"GET", u"/api/quota"_s, {}};
    return accountAsk(line, "GET", u"/usage?fresh=true"_s);
}

Result<AdminAsk> askAccountRefresh(const CommandLine &line)
{
    if (line.arguments.isEmpty())
        return AdminAsk {"POST", u"/api/accounts/refresh-all"_s, {}};
    return accountAsk(line, "POST", u"/refresh"_s);
}

Result<AdminAsk> askFlows(const CommandLine &line)
{
    QUrlQuery query;
    if (!line.arguments.isEmpty())
        query.addQueryItem(u"text"_s, pathPart(line.arguments.first()));
    return AdminAsk {"GET", u"/api/flows?"_s + query.toString(QUrl::FullyEncoded), {}};
}

Result<AdminAsk> askFlowStats(const CommandLine &line)
{
    return AdminAsk {"GET", u"/api/flows/stats?hours="_s + line.arguments.value(0, u"24"_s), {}};
}

Result<AdminAsk> askFlowExport(const CommandLine &line)
{
    const QString format = line.options.value(u"format"_s, u"jsonl"_s);
    return AdminAsk {"GET", u"/api/flows/export?limit=1000&format="_s + pathPart(format), {}};
}

Result<AdminAsk> askReplay(const CommandLine &line)
{
    std::string body;
    JsonWriter json(body);
    json.beginObject();
    if (line.arguments.size() > 1)
        json.member("account", line.arguments.at(1).toStdString());
    if (line.has(u"model"_s))
        json.member("model", line.options.value(u"model"_s).toStdString());
    json.endObject();
    return AdminAsk {"POST", u"/api/flows/"_s + pathPart(line.arguments.first()) + u"/replay"_s,
                     body};
}

Result<AdminAsk> askSettings(const CommandLine &line)
{
    if (line.arguments.isEmpty())
        return AdminAsk {"GET", u"/api/settings"_s, {}};
    return withAssignments(line, {"PATCH", u"/api/settings"_s, {}}, 0);
}

AdminAsk keyAsk(const CommandLine &line, const QByteArray &method, const QString &operation)
{
    return {method, u"/api/keys/"_s + pathPart(line.arguments.value(0)) + operation, {}};
}

// A function for each of the short ones: the table below stays a table.
using Ask = Result<AdminAsk>;
using Line = const CommandLine &;

const std::vector<AdminRow> &adminRows()
{
    static const std::vector<AdminRow> rows {
        {"accounts show", [](Line line) -> Ask { return accountAsk(line, "GET", {}); },
         printAccount},
        {"accounts refresh", askAccountRefresh, nullptr},
        {"accounts restore",
         [](Line line) -> Ask { return accountAsk(line, "POST", u"/restore"_s); }, printAccount},
        {"accounts enable",
         [](Line line) -> Ask { return accountAsk(line, "PATCH", {}, R"({"enabled":true})"); },
         printAccount},
        {"accounts disable",
         [](Line line) -> Ask { return accountAsk(line, "PATCH", {}, R"({"enabled":false})"); },
         printAccount},
        {"accounts set",
         [](Line line) -> Ask { return withAssignments(line, accountAsk(line, "PATCH", {}), 1); },
         printAccount},
        {"accounts usage", askAccountUsage, nullptr},
        {"accounts remove", [](Line line) -> Ask { return accountAsk(line, "DELETE", {}); },
         printNothing},
        {"flows", askFlows, printFlows},
        {"flows show",
         [](Line line) -> Ask {
             return AdminAsk {"GET", u"/api/flows/"_s + pathPart(line.arguments.first()), {}};
         },
         printFlow},
        {"flows stats", askFlowStats, printStatistics},
        {"flows export", askFlowExport, nullptr},
        {"flows replay", askReplay, printReplay},
        {"keys list",
         [](Line) -> Ask {
             return AdminAsk {"GET", u"/api/keys"_s, {}};
         },
         printKeys},
        {"keys set",
         [](Line line) -> Ask { return withAssignments(line, keyAsk(line, "PATCH", {}), 1); },
         printKey},
        {"keys renew", [](Line line) -> Ask { return keyAsk(line, "POST", u"/renew"_s); },
         printNothing},
        {"keys remove", [](Line line) -> Ask { return keyAsk(line, "DELETE", {}); }, printNothing},
        {"login providers",
         [](Line) -> Ask {
             return AdminAsk {"GET", u"/api/login-providers"_s, {}};
         },
         printProviders},
        {"settings", askSettings, printSettings},
        {"doctor",
         [](Line) -> Ask {
             return AdminAsk {"GET", u"/api/doctor"_s, {}};
         },
         printReport},
    };
    return rows;
}

/// Those whose answer has another shape for one account than for all.
void printByShape(const JsonValue &answer)
{
    if (answer["results"].isArray())
        printEach(answer);
    else if (answer["total"].isObject())
        printQuotas(answer);
    else if (answer["quota"].isObject())
        printAccount(answer);
    else
        printQuota(answer);
}

/// A file of the user's, or stdout. False when it cannot be written.
bool deliverText(const CommandLine &line, const QByteArray &text)
{
    const QString name = line.options.value(u"output"_s);
    if (name.isEmpty()) {
        printLine(QString::fromUtf8(text).trimmed());
        return true;
    }
    const Result<Done> written = writePrivateFile(name, text);
    if (!written)
        printError(describe(written.error()));
    return bool(written);
}

void showAnswer(AdminClient &client, const CommandLine &line, const AdminRow &row,
                const AdminReply &reply)
{
    if (reply.status >= 400)
        return client.fail(reply);
    const bool isText = QByteArrayView(row.words) == "flows export";
    if (isText || line.json) {
        const bool isDelivered = deliverText(line, reply.body);
        return client.end(isDelivered ? ExitCode::Ok : ExitCode::Failed);
    }
    const Result<JsonDocument> answer = JsonDocument::parse(reply.body.toStdString());
    if (!answer) {
        printError(describe(answer.error()));
        return client.end(ExitCode::Failed);
    }
    (row.print ? row.print : printByShape)(answer.value().root());
    client.end(ExitCode::Ok);
}

} // namespace

void runAdminCommand(const CommandLine &line, QObject *owner, const CommandDone &done)
{
    const auto row =
        std::find_if(adminRows().begin(), adminRows().end(), [&line](const AdminRow &one) {
            return QByteArrayView(one.words) == QByteArrayView(line.command->words);
        });
    Q_ASSERT(row != adminRows().end());
    const Result<AdminAsk> ask = row->ask(line);
    if (!ask) {
        printError(describe(ask.error()));
        return done(ExitCode::Usage);
    }
    AdminClient::open(line, owner, done, [line, row, ask = ask.value()](AdminClient &client) {
        client.call(ask.method, ask.path, ask.body, [&client, line, row](const AdminReply &reply) {
            showAnswer(client, line, *row, reply);
        });
    });
}

} // namespace kirotray
