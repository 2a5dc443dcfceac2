// SPDX-License-Identifier: MIT
#include "app/dialects/dataurl.h"

#include "app/chat/imagefacts.h"

#include <QByteArrayView>
#include <QString>
#include <QStringDecoder>

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

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

/// Absent, with a mistake in the reader, when `base64` is none or its bytes are no UTF-8.
std::optional<std::string> fileText(JsonReader &reader, const JsonValue &value,
                                    std::string_view base64)
{
    if (base64.empty())
        return std::string();
    std::deque<std::string> owned;
    const std::optional<std::string_view> normal = normalBase64(base64, owned);
    if (!normal) {
        reader.fail(value, "is not base64");
        return std::nullopt;
    }
    const std::string bytes = fromNormalBase64(*normal);
    QStringDecoder decoder(QStringDecoder::Utf8);
    const QString text = decoder(QByteArrayView(bytes.data(), qsizetype(bytes.size())));
    if (decoder.hasError() || text.contains(QChar::Null)) {
        reader.fail(value, "the file is not a text in UTF-8");
        return std::nullopt;
    }
    return text.toStdString();
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
    static constexpr std::array<std::string_view, 9> TextTypes {
        "application/json",   "application/javascript", "application/x-javascript",
        "application/toml",   "application/xml",        "application/x-sh",
        "application/x-yaml", "application/yaml",       "application/sql"};
    return mediaType.starts_with("text/")
        || std::find(TextTypes.begin(), TextTypes.end(), mediaType) != TextTypes.end();
}

std::optional<Part> filePart(JsonReader &reader, const JsonValue &value, DataUrl file,
                             const std::string &name)
{
    if (file.mediaType.starts_with("image/"))
        return ImagePart {std::move(file.data), {}, value.path()};
    if (!isTextMediaType(file.mediaType))
        return DocumentPart {name, std::move(file.mediaType), std::move(file.data), value.path()};
    std::optional<std::string> text = fileText(reader, value, file.data);
    if (!text)
        return std::nullopt;
    return TextPart {name.empty() ? *std::move(text) : name + ":\n" + *text};
}

} // namespace kirotray
