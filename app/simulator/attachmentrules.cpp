// SPDX-License-Identifier: MIT
#include "app/simulator/attachmentrules.h"

#include "app/chat/imagefacts.h"
#include "app/simulator/verdict.h"

#include <QByteArray>

#include <algorithm>

namespace kirotray {

namespace {

constexpr int MaxImages = 10; // a request, as the official CLI has it
constexpr std::size_t MaxImageBase64 = 5'242'880;
constexpr int MaxImageSide = 8000; // pixels
constexpr int MaxDocuments =
    5; // a request; this and the size are the model vendor's, not evidenced
constexpr std::size_t MaxDocumentBase64 = 6'291'456;

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

/// Empty for what is no base64, or nothing.
QByteArray decodedBase64(std::string_view text)
{
    const auto decoded = QByteArray::fromBase64Encoding(
        QByteArray::fromRawData(text.data(), static_cast<qsizetype>(text.size())),
        QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    return decoded ? decoded.decoded : QByteArray();
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
    const QByteArray bytes = decodedBase64(base64.string());
    if (bytes.isEmpty())
        return verdict.improper(base64, "not base64");
    if (sniffedFormat(bytes) != format)
        return verdict.invalid("IMAGE_MIME_MISMATCH", image["format"],
                               "the bytes are another format");
    const auto facts = imageFactsOf({bytes.data(), static_cast<std::size_t>(bytes.size())});
    if (facts && std::max(facts->width, facts->height) > MaxImageSide)
        verdict.invalid("IMAGE_DIMENSION_EXCEEDED", base64, "too many pixels");
}

void checkDocument(const JsonValue &document, Verdict &verdict, AttachmentTally &tally)
{
    if (!verdict.object(document) || !verdict.string(document["name"])
        || !verdict.oneOf(document, "format",
                          {"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"}, true)
        || !verdict.object(document["source"]) || !verdict.string(document["source"]["bytes"]))
        return;
    if (isBlank(document["name"].string()))
        verdict.improper(document["name"], "a document without a name");
    if (!tally.documentNames.insert(document["name"].string()).second)
        verdict.invalid("DOCUMENT_DUPLICATE_NAME", document["name"], "name used twice");
    const JsonValue base64 = document["source"]["bytes"];
    if (base64.string().size() > MaxDocumentBase64)
        verdict.invalid("DOCUMENT_SIZE_EXCEEDED", base64, "document too large");
    if (decodedBase64(base64.string()).isEmpty())
        verdict.improper(base64, "not base64");
}

} // namespace

void checkImages(const JsonValue &images, Verdict &verdict, AttachmentTally &tally)
{
    if (images.isMissing() || !verdict.array(images))
        return;
    tally.images += images.size();
    if (tally.images > MaxImages)
        verdict.invalid("IMAGE_COUNT_EXCEEDED", images, "too many images");
    for (const JsonValue image : images) {
        if (verdict.refused())
            return;
        checkImage(image, verdict);
    }
}

void checkDocuments(const JsonValue &documents, Verdict &verdict, AttachmentTally &tally)
{
    if (documents.isMissing() || !verdict.array(documents))
        return;
    tally.documents += documents.size();
    if (tally.documents > MaxDocuments)
        verdict.invalid("DOCUMENT_COUNT_EXCEEDED", documents, "too many documents");
    for (const JsonValue document : documents) {
        if (verdict.refused())
            return;
        checkDocument(document, verdict, tally);
    }
}

} // namespace kirotray
