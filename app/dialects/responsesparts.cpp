// SPDX-License-Identifier: MIT
#include "app/dialects/responsesparts.h"

#include "app/dialects/dataurl.h"
#include "app/dialects/dialectparts.h"

#include <optional>

namespace kirotray {

namespace {

bool isResponsesPdf(const DataUrl &file, std::string_view name)
{
    return file.mediaType.empty() && (name.ends_with(".pdf") || file.data.starts_with("JVBERi"));
}

class ResponsesContentReader
{
public:
    explicit ResponsesContentReader(JsonReader &reader)
        : m_reader(reader)
    {
    }
    std::vector<Part> read(const JsonValue &content);

private:
    void readPart(const JsonValue &part);
    void readImage(const JsonValue &part);
    void readFile(const JsonValue &part);
    void addText(std::string text)
    {
        if (!text.empty())
            m_parts.emplace_back(TextPart {std::move(text)});
    }

    JsonReader &m_reader;
    std::vector<Part> m_parts;
};

std::vector<Part> ResponsesContentReader::read(const JsonValue &content)
{
    if (content.isString()) {
        addText(std::string(content.string()));
    } else if (content.isArray()) {
        for (const JsonValue &part : content)
            if (m_reader.expect(part, JsonValue::Type::Object))
                readPart(part);
    } else {
        m_reader.fail(content,
                      content.isMissing() ? "is required" : "expected a string or an array");
    }
    return std::move(m_parts);
}

void ResponsesContentReader::readPart(const JsonValue &part)
{
    const std::string type = m_reader.requiredString(part, "type");
    if (type == "input_text" || type == "output_text" || type == "text" || type == "summary_text")
        addText(m_reader.requiredString(part, "text"));
    else if (type == "refusal")
        addText(m_reader.requiredString(part, "refusal"));
    else if (type == "input_image")
        readImage(part);
    else if (type == "input_file")
        readFile(part);
    else if (type == "input_audio")
        m_reader.fail(part, "audio is not supported");
    else
        m_reader.fail(part["type"], "unknown content part type " + inQuotes(type));
}

void ResponsesContentReader::readImage(const JsonValue &part)
{
    if (!part["file_id"].isAbsent()) {
        m_reader.fail(part["file_id"], "there are no uploaded files here; send the image itself");
        return;
    }
    const JsonValue url = part["image_url"];
    if (!m_reader.expect(url, JsonValue::Type::String))
        return;
    const std::string_view text = url.string();
    ImagePart image;
    image.path = part.path();
    if (isDataUrl(text))
        image.data = readDataUrl(m_reader, url).value_or(DataUrl()).data;
    else if (text.starts_with("http://") || text.starts_with("https://"))
        image.url = text;
    else
        m_reader.fail(url, "expected an http or https URL, or data:…;base64,…");
    m_parts.emplace_back(std::move(image));
}

void ResponsesContentReader::readFile(const JsonValue &part)
{
    for (const char *remote : {"file_id", "file_url"})
        if (!part[remote].isAbsent()) {
            m_reader.fail(part[remote], "files are not fetched; send file_data");
            return;
        }
    const JsonValue given = part["file_data"];
    if (!m_reader.expect(given, JsonValue::Type::String))
        return;
    const std::string name = m_reader.optionalString(part, "filename").value_or("");
    // Some clients send the base64 alone.
    std::optional<DataUrl> file = DataUrl {{}, std::string(given.string())};
    if (isDataUrl(given.string()))
        file = readDataUrl(m_reader, given);
    if (!file)
        return;
    if (isResponsesPdf(*file, name))
        file->mediaType = "application/pdf";
    if (std::optional<Part> read = filePart(m_reader, given, *std::move(file), name))
        m_parts.push_back(*std::move(read));
}

} // namespace

std::vector<Part> readResponsesContent(JsonReader &reader, const JsonValue &content)
{
    return ResponsesContentReader(reader).read(content);
}

} // namespace kirotray
