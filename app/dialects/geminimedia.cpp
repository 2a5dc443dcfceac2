// SPDX-License-Identifier: MIT
#include "app/dialects/geminimedia.h"

#include "app/dialects/dialectparts.h"
#include "app/dialects/geminifields.h"

#include <QByteArray>
#include <QString>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr std::array<std::string_view, 5> TextFileTypes {
    "application/json", "application/xml", "application/javascript", "application/x-javascript",
    "application/yaml"};
constexpr std::array<std::string_view, 5> PictureEndings {".png", ".jpg", ".jpeg", ".gif", ".webp"};

bool isTextFileType(std::string_view type)
{
    return type.starts_with("text/")
        || std::find(TextFileTypes.begin(), TextFileTypes.end(), type) != TextFileTypes.end();
}

/// Google's API takes base64 in both alphabets.
std::string standardBase64(std::string_view data)
{
    std::string base64(data);
    std::replace(base64.begin(), base64.end(), '-', '+');
    std::replace(base64.begin(), base64.end(), '_', '/');
    return base64;
}

std::optional<Part> readTextFile(JsonReader &reader, const JsonValue &data)
{
    const auto decoded =
        QByteArray::fromBase64Encoding(QByteArray::fromStdString(standardBase64(data.string())),
                                       QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded) {
        reader.fail(data, "is not base64");
        return std::nullopt;
    }
    return TextPart {QString::fromUtf8(*decoded).toStdString()};
}

bool isPictureAddress(std::string_view uri, std::string_view type)
{
    if (!uri.starts_with("https://") && !uri.starts_with("http://"))
        return false;
    // Google's own files need the key of their owner.
    if (uri.find("googleapis.com/") != std::string_view::npos)
        return false;
    if (!type.empty())
        return type.starts_with("image/");
    const std::string path = geminiLowered(uri.substr(0, uri.find_first_of("?#")));
    return std::any_of(PictureEndings.begin(), PictureEndings.end(),
                       [&path](std::string_view ending) { return path.ends_with(ending); });
}

} // namespace

std::optional<Part> readGeminiBlob(JsonReader &reader, const JsonValue &blob)
{
    if (!reader.expect(blob, JsonValue::Type::Object))
        return std::nullopt;
    const std::string_view typeKey = geminiKey(blob, "mimeType");
    std::string type = geminiLowered(readName(reader, blob, typeKey));
    type.erase(std::min(type.find(';'), type.size()));
    std::string data = reader.requiredString(blob, "data");
    if (reader.failed())
        return std::nullopt;
    if (type.starts_with("image/"))
        return ImagePart {standardBase64(data), {}, blob.path()};
    if (type == "application/pdf") {
        std::string name = reader.optionalString(blob, geminiKey(blob, "displayName")).value_or("");
        return DocumentPart {std::move(name), std::move(type), standardBase64(data), blob.path()};
    }
    if (isTextFileType(type))
        return readTextFile(reader, blob["data"]);
    reader.fail(blob[typeKey], quoted(type) + " is not supported; images, PDF and text files are");
    return std::nullopt;
}

std::optional<Part> readGeminiFile(JsonReader &reader, const JsonValue &file)
{
    if (!reader.expect(file, JsonValue::Type::Object))
        return std::nullopt;
    const std::string_view uriKey = geminiKey(file, "fileUri");
    std::string uri = readName(reader, file, uriKey);
    const std::string type =
        geminiLowered(reader.optionalString(file, geminiKey(file, "mimeType")).value_or(""));
    if (reader.failed())
        return std::nullopt;
    if (isPictureAddress(uri, type))
        return ImagePart {{}, std::move(uri), file.path()};
    reader.fail(file[uriKey],
                "only a picture at a web address can be read; send other files as inlineData");
    return std::nullopt;
}

} // namespace kirotray
