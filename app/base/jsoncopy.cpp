// SPDX-License-Identifier: MIT
#include "app/base/jsoncopy.h"

namespace kirotray {

namespace {

void copyMembers(JsonWriter &writer, const JsonValue &object, bool dropNulls)
{
    writer.beginObject();
    for (const JsonValue &member : object) {
        if (dropNulls && member.isNull())
            continue;
        writer.key(member.key());
        copyJson(writer, member, dropNulls);
    }
    writer.endObject();
}

void copyElements(JsonWriter &writer, const JsonValue &array, bool dropNulls)
{
    writer.beginArray();
    for (const JsonValue &element : array)
        if (!dropNulls || !element.isNull())
            copyJson(writer, element, dropNulls);
    writer.endArray();
}

} // namespace

void copyJson(JsonWriter &writer, const JsonValue &value, bool dropNulls)
{
    switch (value.type()) {
    case JsonValue::Type::Missing:
    case JsonValue::Type::Null:
        writer.null();
        return;
    case JsonValue::Type::Boolean:
    case JsonValue::Type::Number:
        writer.raw(value.raw());
        return;
    case JsonValue::Type::String:
        writer.string(value.string());
        return;
    case JsonValue::Type::Array:
        copyElements(writer, value, dropNulls);
        return;
    case JsonValue::Type::Object:
        copyMembers(writer, value, dropNulls);
        return;
    }
}

bool hasPlainEscapes(std::string_view json)
{
    for (std::size_t at = json.find("\\u"); at != std::string_view::npos;
         at = json.find("\\u", at + 2)) {
        const std::string_view digits = json.substr(at + 2, 4);
        if (digits == "0000" || digits.starts_with('d') || digits.starts_with('D'))
            return false;
    }
    return true;
}

} // namespace kirotray
