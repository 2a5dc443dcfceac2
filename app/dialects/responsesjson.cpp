// SPDX-License-Identifier: MIT
#include "app/dialects/responsesjson.h"

#include "app/base/jsoncopy.h"

#include <array>
#include <cstdint>
#include <utility>

namespace kirotray {

namespace {

/// FNV-1a, 64 bits. Ids need not be unpredictable: they name an item within one list.
std::string itemFingerprint(std::string_view text, int index)
{
    constexpr std::string_view Digits = "0123456789abcdef";
    std::uint64_t hash = 0xcbf29ce484222325U + static_cast<std::uint64_t>(index);
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    std::string hex;
    for (int shift = 60; shift >= 0; shift -= 4)
        hex += Digits[(hash >> static_cast<unsigned>(shift)) & 0xFU];
    return hex;
}

std::string_view itemIdPrefix(std::string_view type)
{
    using Row = std::pair<std::string_view, std::string_view>;
    static constexpr std::array Prefixes {
        Row {"message", "msg_"},
        Row {"function_call", "fc_"},
        Row {"function_call_output", "fco_"},
        Row {"custom_tool_call", "ctc_"},
        Row {"custom_tool_call_output", "ctco_"},
        Row {"reasoning", "rs_"},
    };
    for (const auto &[each, prefix] : Prefixes)
        if (each == type)
            return prefix;
    return "item_";
}

void writeTextContent(JsonWriter &writer, std::string_view role, std::string_view text)
{
    writer.key("content").beginArray().beginObject();
    writer.member("type", role == "assistant" ? "output_text" : "input_text").member("text", text);
    if (role == "assistant")
        writer.key("annotations").beginArray().endArray();
    writer.endObject().endArray();
}

void writeListedItem(JsonWriter &writer, const JsonValue &item, int index)
{
    const bool isMessage = item["type"].isAbsent() && item["role"].isString();
    const std::string_view type = isMessage ? "message" : item["type"].string();
    writer.beginObject();
    if (item["id"].string().empty())
        writer.member("id", std::string(itemIdPrefix(type)) + itemFingerprint(item.raw(), index));
    else
        writer.member("id", item["id"].string());
    writer.member("type", type);
    if (type == "message" && item["status"].isAbsent())
        writer.member("status", "completed");
    for (const JsonValue &member : item) {
        if (member.key() == "id" || member.key() == "type")
            continue;
        if (type == "message" && member.key() == "content" && member.isString()) {
            writeTextContent(writer, item["role"].string(), member.string());
            continue;
        }
        writer.key(member.key());
        copyJson(writer, member, false);
    }
    writer.endObject();
}

} // namespace

std::string jsonOnOneLine(const JsonValue &value)
{
    std::string out;
    JsonWriter writer(out);
    copyJson(writer, value, false);
    return out;
}

std::string listedInputItems(std::span<const JsonValue> items)
{
    std::string out;
    JsonWriter writer(out);
    writer.beginArray();
    int index = 0;
    for (const JsonValue &item : items)
        writeListedItem(writer, item, index++);
    writer.endArray();
    return out;
}

std::string listedInputText(const JsonValue &text)
{
    std::string out;
    JsonWriter writer(out);
    writer.beginArray().beginObject();
    writer.member("id", "msg_" + itemFingerprint(text.raw(), 0)).member("type", "message");
    writer.member("status", "completed").member("role", "user");
    writeTextContent(writer, "user", text.string());
    writer.endObject().endArray();
    return out;
}

} // namespace kirotray
