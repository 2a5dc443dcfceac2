// SPDX-License-Identifier: MIT
#include "app/accounts/usagefile.h"

#include "app/accounts/privatefile.h"
#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/base/log.h"

#include <QFileInfo>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr qint64 UsageFileVersion = 1;
constexpr qsizetype SampleText = 64; ///< bytes of one, at most
constexpr qsizetype SummaryText = 16 * limits::KiB; ///< bytes of the rest of an account
constexpr qsizetype MaxUsageFile =
    limits::MaxAccounts * (limits::MaxUsageSamples * SampleText + SummaryText);
constexpr qint64 SampleSpacing = 7LL * 24 * 3600 / limits::MaxUsageSamples; // seconds

struct UsageText
{
    std::string_view name;
    QString UsageSummary::*member;
};
constexpr std::array UsageTexts {
    UsageText {"unit", &UsageSummary::unit},
    UsageText {"planTitle", &UsageSummary::planTitle},
    UsageText {"planType", &UsageSummary::planType},
    UsageText {"email", &UsageSummary::email},
    UsageText {"userId", &UsageSummary::userId},
    UsageText {"currency", &UsageSummary::currency},
};

struct UsageNumber
{
    std::string_view name;
    double UsageSummary::*member;
};
constexpr std::array UsageNumbers {
    UsageNumber {"used", &UsageSummary::used},
    UsageNumber {"limit", &UsageSummary::limit},
    UsageNumber {"overages", &UsageSummary::overages},
    UsageNumber {"overageCap", &UsageSummary::overageCap},
    UsageNumber {"overageRate", &UsageSummary::overageRate},
    UsageNumber {"overageCharges", &UsageSummary::overageCharges},
};

struct UsageSwitch
{
    std::string_view name;
    bool UsageSummary::*member;
};
constexpr std::array UsageSwitches {
    UsageSwitch {"overageEnabled", &UsageSummary::overageEnabled},
    UsageSwitch {"overageCapable", &UsageSummary::overageCapable},
    UsageSwitch {"exhausted", &UsageSummary::exhausted},
};

void writeInstant(JsonWriter &writer, std::string_view name, const QDateTime &time)
{
    if (time.isValid())
        writer.memberInteger(name, time.toMSecsSinceEpoch());
}

/// Milliseconds since 1970; invalid when it is not there.
QDateTime readInstant(JsonReader &reader, const JsonValue &object, std::string_view name)
{
    const std::optional<qint64> ms = reader.optionalInteger(object, name);
    return ms ? QDateTime::fromMSecsSinceEpoch(*ms, Qt::UTC) : QDateTime();
}

void writeSummary(JsonWriter &writer, const UsageSummary &usage)
{
    writer.beginObject();
    for (const UsageText &field : UsageTexts)
        if (!(usage.*field.member).isEmpty())
            writer.member(field.name, (usage.*field.member).toStdString());
    for (const UsageNumber &field : UsageNumbers)
        writer.key(field.name).number(usage.*field.member);
    for (const UsageSwitch &field : UsageSwitches)
        writer.memberBoolean(field.name, usage.*field.member);
    writeInstant(writer, "nextReset", usage.nextReset);
    writer.key("parts").beginArray();
    for (const UsagePart &part : usage.parts) {
        writer.beginObject().memberInteger("kind", static_cast<qint64>(part.kind));
        writer.member("name", part.name.toStdString());
        writer.key("used").number(part.used).key("limit").number(part.limit);
        writeInstant(writer, "endsAt", part.endsAt);
        writer.memberBoolean("active", part.active).endObject();
    }
    writer.endArray().endObject();
}

UsagePart readPart(JsonReader &reader, const JsonValue &value)
{
    UsagePart part;
    reader.expect(value, JsonValue::Type::Object);
    const qint64 kind = reader.optionalInteger(value, "kind").value_or(-1);
    if (kind < 0 || kind > static_cast<qint64>(UsagePart::Kind::Bonus))
        reader.fail(value["kind"], "unknown kind of credits");
    else
        part.kind = static_cast<UsagePart::Kind>(kind);
    part.name = QString::fromStdString(reader.optionalString(value, "name").value_or(""));
    part.used = reader.optionalNumber(value, "used").value_or(0);
    part.limit = reader.optionalNumber(value, "limit").value_or(0);
    part.endsAt = readInstant(reader, value, "endsAt");
    part.active = reader.optionalBoolean(value, "active").value_or(true);
    return part;
}

UsageSummary readSummary(JsonReader &reader, const JsonValue &value)
{
    UsageSummary usage;
    for (const UsageText &field : UsageTexts)
        usage.*field.member =
            QString::fromStdString(reader.optionalString(value, field.name).value_or(""));
    for (const UsageNumber &field : UsageNumbers)
        usage.*field.member = reader.optionalNumber(value, field.name).value_or(0);
    for (const UsageSwitch &field : UsageSwitches)
        usage.*field.member = reader.optionalBoolean(value, field.name).value_or(false);
    usage.nextReset = readInstant(reader, value, "nextReset");
    for (const JsonValue part : reader.optionalArray(value, "parts"))
        usage.parts.push_back(readPart(reader, part));
    return usage;
}

