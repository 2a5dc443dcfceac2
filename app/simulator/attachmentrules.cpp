// SPDX-License-Identifier: MIT
#include "app/simulator/attachmentrules.h"

#include "app/simulator/verdict.h"

#include <QByteArray>

#include <array>
#include <set>

namespace kirotray {

namespace {

constexpr int MaxImages = 10; // a request, as the official CLI has it
constexpr std::size_t MaxImageBase64 = 5'242'880;

/// The format that the first bytes belong to; empty when unknown.
std::string_view sniffedFormat(const QByteArray &bytes)
{
    if (bytes.startsWith("\x89PNG\r\n\x1a\n"))
        return "png";
    if (bytes.startsWith("\xFF\xD8\xFF"))
        return "jpeg";
    if (bytes.startsWith("GIF87a") || bytes.startsWith("GIF89a"))
        return "gif";
    if (bytes.startsWith("RIFF") && bytes.mid(8, 4) == "WEBP")
        return "webp";
    return {};
}

void checkImage(const JsonValue &image, Verdict &verdict)
{
    if (!verdict.object(image) || !verdict.string(image["format"])
        || !verdict.object(image["source"]) || !verdict.string(image["source"]["bytes"]))
        return;
    const std::string_view format = image["format"].string();
    if (format != "png" && format != "jpeg" && format != "gif" && format != "webp")
        verdict.invalid("IMAGE_FORMAT_UNSUPPORTED", image["format"], "unknown format");
    const JsonValue base64 = image["source"]["bytes"];
    if (base64.string().size() > MaxImageBase64)
        verdict.invalid("IMAGE_SIZE_EXCEEDED", base64, "image too large");
    const auto decoded = QByteArray::fromBase64Encoding(
        QByteArray::fromRawData(base64.string().data(),
                                static_cast<qsizetype>(base64.string().size())),
        QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded.decoded.isEmpty())
        verdict.improper(base64, "not base64");
    else if (sniffedFormat(decoded.decoded) != format)
        verdict.invalid("IMAGE_MIME_MISMATCH", image["format"], "the bytes are another format");
}

} // namespace

void checkImages(const JsonValue &images, Verdict &verdict, int &imageCount)
{
    if (images.isMissing() || !verdict.array(images))
        return;
    imageCount += images.size();
    if (imageCount > MaxImages)
        verdict.invalid("IMAGE_COUNT_EXCEEDED", images, "too many images");
    for (const JsonValue image : images) {
        if (verdict.refused())
            return;
        checkImage(image, verdict);
    }
}

void checkDocuments(const JsonValue &documents, Verdict &verdict)
{
    if (documents.isMissing() || !verdict.array(documents))
        return;
    std::set<std::string_view> names;
    for (const JsonValue document : documents) {
        if (!verdict.object(document) || !verdict.string(document["name"])
            || !verdict.oneOf(document, "format",
                              {"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"},
                              true)
            || !verdict.object(document["source"]) || !verdict.string(document["source"]["bytes"]))
            return;
        if (!names.insert(document["name"].string()).second)
            verdict.invalid("DOCUMENT_DUPLICATE_NAME", document["name"], "name used twice");
    }
}

} // namespace kirotray
