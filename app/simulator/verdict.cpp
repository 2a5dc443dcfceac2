// SPDX-License-Identifier: MIT
#include "app/simulator/verdict.h"

#include <algorithm>

namespace kirotray {

namespace {

QByteArray causeAt(const JsonValue &at, std::string_view what)
{
    std::string cause = at.path();
    if (!cause.empty())
        cause += ": ";
    cause += what;
    return QByteArray::fromStdString(cause);
}

bool contains(std::initializer_list<std::string_view> list, std::string_view text)
{
    return std::find(list.begin(), list.end(), text) != list.end();
}

} // namespace

void Verdict::refuse(Refusal refusal)
{
    if (!m_refusal)
        m_refusal = std::move(refusal);
}

void Verdict::improper(const JsonValue &at, std::string_view what)
{
    refuse(kirotray::improper(causeAt(at, what)));
}

void Verdict::invalid(const char *reason, const JsonValue &at, std::string_view what)
{
    refuse(kirotray::invalid(reason, causeAt(at, what)));
}

bool Verdict::object(const JsonValue &value)
{
    if (!value.isObject())
        improper(value, "expected an object");
    for (const JsonValue member : value) {
        if (member.isNull())
            improper(member, "null");
    }
    return !refused();
}

bool Verdict::array(const JsonValue &value)
{
    if (!value.isArray())
        improper(value, "expected an array");
    return !refused();
}

bool Verdict::string(const JsonValue &value)
{
    if (!value.isString())
        improper(value, "expected a string");
    return !refused();
}

bool Verdict::optionalString(const JsonValue &object, std::string_view key)
{
    const JsonValue value = object[key];
    return value.isMissing() ? !refused() : string(value);
}

bool Verdict::oneOf(const JsonValue &object, std::string_view key,
                    std::initializer_list<std::string_view> allowed, bool required)
{
    const JsonValue value = object[key];
    if (value.isMissing() && !required)
        return !refused();
    if (string(value) && !contains(allowed, value.string()))
        improper(value, "not an allowed value");
    return !refused();
}

bool Verdict::unionOf(const JsonValue &value, std::initializer_list<std::string_view> members)
{
    if (!object(value))
        return false;
    int known = 0;
    for (const JsonValue member : value)
        known += contains(members, member.key()) ? 1 : 0;
    if (known != 1 || value.size() != 1)
        improper(value, "expected exactly one member of the union");
    return !refused();
}

qint64 characterCount(std::string_view utf8)
{
    return std::count_if(utf8.begin(), utf8.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; // not a continuation byte
    });
}

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

} // namespace kirotray
