// SPDX-License-Identifier: MIT
#include "app/dialects/openaichatcontent.h"

#include "app/dialects/dataurl.h"
#include "app/dialects/dialectparts.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

class OpenAiPartReader
{
public:
    OpenAiPartReader(JsonReader &reader, OpenAiContentKinds kinds, std::vector<std::string> &notes)
        : m_reader(reader)
        , m_notes(notes)
        , m_kinds(kinds)
    {
    }
    void read(const JsonValue &part, std::vector<Part> &out);

private:
    void readImage(const JsonValue &part, std::vector<Part> &out);
    void readFile(const JsonValue &part, std::vector<Part> &out);
    bool refuseFiles(const JsonValue &part);
    void noteOnce(std::string note);

    JsonReader &m_reader;
    std::vector<std::string> &m_notes;
    OpenAiContentKinds m_kinds;
};

void OpenAiPartReader::read(const JsonValue &part, std::vector<Part> &out)
{
    const std::string type = m_reader.requiredString(part, "type");
    if (type == "text" || type == "refusal")
        out.emplace_back(TextPart {m_reader.requiredString(part, type)});
    else if (type == "image_url")
        readImage(part, out);
    else if (type == "file")
        readFile(part, out);
    else if (type == "input_audio")
        m_reader.fail(part, "no model of this service hears audio");
    else
        m_reader.fail(part["type"], "unknown content part type " + inQuotes(type));
}

bool OpenAiPartReader::refuseFiles(const JsonValue &part)
{
    if (m_kinds == OpenAiContentKinds::TextAndFiles)
        return false;
    m_reader.fail(part, "only text can stand in a message of this role");
    return true;
}

void OpenAiPartReader::readImage(const JsonValue &part, std::vector<Part> &out)
{
    if (refuseFiles(part))
        return;
    // Some clients put the URL in place of the object around it.
    const bool isBare = part["image_url"].isString();
    const JsonValue image = isBare ? part : m_reader.requiredObject(part, "image_url");
    const JsonValue url = image[isBare ? "image_url" : "url"];
    if (!m_reader.expect(url, JsonValue::Type::String))
        return;
    const std::string detail = m_reader.optionalString(image, "detail").value_or("auto");
    if (detail != "auto")
        noteOnce("image_url.detail has no effect");
    ImagePart picture;
    picture.path = url.path();
    if (isDataUrl(url.string())) {
        std::optional<DataUrl> data = readDataUrl(m_reader, url);
        if (!data)
            return;
        picture.data = std::move(data->data);
    } else if (url.string().starts_with("https://") || url.string().starts_with("http://")) {
        picture.url = url.string();
    } else {
        m_reader.fail(url, "expected a data URL or a web address");
    }
    out.emplace_back(std::move(picture));
}

void OpenAiPartReader::readFile(const JsonValue &part, std::vector<Part> &out)
{
    if (refuseFiles(part))
        return;
    const JsonValue file = m_reader.requiredObject(part, "file");
    const std::string name = m_reader.optionalString(file, "filename").value_or("");
    const JsonValue data = file["file_data"];
    if (!data.isAbsent()) {
        if (!m_reader.expect(data, JsonValue::Type::String))
            return;
        std::optional<DataUrl> url = readDataUrl(m_reader, data);
        if (!url)
            return;
        if (std::optional<Part> read = filePart(m_reader, data, *std::move(url), name))
            out.push_back(*std::move(read));
    } else if (!file["file_id"].isAbsent()) {
        m_reader.fail(file["file_id"], "no files are kept here: send the file as file_data");
    } else {
        m_reader.requiredString(file, "file_data");
    }
}

void OpenAiPartReader::noteOnce(std::string note)
{
    if (std::find(m_notes.begin(), m_notes.end(), note) == m_notes.end())
        addNote(m_notes, std::move(note));
}

} // namespace

OpenAiContent readOpenAiContent(JsonReader &reader, const JsonValue &content,
                                OpenAiContentKinds kinds, std::vector<std::string> &notes)
{
    OpenAiContent read;
    if (content.isString()) {
        read.parts.emplace_back(TextPart {std::string(content.string())});
    } else if (content.isArray()) {
        OpenAiPartReader parts(reader, kinds, notes);
        for (const JsonValue &part : content) {
            if (!reader.expect(part, JsonValue::Type::Object))
                break;
            parts.read(part, read.parts);
            read.cachePoint = read.cachePoint || hasCacheControl(part);
        }
    } else {
        reader.fail(content, content.isMissing() ? "is required" : "expected a string or an array");
    }
    return read;
}

bool hasCacheControl(const JsonValue &object)
{
    return object["cache_control"].isObject();
}

} // namespace kirotray
