// SPDX-License-Identifier: MIT
#include "app/dialects/dialectparts.h"

#include "app/base/limits.h"

#include <algorithm>
#include <set>
#include <utility>

namespace kirotray {

namespace {

constexpr std::string_view ReminderOpen = "<system-reminder>";
constexpr std::string_view ReminderClose = "</system-reminder>";
constexpr std::size_t QuotedBytes = 80; ///< of a client's text in a message of ours
constexpr std::size_t MaxNotes = 200; ///< of one request

} // namespace

void addNote(std::vector<std::string> &notes, std::string note)
{
    if (notes.size() < MaxNotes)
        notes.push_back(std::move(note));
    else if (notes.size() == MaxNotes)
        notes.emplace_back("…and more");
}

void addNote(std::vector<std::string> &notes, const JsonValue &at, std::string_view what)
{
    if (notes.size() <= MaxNotes)
        addNote(notes, at.path() + ": " + std::string(what));
}

void readIdleMembers(JsonReader &reader, const JsonValue &object,
                     std::span<const IdleMember> members, std::vector<std::string> &notes)
{
    for (const JsonValue &value : object) {
        const auto member =
            std::find_if(members.begin(), members.end(),
                         [&value](const IdleMember &each) { return each.name == value.key(); });
        if (member == members.end() || value.isNull())
            continue;
        if (member->type != JsonValue::Type::Missing && !reader.expect(value, member->type))
            return;
        addNote(notes, std::string(member->name) + " has no effect");
    }
}

std::optional<qint64> readPositive(JsonReader &reader, const JsonValue &object,
                                   std::string_view key)
{
    const std::optional<qint64> number = reader.optionalInteger(object, key);
    if (number && *number < 1)
        reader.fail(object[key], "must be at least 1");
    return number;
}

std::string readName(JsonReader &reader, const JsonValue &object, std::string_view key)
{
    std::string name = reader.requiredString(object, key);
    if (name.empty())
        reader.fail(object[key], "must not be empty");
    return name;
}

std::vector<std::string> readTexts(JsonReader &reader, const JsonValue &array)
{
    std::vector<std::string> texts;
    for (const JsonValue &item : array)
        if (reader.expect(item, JsonValue::Type::String) && !item.string().empty())
            texts.emplace_back(item.string());
    return texts;
}

std::vector<std::string> readStopSequences(JsonReader &reader, const JsonValue &array)
{
    if (array.size() > limits::MaxStopSequences)
        reader.fail(array, "has more than " + std::to_string(limits::MaxStopSequences) + " items");
    return readTexts(reader, array);
}

std::string readArguments(JsonReader &reader, const JsonValue &arguments,
                          std::vector<std::string> &notes)
{
    if (arguments.isObject())
        return std::string(arguments.raw());
    if (arguments.isAbsent())
        return "{}";
    if (!reader.expect(arguments, JsonValue::Type::String))
        return {};
    const std::string_view text = arguments.string();
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return "{}";
    const Result<JsonDocument> parsed = JsonDocument::parse(text);
    if (parsed && parsed.value().root().isObject())
        return std::string(parsed.value().root().raw());
    addNote(notes, arguments, "is no JSON object and is sent as a text");
    std::string wrapped;
    JsonWriter(wrapped).beginObject().member("arguments", text).endObject();
    return wrapped;
}

std::string joinedTexts(const std::vector<Part> &parts, std::string_view separator)
{
    std::string joined;
    bool isFirst = true;
    for (const Part &part : parts) {
        const auto *text = std::get_if<TextPart>(&part);
        if (text == nullptr)
            continue;
        if (!std::exchange(isFirst, false))
            joined += separator;
        joined += text->text;
    }
    return joined;
}

void addToResult(ToolResultPart &result, Part part)
{
    if (auto *image = std::get_if<ImagePart>(&part)) {
        result.images.push_back(std::move(*image));
    } else if (auto *document = std::get_if<DocumentPart>(&part)) {
        result.documents.push_back(std::move(*document));
    } else if (const auto *text = std::get_if<TextPart>(&part)) {
        if (!result.text.empty())
            result.text += '\n';
        result.text += text->text;
    }
}

void addSystemText(ChatRequest &request, std::string_view text)
{
    if (text.empty())
        return;
    if (!request.system.empty())
        request.system += "\n\n";
    request.system += text;
}

Message systemReminder(std::string_view text)
{
    TextPart part;
    if (text.starts_with(ReminderOpen)) {
        part.text = text;
    } else {
        part.text.reserve(text.size() + ReminderOpen.size() + ReminderClose.size() + 2);
        part.text.append(ReminderOpen).append("\n").append(text).append("\n").append(ReminderClose);
    }
    return {Role::User, {std::move(part)}};
}

void settleSearchName(ChatRequest &request)
{
    if (!request.webSearch)
        return;
    std::set<std::string_view> taken;
    for (const Tool &tool : request.tools)
        taken.insert(tool.name);
    const std::string wanted = request.webSearch->name;
    for (int number = 2; taken.contains(request.webSearch->name); ++number)
        request.webSearch->name = wanted + '_' + std::to_string(number);
}

void settleToolChoice(ChatRequest &request)
{
    ToolChoice &choice = request.toolChoice;
    const std::optional<WebSearchTool> &search = request.webSearch;
    const bool isOffered = choice.mode == ToolChoice::Mode::Named
        ? (search && search->name == choice.name)
            || std::any_of(request.tools.begin(), request.tools.end(),
                           [&choice](const Tool &tool) { return tool.name == choice.name; })
        : choice.mode != ToolChoice::Mode::Any || search || !request.tools.empty();
    if (isOffered)
        return;
    addNote(request.notes, "tool_choice asks for a tool that is not offered and is ignored");
    choice.mode = ToolChoice::Mode::Auto;
    choice.name.clear();
}

std::string inQuotes(std::string_view text)
{
    const bool isLong = text.size() > QuotedBytes;
    std::size_t length = isLong ? QuotedBytes : text.size();
    while (isLong && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
        --length;
    return '\'' + std::string(text.substr(0, length)) + (isLong ? "…'" : "'");
}

std::string fullContextMessage(const ChatError &error, std::string_view words,
                               std::string_view sentence)
{
    std::string message = error.param.empty() ? error.message : error.param + ": " + error.message;
    if (error.kind != ChatError::Kind::ContextLengthExceeded
        || message.find(words) != std::string::npos)
        return message;
    return std::string(sentence) + (message.empty() ? "" : ": ") + message;
}

} // namespace kirotray
