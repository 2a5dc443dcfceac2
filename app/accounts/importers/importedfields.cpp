// SPDX-License-Identifier: MIT
#include "app/accounts/importers/importedfields.h"

#include <QTimeZone>

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

/// Until the year 5138 seconds stay below this, and milliseconds are above it since 1973.
constexpr double FirstMilliseconds = 1e11;
constexpr double LastMilliseconds = 253402300799999.0; ///< end of the year 9999

} // namespace

JsonValue ImportedFields::member(std::string_view name) const
{
    const JsonValue camel = m_object[name];
    if (!camel.isAbsent())
        return camel;
    const JsonValue snake = m_object[snakeCase(name)];
    return snake.isAbsent() ? camel : snake;
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
    if (!time.isValid())
        m_reader.fail(value, "is no ISO 8601 time");
    if (time.timeSpec() == Qt::LocalTime)
        time.setTimeSpec(Qt::UTC); // §7.1: the IDE leaves the Z out and means UTC
    return time.toUTC();
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
    const JsonValue value = member(name);
    return !value.isAbsent() && !(value.isString() && importedText(value).isEmpty());
}

void ImportedFields::fail(std::string_view name, const std::string &what) const
{
    m_reader.fail(member(name), what);
}

} // namespace kirotray
