// SPDX-License-Identifier: MIT
#include "app/dialects/responsestools.h"

#include "app/dialects/customtool.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/openaitoolmode.h"
#include "app/dialects/responsesowntools.h"

namespace kirotray {

namespace {

using ToolKind = ResponsesToolForm::Kind;

bool isWebSearchType(std::string_view type)
{
    return type.starts_with("web_search");
}

} // namespace

void ResponsesToolReader::readTools(const JsonValue &tools)
{
    for (const JsonValue &tool : tools) {
        if (m_reader.expect(tool, JsonValue::Type::Object))
            readTool(tool);
        if (m_reader.failed())
            return;
    }
}

void ResponsesToolReader::readTool(const JsonValue &tool)
{
    const std::string type = m_reader.requiredString(tool, "type");
    if (type == "function")
        readFunction(tool, {});
    else if (type == "custom")
        readCustom(tool, {});
    else if (type == "namespace")
        readNamespace(tool);
    else if (type == "tool_search")
        readToolSearch(tool);
    else if (isWebSearchType(type))
        readWebSearch(tool);
    else if (!readOpenAisOwn(tool, type))
        addNote(m_request.notes, tool,
                "a tool of type " + inQuotes(type) + " is not supported and is dropped");
}

void ResponsesToolReader::readNamespace(const JsonValue &nameSpace)
{
    const std::string name = readName(m_reader, nameSpace, "name");
    const std::string description = m_reader.optionalString(nameSpace, "description").value_or("");
    const std::size_t first = m_request.tools.size();
    for (const JsonValue &tool : m_reader.requiredArray(nameSpace, "tools")) {
        if (!m_reader.expect(tool, JsonValue::Type::Object))
            return;
        const std::string type = m_reader.optionalString(tool, "type").value_or("function");
        if (type == "function")
            readFunction(tool, name);
        else if (type == "custom")
            readCustom(tool, name);
        else
            addNote(m_request.notes, tool,
                    "a tool of type " + inQuotes(type) + " is not supported and is dropped");
    }
    // The upstream knows no namespaces: what is said of one is said at its first tool.
    if (!description.empty() && m_request.tools.size() > first)
        m_request.tools[first].description += "\n\n" + name + ": " + description;
}

void ResponsesToolReader::readFunction(const JsonValue &tool, const std::string &nameSpace)
{
    // Some clients use the nested form of the Chat API.
    const bool isNested = tool["name"].isAbsent() && tool["function"].isObject();
    const JsonValue function = isNested ? tool["function"] : tool;
    Tool out;
    out.description = m_reader.optionalString(function, "description").value_or("");
    out.inputSchemaJson = m_reader.optionalObject(function, "parameters").raw();
    out.path = tool.path();
    addTool({ToolKind::Function, readName(m_reader, function, "name"), nameSpace}, std::move(out));
}

void ResponsesToolReader::readCustom(const JsonValue &tool, const std::string &nameSpace)
{
    Tool out;
    readCustomTool(m_reader, tool, out);
    out.path = tool.path();
    addTool({ToolKind::Custom, readName(m_reader, tool, "name"), nameSpace}, std::move(out));
}

void ResponsesToolReader::readToolSearch(const JsonValue &tool)
{
    if (m_reader.optionalString(tool, "execution").value_or("server") != "client") {
        addNote(m_request.notes, tool,
                "tool_search is not run here; all tools are offered at once");
        return;
    }
    Tool out;
    out.description =
        m_reader.optionalString(tool, "description").value_or("Finds tools for a task.");
    const JsonValue parameters = m_reader.optionalObject(tool, "parameters");
    out.inputSchemaJson = parameters.isMissing()
        ? R"({"type":"object","properties":{"query":{"type":"string"}},"required":["query"]})"
        : parameters.raw();
    out.path = tool.path();
    addTool({ToolKind::ToolSearch, "tool_search", {}}, std::move(out));
}

void ResponsesToolReader::readWebSearch(const JsonValue &tool)
{
    WebSearchTool search;
    const JsonValue filters = m_reader.optionalObject(tool, "filters");
    search.allowedDomains = readTexts(m_reader, m_reader.optionalArray(filters, "allowed_domains"));
    search.blockedDomains = readTexts(m_reader, m_reader.optionalArray(filters, "blocked_domains"));
    for (const char *idle : {"search_context_size", "user_location"})
        if (!tool[idle].isAbsent())
            addNote(m_request.notes, tool[idle].path() + " has no effect");
    m_request.webSearch = std::move(search);
}

bool ResponsesToolReader::readOpenAisOwn(const JsonValue &tool, std::string_view type)
{
    const ResponsesOwnTool *own = responsesOwnTool(type);
    if (own == nullptr)
        return false;
    Tool out;
    out.description = own->description;
    out.inputSchemaJson = own->schemaJson;
    out.path = tool.path();
    addTool({own->kind, std::string(own->type), {}}, std::move(out));
    return true;
}

void ResponsesToolReader::addTool(ResponsesToolForm form, Tool tool)
{
    std::string &name = m_memory.toolNames[{form.nameSpace, form.name, isOpenAisOwn(form.kind)}];
    if (name.empty())
        name = freeName(form);
    tool.name = name;
    m_memory.tools[name] = std::move(form);
    // Told again, as in a later result of a search: the last word counts.
    const auto [place, isLast] = m_places.try_emplace(name, m_request.tools.size());
    if (isLast)
        m_request.tools.push_back(std::move(tool));
    else
        m_request.tools[place->second] = std::move(tool);
}

bool ResponsesToolReader::isTaken(std::string_view name) const
{
    return m_memory.tools.find(name) != m_memory.tools.end();
}

std::string ResponsesToolReader::freeName(const ResponsesToolForm &form)
{
    const std::string wanted =
        form.nameSpace.empty() ? form.name : form.nameSpace + "__" + form.name;
    std::string name = wanted;
    int &number = m_lastNumbers.try_emplace(wanted, 1).first->second;
    while (isTaken(name))
        name = wanted + '_' + std::to_string(++number);
    return name;
}

void ResponsesToolReader::readChoice(const JsonValue &root)
{
    settleSearchName(m_request);
    for (const auto &[key, neutral] : m_memory.toolNames)
        if (!std::get<2>(key))
            m_namesAlone.try_emplace(std::get<1>(key), neutral);
    const JsonValue choice = root["tool_choice"];
    if (choice.isString())
        readOpenAiToolMode(m_reader, choice, m_request.toolChoice);
    else if (choice.isObject())
        readChoiceObject(choice);
    else if (!choice.isAbsent())
        m_reader.fail(choice, "expected a string or an object");
    if (!m_reader.optionalBoolean(root, "parallel_tool_calls").value_or(true))
        m_request.toolChoice.parallel = false;
    settleToolChoice(m_request);
}

void ResponsesToolReader::readChoiceObject(const JsonValue &choice)
{
    const std::string type = m_reader.requiredString(choice, "type");
    if (type == "allowed_tools") {
        readAllowedTools(choice);
        return;
    }
    if (type == "function" || type == "custom")
        readName(m_reader, choice, "name");
    m_request.toolChoice.mode = ToolChoice::Mode::Named;
    m_request.toolChoice.name = chosenName(choice);
    if (!m_request.toolChoice.name.empty())
        return;
    const std::string_view name = choice["name"].string();
    m_reader.fail(choice,
                  "the tool " + inQuotes(name.empty() ? std::string_view(type) : name)
                      + " is not among the tools that can be offered");
}

std::string ResponsesToolReader::chosenName(const JsonValue &choice) const
{
    const std::string_view type = choice["type"].string();
    if (isWebSearchType(type))
        return m_request.webSearch ? m_request.webSearch->name : std::string();
    const bool isChosen = type == "function" || type == "custom";
    const std::string name(isChosen ? choice["name"].string() : type);
    const std::string nameSpace(choice["namespace"].string());
    if (const auto found = m_memory.toolNames.find({nameSpace, name, !isChosen});
        found != m_memory.toolNames.end())
        return found->second;
    // Without its namespace, a name points at the one tool that bears it.
    const auto alone = m_namesAlone.find(name);
    const bool isAlone = isChosen && nameSpace.empty() && alone != m_namesAlone.end();
    return isAlone ? alone->second : std::string();
}

void ResponsesToolReader::readAllowedTools(const JsonValue &choice)
{
    readOpenAiToolMode(m_reader, choice["mode"], m_request.toolChoice);
    std::set<std::string> names;
    for (const JsonValue &each : m_reader.requiredArray(choice, "tools")) {
        std::string name = chosenName(each);
        if (name.empty())
            addNote(m_request.notes, each.path() + " is not among the tools that can be offered");
        else
            names.insert(std::move(name));
    }
    keepOnly(names);
}

void ResponsesToolReader::keepOnly(const std::set<std::string> &names)
{
    std::erase_if(m_request.tools,
                  [&names](const Tool &tool) { return !names.contains(tool.name); });
    if (m_request.webSearch && !names.contains(m_request.webSearch->name))
        m_request.webSearch.reset();
}

} // namespace kirotray
