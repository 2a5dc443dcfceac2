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

// One file an API.
void writeAnthropicConversation(JsonWriter &json, const ConversationPlan &plan);
void writeChatConversation(JsonWriter &json, const ConversationPlan &plan);
void writeResponsesConversation(JsonWriter &json, const ConversationPlan &plan);
void writeGeminiConversation(JsonWriter &json, const ConversationPlan &plan);

// Pieces of it; of an object: its members.
void writeCacheControl(JsonWriter &json, bool isCachePoint);
void writeTextBlock(JsonWriter &json, std::string_view type, const std::string &literal);

// What both of OpenAI's APIs have.
void writePlannedCall(JsonWriter &json, const PlannedPart &call, bool isCustom);
void writePlannedTool(JsonWriter &json, const PlannedTool &tool);
/// `wrapper` is the member of the choice that holds the name; empty: the choice itself.
void writePlannedChoice(JsonWriter &json, const ConversationPlan &plan, std::string_view wrapper);
void writePlannedFormat(JsonWriter &json, const ConversationPlan &plan);
/// Custom tools have a free text, which is not the JSON of a function's arguments.
std::set<std::string> customToolNames(const ConversationPlan &plan);
/// In OpenAI's words.
std::string_view plannedEffort(const ConversationPlan &plan);

/// The thought in our own words.
ThinkingPart plannedThinking(const PlannedPart &part);
/// The thought as KiroTray gave it to a client that keeps it without looking inside. Empty for one
/// that KiroTray did not give: without a signature, or (for variety) with a cache point.
std::string packedThought(const PlannedPart &part);

} // namespace kirotray
