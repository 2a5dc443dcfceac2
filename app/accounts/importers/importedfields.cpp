// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"

#include "app/base/limits.h"

#include <QTimeZone>

#include <algorithm>
#include <cmath>

namespace kirotray {

namespace {

std::string snakeCase(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c >= 'A' && c <= 'Z') {
            out += '_';
            out += static_cast<char>(c - 'A' + 'a');
        } else {
            out += c;
        }
    }
    return out;
}

QString importedText(const JsonValue &value)
{
    const std::string_view text = value.string();
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).trimmed();
}

bool isGiven(const JsonValue &value)
{
    return !value.isAbsent() && !(value.isString() && importedText(value).isEmpty());
}

/// Until the year 5138 seconds stay below this, and milliseconds are above it since 1973.
constexpr double FirstMilliseconds = 1e11;
constexpr double LastMilliseconds = 253402300799999.0; ///< end of the year 9999

} // namespace

JsonValue ImportedFields::member(std::string_view name) const
{
    const std::string snake = snakeCase(name);
    JsonValue first = m_objects.front()[name];
    for (const JsonValue &object : m_objects) {
        for (const std::string_view form : {name, std::string_view(snake)}) {
            const JsonValue value = object[form];
            if (isGiven(value))
                return value;
            if (first.isAbsent() && !value.isAbsent())
                first = value;
        }
    }
    return first;
}

QString ImportedFields::text(std::initializer_list<std::string_view> names) const
{
    for (const std::string_view name : names) {
        const JsonValue value = member(name);
        if (value.isAbsent() || !m_reader.expect(value, JsonValue::Type::String))
            continue;
        if (QString text = importedText(value); !text.isEmpty())
            return text;
    }
    return {};
}

QDateTime ImportedFields::time(std::string_view name) const
{
    const JsonValue value = member(name);
    if (value.isAbsent())
        return {};
    if (const std::optional<double> number = value.number()) {
        if (*number == 0)
            return {}; // some write that when they do not know
        const double ms = *number < FirstMilliseconds ? *number * 1000 : *number;
        if (ms >= 0 && ms <= LastMilliseconds)
            return QDateTime::fromMSecsSinceEpoch(std::llround(ms), Qt::UTC);
        m_reader.fail(value, "is no time");
        return {};
    }
    if (!value.isString()) {
        m_reader.fail(value, "expected an ISO 8601 time or seconds since 1970");
        return {};
    }
    const QString text = importedText(value);
    if (text.isEmpty())
        return {};
    QDateTime time = QDateTime::fromString(text, Qt::ISODateWithMs);
    if (time.timeSpec() == Qt::LocalTime)
        time.setTimeSpec(Qt::UTC); // §7.1: the IDE leaves the Z out and means UTC
    time = time.toUTC();
    if (!canBeStored(time))
        m_reader.fail(value, "is no ISO 8601 time");
    return time;
}

std::optional<bool> ImportedFields::boolean(std::string_view name) const
{
    const JsonValue value = member(name);
    if (value.isAbsent() || !m_reader.expect(value, JsonValue::Type::Boolean))
        return std::nullopt;
    return value.boolean();
}

int ImportedFields::integer(std::string_view name, int fallback) const
{
    const JsonValue value = member(name);
    if (value.isAbsent() || !m_reader.expect(value, JsonValue::Type::Number))
        return fallback;
    const std::optional<qint64> number = value.integer();
    if (number && *number == static_cast<int>(*number))
        return static_cast<int>(*number);
    m_reader.fail(value, "expected a small whole number");
    return fallback;
}

bool ImportedFields::has(std::string_view name) const
{
    return isGiven(member(name));
}

void ImportedFields::fail(std::string_view name, const std::string &what) const
{
    m_reader.fail(member(name), what);
}

bool canBeStored(const QDateTime &utc)
{
    return utc.isValid() && utc.date().year() >= 1 && utc.date().year() <= 9999;
}

Result<std::vector<ImportedAccount>>
readEntries(JsonReader &reader, const JsonValue &list,
            const std::function<ImportedAccount(const JsonValue &)> &readItem)
{
    std::vector<ImportedAccount> found;
    if (list.size() > limits::MaxAccounts)
        reader.fail(list, "holds more than " + std::to_string(limits::MaxAccounts) + " accounts");
    for (auto item = list.begin(); !reader.failed() && item != list.end(); ++item)
        found.push_back(readItem(*item));
    if (reader.failed())
        return reader.error();
    return found;
}

Result<std::vector<ImportedAccount>> readFlatEntries(const ImportSource &source)
{
    JsonReader reader;
    const auto readItem = [&](const JsonValue &item) {
        return readFlatCredential(reader, {item}, source.folder);
    };
    if (source.root.isArray())
        return readEntries(reader, source.root, readItem);
    std::vector<ImportedAccount> found {readItem(source.root)};
    if (reader.failed())
        return reader.error();
    return found;
}

bool firstEntryHas(const JsonValue &root, std::initializer_list<std::string_view> names)
{
    if (root.isArray() && root.size() == 0)
        return false;
    const JsonValue entry = root.isArray() ? *root.begin() : root;
    JsonReader reader;
    const ImportedFields fields(reader, entry);
    return entry.isObject()
        && std::any_of(names.begin(), names.end(),
                       [&fields](std::string_view name) { return fields.has(name); });
}

} // namespace kirotray
