// SPDX-License-Identifier: MIT
#include "app/chat/searchtext.h"
#include "app/dialects/anthropicrequest.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/packedthinking.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

/// Blocks of tools that ran at Anthropic, and marks of its own service, in histories that began
/// there.
bool isForeignBlock(std::string_view type)
{
    return type == "server_tool_use" || type == "mcp_tool_use" || type == "mcp_tool_listing"
        || type == "container_upload" || type == "fallback" || type.ends_with("_tool_result");
}

/// Found text that only Anthropic's service can read is long base64; what KiroTray put there is
/// words.
bool isSealed(std::string_view content)
{
    constexpr std::size_t LeastSealed = 64; // theirs have hundreds, no single word has as many
    return content.size() >= LeastSealed
        && std::all_of(content.begin(), content.end(), [](char letter) {
               const bool isLetter =
                   (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
               return isLetter || (letter >= '0' && letter <= '9')
                   || std::string_view("+/=-_").find(letter) != std::string_view::npos;
           });
}

/// Collects a tool's result: its text blocks, each on its own line, and what goes beside them.
struct ResultParts
{
    ToolResultPart &result;
    bool hasText = false;

    void addText(std::string_view text)
    {
        if (std::exchange(hasText, true))
            result.text += '\n';
        result.text += text;
    }
    void operator()(TextPart &&part) { addText(part.text); }
    void operator()(ImagePart &&part) { result.images.push_back(std::move(part)); }
    void operator()(DocumentPart &&part) { result.documents.push_back(std::move(part)); }
    template <typename Other>
    void operator()(Other &&)
    {
    }
};

class AnthropicMessageReader
{
public:
    AnthropicMessageReader(AnthropicReading &reading, Role role, std::string path)
        : m_reading(reading)
        , m_reader(reading.reader)
        , m_role(role)
        , m_path(std::move(path))
    {
        open(role);
    }

    void read(const JsonValue &content);

private:
    void readBlock(const JsonValue &block);
    bool readUserBlock(const JsonValue &block, std::string_view type);
    bool readAssistantBlock(const JsonValue &block, std::string_view type);
    void readThinking(const JsonValue &block);
    void readToolUse(const JsonValue &block);
    void readToolResult(const JsonValue &block);
    void readResultBlock(const JsonValue &block, ResultParts &parts);
    void readSearchResult(const JsonValue &block);
    WebSearchHit foundPage(const JsonValue &item);
    std::string pageText(const JsonValue &block);
    void refuse(const JsonValue &block, std::string_view type);

    void open(Role role)
    {
        Message &message = m_reading.chat.messages.emplace_back();
        message.role = role;
        message.path = m_path;
    }
    void add(Part part, Role role)
    {
        if (m_reading.chat.messages.back().role != role)
            open(role);
        m_reading.chat.messages.back().parts.push_back(std::move(part));
    }
    void add(Part part) { add(std::move(part), m_role); }

    AnthropicReading &m_reading;
    JsonReader &m_reader;
    Role m_role;
    std::string m_path;
};

void AnthropicMessageReader::read(const JsonValue &content)
{
    if (content.isString()) {
        if (!content.string().empty())
            add(TextPart {std::string(content.string())});
        return;
    }
    if (!content.isArray()) {
        m_reader.fail(content,
                      content.isMissing() ? "is required" : "expected a string or an array");
        return;
    }
    m_reading.chat.messages.back().parts.reserve(static_cast<std::size_t>(content.size()));
    for (const JsonValue &block : content) {
        if (!m_reader.expect(block, JsonValue::Type::Object))
            return;
        readBlock(block);
        if (hasAnthropicCachePoint(m_reading, block))
            m_reading.chat.messages.back().cachePoint = true;
        if (m_reader.failed())
            return;
    }
}

void AnthropicMessageReader::readBlock(const JsonValue &block)
{
    const std::string type = m_reader.requiredString(block, "type");
    if (type == "text") {
        std::string text = m_reader.requiredString(block, "text");
        if (!text.empty())
            add(TextPart {std::move(text)});
    } else if (type == "tool_addition" || type == "tool_removal") {
        readAnthropicToolChange(m_reading, block);
    } else if (m_role == Role::User ? readUserBlock(block, type)
                                    : readAssistantBlock(block, type)) {
        return;
    } else if (type != "tool_result" && isForeignBlock(type)) {
        m_reading.note(block, "a block of type " + inQuotes(type) + " is dropped");
    } else {
        refuse(block, type);
    }
}

bool AnthropicMessageReader::readUserBlock(const JsonValue &block, std::string_view type)
{
    if (type == "tool_result") {
        readToolResult(block);
    } else if (type == "image") {
        add(readAnthropicImage(m_reading, block));
    } else if (type == "document") {
        for (Part &part : readAnthropicDocument(m_reading, block))
            add(std::move(part));
    } else if (type == "search_result") {
        add(TextPart {pageText(block)});
    } else {
        return false;
    }
    return true;
}

bool AnthropicMessageReader::readAssistantBlock(const JsonValue &block, std::string_view type)
{
    if (type == "tool_use" || (type == "server_tool_use" && block["name"].string() == "web_search"))
        readToolUse(block);
    else if (type == "web_search_tool_result")
        readSearchResult(block);
    else if (type == "thinking")
        readThinking(block);
    else if (type == "redacted_thinking")
        add(ThinkingPart {{}, {}, readName(m_reader, block, "data")});
    else if (type == "compaction" && !block["content"].string().empty())
        add(TextPart {std::string(block["content"].string())});
    else if (type == "compaction")
        m_reading.note(block, "an unreadable summary is dropped");
    else
        return false;
    return true;
}

void AnthropicMessageReader::readThinking(const JsonValue &block)
{
    ThinkingPart part;
    part.text = m_reader.requiredString(block, "thinking");
    part.signature = m_reader.optionalString(block, "signature").value_or("");
    if (part.text.empty())
        for (ThinkingPart &hidden : unpackThinking(part.signature)) {
            add(std::move(hidden));
            return;
        }
    if (!part.text.empty() || !part.signature.empty())
        add(std::move(part));
}

void AnthropicMessageReader::readToolUse(const JsonValue &block)
{
    ToolUsePart part {readName(m_reader, block, "id"), readName(m_reader, block, "name"), {}};
    part.inputJson = m_reader.requiredObject(block, "input").raw();
    add(std::move(part));
}

void AnthropicMessageReader::readToolResult(const JsonValue &block)
{
    ToolResultPart result;
    result.toolUseId = readName(m_reader, block, "tool_use_id");
    result.isError = m_reader.optionalBoolean(block, "is_error").value_or(false);
    const JsonValue content = block["content"];
    if (content.isString())
        result.text = content.string();
    else if (!content.isAbsent() && !content.isArray())
        m_reader.fail(content, "expected a string or an array");
    ResultParts parts {result};
    for (const JsonValue &each : content) {
        if (!m_reader.expect(each, JsonValue::Type::Object))
            return;
        readResultBlock(each, parts);
        if (m_reader.failed())
            return;
    }
    add(std::move(result));
}

void AnthropicMessageReader::readResultBlock(const JsonValue &block, ResultParts &parts)
{
    const std::string type = m_reader.requiredString(block, "type");
    if (type == "text")
        parts.addText(m_reader.requiredString(block, "text"));
    else if (type == "image")
        parts(readAnthropicImage(m_reading, block));
    else if (type == "search_result")
        parts.addText(pageText(block));
    else if (type == "tool_reference")
        parts.addText("The tool " + readName(m_reader, block, "tool_name") + " is available now.");
    else if (type == "document")
        for (Part &part : readAnthropicDocument(m_reading, block))
            std::visit(parts, std::move(part));
    else
        refuse(block, type);
}

/// Goes back as what the model saw when KiroTray searched: a result between two of its messages.
void AnthropicMessageReader::readSearchResult(const JsonValue &block)
{
    const JsonValue content = block["content"];
    WebSearchResult found {readName(m_reader, block, "tool_use_id"), {}, {}};
    if (content.isObject())
        found.errorCode = m_reader.requiredString(content, "error_code");
    else if (!content.isArray())
        m_reader.fail(content, "expected an array or an object");
    for (const JsonValue &item : content)
        if (content.isArray() && m_reader.expect(item, JsonValue::Type::Object))
            found.hits.push_back(foundPage(item));
    add(searchResultPart(found.id, found), Role::User);
}

WebSearchHit AnthropicMessageReader::foundPage(const JsonValue &item)
{
    WebSearchHit hit;
    hit.title = m_reader.optionalString(item, "title").value_or("");
    hit.url = m_reader.optionalString(item, "url").value_or("");
    hit.pageAge = m_reader.optionalString(item, "page_age").value_or("");
    hit.snippet = m_reader.optionalString(item, "encrypted_content").value_or("");
    if (isSealed(hit.snippet))
        hit.snippet.clear();
    return hit;
}

/// A block of type search_result.
std::string AnthropicMessageReader::pageText(const JsonValue &block)
{
    std::string text = m_reader.optionalString(block, "title").value_or("");
    text += '\n' + m_reader.optionalString(block, "source").value_or("");
    for (const JsonValue &each : m_reader.optionalArray(block, "content"))
        text += '\n' + m_reader.requiredString(each, "text");
    return text;
}

void AnthropicMessageReader::refuse(const JsonValue &block, std::string_view type)
{
    static constexpr std::string_view OfOtherPlaces[] {
        "document", "image",       "search_result", "redacted_thinking",
        "thinking", "tool_result", "tool_use"};
    const bool isKnown = std::find(std::begin(OfOtherPlaces), std::end(OfOtherPlaces), type)
        != std::end(OfOtherPlaces);
    m_reader.fail(block["type"],
                  isKnown ? inQuotes(type) + " is not allowed here"
                          : "unknown content block type " + inQuotes(type));
}

} // namespace

void readAnthropicMessage(AnthropicReading &reading, const JsonValue &message, Role role)
{
    AnthropicMessageReader(reading, role, message.path()).read(message["content"]);
}

} // namespace kirotray
