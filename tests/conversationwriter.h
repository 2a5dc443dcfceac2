// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "tests/conversationplan.h"

#include <set>
#include <string>
#include <string_view>

namespace kirotray {

/// A request as a client of that API sends it.
struct WrittenConversation
{
    std::string body;
    CallTarget target;
};
WrittenConversation writtenConversation(DialectId id, const ConversationPlan &plan);

// Pieces of it.
void writeResponsesConversation(JsonWriter &json, const ConversationPlan &plan);
void writeGeminiConversation(JsonWriter &json, const ConversationPlan &plan);
/// Custom tools have a free text, which is not the JSON of a function's arguments.
std::set<std::string> customToolNames(const ConversationPlan &plan);
/// In OpenAI's words.
std::string_view plannedEffort(const ConversationPlan &plan);

} // namespace kirotray
