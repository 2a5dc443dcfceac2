// SPDX-License-Identifier: MIT
#include "app/dialects/responsesthinking.h"

#include "app/base/json.h"

#include <QByteArray>

namespace kirotray {

namespace {

constexpr qint64 PackedThinkingVersion = 1;

} // namespace

std::string packedThinking(const ThinkingPart &part)
{
    std::string json;
    JsonWriter writer(json);
    writer.beginObject().memberInteger("kirotray", PackedThinkingVersion);
    if (!part.redactedData.empty())
        writer.member("redacted", part.redactedData);
    else
        writer.member("text", part.text).member("signature", part.signature);
    writer.endObject();
    return QByteArray::fromStdString(json).toBase64().toStdString();
}

std::optional<ThinkingPart> unpackedThinking(std::string_view content)
{
    const QByteArray bytes(content.data(), static_cast<qsizetype>(content.size()));
    const auto decoded =
        QByteArray::fromBase64Encoding(bytes, QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded)
        return std::nullopt;
    const Result<JsonDocument> parsed = JsonDocument::parse((*decoded).toStdString());
    if (!parsed)
        return std::nullopt;
    const JsonValue root = parsed.value().root();
    if (root["kirotray"].integer() != PackedThinkingVersion)
        return std::nullopt;
    return ThinkingPart {std::string(root["text"].string()),
                         std::string(root["signature"].string()),
                         std::string(root["redacted"].string())};
}

} // namespace kirotray
