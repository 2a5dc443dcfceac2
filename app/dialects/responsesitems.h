// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/responsesmemory.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// Reads the items of a Responses request's `input` into messages. The tools must be known: calls
/// of the past carry the names they have upstream.
class ResponsesItemReader
{
public:
    ResponsesItemReader(JsonReader &reader, ChatRequest &request, const ResponsesMemory &memory)
        : m_reader(reader)
        , m_request(request)
        , m_memory(memory)
    {
    }
    /// What is new with this request: neither references nor items that are kept with an earlier
    /// answer.
    std::vector<JsonValue> read(const JsonValue &items);

private:
    std::string keptAnswer(const JsonValue &items) const;
    void continueFrom(const std::string &answer, const JsonValue &items);
    void readItem(const JsonValue &item);
    void readMessage(const JsonValue &item);
    void readAgentMessage(const JsonValue &item);
    void readSystemText(const JsonValue &item);
    void readFunctionCall(const JsonValue &item);
    void readCustomCall(const JsonValue &item);
    void readLocalShellCall(const JsonValue &item);
    void readShellCall(const JsonValue &item);
    void readApplyPatchCall(const JsonValue &item);
    void readToolSearchCall(const JsonValue &item);
    void readOutput(const JsonValue &item);
    void readShellOutput(const JsonValue &item);
    void readApplyPatchOutput(const JsonValue &item);
    void readToolSearchOutput(const JsonValue &item);
    void readReasoning(const JsonValue &item);
    void readReference(const JsonValue &item);
    void skip(const JsonValue &) { }

    void addCall(const JsonValue &item, const ResponsesToolForm &form, std::string inputJson);
    void addResult(const JsonValue &item, ToolResultPart part);
    std::string callId(const JsonValue &item);
    Message &assistantMessage(const JsonValue &item);
    void note(const JsonValue &at, const std::string &what) { addNote(m_request.notes, at, what); }

    JsonReader &m_reader;
    ChatRequest &m_request;
    const ResponsesMemory &m_memory;
    std::set<std::string_view> m_ids; ///< of the items that are there whole
};

} // namespace kirotray
