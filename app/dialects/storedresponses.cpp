// SPDX-License-Identifier: MIT
#include "app/dialects/storedresponses.h"

#include "app/base/json.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace kirotray {

namespace {

constexpr int MaxPage = 100; ///< the API's own

std::vector<JsonValue> orderedItems(const JsonValue &root, const ItemPage &page)
{
    std::vector<JsonValue> items;
    for (const JsonValue &item : root)
        items.push_back(item);
    if (!page.isAscending)
        std::reverse(items.begin(), items.end());
    const auto last = std::find_if(items.begin(), items.end(), [&page](const JsonValue &item) {
        return item["id"].string() == page.after;
    });
    if (!page.after.empty() && last != items.end())
        items.erase(items.begin(), last + 1);
    return items;
}

void writeIdOr(JsonWriter &writer, std::string_view key, const std::vector<JsonValue> &items,
               bool isFirst)
{
    if (items.empty())
        writer.memberNull(key);
    else
        writer.member(key, (isFirst ? items.front() : items.back())["id"].string());
}

} // namespace

std::string encodeDeletedResponse(std::string_view id)
{
    std::string out;
    JsonWriter(out)
        .beginObject()
        .member("id", id)
        .member("object", "response")
        .memberBoolean("deleted", true)
        .endObject();
    return out;
}

Result<ItemPage> itemPageOf(std::string_view order, std::string_view limit, std::string_view after)
{
    ItemPage page;
    if (!order.empty() && order != "asc" && order != "desc")
        return Error {Error::Code::BadInput, u"expected 'asc' or 'desc'"_s, u"order"_s};
    page.isAscending = order == "asc";
    if (!limit.empty()) {
        const auto [end, problem] =
            std::from_chars(limit.data(), limit.data() + limit.size(), page.limit);
        if (problem != std::errc() || end != limit.data() + limit.size() || page.limit < 1
            || page.limit > MaxPage)
            return Error {Error::Code::BadInput, u"expected a number from 1 to 100"_s, u"limit"_s};
    }
    page.after = after;
    return page;
}

std::string encodeInputItems(const std::string &items, const ItemPage &page)
{
    const Result<JsonDocument> parsed = JsonDocument::parse(items.empty() ? "[]" : items);
    std::vector<JsonValue> shown;
    if (parsed)
        shown = orderedItems(parsed.value().root(), page);
    const bool hasMore = shown.size() > static_cast<std::size_t>(page.limit);
    if (hasMore)
        shown.resize(static_cast<std::size_t>(page.limit));
    std::string out;
    JsonWriter writer(out);
    writer.beginObject().member("object", "list").key("data").beginArray();
    for (const JsonValue &item : shown)
        writer.raw(item.raw());
    writer.endArray();
    writeIdOr(writer, "first_id", shown, true);
    writeIdOr(writer, "last_id", shown, false);
    writer.memberBoolean("has_more", hasMore).endObject();
    return out;
}

} // namespace kirotray
