// SPDX-License-Identifier: MIT
#include "app/base/json.h"

namespace kirotray {

namespace {

const char *expectation(JsonValue::Type type)
{
    switch (type) {
    case JsonValue::Type::Missing:
        return "expected nothing";
    case JsonValue::Type::Null:
        return "expected null";
    case JsonValue::Type::Boolean:
        return "expected true or false";
    case JsonValue::Type::Number:
        return "expected a number";
    case JsonValue::Type::String:
        return "expected a string";
    case JsonValue::Type::Array:
        return "expected an array";
    case JsonValue::Type::Object:
        return "expected an object";
    }
    return "";
}

} // namespace

void JsonReader::fail(const JsonValue &at, const std::string &what)
{
    if (!m_error)
        m_error = Error {Error::Code::BadInput, QString::fromStdString(what),
                         QString::fromStdString(at.path())};
}

bool JsonReader::expect(const JsonValue &value, JsonValue::Type type)
{
    if (value.type() == type)
        return true;
    fail(value, value.isMissing() ? std::string("is required") : expectation(type));
    return false;
}

std::string JsonReader::requiredString(const JsonValue &object, std::string_view key)
{
    const JsonValue value = object[key];
    return expect(value, JsonValue::Type::String) ? std::string(value.string()) : std::string();
}

std::optional<std::string> JsonReader::optionalString(const JsonValue &object, std::string_view key)
{
    const JsonValue value = object[key];
    if (value.isAbsent() || !expect(value, JsonValue::Type::String))
        return std::nullopt;
    return std::string(value.string());
}

std::optional<bool> JsonReader::optionalBoolean(const JsonValue &object, std::string_view key)
{
    const JsonValue value = object[key];
    if (value.isAbsent() || !expect(value, JsonValue::Type::Boolean))
        return std::nullopt;
    return value.boolean();
}

std::optional<qint64> JsonReader::optionalInteger(const JsonValue &object, std::string_view key)
{
    const JsonValue value = object[key];
    if (value.isAbsent() || !expect(value, JsonValue::Type::Number))
        return std::nullopt;
    const std::optional<qint64> whole = value.integer();
    if (!whole)
        fail(value, "expected a whole number");
    return whole;
}

std::optional<double> JsonReader::optionalNumber(const JsonValue &object, std::string_view key)
{
    const JsonValue value = object[key];
    if (value.isAbsent() || !expect(value, JsonValue::Type::Number))
        return std::nullopt;
    return value.number();
}

JsonValue JsonReader::requiredArray(const JsonValue &object, std::string_view key)
{
    const JsonValue value = object[key];
    return expect(value, JsonValue::Type::Array) ? value : JsonValue();
}

JsonValue JsonReader::optionalArray(const JsonValue &object, std::string_view key)
{
    return object[key].isAbsent() ? JsonValue() : requiredArray(object, key);
}

JsonValue JsonReader::requiredObject(const JsonValue &object, std::string_view key)
{
    const JsonValue value = object[key];
    return expect(value, JsonValue::Type::Object) ? value : JsonValue();
}

JsonValue JsonReader::optionalObject(const JsonValue &object, std::string_view key)
{
    return object[key].isAbsent() ? JsonValue() : requiredObject(object, key);
}

} // namespace kirotray
