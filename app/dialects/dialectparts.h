// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chaterror.h"
#include "app/chat/chatrequest.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What several client APIs read and write alike. Pure; any thread.
namespace kirotray {

/// Adds to ChatRequest::notes. There are 200 at most, and a last one that says so: a body has room
/// for millions, which nobody reads.
void addNote(std::vector<std::string> &notes, std::string note);
/// "path: what"
void addNote(std::vector<std::string> &notes, const JsonValue &at, std::string_view what);

/// A member of a request that is accepted and changes nothing.
struct IdleMember
{
    std::string_view name;
    JsonValue::Type type = JsonValue::Type::Missing; ///< Missing: of any type
};
/// Notes each idle member that is given; a wrong type is an error as in the real API.
void readIdleMembers(JsonReader &reader, const JsonValue &object,
                     std::span<const IdleMember> members, std::vector<std::string> &notes);

/// An optional whole number of at least 1.
std::optional<qint64> readPositive(JsonReader &reader, const JsonValue &object,
                                   std::string_view key);

/// A string that must be there and not be empty.
std::string readName(JsonReader &reader, const JsonValue &object, std::string_view key);

/// The elements of an array of strings, empty ones left out.
std::vector<std::string> readTexts(JsonReader &reader, const JsonValue &array);

/// The same, of at most limits::MaxStopSequences.
std::vector<std::string> readStopSequences(JsonReader &reader, const JsonValue &array);

/// The arguments of a call in the history: an object, or a string that holds one. The upstream
/// insists on an object, and a model may have written anything: what is none goes along as the text
/// it is, with a note.
std::string readArguments(JsonReader &reader, const JsonValue &arguments,
                          std::vector<std::string> &notes);

/// The texts among `parts`, `separator` between them.
std::string joinedTexts(const std::vector<Part> &parts, std::string_view separator);

/// Adds a text, a picture or a document to what a tool has given back; parts of other kinds stand
/// in no result.
void addToResult(ToolResultPart &result, Part part);

/// Adds a block to ChatRequest::system.
void addSystemText(ChatRequest &request, std::string_view text);

/// A system message that stands between others keeps its place, so that what is before it stays
/// cacheable (clients.md §0 no. 4). The tag tells the model that the user did not write it.
Message systemReminder(std::string_view text);

/// Gives the search of the web a name that no tool of the client's has: those keep theirs, since
/// their calls must reach it. Stands behind the last tool and before settleToolChoice().
void settleSearchName(ChatRequest &request);

/// Drops a choice that no offered tool can satisfy: tools of unsupported kinds have been left out.
void settleToolChoice(ChatRequest &request);

/// What a dialect remembers of its request; the defaults for one that came from elsewhere.
template <typename Memory>
std::shared_ptr<const Memory> memoryOf(const ChatRequest &request)
{
    if (auto memory = std::dynamic_pointer_cast<const Memory>(request.memory))
        return memory;
    return std::make_shared<const Memory>();
}

/// `'text'`, shortened, for an error or a note.
std::string inQuotes(std::string_view text);

/// "param: message", or the message alone. For a full context, which clients recognise by `words`,
/// `sentence` goes before a message without them.
std::string fullContextMessage(const ChatError &error, std::string_view words,
                               std::string_view sentence);

} // namespace kirotray
