// SPDX-License-Identifier: MIT
#include "app/dialects/dataurl.h"

#include <QByteArray>
#include <QString>
#include <QStringDecoder>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr std::string_view DataScheme = "data:";

std::string asciiLowered(std::string_view text)
{
    std::string lowered(text);
    for (char &c : lowered)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return lowered;
}

} // namespace

bool isDataUrl(std::string_view text)
{
    return asciiLowered(text.substr(0, DataScheme.size())) == DataScheme;
}

std::optional<DataUrl> readDataUrl(JsonReader &reader, const JsonValue &value)
{
    const std::string_view text = value.string();
    const std::size_t comma = text.find(',');
    if (!isDataUrl(text) || comma == std::string_view::npos) {
        reader.fail(value, "expected a data URL");
        return std::nullopt;
    }
    const std::string head =
        asciiLowered(text.substr(DataScheme.size(), comma - DataScheme.size()));
    const std::string_view data = text.substr(comma + 1);
    if (!head.ends_with(";base64")) {
        reader.fail(value, "a data URL has to be in base64");
        return std::nullopt;
    }
    if (data.empty()) {
        reader.fail(value, "the data URL is empty");
        return std::nullopt;
    }
    if (data.find('%') != std::string_view::npos) {
        reader.fail(value, "a data URL must not be percent-encoded");
        return std::nullopt;
    }
    return DataUrl {head.substr(0, head.find(';')), std::string(data)};
}

bool isTextMediaType(std::string_view mediaType)
{
    static constexpr std::array<std::string_view, 8> TextTypes {
        "application/json", "application/javascript", "application/toml", "application/xml",
        "application/x-sh", "application/x-yaml",     "application/yaml", "application/sql"};
    return mediaType.starts_with("text/")
        || std::find(TextTypes.begin(), TextTypes.end(), mediaType) != TextTypes.end();
}

std::optional<std::string> readFileText(JsonReader &reader, const JsonValue &value,
                                        std::string_view base64)
{
    const auto bytes = QByteArray::fromBase64Encoding(
        QByteArray(base64.data(), static_cast<qsizetype>(base64.size())),
        QByteArray::AbortOnBase64DecodingErrors);
    if (!bytes) {
        reader.fail(value, "is not base64");
        return std::nullopt;
    }
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(*bytes);
    if (decoder.hasError() || text.contains(QChar::Null)) {
        reader.fail(value, "the file is not a text in UTF-8");
        return std::nullopt;
    }
    return text.toStdString();
}

} // namespace kirotray
