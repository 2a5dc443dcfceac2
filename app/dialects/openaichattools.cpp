// SPDX-License-Identifier: MIT
#include "app/dialects/openaichattools.h"

#include "app/dialects/customtool.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/openaichatcontent.h"
#include "app/dialects/openaichatoptions.h"
#include "app/dialects/openaitoolmode.h"

#include <set>

namespace kirotray {

namespace {

class OpenAiToolReader
{
public:
    OpenAiToolReader(JsonReader &reader, ChatRequest &request, OpenAiChatMemory &memory)
        : m_reader(reader)
        , m_request(request)
        , m_memory(memory)
    {
    }
    void read(const JsonValue &root);

private:
    void readTools(const JsonValue &tools);
    void readTool(const JsonValue &tool);
    void addFunction(const JsonValue &function);
    void addCustomTool(const JsonValue &custom);
    void readFunctions(const JsonValue &functions);
    void readToolChoice(const JsonValue &choice);
    void readToolChoiceObject(const JsonValue &choice);
    void keepAllowedTools(const JsonValue &allowed);
    void readLegacyChoice(const JsonValue &choice);

    JsonReader &m_reader;
    ChatRequest &m_request;
    OpenAiChatMemory &m_memory;
};

void OpenAiToolReader::read(const JsonValue &root)
{
    readTools(m_reader.optionalArray(root, "tools"));
    readFunctions(m_reader.optionalArray(root, "functions"));
    readToolChoice(root["tool_choice"]);
    if (m_memory.legacyFunctions)
        readLegacyChoice(root["function_call"]);
    if (!m_reader.optionalBoolean(root, "parallel_tool_calls").value_or(true))
        m_request.toolChoice.parallel = false;
}

void OpenAiToolReader::readTools(const JsonValue &tools)
{
    m_request.tools.reserve(static_cast<std::size_t>(tools.size()));
    for (const JsonValue &tool : tools)
        if (m_reader.expect(tool, JsonValue::Type::Object))
            readTool(tool);
}

void OpenAiToolReader::readTool(const JsonValue &tool)
{
    const std::string type = m_reader.requiredString(tool, "type");
    // Some clients use the flat form of the Responses API.
    const bool isFlat = tool[type].isMissing() && tool["name"].isString();
    if (type == "function") {
        addFunction(isFlat ? tool : m_reader.requiredObject(tool, type));
    } else if (type == "custom") {
        addCustomTool(isFlat ? tool : m_reader.requiredObject(tool, type));
    } else if (type.starts_with("web_search")) {
        readOpenAiWebSearch(m_reader, tool, m_request);
    } else {
        addNote(m_request.notes, tool,
                "a tool of type " + inQuotes(type) + " is not supported and is dropped");
        return;
    }
    m_request.systemCachePoint =
        m_request.systemCachePoint || hasCacheControl(tool) || hasCacheControl(tool["function"]);
}

void OpenAiToolReader::addFunction(const JsonValue &function)
{
    Tool tool;
    tool.name = readName(m_reader, function, "name");
    tool.description = m_reader.optionalString(function, "description").value_or("");
    tool.inputSchemaJson = m_reader.optionalObject(function, "parameters").raw();
    tool.path = function.path();
    m_request.tools.push_back(std::move(tool));
}

void OpenAiToolReader::addCustomTool(const JsonValue &custom)
{
    Tool tool;
    tool.name = readName(m_reader, custom, "name");
    tool.path = custom.path();
    readCustomTool(m_reader, custom, tool);
    m_memory.customTools.insert(tool.name);
    m_request.tools.push_back(std::move(tool));
}

void OpenAiToolReader::readFunctions(const JsonValue &functions)
{
    for (const JsonValue &function : functions) {
        if (!m_reader.expect(function, JsonValue::Type::Object))
            return;
        addFunction(function);
        m_memory.legacyFunctions = true;
        m_request.toolChoice.parallel = false;
    }
}

void OpenAiToolReader::readToolChoice(const JsonValue &choice)
{
    if (choice.isAbsent())
        return;
    if (choice.isString())
        readOpenAiToolMode(m_reader, choice, m_request.toolChoice);
    else if (choice.isObject())
        readToolChoiceObject(choice);
    else
        m_reader.fail(choice, "expected a string or an object");
}

void OpenAiToolReader::readToolChoiceObject(const JsonValue &choice)
{
    const std::string type = m_reader.requiredString(choice, "type");
    if (type == "function" || type == "custom") {
        const bool isFlat = choice[type].isMissing() && choice["name"].isString();
        m_request.toolChoice.mode = ToolChoice::Mode::Named;
        m_request.toolChoice.name =
            readName(m_reader, isFlat ? choice : m_reader.requiredObject(choice, type), "name");
    } else if (type == "allowed_tools") {
        const JsonValue allowed = m_reader.requiredObject(choice, "allowed_tools");
        readOpenAiToolMode(m_reader, allowed["mode"], m_request.toolChoice);
        keepAllowedTools(m_reader.requiredArray(allowed, "tools"));
    } else {
        m_reader.fail(choice["type"], "expected 'function' or 'allowed_tools'");
    }
}

void OpenAiToolReader::keepAllowedTools(const JsonValue &allowed)
{
    std::set<std::string_view> names;
    bool keepsSearch = false;
    for (const JsonValue &each : allowed) {
        const std::string_view type = each["type"].string();
        keepsSearch = keepsSearch || type.starts_with("web_search");
        names.insert(each[type]["name"].string());
    }
    if (!keepsSearch)
        m_request.webSearch.reset();
    std::erase_if(m_request.tools,
                  [&names](const Tool &tool) { return !names.contains(tool.name); });
}

void OpenAiToolReader::readLegacyChoice(const JsonValue &choice)
{
    if (choice.isAbsent())
        return;
    if (choice.isString()) {
        readOpenAiToolMode(m_reader, choice, m_request.toolChoice);
        return;
    }
    if (m_reader.expect(choice, JsonValue::Type::Object)) {
        m_request.toolChoice.mode = ToolChoice::Mode::Named;
        m_request.toolChoice.name = readName(m_reader, choice, "name");
    }
}

} // namespace

void readOpenAiTools(JsonReader &reader, const JsonValue &root, ChatRequest &request,
                     OpenAiChatMemory &memory)
{
    OpenAiToolReader(reader, request, memory).read(root);
}

} // namespace kirotray
