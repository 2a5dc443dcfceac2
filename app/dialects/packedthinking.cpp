// SPDX-License-Identifier: MIT
#include "app/dialects/packedthinking.h"

#include "app/base/json.h"

#include <QByteArray>

namespace kirotray {

namespace {

constexpr std::string_view OurMark = "kirotray";
/// `{"kirotray":` in base64: twelve bytes make whole groups.
constexpr std::string_view OurStart = "eyJraXJvdHJheSI6";

} // namespace

std::string packThinking(std::span<const ThinkingPart> parts)
{
    std::string json;
    JsonWriter writer(json);
    writer.beginObject().key(OurMark).beginArray();
    for (const ThinkingPart &part : parts) {
        writer.beginObject();
        if (part.redactedData.empty())
            writer.member("text", part.text).member("signature", part.signature);
        else
            writer.member("redacted", part.redactedData);
        writer.endObject();
    }
    writer.endArray().endObject();
    return QByteArray::fromStdString(json).toBase64().toStdString();
}

std::vector<ThinkingPart> unpackThinking(std::string_view packed)
{
    if (!packed.starts_with(OurStart))
        return {};
    QByteArray base64(packed.data(), static_cast<qsizetype>(packed.size()));
    base64.replace('-', '+').replace('_', '/');
    const auto decoded = QByteArray::fromBase64Encoding(base64);
    if (!decoded)
        return {};
    const Result<JsonDocument> json = JsonDocument::parse((*decoded).toStdString());
    if (!json)
        return {};
    std::vector<ThinkingPart> parts;
    for (const JsonValue &each : json.value().root()[OurMark]) {
        ThinkingPart part {std::string(each["text"].string()),
                           std::string(each["signature"].string()),
                           std::string(each["redacted"].string())};
        if (part.signature.empty() == part.redactedData.empty())
            return {};
        parts.push_back(std::move(part));
    }
    return parts;
}

} // namespace kirotray
