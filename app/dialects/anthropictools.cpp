// SPDX-License-Identifier: MIT
#include "app/dialects/anthropicrequest.h"
#include "app/dialects/dialectparts.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

/// Stands in the tool list for tools that Claude Code has not loaded.
constexpr std::string_view DeferredPlaceholder = "DeferredToolPlaceholder";
constexpr std::string_view WebSearchType = "web_search_";

std::vector<std::string> readDomains(JsonReader &reader, const JsonValue &tool,
                                     std::string_view key)
{
    std::vector<std::string> domains;
    for (const JsonValue &domain : reader.optionalArray(tool, key))
        if (reader.expect(domain, JsonValue::Type::String) && !domain.string().empty())
            domains.emplace_back(domain.string());
    return domains;
}

void readSearchTool(AnthropicReading &reading, const JsonValue &tool)
{
    JsonReader &reader = reading.reader;
    if (reading.chat.webSearch)
        reading.note(tool, "a second web search replaces the first");
    WebSearchTool search;
    search.name = readName(reader, tool, "name");
    // More than an int holds is no limit in practice.
    search.maxUses = static_cast<int>(
        std::min<qint64>(readPositive(reader, tool, "max_uses").value_or(0), 1000));
    search.allowedDomains = readDomains(reader, tool, "allowed_domains");
    search.blockedDomains = readDomains(reader, tool, "blocked_domains");
    if (!tool["user_location"].isAbsent())
        reading.note(tool["user_location"], "the search knows no place");
    reading.chat.webSearch = std::move(search);
}

/// Everything that is not run by the client, or by KiroTray, would never be answered.
void dropTool(AnthropicReading &reading, const JsonValue &tool, std::string_view type)
{
    reading.note(tool, "a tool of type " + inQuotes(type) + " cannot be run here and is dropped");
    const std::string_view name = tool["name"].string();
    if (!name.empty())
        reading.droppedTools.emplace_back(name);
}

void noteIdleToolMembers(AnthropicReading &reading, const JsonValue &tool)
{
    if (tool["strict"].boolean())
        reading.note(tool["strict"], "has no effect");
    if (tool["input_examples"].size() > 0)
        reading.note(tool["input_examples"], "has no effect");
}

/// A tool that is told again takes the place of the one that was.
void offerTool(AnthropicReading &reading, Tool tool)
{
    std::vector<Tool> &tools = reading.chat.tools;
    const bool isBack = reading.removedTools.erase(tool.name) > 0;
    const auto [place, isNew] = reading.toolPlaces.try_emplace(tool.name, tools.size());
    if (isBack && !isNew)
        tools[place->second] = std::move(tool);
    else
        tools.push_back(std::move(tool));
}

void readListedTool(AnthropicReading &reading, const JsonValue &tool)
{
    JsonReader &reader = reading.reader;
    const std::string type = reader.optionalString(tool, "type").value_or("custom");
    if (hasAnthropicCachePoint(reading, tool))
        reading.chat.systemCachePoint = true;
    if (type.starts_with(WebSearchType)) {
        readSearchTool(reading, tool);
        return;
    }
    Tool offered;
    offered.path = tool.path();
    if (type == "custom") {
        offered.name = readName(reader, tool, "name");
        offered.description = reader.optionalString(tool, "description").value_or("");
        offered.inputSchemaJson = reader.optionalObject(tool, "input_schema").raw();
        noteIdleToolMembers(reading, tool);
    } else if (!readAnthropicClientTool(reading, tool, type, offered)) {
        dropTool(reading, tool, type);
        return;
    }
    if (offered.name == DeferredPlaceholder && tool["defer_loading"].boolean())
        reading.note(tool, "a placeholder is dropped");
    else
        offerTool(reading, std::move(offered));
}

/// Forcing a tool that nobody runs must not end in an answer without it.
void refuseDroppedChoice(AnthropicReading &reading, const JsonValue &choice)
{
    const ToolChoice &wanted = reading.chat.toolChoice;
    const std::vector<std::string> &dropped = reading.droppedTools;
    if (wanted.mode == ToolChoice::Mode::Named
        && std::find(dropped.begin(), dropped.end(), wanted.name) != dropped.end())
        reading.reader.fail(choice["name"],
                            "the tool " + inQuotes(wanted.name) + " cannot be run here");
    else if (wanted.mode == ToolChoice::Mode::Any && !dropped.empty() && reading.chat.tools.empty()
             && !reading.chat.webSearch)
        reading.reader.fail(choice, "none of the tools can be run here");
}

} // namespace

void readAnthropicTools(AnthropicReading &reading, const JsonValue &tools)
{
    reading.chat.tools.reserve(static_cast<std::size_t>(tools.size()));
    for (const JsonValue &tool : tools)
        if (reading.reader.expect(tool, JsonValue::Type::Object))
            readListedTool(reading, tool);
}

void readAnthropicToolChange(AnthropicReading &reading, const JsonValue &block)
{
    const JsonValue tool = reading.reader.optionalObject(block, "tool");
    const std::string_view kind = tool["type"].string();
    const bool isAddition = block["type"].string() == "tool_addition";
    if (kind == "tool_definition" && isAddition) {
        const JsonValue definition = reading.reader.requiredObject(tool, "definition");
        reading.removedTools.emplace(definition["name"].string());
        readListedTool(reading, definition);
    } else if (kind == "tool_reference" && isAddition) {
        reading.removedTools.erase(std::string(tool["name"].string()));
    } else if (kind == "tool_reference") {
        reading.removedTools.emplace(tool["name"].string());
    } else {
        reading.note(tool, "only the client's own tools can come and go");
    }
}

void settleAnthropicTools(AnthropicReading &reading, const JsonValue &tools)
{
    ChatRequest &chat = reading.chat;
    std::erase_if(chat.tools, [&reading](const Tool &tool) {
        return reading.removedTools.contains(tool.name);
    });
    const auto isNamedAsSearch = [&chat](const Tool &tool) {
        return tool.name == chat.webSearch->name;
    };
    if (chat.webSearch && std::any_of(chat.tools.begin(), chat.tools.end(), isNamedAsSearch))
        reading.reader.fail(tools, "two tools have the name " + inQuotes(chat.webSearch->name));
}

void readAnthropicToolChoice(AnthropicReading &reading, const JsonValue &choice)
{
    if (choice.isMissing())
        return;
    JsonReader &reader = reading.reader;
    ToolChoice &wanted = reading.chat.toolChoice;
    const std::string type = reader.requiredString(choice, "type");
    if (type == "any")
        wanted.mode = ToolChoice::Mode::Any;
    else if (type == "none")
        wanted.mode = ToolChoice::Mode::None;
    else if (type == "tool")
        wanted = {ToolChoice::Mode::Named, readName(reader, choice, "name")};
    else if (type != "auto")
        reader.fail(choice["type"], "expected 'auto', 'any', 'tool' or 'none'");
    wanted.parallel = !reader.optionalBoolean(choice, "disable_parallel_tool_use").value_or(false);
    refuseDroppedChoice(reading, choice);
    settleToolChoice(reading.chat);
}

} // namespace kirotray
