// SPDX-License-Identifier: MIT
#include "app/cli/printers.h"

#include "app/cli/console.h"

#include <array>

namespace kirotray {

namespace {

QString numberAt(const JsonValue &object, std::string_view name)
{
    return QString::number(object[name].number().value_or(0), 'g', 10);
}

QString creditsAt(const JsonValue &object, std::string_view name)
{
    return QString::number(object[name].number().value_or(0), 'f', 2);
}

/// "name: value" for each that is not empty.
void printMembers(const JsonValue &object, std::initializer_list<std::string_view> names)
{
    for (const std::string_view name : names)
        if (const QString text = textAt(object, name); !text.isEmpty())
            printLine(u"  %1: %2"_s.arg(QString::fromStdString(std::string(name)), text));
}

QString stateOf(const JsonValue &account)
{
    if (!account["enabled"].boolean())
        return u"disabled"_s;
    if (const QString note = textAt(account, "note"); !note.isEmpty())
        return note;
    const QString state = textAt(account["health"], "state");
    const QString why = textAt(account["health"], "why");
    return why.isEmpty() ? state : state + u": "_s + why;
}

void printCounts(const JsonValue &counts, const QString &title)
{
    if (counts.size() == 0)
        return;
    printLine(title);
    for (const JsonValue count : counts)
        printLine(u"  %1  %2 requests, %3 failed, %4 in, %5 out, %6 credits"_s.arg(
            textAt(count, "name"), numberAt(count, "requests"), numberAt(count, "failures"),
            numberAt(count, "inputTokens"), numberAt(count, "outputTokens"),
            creditsAt(count, "credits")));
}

} // namespace

QString textAt(const JsonValue &object, std::string_view name)
{
    const std::string_view text = object[name].string();
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

void printAccount(const JsonValue &account)
{
    printLine(u"%1  %2  %3  %4"_s.arg(textAt(account, "id"), textAt(account, "kind"),
                                      textAt(account, "label"), stateOf(account)));
    printMembers(account,
                 {"provider", "email", "apiRegion", "profileArn", "group", "description", "proxy",
                  "importedFrom", "registrationEndsAt"});
    printQuota(account["quota"]);
}

void printAccounts(const JsonValue &answer)
{
    for (const JsonValue account : answer["accounts"])
        printAccount(account);
}

void printEach(const JsonValue &answer)
{
    for (const JsonValue result : answer["results"])
        printLine(
            u"%1  %2"_s.arg(textAt(result, "id"),
                            result["ok"].boolean() ? u"ok"_s : textAt(result["error"], "message")));
}

void printQuota(const JsonValue &quota)
{
    if (!quota["known"].boolean()) {
        const QString problem = textAt(quota, "problem");
        printLine(u"  credits: not known"_s
                  + (problem.isEmpty() ? QString() : u" ("_s + problem + u')'));
        return;
    }
    const QString resets = textAt(quota, "resetsAt");
    printLine(u"  credits: %1 of %2 left%3%4%5"_s.arg(
        creditsAt(quota, "remaining"), creditsAt(quota, "limit"),
        textAt(quota, "plan").isEmpty() ? QString() : u", "_s + textAt(quota, "plan"),
        resets.isEmpty() ? QString() : u", until "_s + resets,
        quota["stale"].boolean() ? u" (stale)"_s : QString()));
    const JsonValue forecast = quota["forecast"];
    if (const QString ends = textAt(forecast, "endsAt"); !ends.isEmpty())
        printLine(u"  at this pace they end %1"_s.arg(ends));
}

void printQuotas(const JsonValue &answer)
{
    for (const JsonValue quota : answer["accounts"]) {
        printLine(textAt(quota, "accountId"));
        printQuota(quota);
    }
    printLine(u"together: %1 of %2 left"_s.arg(creditsAt(answer["total"], "remaining"),
                                               creditsAt(answer["total"], "limit")));
}

void printFlow(const JsonValue &flow)
{
    printLine(u"%1  %2  %3  %4 -> %5  %6 ms  %7"_s.arg(
        textAt(flow, "id"), textAt(flow, "startedAt"), numberAt(flow, "status"),
        textAt(flow, "modelAsked"), textAt(flow, "modelUsed"), numberAt(flow, "totalMs"),
        textAt(flow, "outcome")));
    printMembers(flow, {"route", "client", "clientKey", "accountId", "accountReason", "note"});
    for (const JsonValue attempt : flow["tries"])
        printLine(
            u"  attempt: %1 %2 %3 %4"_s.arg(textAt(attempt, "accountId"), textAt(attempt, "host"),
                                            numberAt(attempt, "status"), textAt(attempt, "what")));
    for (const JsonValue change : flow["changes"])
        printLine(u"  changed: "_s + QString::fromStdString(std::string(change.string())));
}

void printFlows(const JsonValue &answer)
{
    for (const JsonValue flow : answer["flows"])
        printLine(u"%1  %2  %3  %4  %5 ms  %6 in  %7 out  %8"_s.arg(
            textAt(flow, "id"), textAt(flow, "startedAt"), numberAt(flow, "status"),
            textAt(flow, "modelUsed"), numberAt(flow, "totalMs"), numberAt(flow, "inputTokens"),
            numberAt(flow, "outputTokens"), textAt(flow, "outcome")));
}

void printStatistics(const JsonValue &answer)
{
    const JsonValue total = answer["total"];
    printLine(u"%1 requests, %2 failed, %3 tokens in, %4 out, %5 credits"_s.arg(
        numberAt(total, "requests"), numberAt(total, "failures"), numberAt(total, "inputTokens"),
        numberAt(total, "outputTokens"), creditsAt(total, "credits")));
    printCounts(answer["byAccount"], u"by account"_s);
    printCounts(answer["byModel"], u"by model"_s);
    printCounts(answer["byClient"], u"by client"_s);
}

void printKey(const JsonValue &key)
{
    printLine(u"%1  %2  %3 requests today, %4 credits%5"_s.arg(
        textAt(key, "name"), key["enabled"].boolean() ? u"enabled"_s : u"disabled"_s,
        numberAt(key, "requestsToday"), creditsAt(key, "creditsToday"),
        textAt(key, "lastUsedAt").isEmpty() ? QString()
                                            : u", last used "_s + textAt(key, "lastUsedAt")));
}

void printKeys(const JsonValue &answer)
{
    for (const JsonValue key : answer["keys"])
        printKey(key);
}

void printProviders(const JsonValue &answer)
{
    for (const JsonValue provider : answer["providers"])
        printLine(u"%1  %2%3"_s.arg(textAt(provider, "id"), -14)
                      .arg(textAt(provider, "title"),
                           provider["risky"].boolean() ? u" (needs --accept-risk)"_s : QString()));
}

void printSettings(const JsonValue &answer)
{
    for (const JsonValue setting : answer) {
        const QString value = setting.isString()
            ? QString::fromStdString(std::string(setting.string()))
            : QString::fromStdString(std::string(setting.raw()));
        printLine(QString::fromStdString(std::string(setting.key())) + u'=' + value);
    }
}

void printReport(const JsonValue &answer)
{
    printLine(textAt(answer, "report").trimmed());
}

void printReplay(const JsonValue &answer)
{
    printLine(u"flow %1: status %2 after %3 ms, %4"_s.arg(
        textAt(answer, "flowId"), numberAt(answer, "status"), numberAt(answer, "ms"),
        answer["sameStatus"].boolean() ? u"as recorded"_s : u"another than recorded"_s));
}

void printNothing(const JsonValue &)
{
    printLine(u"done"_s);
}

} // namespace kirotray
