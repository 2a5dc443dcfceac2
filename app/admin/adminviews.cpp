// SPDX-License-Identifier: MIT
#include "app/admin/adminviews.h"

#include <utility>

namespace kirotray {

namespace {

void writeText(JsonWriter &json, std::string_view name, const QString &text)
{
    json.member(name, text.toStdString());
}

void writeTexts(JsonWriter &json, std::string_view name, const QStringList &texts)
{
    json.key(name).beginArray();
    for (const QString &text : texts)
        json.string(text.toStdString());
    json.endArray();
}

template <typename T>
void writeOptional(JsonWriter &json, std::string_view name, const std::optional<T> &number)
{
    json.key(name);
    if (number)
        json.number(static_cast<double>(*number));
    else
        json.null();
}

std::string_view healthName(AccountHealth::State state)
{
    switch (state) {
    case AccountHealth::State::Ready:
        return "ready";
    case AccountHealth::State::CoolingDown:
        return "cooling-down";
    case AccountHealth::State::Probing:
        return "probing";
    case AccountHealth::State::Exhausted:
        return "exhausted";
    case AccountHealth::State::Unusable:
        return "unusable";
    }
    return "";
}

std::string_view partName(UsagePart::Kind kind)
{
    switch (kind) {
    case UsagePart::Kind::Plan:
        return "plan";
    case UsagePart::Kind::Trial:
        return "trial";
    case UsagePart::Kind::Bonus:
        return "bonus";
    }
    return "";
}

void writeForecast(JsonWriter &json, const std::optional<Forecast> &forecast)
{
    json.key("forecast");
    if (!forecast) {
        json.null();
        return;
    }
    json.beginObject().key("creditsPerDay").number(forecast->creditsPerDay);
    writeTime(json, "endsAt", forecast->endsAt);
    writeTime(json, "earliest", forecast->earliest);
    writeTime(json, "latest", forecast->latest);
    json.endObject();
}

void writeUsage(JsonWriter &json, const UsageSummary &usage)
{
    writeText(json, "plan", usage.planTitle);
    writeText(json, "unit", usage.unit);
    writeTime(json, "resetsAt", usage.nextReset);
    json.memberBoolean("exhausted", usage.exhausted);
    json.key("parts").beginArray();
    for (const UsagePart &part : usage.parts) {
        json.beginObject().member("kind", partName(part.kind));
        writeText(json, "name", part.name);
        json.key("used").number(part.used).key("limit").number(part.limit);
        json.memberBoolean("active", part.active);
        writeTime(json, "endsAt", part.endsAt);
        json.endObject();
    }
    json.endArray().key("overage").beginObject();
    json.memberBoolean("enabled", usage.overageEnabled)
        .memberBoolean("capable", usage.overageCapable);
    json.key("credits").number(usage.overages).key("cap").number(usage.overageCap);
    json.key("rate").number(usage.overageRate).key("charges").number(usage.overageCharges);
    writeText(json, "currency", usage.currency);
    json.endObject();
}

void writeCount(JsonWriter &json, const FlowCount &count)
{
    json.beginObject();
    writeText(json, "name", count.name);
    json.memberInteger("requests", count.requests)
        .memberInteger("failures", count.failures)
        .memberInteger("inputTokens", count.inputTokens)
        .memberInteger("cachedTokens", count.cachedTokens)
        .memberInteger("outputTokens", count.outputTokens);
    json.key("credits").number(count.credits);
    json.memberInteger("firstByteMsMedian", count.firstByteMsMedian).endObject();
}

void writeStep(JsonWriter &json, const LoginStep &step)
{
    json.beginObject();
    if (const auto *open = std::get_if<loginstep::OpenBrowser>(&step)) {
        json.member("step", "open-browser");
        writeText(json, "url", open->url.toString(QUrl::FullyEncoded));
        writeTime(json, "expiresAt", open->expiresAt);
        json.memberBoolean("canBeEmbedded", open->canBeEmbedded)
            .memberBoolean("endsInRedirect", open->endsInRedirect);
    } else if (const auto *code = std::get_if<loginstep::ShowCode>(&step)) {
        json.member("step", "show-code");
        writeText(json, "userCode", code->userCode);
        writeText(json, "verificationUri", code->verificationUri.toString(QUrl::FullyEncoded));
        writeText(json, "verificationUriComplete",
                  code->verificationUriComplete.toString(QUrl::FullyEncoded));
        writeTime(json, "expiresAt", code->expiresAt);
    } else {
        json.member("step",
                    std::holds_alternative<loginstep::AskInput>(step) ? "ask-input" : "working");
    }
    writeText(json, "text", describe(step));
    json.endObject();
}

} // namespace

void writeTime(JsonWriter &json, std::string_view name, const QDateTime &time)
{
    if (time.isValid())
        json.member(name, time.toUTC().toString(Qt::ISODate).toStdString());
    else
        json.memberNull(name);
}

void writeError(JsonWriter &json, const Error &error)
{
    json.beginObject();
    writeText(json, "message", error.what);
    if (!error.path.isEmpty())
        writeText(json, "path", error.path);
    json.endObject();
}

void writeHealth(JsonWriter &json, const AccountHealth &health)
{
    json.beginObject().member("state", healthName(health.state));
    writeTime(json, "until", health.until);
    writeText(json, "why", health.why);
    json.memberInteger("failuresInARow", health.failuresInARow)
        .memberInteger("requests", health.requests)
        .endObject();
}

void writeAccount(JsonWriter &json, const AdminServices &services, const Account &account)
{
    json.beginObject();
    writeText(json, "id", account.id.value);
    writeText(json, "label", account.label);
    writeText(json, "email", account.email);
    writeText(json, "kind", toString(account.kind));
    writeText(json, "provider", account.provider);
    writeText(json, "ssoRegion", account.ssoRegion);
    writeText(json, "apiRegion", apiRegionOf(identityOf(account, {})));
    writeText(json, "profileArn", account.profileArn);
    writeText(json, "profileSource", account.profileSource);
    writeText(json, "startUrl", account.startUrl);
    writeText(json, "group", account.group);
    writeTexts(json, "tags", account.tags);
    writeText(json, "description", account.description);
    writeText(json, "proxy", account.proxy);
    writeText(json, "importedFrom", account.importedFrom);
    json.memberInteger("priority", account.priority)
        .memberBoolean("enabled", account.enabled)
        .memberBoolean("usable", isUsable(account))
        .memberBoolean("writesBack", account.writesBack)
        .memberBoolean("stopsBeforeOverage", account.stopsBeforeOverage);
    writeText(json, "problem", toString(account.problem));
    writeText(json, "note", account.note);
    writeTime(json, "createdAt", account.createdAt);
    writeTime(json, "registrationEndsAt", account.registrationEndsAt);
    json.key("health");
    writeHealth(json, services.health(account.id));
    json.key("quota");
    writeQuota(json, services, account);
    json.endObject();
}

void writeQuota(JsonWriter &json, const AdminServices &services, const Account &account)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const Quota quota = services.usage.quota(account.id);
    json.beginObject();
    writeText(json, "accountId", account.id.value);
    writeTime(json, "readAt", quota.readAt);
    json.memberBoolean("stale", quota.isStale(now));
    writeText(json, "problem", quota.problem);
    const UsageSummary usage = quota.usage.value_or(UsageSummary {});
    json.key("used").number(quota.used()).key("limit").number(usage.limit);
    json.key("remaining").number(quota.remaining());
    json.memberBoolean("known", quota.usage.has_value());
    writeUsage(json, usage);
    writeTime(json, "exhaustedUntil", exhaustedUntil(quota, account.stopsBeforeOverage, now));
    writeForecast(json, services.usage.forecast(account.id));
    json.endObject();
}

