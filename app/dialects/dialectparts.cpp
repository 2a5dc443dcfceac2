// SPDX-License-Identifier: MIT
#include "app/dialects/dialectparts.h"

#include "app/base/limits.h"

#include <algorithm>
#include <set>

namespace kirotray {

namespace {

constexpr std::string_view ReminderOpen = "<system-reminder>";
constexpr std::string_view ReminderClose = "</system-reminder>";
constexpr std::size_t QuotedBytes = 80; ///< of a client's text in a message of ours

} // namespace

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
        notes.push_back(std::string(member->name) + " has no effect");
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

std::vector<std::string> readStopSequences(JsonReader &reader, const JsonValue &array)
{
    std::vector<std::string> sequences;
    if (array.size() > limits::MaxStopSequences)
        reader.fail(array, "has more than " + std::to_string(limits::MaxStopSequences) + " items");
    for (const JsonValue &item : array)
        if (reader.expect(item, JsonValue::Type::String) && !item.string().empty())
            sequences.emplace_back(item.string());
    return sequences;
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
    request.notes.emplace_back("tool_choice asks for a tool that is not offered and is ignored");
    choice.mode = ToolChoice::Mode::Auto;
    choice.name.clear();
}

std::string quoted(std::string_view text)
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
