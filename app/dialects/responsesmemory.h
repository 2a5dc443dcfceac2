// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace kirotray {

/// How a tool was declared, which is how its calls go back to the client.
struct ResponsesToolForm
{
    enum class Kind { Function, Custom, LocalShell, Shell, ApplyPatch, ToolSearch };
    Kind kind = Kind::Function;
    std::string name;
    std::string nameSpace; ///< empty: none
    bool operator==(const ResponsesToolForm &) const = default;
};

/// The members of a response object that repeat a request which says nothing of them.
const std::vector<std::pair<std::string, std::string>> &responsesEchoDefaults();

/// What an answer of the Responses API needs of its request.
struct ResponsesMemory final : DialectMemory
{
    /// By the name in ChatRequest::tools: namespaces are flattened there.
    std::map<std::string, ResponsesToolForm, std::less<>> tools;
    /// The other way round: namespace, name, and whether it is one of OpenAI's own.
    std::map<std::tuple<std::string, std::string, bool>, std::string> toolNames;
    /// Members of the response object that repeat the request: name and JSON on one line.
    std::vector<std::pair<std::string, std::string>> echo = responsesEchoDefaults();
    bool wantsEncryptedReasoning = false; ///< include: reasoning.encrypted_content
    bool wantsSearchSources = false; ///< include: web_search_call.action.sources

    const ResponsesToolForm *form(std::string_view toolName) const
    {
        const auto found = tools.find(toolName);
        return found == tools.end() ? nullptr : &found->second;
    }
    /// The neutral name of a call in the history; its tool may be gone.
    std::string toolName(const ResponsesToolForm &form) const;
};

/// False for the tools whose names the client chose.
bool isOpenAisOwn(ResponsesToolForm::Kind kind);
} // namespace kirotray
