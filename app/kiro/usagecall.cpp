// SPDX-License-Identifier: MIT
#include "app/kiro/controlcalls.h"
#include "app/kiro/controlfetch.h"
#include "app/kiro/profilechoice.h"

#include <cmath>
#include <initializer_list>

namespace kirotray {

namespace {

using controlfetch::Caller;

constexpr int MaxUsageParts = 64; ///< a person has a handful of bonuses

/// From here on a number of time is milliseconds: as seconds it would be the year 5138.
constexpr double FirstMilliseconds = 1e11;
constexpr double LastMilliseconds = 1e14;

/// Epoch seconds as a number, in the exponent form too, milliseconds, or an ISO text (§5.1).
QDateTime instantOf(const JsonValue &value)
{
    if (const std::optional<double> number = value.number()) {
        const double ms = *number < FirstMilliseconds ? *number * 1000 : *number;
        const bool isSane = ms > 0 && ms < LastMilliseconds;
        return isSane ? QDateTime::fromMSecsSinceEpoch(std::llround(ms), Qt::UTC) : QDateTime();
    }
    return QDateTime::fromString(controlfetch::textOf(value.string()), Qt::ISODateWithMs).toUTC();
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

/// The first of them that says anything.
QString firstText(std::initializer_list<JsonValue> values)
{
    for (const JsonValue &value : values)
        if (value.isString() && !value.string().empty())
            return controlfetch::textOf(value.string());
    return {};
}

UsagePart partOf(const JsonValue &object, UsagePart::Kind kind)
{
    UsagePart part;
    part.kind = kind;
    part.used = amountOf(object, "currentUsage");
    part.limit = amountOf(object, "usageLimit");
    return part;
}

/// A trial past its end counts as over, whatever its status says.
UsagePart trialOf(const JsonValue &trial, const QDateTime &now)
{
    UsagePart part = partOf(trial, UsagePart::Kind::Trial);
    part.endsAt = instantOf(trial["freeTrialExpiry"]);
    part.active =
        isText(trial["freeTrialStatus"], "ACTIVE") && (!part.endsAt.isValid() || part.endsAt > now);
    return part;
}

UsagePart bonusOf(const JsonValue &bonus)
{
    UsagePart part = partOf(bonus, UsagePart::Kind::Bonus);
    part.name = firstText({bonus["displayName"], bonus["bonusCode"]});
    part.endsAt = instantOf(bonus["expiresAt"]);
    part.active = isText(bonus["status"], "ACTIVE");
    return part;
}

/// The plan first, then the trial, then the bonuses, those that are over included.
std::vector<UsagePart> partsOf(const JsonValue &row, const QDateTime &now)
{
    std::vector<UsagePart> parts {partOf(row, UsagePart::Kind::Plan)};
    JsonValue trial = row["freeTrialInfo"];
    if (!trial.isObject())
        trial = row["freeTrialUsage"]; // the portal's name for it
    if (trial.isObject())
        parts.push_back(trialOf(trial, now));
    for (const JsonValue &bonus : row["bonuses"])
        if (bonus.isObject() && std::ssize(parts) < MaxUsageParts)
            parts.push_back(bonusOf(bonus));
    return parts;
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

void readOverage(UsageSummary &usage, const JsonValue &root, const JsonValue &row)
{
    usage.overageEnabled = isOverageEnabled(root);
    usage.overageCapable = isText(root["subscriptionInfo"]["overageCapability"], "OVERAGE_CAPABLE");
    usage.overages = amountOf(row, "currentOverages");
    usage.overageCap = amountOf(row, "overageCap");
    usage.overageRate = amountOf(row, "overageRate");
    usage.overageCharges = amountOf(row, "overageCharges");
    usage.currency = firstText({row["currency"]});
}

Result<UsageSummary> usageFrom(const JsonValue &root, const QDateTime &now)
{
    const JsonValue row = usageRow(root);
    if (!row.isObject())
        return controlfetch::badReply(u"no usage in it"_s);
    UsageSummary usage;
    usage.parts = partsOf(row, now);
    for (const UsagePart &part : usage.parts) {
        usage.used += part.active ? part.used : 0;
        usage.limit += part.active ? part.limit : 0;
    }
    usage.unit = firstText({row["displayNamePlural"], row["displayName"], row["unit"]});
    usage.planTitle = firstText({root["subscriptionInfo"]["subscriptionTitle"]});
    usage.planType = firstText({root["subscriptionInfo"]["type"]});
    usage.email = firstText({root["userInfo"]["email"]});
    usage.userId = firstText({root["userInfo"]["userId"]});
    usage.nextReset = instantOf(root["nextDateReset"]);
    if (!usage.nextReset.isValid())
        usage.nextReset = instantOf(row["nextDateReset"]);
    readOverage(usage, root, row);
    const bool isCapReached = usage.overageCap > 0 && usage.overages >= usage.overageCap;
    usage.exhausted = (usage.used >= usage.limit && !usage.overageEnabled) || isCapReached;
    return usage;
}

controlfetch::Place usagePlace(const KiroTables &tables, const KiroIdentity &identity,
                               const QString &baseUrl)
{
    const QString arn = profileArnFor(tables, identity, baseUrl);
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
