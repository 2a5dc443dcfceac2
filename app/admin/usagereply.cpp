// SPDX-License-Identifier: MIT
#include "app/admin/usagereply.h"

#include "app/base/json.h"

#include <algorithm>
#include <cmath>

namespace kirotray {

namespace {

constexpr double SecondsADay = 24 * 3600;

struct UsageTotal
{
    double used = 0;
    double limit = 0;
    double remaining = 0;
    double creditsPerDay = 0;
    int accounts = 0;
    bool isStale = false;
    QDateTime resetAt; ///< the first
};

double toDecimals(double number, double factor)
{
    return std::round(number * factor) / factor;
}

double percentLeft(double remaining, double limit)
{
    return limit > 0 ? toDecimals(100 * remaining / limit, 10) : 0;
}

QString isoText(const QDateTime &time)
{
    return time.toUTC().toString(Qt::ISODate);
}

void writeTimeOrNull(JsonWriter &json, std::string_view name, const QDateTime &time)
{
    if (time.isValid())
        json.member(name, isoText(time).toStdString());
    else
        json.memberNull(name);
}

void writeCredits(JsonWriter &json, std::string_view name, double credits)
{
    json.key(name).number(toDecimals(credits, 100));
}

bool isCounted(const UsageLine &line, const QuotaNumbers &numbers)
{
    return isUsable(line.account) && numbers.remaining.has_value();
}

UsageTotal totalOf(const std::vector<UsageLine> &lines, const QDateTime &now)
{
    UsageTotal total;
    for (const UsageLine &line : lines) {
        const QuotaNumbers numbers = quotaNumbers(line.account, line.quota, now);
        if (!isCounted(line, numbers))
            continue;
        ++total.accounts;
        total.used += line.quota.used();
        total.limit += line.quota.usage->limit;
        total.remaining += *numbers.remaining;
        total.creditsPerDay += line.forecast ? line.forecast->creditsPerDay : 0;
        total.isStale = total.isStale || line.quota.isStale(now);
        const QDateTime &reset = line.quota.usage->nextReset;
        if (reset.isValid() && (!total.resetAt.isValid() || reset < total.resetAt))
            total.resetAt = reset;
    }
    return total;
}

/// Invalid: not before the first reset, or nobody knows.
QDateTime endOf(const UsageTotal &total, const QDateTime &now)
{
    if (total.creditsPerDay <= 0 || !total.resetAt.isValid())
        return {};
    const double seconds = total.remaining / total.creditsPerDay * SecondsADay;
    if (seconds >= static_cast<double>(now.secsTo(total.resetAt)))
        return {};
    return now.addSecs(std::llround(seconds));
}

void writeForecast(JsonWriter &json, const std::optional<Forecast> &forecast)
{
    json.key("forecast");
    if (!forecast) {
        json.null();
        return;
    }
    json.beginObject();
    writeCredits(json, "creditsPerDay", forecast->creditsPerDay);
    writeTimeOrNull(json, "endsAt", forecast->endsAt);
    writeTimeOrNull(json, "earliest", forecast->earliest);
    writeTimeOrNull(json, "latest", forecast->latest);
    json.endObject();
}

void writeNumbers(JsonWriter &json, const UsageLine &line, const QuotaNumbers &numbers)
{
    if (!numbers.remaining) {
        for (const std::string_view name : {"used", "limit", "remaining", "percent"})
            json.memberNull(name);
        return;
    }
    const double limit = line.quota.usage->limit;
    writeCredits(json, "used", line.quota.used());
    writeCredits(json, "limit", limit);
    writeCredits(json, "remaining", *numbers.remaining);
    json.key("percent").number(percentLeft(*numbers.remaining, limit));
}

void writeLine(JsonWriter &json, const UsageLine &line, const QDateTime &now)
{
    const QuotaNumbers numbers = quotaNumbers(line.account, line.quota, now);
    const UsageSummary usage = line.quota.usage.value_or(UsageSummary {});
    json.beginObject().member("account", line.hash.toStdString());
    json.member("plan", usage.planTitle.toStdString());
    json.memberBoolean("usable", isUsable(line.account) && !numbers.exhaustedUntil.isValid());
    writeNumbers(json, line, numbers);
    writeTimeOrNull(json, "resetAt", usage.nextReset);
    writeTimeOrNull(json, "readAt", line.quota.readAt);
    json.memberBoolean("stale", line.quota.isStale(now));
    writeTimeOrNull(json, "exhaustedUntil", numbers.exhaustedUntil);
    writeForecast(json, line.forecast);
    json.endObject();
}

} // namespace

std::string usageReplyJson(const std::vector<UsageLine> &lines, const QDateTime &now)
{
    const UsageTotal total = totalOf(lines, now);
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("total").beginObject();
    writeCredits(json, "used", total.used);
    writeCredits(json, "limit", total.limit);
    writeCredits(json, "remaining", total.remaining);
    json.key("percent").number(percentLeft(total.remaining, total.limit));
    json.memberInteger("accounts", total.accounts).memberBoolean("stale", total.isStale);
    writeTimeOrNull(json, "resetAt", total.resetAt);
    writeTimeOrNull(json, "endsAt", endOf(total, now));
    json.endObject().key("accounts").beginArray();
    for (const UsageLine &line : lines)
        writeLine(json, line, now);
    json.endArray().endObject();
    return text;
}

std::string usageReplyText(const std::vector<UsageLine> &lines, const QDateTime &now)
{
    if (lines.empty())
        return "no accounts";
    const UsageTotal total = totalOf(lines, now);
    if (total.accounts == 0)
        return "credits not known";
    QString text = u"%1 of %2 credits left (%3%)"_s.arg(std::llround(total.remaining))
                       .arg(std::llround(total.limit))
                       .arg(percentLeft(total.remaining, total.limit));
    if (total.resetAt.isValid())
        text += u", resets "_s + total.resetAt.date().toString(Qt::ISODate);
    const QDateTime end = endOf(total, now);
    if (end.isValid())
        text += u", at this pace used up "_s + end.date().toString(Qt::ISODate);
    if (total.isStale)
        text += u", stale"_s;
    return text.toStdString();
}

} // namespace kirotray
