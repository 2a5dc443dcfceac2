// SPDX-License-Identifier: MIT
#include "app/dialects/geminitools.h"

#include "app/dialects/dialectparts.h"
#include "app/dialects/geminifields.h"
#include "app/dialects/geminischema.h"

#include <algorithm>
#include <set>

namespace kirotray {

namespace {

class GeminiToolReader
{
public:
    GeminiToolReader(JsonReader &reader, ChatRequest &request)
        : m_reader(reader)
        , m_request(request)
    {
    }
    void read(const JsonValue &root);

private:
    void readTool(const JsonValue &tool);
    void readFunction(const JsonValue &function);
    void readSearch(const JsonValue &search);
    void readCalling(const JsonValue &calling);
    void readAllowed(const JsonValue &names, std::string_view mode);
    void note(const JsonValue &at, std::string_view what) { addNote(m_request.notes, at, what); }

    JsonReader &m_reader;
    ChatRequest &m_request;
};

void GeminiToolReader::read(const JsonValue &root)
{
    for (const JsonValue &tool : geminiItems(m_reader, geminiMember(root, "tools")))
        readTool(tool);
    settleSearchName(m_request);
    const JsonValue config = m_reader.optionalObject(root, geminiKey(root, "toolConfig"));
    readCalling(m_reader.optionalObject(config, geminiKey(config, "functionCallingConfig")));
    for (const JsonValue &member : config)
        if (member.key() != geminiKey(config, "functionCallingConfig"))
            note(member, "has no effect");
    settleToolChoice(m_request);
}

void GeminiToolReader::readTool(const JsonValue &tool)
{
    for (const JsonValue &member : tool) {
        if (member.isNull())
            continue;
        const std::string_view kind = member.key();
        if (kind == "functionDeclarations" || kind == "function_declarations") {
            for (const JsonValue &function : geminiItems(m_reader, member))
                readFunction(function);
        } else if (kind == "googleSearch" || kind == "google_search"
                   || kind == "googleSearchRetrieval" || kind == "google_search_retrieval") {
            readSearch(member);
        } else {
            note(member, "the tool runs at Google and is not offered");
        }
    }
}

void GeminiToolReader::readFunction(const JsonValue &function)
{
    Tool tool;
    tool.path = function.path();
    tool.name = readName(m_reader, function, "name");
    tool.description = m_reader.optionalString(function, "description").value_or("");
    const JsonValue jsonSchema =
        m_reader.optionalObject(function, geminiKey(function, "parametersJsonSchema"));
    const JsonValue schema =
        jsonSchema.isMissing() ? m_reader.optionalObject(function, "parameters") : jsonSchema;
    if (!schema.isMissing())
        tool.inputSchemaJson = geminiJsonSchema(schema);
    m_request.tools.push_back(std::move(tool));
}

void GeminiToolReader::readSearch(const JsonValue &search)
{
    if (!m_reader.expect(search, JsonValue::Type::Object))
        return;
    if (!m_request.webSearch)
        m_request.webSearch.emplace();
    const std::string_view excluded = geminiKey(search, "excludeDomains");
    std::vector<std::string> &blocked = m_request.webSearch->blockedDomains;
    for (std::string &domain : readTexts(m_reader, m_reader.optionalArray(search, excluded)))
        blocked.push_back(std::move(domain));
    for (const JsonValue &member : search)
        if (member.key() != excluded)
            note(member, "has no effect");
}

void GeminiToolReader::readCalling(const JsonValue &calling)
{
    const JsonValue mode = calling["mode"];
    const std::string name =
        geminiLowered(m_reader.optionalString(calling, "mode").value_or("auto"));
    if (name == "any")
        m_request.toolChoice.mode = ToolChoice::Mode::Any;
    else if (name == "none")
        m_request.toolChoice.mode = ToolChoice::Mode::None;
    else if (name != "auto" && name != "validated" && name != "mode_unspecified")
        m_reader.fail(mode, "expected 'AUTO', 'ANY', 'NONE' or 'VALIDATED'");
    const std::string_view namesKey = geminiKey(calling, "allowedFunctionNames");
    const JsonValue names = m_reader.optionalArray(calling, namesKey);
    if (names.size() > 0)
        readAllowed(names, name);
    for (const JsonValue &member : calling)
        if (member.key() != "mode" && member.key() != namesKey)
            note(member, "has no effect");
}

void GeminiToolReader::readAllowed(const JsonValue &names, std::string_view mode)
{
    if (mode != "any" && mode != "validated") {
        note(names, "has no effect in this mode");
        return;
    }
    std::set<std::string_view> allowed;
    for (const JsonValue &name : names)
        if (m_reader.expect(name, JsonValue::Type::String))
            allowed.insert(name.string());
    if (mode == "any" && allowed.size() == 1) {
        m_request.toolChoice.mode = ToolChoice::Mode::Named;
        m_request.toolChoice.name = *allowed.begin();
        return;
    }
    const auto isLeftOut = [&allowed](const Tool &tool) { return !allowed.contains(tool.name); };
    if (!std::all_of(m_request.tools.begin(), m_request.tools.end(), isLeftOut)) {
        std::erase_if(m_request.tools, isLeftOut);
        return;
    }
    note(names, "names no declared function and is ignored");
    m_request.toolChoice.mode = ToolChoice::Mode::Auto;
}

} // namespace

void readGeminiTools(JsonReader &reader, const JsonValue &root, ChatRequest &request)
{
    GeminiToolReader(reader, request).read(root);
}

} // namespace kirotray
