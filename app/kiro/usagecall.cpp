// SPDX-License-Identifier: MIT
#include "app/kiro/controlcalls.h"
#include "app/kiro/controlfetch.h"

#include <cmath>

namespace kirotray {

namespace {

using controlfetch::Caller;

/// Epoch seconds as a number, in the exponent form too, or an ISO text (§5.1).
QDateTime instantOf(const JsonValue &value)
{
    if (const std::optional<double> seconds = value.number()) {
        const bool isSane = *seconds > 0 && *seconds < 1e11; // the year 5138
        return isSane ? QDateTime::fromMSecsSinceEpoch(std::llround(*seconds * 1000), Qt::UTC)
                      : QDateTime();
    }
    const QDateTime instant =
        QDateTime::fromString(controlfetch::textOf(value.string()), Qt::ISODateWithMs);
    return instant.toUTC();
}

/// The exact twin when there is one.
double amountOf(const JsonValue &object, const std::string &key)
{
    const std::optional<double> exact = object[key + "WithPrecision"].number();
    return exact ? *exact : object[key].number().value_or(0);
}

bool isText(const JsonValue &value, std::string_view text)
{
    return value.isString() && value.string() == text;
}

/// A trial past its end counts as over, whatever its status says.
bool isActiveTrial(const JsonValue &trial, const QDateTime &now)
{
    const QDateTime end = instantOf(trial["freeTrialExpiry"]);
    return isText(trial["freeTrialStatus"], "ACTIVE") && (!end.isValid() || end > now);
}

/// The row of credits, else the first one; old replies have a single object.
JsonValue usageRow(const JsonValue &root)
{
    const JsonValue list = root["usageBreakdownList"];
    JsonValue first;
    for (const JsonValue &row : list) {
        if (isText(row["resourceType"], "CREDIT"))
            return row;
        if (first.isMissing())
            first = row;
    }
    return first.isMissing() ? root["usageBreakdown"] : first;
}

bool isOverageEnabled(const JsonValue &root)
{
    const JsonValue configuration = root["overageConfiguration"];
    return isText(configuration["overageStatus"], "ENABLED")
        || configuration["overageEnabled"].boolean() || root["overageEnabled"].boolean();
}

Result<UsageSummary> usageFrom(const JsonValue &root, const QDateTime &now)
{
    const JsonValue row = usageRow(root);
    if (!row.isObject())
        return controlfetch::badReply(u"no usage in it"_s);
    UsageSummary usage;
    const auto add = [&usage](const JsonValue &part) {
        usage.used += amountOf(part, "currentUsage");
        usage.limit += amountOf(part, "usageLimit");
    };
    add(row);
    if (isActiveTrial(row["freeTrialInfo"], now))
        add(row["freeTrialInfo"]);
    for (const JsonValue &bonus : row["bonuses"])
        if (isText(bonus["status"], "ACTIVE"))
            add(bonus);
    usage.planTitle = controlfetch::textOf(root["subscriptionInfo"]["subscriptionTitle"].string());
    usage.email = controlfetch::textOf(root["userInfo"]["email"].string());
    usage.nextReset = instantOf(root["nextDateReset"]);
    if (!usage.nextReset.isValid())
        usage.nextReset = instantOf(row["nextDateReset"]);
    usage.overageEnabled = isOverageEnabled(root);
    const double cap = amountOf(row, "overageCap");
    const bool isCapReached = cap > 0 && amountOf(row, "currentOverages") >= cap;
    usage.exhausted = (usage.used >= usage.limit && !usage.overageEnabled) || isCapReached;
    return usage;
}

controlfetch::Place usagePlace(const KiroTables &tables, const KiroIdentity &identity,
                               const QString &baseUrl)
{
    const QString arn = profileArnFor(identity, baseUrl);
    if (controlfetch::isManagementHost(baseUrl))
        return {baseUrl,
                "/Get-Usage-Limits"_L1
                    + controlfetch::queryOf({{u"origin"_s, u"KIRO_CLI"_s},
                                             {u"resourceType"_s, u"CREDIT"_s},
                                             {u"isEmailRequired"_s, u"false"_s},
                                             {u"profileArn"_s, arn}})};
    return {baseUrl,
            "/getUsageLimits"_L1
                + controlfetch::queryOf({{u"origin"_s, tables.client.origin},
                                         {u"resourceType"_s, u"AGENTIC_REQUEST"_s},
                                         {u"isEmailRequired"_s, u"true"_s},
                                         {u"profileArn"_s, arn}})};
}

using OnUsage = std::function<void(Result<UsageSummary>)>;

/// `otherRegion` empty: a refusal is final.
void askUsage(const Caller &caller, const QString &region, const QString &otherRegion,
              const OnUsage &done)
{
    std::vector<OutboundRequest> requests;
    for (const QString &base : baseUrlsFor(caller.tables->endpoints.control, region))
        requests.push_back(controlfetch::requestAt(
            caller, usagePlace(*caller.tables, caller.identity, base), KiroCallKind::Control, {}));
    controlfetch::fetchFirst(
        caller, std::move(requests), [caller, otherRegion, done](const Result<HttpReply> &reply) {
            if (!reply)
                return done(reply.error());
            if (reply.value().status == 403 && !otherRegion.isEmpty())
                return askUsage(caller, otherRegion, {}, done);
            const Result<JsonDocument> document =
                controlfetch::objectOf(*caller.tables, reply.value());
            if (!document)
                return done(document.error());
            done(usageFrom(document.value().root(), QDateTime::currentDateTimeUtc()));
        });
}

} // namespace

void ControlCalls::usage(const KiroIdentity &identity, QObject *context,
                         std::function<void(Result<UsageSummary>)> done)
{
    const QString region = apiRegionOf(identity);
    const QString other = region == "us-east-1"_L1 ? u"eu-central-1"_s : u"us-east-1"_s;
    askUsage({&m_http, m_tables, identity, m_proxy, context}, region, other, done);
}

} // namespace kirotray
