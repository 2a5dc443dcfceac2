// SPDX-License-Identifier: MIT
#include "app/dialects/geminifields.h"

namespace kirotray {

namespace {

bool isUpperAscii(char c)
{
    return c >= 'A' && c <= 'Z';
}

char loweredAscii(char c)
{
    return isUpperAscii(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::string_view geminiKey(const JsonValue &object, std::string_view camelCase)
{
    if (!object[camelCase].isMissing())
        return camelCase;
    std::string snakeCase;
    for (const char c : camelCase) {
        if (isUpperAscii(c))
            snakeCase += '_';
        snakeCase += loweredAscii(c);
    }
    const JsonValue value = object[snakeCase];
    return value.isMissing() ? camelCase : value.key();
}

JsonValue geminiMember(const JsonValue &object, std::string_view camelCase)
{
    return object[geminiKey(object, camelCase)];
}

std::vector<JsonValue> geminiItems(JsonReader &reader, const JsonValue &value)
{
    std::vector<JsonValue> items;
    if (value.isObject())
        return {value};
    if (value.isAbsent() || !reader.expect(value, JsonValue::Type::Array))
        return items;
    items.reserve(static_cast<std::size_t>(value.size()));
    for (const JsonValue &item : value) {
        if (!reader.expect(item, JsonValue::Type::Object))
            return {};
        items.push_back(item);
    }
    return items;
}

std::string geminiLowered(std::string_view text)
{
    std::string lowered;
    lowered.reserve(text.size());
    for (const char c : text)
        lowered += loweredAscii(c);
    return lowered;
}

} // namespace kirotray