void writeRecord(JsonWriter &writer, const AccountId &id, const UsageRecord &record)
{
    writer.beginObject().member("id", id.value.toStdString());
    writeInstant(writer, "readAt", record.quota.readAt);
    writer.key("chargedSince").number(record.quota.chargedSince);
    writer.memberBoolean("low", record.isLow);
    if (record.quota.usage) {
        writer.key("usage");
        writeSummary(writer, *record.quota.usage);
    }
    writer.key("samples").beginArray();
    for (const UsageSample &sample : record.samples) {
        writer.beginArray().integer(sample.at.toMSecsSinceEpoch());
        writer.number(sample.used).endArray();
    }
    writer.endArray().endObject();
}

void readSamples(JsonReader &reader, const JsonValue &list, std::vector<UsageSample> &samples)
{
    for (const JsonValue pair : list) {
        std::vector<double> numbers;
        for (const JsonValue number : pair)
            numbers.push_back(number.number().value_or(-1));
        const bool isPair = numbers.size() == 2 && numbers[0] >= 0 && numbers[1] >= 0;
        if (!isPair) {
            reader.fail(pair, "expected a time and a number of credits");
            return;
        }
        const QDateTime at =
            QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(numbers[0]), Qt::UTC);
        if (!samples.empty() && samples.back().at >= at)
            reader.fail(pair, "is not later than the one before");
        samples.push_back({at, numbers[1]});
    }
    if (std::ssize(samples) > limits::MaxUsageSamples)
        samples.erase(samples.begin(), samples.end() - limits::MaxUsageSamples);
}

UsageRecord readRecord(JsonReader &reader, const JsonValue &value)
{
    UsageRecord record;
    record.quota.readAt = readInstant(reader, value, "readAt");
    record.quota.chargedSince = reader.optionalNumber(value, "chargedSince").value_or(0);
    record.isLow = reader.optionalBoolean(value, "low").value_or(false);
    const JsonValue usage = reader.optionalObject(value, "usage");
    if (usage.isObject())
        record.quota.usage = readSummary(reader, usage);
    readSamples(reader, reader.optionalArray(value, "samples"), record.samples);
    return record;
}

Result<UsageRecords> readRecords(const QString &file)
{
    const Result<QByteArray> bytes = readPrivateFile(file, MaxUsageFile);
    if (!bytes)
        return bytes.error();
    const Result<JsonDocument> document = JsonDocument::parse(bytes.value().toStdString());
    if (!document)
        return document.error();
    const JsonValue root = document.value().root();
    JsonReader reader;
    reader.expect(root, JsonValue::Type::Object);
    if (reader.optionalInteger(root, "version") != UsageFileVersion)
        reader.fail(root["version"], "is not a version this program knows");
    UsageRecords records;
    for (const JsonValue value : reader.requiredArray(root, "accounts")) {
        const AccountId id {QString::fromStdString(reader.requiredString(value, "id"))};
        records[id] = readRecord(reader, value);
    }
    if (reader.failed())
        return reader.error();
    return records;
}

} // namespace

void addSample(std::vector<UsageSample> &samples, const UsageSample &sample)
{
    std::erase_if(samples, [&sample](const UsageSample &one) { return one.at >= sample.at; });
    const std::size_t count = samples.size();
    const bool replaces = count >= 2 && samples[count - 2].at.secsTo(sample.at) < SampleSpacing
        && samples[count - 2].used <= samples[count - 1].used
        && samples[count - 1].used <= sample.used;
    if (replaces)
        samples.back() = sample;
    else
        samples.push_back(sample);
    if (std::ssize(samples) > limits::MaxUsageSamples)
        samples.erase(samples.begin());
}

UsageRecords loadUsage(const QString &file)
{
    if (!QFileInfo::exists(file))
        return {};
    Result<UsageRecords> records = readRecords(file);
    if (records)
        return std::move(records).value();
    qCWarning(logAccounts).noquote() << "usage not read" << describe(records.error());
    if (const Result<Done> aside = putFileAside(file); !aside)
        qCWarning(logAccounts).noquote() << describe(aside.error());
    return {};
}

Result<Done> saveUsage(const QString &file, const UsageRecords &records)
{
    std::string text = R"({"version":)" + std::to_string(UsageFileVersion) + R"(,"accounts":[)";
    const char *separator = "\n";
    for (const auto &[id, record] : records) {
        text += separator;
        JsonWriter writer(text);
        writeRecord(writer, id, record);
        separator = ",\n";
    }
    text += "\n]}\n";
    return writePrivateFile(file, QByteArray::fromStdString(text));
}

} // namespace kirotray
