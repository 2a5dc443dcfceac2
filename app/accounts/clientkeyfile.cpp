// SPDX-License-Identifier: MIT
#include "app/accounts/clientkeyfile.h"

#include "app/accounts/privatefile.h"
#include "app/base/json.h"
#include "app/base/limits.h"

#include <QFileInfo>

#include <algorithm>
#include <cmath>

namespace kirotray {

namespace {

constexpr qint64 ClientKeysVersion = 1;

QString fieldText(JsonReader &reader, const JsonValue &object, std::string_view name)
{
    return QString::fromStdString(reader.optionalString(object, name).value_or(""));
}

QDateTime fieldTime(JsonReader &reader, const JsonValue &object, std::string_view name)
{
    const auto text = reader.optionalString(object, name);
    if (!text)
        return {};
    const QDateTime time =
        QDateTime::fromString(QString::fromStdString(*text), Qt::ISODateWithMs).toUTC();
    if (!time.isValid())
        reader.fail(object[name], "expected an ISO 8601 time");
    return time;
}

std::optional<int> fieldCount(JsonReader &reader, const JsonValue &object, std::string_view name)
{
    const std::optional<qint64> count = reader.optionalInteger(object, name);
    if (!count)
        return std::nullopt;
    if (*count < 0 || *count != static_cast<int>(*count))
        reader.fail(object[name], "out of range");
    return static_cast<int>(*count);
}

ClientKey readClientKey(JsonReader &reader, const JsonValue &value)
{
    ClientKey key;
    if (!reader.expect(value, JsonValue::Type::Object))
        return key;
    key.id = QString::fromStdString(reader.requiredString(value, "id"));
    key.name = QString::fromStdString(reader.requiredString(value, "name"));
    key.enabled = reader.optionalBoolean(value, "enabled").value_or(true);
    key.requestsPerDay = fieldCount(reader, value, "requestsPerDay");
    key.creditsPerDay = reader.optionalNumber(value, "creditsPerDay");
    for (const JsonValue model : reader.optionalArray(value, "models")) {
        if (reader.expect(model, JsonValue::Type::String))
            key.models.append(QString::fromStdString(std::string(model.string())));
    }
    key.createdAt = fieldTime(reader, value, "createdAt");
    key.lastUsedAt = fieldTime(reader, value, "lastUsedAt");
    key.day = QDate::fromString(fieldText(reader, value, "day"), Qt::ISODate);
    key.requestsToday = fieldCount(reader, value, "requestsToday").value_or(0);
    key.creditsToday = reader.optionalNumber(value, "creditsToday").value_or(0);
    return key;
}

Result<std::vector<ClientKey>> parseClientKeys(const QByteArray &bytes)
{
    const Result<JsonDocument> document = JsonDocument::parse(bytes.toStdString());
    if (!document)
        return document.error();
    const JsonValue root = document.value().root();
    JsonReader reader;
    reader.expect(root, JsonValue::Type::Object);
    if (reader.optionalInteger(root, "version") != ClientKeysVersion)
        reader.fail(root["version"], "is not a version this program knows");
    std::vector<ClientKey> keys;
    for (const JsonValue value : reader.requiredArray(root, "keys")) {
        ClientKey key = readClientKey(reader, value);
        if (key.id.isEmpty())
            reader.fail(value["id"], "is empty");
        const auto isSame = [&key](const ClientKey &other) { return other.id == key.id; };
        if (std::any_of(keys.begin(), keys.end(), isSame))
            reader.fail(value["id"], "occurs twice");
        if (const QString why = whyKeyIsRefused(key, keys); !why.isEmpty())
            reader.fail(value, why.toStdString());
        if (reader.failed())
            break;
        keys.push_back(std::move(key));
    }
    if (reader.failed())
        return reader.error();
    return keys;
}

void writeTimeMember(JsonWriter &writer, std::string_view name, const QDateTime &time)
{
    if (time.isValid())
        writer.member(name, time.toUTC().toString(Qt::ISODateWithMs).toStdString());
}

void writeClientKey(JsonWriter &writer, const ClientKey &key)
{
    writer.beginObject();
    writer.member("id", key.id.toStdString());
    writer.member("name", key.name.toStdString());
    writer.memberBoolean("enabled", key.enabled);
    if (key.requestsPerDay)
        writer.memberInteger("requestsPerDay", *key.requestsPerDay);
    if (key.creditsPerDay)
        writer.key("creditsPerDay").number(*key.creditsPerDay);
    if (!key.models.isEmpty()) {
        writer.key("models").beginArray();
        for (const QString &model : key.models)
            writer.string(model.toStdString());
        writer.endArray();
    }
    writeTimeMember(writer, "createdAt", key.createdAt);
    writeTimeMember(writer, "lastUsedAt", key.lastUsedAt);
    if (key.day.isValid())
        writer.member("day", key.day.toString(Qt::ISODate).toStdString());
    writer.memberInteger("requestsToday", key.requestsToday);
    writer.key("creditsToday").number(key.creditsToday).endObject();
}

} // namespace

Result<std::vector<ClientKey>> readClientKeys(const QString &file)
{
    if (!QFileInfo::exists(file))
        return std::vector<ClientKey> {};
    const Result<QByteArray> bytes = readPrivateFile(file, limits::MaxClientKeysFile);
    if (!bytes)
        return bytes.error();
    Result<std::vector<ClientKey>> keys = parseClientKeys(bytes.value());
    if (!keys)
        return Error {Error::Code::BadInput, describe(keys.error()), file};
    return keys;
}

Result<Done> writeClientKeys(const QString &file, const std::vector<ClientKey> &keys)
{
    std::string text;
    JsonWriter writer(text);
    writer.beginObject().memberInteger("version", ClientKeysVersion).key("keys").beginArray();
    for (const ClientKey &key : keys)
        writeClientKey(writer, key);
    writer.endArray().endObject();
    text += '\n';
    return writePrivateFile(file, QByteArray::fromStdString(text));
}

QString whyKeyIsRefused(const ClientKey &key, const std::vector<ClientKey> &keys)
{
    if (key.name.trimmed().isEmpty())
        return u"a key needs a name"_s;
    if (key.name.size() > limits::MaxClientKeyName)
        return u"the name is longer than %1 characters"_s.arg(limits::MaxClientKeyName);
    if (key.name.compare(u"admin", Qt::CaseInsensitive) == 0)
        return u"'admin' is what the admin token is called"_s;
    const auto isTaken = [&key](const ClientKey &other) {
        return other.id != key.id && other.name.compare(key.name, Qt::CaseInsensitive) == 0;
    };
    if (std::any_of(keys.begin(), keys.end(), isTaken))
        return u"there is a key '%1' already"_s.arg(key.name);
    const auto isNew = [&key](const ClientKey &other) { return other.id != key.id; };
    if (std::count_if(keys.begin(), keys.end(), isNew) >= limits::MaxClientKeys)
        return u"more than %1 keys"_s.arg(limits::MaxClientKeys);
    if (key.requestsPerDay.value_or(0) < 0)
        return u"the requests a day are below 0"_s;
    if (!std::isfinite(key.creditsPerDay.value_or(0)) || key.creditsPerDay.value_or(0) < 0)
        return u"the credits a day are no number from 0 on"_s;
    const auto isTooLong = [](const QString &model) {
        return model.size() > limits::MaxClientKeyModel;
    };
    if (key.models.size() > limits::MaxClientKeyModels
        || std::any_of(key.models.begin(), key.models.end(), isTooLong))
        return u"more than %1 models, or one of more than %2 characters"_s
            .arg(limits::MaxClientKeyModels)
            .arg(limits::MaxClientKeyModel);
    return {};
}

} // namespace kirotray