void writeFlow(JsonWriter &json, const FlowEntry &flow)
{
    const FlowRecord &record = flow.record;
    json.beginObject();
    const std::array<std::pair<std::string_view, QString>, 12> texts {{
        {"id", record.id},
        {"route", record.route},
        {"dialect", record.dialect},
        {"client", record.client},
        {"clientKey", record.clientKey},
        {"conversation", record.conversation},
        {"modelAsked", record.modelAsked},
        {"modelUsed", record.modelUsed},
        {"accountId", record.accountId},
        {"accountReason", record.accountReason},
        {"outcome", record.outcome},
        {"replayOf", record.replayOf},
    }};
    for (const auto &[name, text] : texts)
        writeText(json, name, text);
    writeTime(json, "startedAt", record.startedAt);
    json.memberBoolean("stream", record.stream)
        .memberInteger("status", record.status)
        .memberInteger("attempts", record.attempts)
        .memberInteger("queuedMs", record.queuedMs)
        .memberInteger("firstByteMs", record.firstByteMs)
        .memberInteger("totalMs", record.totalMs)
        .memberInteger("inputTokens", record.inputTokens)
        .memberInteger("cachedTokens", record.cachedTokens)
        .memberInteger("outputTokens", record.outputTokens)
        .memberBoolean("usageEstimated", record.isUsageEstimated);
    writeOptional(json, "credits", record.credits);
    writeTexts(json, "changes", record.changes);
    json.key("tries").beginArray();
    for (const FlowAttempt &attempt : record.tries) {
        json.beginObject();
        writeText(json, "accountId", attempt.accountId);
        writeText(json, "host", attempt.host);
        writeText(json, "what", attempt.what);
        json.memberInteger("status", attempt.status).memberInteger("ms", attempt.ms).endObject();
    }
    json.endArray();
    json.memberBoolean("bookmarked", flow.bookmarked).memberBoolean("hasBodies", flow.hasBodies);
    writeText(json, "note", flow.note);
    writeTexts(json, "tags", flow.tags);
    json.endObject();
}

