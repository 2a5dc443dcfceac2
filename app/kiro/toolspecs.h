// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"
#include "app/kiro/normaliser.h"
#include "app/kiro/schemasanitiser.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kirotray {

/// A tool as it is declared to the upstream.
struct ToolSpec
{
    std::string name; ///< fits rule 10
    std::string description; ///< 1 to limits::MaxToolDescription characters
    std::string schemaJson;
};

struct ToolPlan
{
    std::vector<ToolSpec> specs;
    std::unordered_map<std::string_view, std::string>
        upstreamNames; ///< of each name in the history
    std::unordered_map<std::string, std::string> clientNames; ///< of each renamed upstream name
    std::string instruction; ///< sentences for the system text; empty when nothing is to be said
};

/// What becomes of the request's tools, of the tools its history mentions and of tool_choice, which
/// the upstream does not know (kiro-protocol §1.5, §1.7 rules 8 to 14). Pure.
ToolPlan planTools(const ChatRequest &request, const Conversation &conversation, SchemaLevel level,
                   std::vector<NormaliserNote> &notes);

} // namespace kirotray
