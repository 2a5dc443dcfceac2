// SPDX-License-Identifier: MIT
#include "app/dialects/anthropicrequest.h"
#include "app/dialects/dialectparts.h"

#include <utility>

namespace kirotray {

namespace {

constexpr const char *NoStoredFiles =
    "files that were uploaded to Anthropic are not available here: send the content itself";

std::string readBase64(AnthropicReading &reading, const JsonValue &source)
{
    std::string data = readName(reading.reader, source, "data");
    if (data.find_first_not_of(" \t\r\n") == std::string::npos)
        reading.reader.fail(source["data"], "must not be empty");
    return data;
}

void readImageUrl(AnthropicReading &reading, const JsonValue &source, ImagePart &image)
{
    std::string url = readName(reading.reader, source, "url");
    if (url.starts_with("data:"))
        image.data = std::move(url);
    else if (url.starts_with("https://") || url.starts_with("http://"))
        image.url = std::move(url);
    else
        reading.reader.fail(source["url"], "expected an http or https address");
}

/// What stands above a document's text.
std::string documentHead(AnthropicReading &reading, const JsonValue &block)
{
    std::string head;
    for (const std::string_view key : {"title", "context"}) {
        const std::string line = reading.reader.optionalString(block, key).value_or("");
        if (!line.empty())
            head += line + '\n';
    }
    return head;
}

/// A document made of text and image blocks.
std::vector<Part> documentBlocks(AnthropicReading &reading, const JsonValue &content,
                                 std::string head)
{
    std::vector<Part> parts;
    if (content.isString())
        parts.emplace_back(TextPart {head + std::string(content.string())});
    else if (!content.isArray())
        reading.reader.fail(content, "expected a string or an array");
    for (const JsonValue &each : content) {
        if (!reading.reader.expect(each, JsonValue::Type::Object))
            break;
        const std::string type = reading.reader.requiredString(each, "type");
        if (type == "text")
            parts.emplace_back(TextPart {std::exchange(head, std::string())
                                         + reading.reader.requiredString(each, "text")});
        else if (type == "image")
            parts.emplace_back(readAnthropicImage(reading, each));
        else
            reading.reader.fail(each["type"], "expected 'text' or 'image'");
    }
    return parts;
}

} // namespace

ImagePart readAnthropicImage(AnthropicReading &reading, const JsonValue &block)
{
    JsonReader &reader = reading.reader;
    ImagePart image;
    image.path = block.path();
    const JsonValue source = reader.requiredObject(block, "source");
    const std::string type = reader.requiredString(source, "type");
    if (type == "base64")
        image.data = readBase64(reading, source);
    else if (type == "url")
        readImageUrl(reading, source, image);
    else if (type == "file")
        reader.fail(source, NoStoredFiles);
    else
        reader.fail(source["type"], "expected 'base64' or 'url'");
    return image;
}

std::vector<Part> readAnthropicDocument(AnthropicReading &reading, const JsonValue &block)
{
    JsonReader &reader = reading.reader;
    const JsonValue source = reader.requiredObject(block, "source");
    const std::string type = reader.requiredString(source, "type");
    if (type == "text")
        return {TextPart {documentHead(reading, block) + reader.requiredString(source, "data")}};
    if (type == "content")
        return documentBlocks(reading, source["content"], documentHead(reading, block));
    if (type == "base64") {
        DocumentPart document;
        document.name = reader.optionalString(block, "title").value_or("");
        document.mediaType =
            reader.optionalString(source, "media_type").value_or("application/pdf");
        document.data = readBase64(reading, source);
        document.path = block.path();
        std::vector<Part> parts;
        std::string context = reader.optionalString(block, "context").value_or("");
        if (!context.empty())
            parts.emplace_back(TextPart {std::move(context)});
        parts.emplace_back(std::move(document));
        return parts;
    }
    if (type == "url")
        reader.fail(source, "documents are not fetched: send the file itself");
    else if (type == "file")
        reader.fail(source, NoStoredFiles);
    else
        reader.fail(source["type"], "expected 'base64', 'text' or 'content'");
    return {};
}

} // namespace kirotray
