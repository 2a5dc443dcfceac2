// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatrequest.h"
#include "app/dialects/dialectparts.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

/// How one Messages request is read; only for the anthropic files of this folder. The parts append
/// to one AnthropicReading and leave the first mistake in its reader. Pure; any thread.
namespace kirotray {

struct AnthropicReading
{
    JsonReader reader;
    ChatRequest chat;
    std::vector<std::string> droppedTools; ///< names that no tool_choice can ask for
    std::unordered_map<std::string, std::size_t> toolPlaces; ///< in chat.tools, by name
    /// Names of chat.tools that a message took away; a later one may give them back.
    std::unordered_set<std::string> removedTools;

    void note(const JsonValue &at, std::string_view what) { addNote(chat.notes, at, what); }
};

/// True when the block or tool carries `cache_control`.
bool hasAnthropicCachePoint(AnthropicReading &reading, const JsonValue &block);

// anthropicblocks.cpp
/// The content of a message of the user or the assistant. A search of the web that the assistant's
/// message contains splits it: what it found becomes a user's message in between.
void readAnthropicMessage(AnthropicReading &reading, const JsonValue &message, Role role);

// anthropicmedia.cpp
/// A block of type image.
ImagePart readAnthropicImage(AnthropicReading &reading, const JsonValue &block);
/// A block of type document: text, pictures or one file.
std::vector<Part> readAnthropicDocument(AnthropicReading &reading, const JsonValue &block);

// anthropictools.cpp
void readAnthropicTools(AnthropicReading &reading, const JsonValue &tools);
/// A block of type tool_addition or tool_removal (beta mid-conversation-tool-changes).
void readAnthropicToolChange(AnthropicReading &reading, const JsonValue &block);
/// After the last message: leaves out the tools that were taken away, and refuses two of one name
/// where an answer could not say which it means. `tools` is the request's member.
void settleAnthropicTools(AnthropicReading &reading, const JsonValue &tools);
void readAnthropicToolChoice(AnthropicReading &reading, const JsonValue &choice);

// anthropicclienttools.cpp
/// A tool of a type that Anthropic defines and the client runs, as an ordinary tool. False when
/// there is no such type.
bool readAnthropicClientTool(AnthropicReading &reading, const JsonValue &tool,
                             std::string_view type, Tool &offered);

// anthropicoptions.cpp
/// Reasoning, output format and cache point of the whole request; notes what has no effect.
void readAnthropicOptions(AnthropicReading &reading, const JsonValue &root);
/// `effort` of an output_config.
void readAnthropicEffort(AnthropicReading &reading, const JsonValue &config);

} // namespace kirotray
