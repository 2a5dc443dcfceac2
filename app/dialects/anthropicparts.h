// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatanswer.h"
#include "app/chat/chatrequest.h"

#include <string>

/// What a streamed and a whole answer of the Messages API have in common. Pure; any thread.
namespace kirotray {

/// The signature of a thinking block as the client gets it: one that hides the text carries it, so
/// that the thinking comes back whole.
std::string anthropicSignature(const ThinkingPart &part, bool isShown);

/// The member `usage`.
void writeAnthropicUsage(JsonWriter &writer, const Usage &usage);
/// The members `stop_reason`, `stop_sequence` and, for a refusal, `stop_details`.
void writeAnthropicStop(JsonWriter &writer, const Finished &finished);

/// A block of type server_tool_use. In a stream its input follows in a delta.
void writeAnthropicSearchCall(JsonWriter &writer, const WebSearchCall &call,
                              const std::string &inputJson);
/// A block of type web_search_tool_result.
void writeAnthropicSearchResult(JsonWriter &writer, const WebSearchResult &result);
/// An element of a text block's `citations`.
void writeAnthropicCitation(JsonWriter &writer, const TextCitation &citation);

} // namespace kirotray
