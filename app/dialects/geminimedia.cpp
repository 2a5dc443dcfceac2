// SPDX-License-Identifier: MIT
#include "app/dialects/geminimedia.h"

#include "app/dialects/dataurl.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/geminifields.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr std::array<std::string_view, 5> PictureEndings {".png", ".jpg", ".jpeg", ".gif", ".webp"};

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
    const std::string name =
        reader.optionalString(blob, geminiKey(blob, "displayName")).value_or("");
    if (reader.failed())
        return std::nullopt;
    if (type.starts_with("image/") || type == "application/pdf" || isTextMediaType(type))
        return filePart(reader, blob["data"], {std::move(type), std::move(data)}, name);
    reader.fail(blob[typeKey],
                inQuotes(type) + " is not supported; images, PDF and text files are");
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