void writeStatistics(JsonWriter &json, const FlowStatistics &statistics)
{
    json.beginObject();
    writeTime(json, "from", statistics.from);
    writeTime(json, "to", statistics.to);
    json.key("total");
    writeCount(json, statistics.total);
    const std::array<std::pair<std::string_view, const std::vector<FlowCount> *>, 4> lists {{
        {"byAccount", &statistics.byAccount},
        {"byModel", &statistics.byModel},
        {"byClient", &statistics.byClient},
        {"byTime", &statistics.byTime},
    }};
    for (const auto &[name, counts] : lists) {
        json.key(name).beginArray();
        for (const FlowCount &count : *counts)
            writeCount(json, count);
        json.endArray();
    }
    json.endObject();
}

void writeKey(JsonWriter &json, const ClientKey &key)
{
    json.beginObject();
    writeText(json, "id", key.id);
    writeText(json, "name", key.name);
    json.memberBoolean("enabled", key.enabled);
    writeOptional(json, "requestsPerDay", key.requestsPerDay);
    writeOptional(json, "creditsPerDay", key.creditsPerDay);
    writeTexts(json, "models", key.models);
    writeTime(json, "createdAt", key.createdAt);
    writeTime(json, "lastUsedAt", key.lastUsedAt);
    json.memberInteger("requestsToday", key.requestsToday);
    json.key("creditsToday").number(key.creditsToday).endObject();
}

void writeLogin(JsonWriter &json, const LoginStatus &login)
{
    static constexpr std::array<std::string_view, 3> States {"running", "done", "failed"};
    json.beginObject();
    writeText(json, "id", login.id);
    writeText(json, "provider", login.provider);
    json.member("state", States.at(static_cast<std::size_t>(login.state)));
    json.key("steps").beginArray();
    for (const LoginStep &step : login.steps)
        writeStep(json, step);
    json.endArray();
    writeTexts(json, "accountIds", login.accountIds);
    json.key("error");
    if (login.error)
        writeError(json, *login.error);
    else
        json.null();
    writeTime(json, "startedAt", login.startedAt);
    json.endObject();
}

void writeStatus(JsonWriter &json, const ProxyStatus &status, const QStringList &warnings)
{
    json.beginObject();
    writeText(json, "state", nameOf(status.state));
    writeText(json, "version", QStringLiteral(KIROTRAY_VERSION));
    writeText(json, "baseUrl", status.baseUrl.toString());
    json.memberInteger("activeRequests", status.activeRequests)
        .memberInteger("usableAccounts", status.usableAccounts);
    writeText(json, "problem", status.problem);
    writeTime(json, "since", status.since);
    writeTexts(json, "warnings", warnings);
    json.endObject();
}

} // namespace kirotray
