// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"
#include "app/dialects/responsesmemory.h"

#include <map>
#include <set>
#include <string>

namespace kirotray {

/// Reads the tools of a Responses request, wherever they stand: in `tools`, in `additional_tools`
/// items and in the results of tool searches. Fills ChatRequest::tools, webSearch and toolChoice
/// and the memory's forms.
class ResponsesToolReader
{
public:
    ResponsesToolReader(JsonReader &reader, ChatRequest &request, ResponsesMemory &memory)
        : m_reader(reader)
        , m_request(request)
        , m_memory(memory)
    {
    }
    void readTools(const JsonValue &tools);
    /// After all tools: `tool_choice` and `parallel_tool_calls`.
    void readChoice(const JsonValue &root);

private:
    void readTool(const JsonValue &tool);
    void readNamespace(const JsonValue &nameSpace);
    void readFunction(const JsonValue &tool, const std::string &nameSpace);
    void readCustom(const JsonValue &tool, const std::string &nameSpace);
    void readToolSearch(const JsonValue &tool);
    void readWebSearch(const JsonValue &tool);
    bool readOpenAisOwn(const JsonValue &tool, std::string_view type);
    void addTool(ResponsesToolForm form, Tool tool);
    std::string freeName(const ResponsesToolForm &form);
    bool isTaken(std::string_view name) const;

    void readChoiceObject(const JsonValue &choice);
    void readAllowedTools(const JsonValue &choice);
    /// The neutral name of a tool that a choice points at; empty when it is not offered.
    std::string chosenName(const JsonValue &choice) const;
    void keepOnly(const std::set<std::string> &names);

    JsonReader &m_reader;
    ChatRequest &m_request;
    ResponsesMemory &m_memory;
    std::map<std::string, std::size_t> m_places; ///< in ChatRequest::tools, by name
    std::map<std::string, int> m_lastNumbers; ///< of names that several tools wanted
    std::map<std::string, std::string, std::less<>> m_namesAlone; ///< without their namespace
};

} // namespace kirotray
