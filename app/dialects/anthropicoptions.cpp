// SPDX-License-Identifier: MIT
#include "app/dialects/anthropicrequest.h"
#include "app/dialects/dialectparts.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr std::array AnthropicIdleMembers {
    IdleMember {"container"},
    IdleMember {"context_management", JsonValue::Type::Object},
    IdleMember {"inference_geo"},
    IdleMember {"mcp_servers", JsonValue::Type::Array},
    IdleMember {"service_tier", JsonValue::Type::String},
    IdleMember {"temperature", JsonValue::Type::Number},
    IdleMember {"top_k", JsonValue::Type::Number},
    IdleMember {"top_p", JsonValue::Type::Number},
};

constexpr std::array<std::string_view, 13> AnthropicReadMembers {
    "cache_control", "max_tokens",    "messages",       "metadata", "model",
    "output_config", "output_format", "stop_sequences", "stream",   "system",
    "thinking",      "tool_choice",   "tools",
};

constexpr std::array<std::string_view, 5> AnthropicEfforts {"low", "medium", "high", "xhigh",
                                                            "max"};

constexpr qint64 LeastThinkingBudget = 1024; ///< of the API
constexpr int MaxUnknownNotes = 16; ///< of members, in one request

bool isReadMember(std::string_view key)
{
    return std::find(AnthropicReadMembers.begin(), AnthropicReadMembers.end(), key)
        != AnthropicReadMembers.end()
        || std::any_of(AnthropicIdleMembers.begin(), AnthropicIdleMembers.end(),
                       [key](const IdleMember &member) { return member.name == key; });
}

/// Betas bring new ones; none may stop a client.
void noteUnknownMembers(AnthropicReading &reading, const JsonValue &root)
{
    int count = 0;
    for (const JsonValue &member : root)
        if (!isReadMember(member.key()) && !member.isNull() && count++ < MaxUnknownNotes)
            addNote(reading.chat.notes, inQuotes(member.key()) + " is not known and has no effect");
}

void readThinkingBudget(AnthropicReading &reading, const JsonValue &thinking)
{
    JsonReader &reader = reading.reader;
    const std::optional<qint64> budget = reader.optionalInteger(thinking, "budget_tokens");
    if (!budget)
        reader.fail(thinking["budget_tokens"], "is required");
    else if (*budget < LeastThinkingBudget)
        reader.fail(thinking["budget_tokens"],
                    "must be at least " + std::to_string(LeastThinkingBudget));
    else if (reading.chat.maxTokens && *budget >= *reading.chat.maxTokens)
        reading.note(thinking["budget_tokens"], "is not below max_tokens");
    reading.chat.reasoning.mode = Reasoning::Mode::Budget;
    reading.chat.reasoning.budgetTokens = budget.value_or(0);
}

void readThinkingConfig(AnthropicReading &reading, const JsonValue &thinking)
{
    if (thinking.isAbsent())
        return;
    JsonReader &reader = reading.reader;
    const std::string type = reader.requiredString(thinking, "type");
    if (type == "enabled")
        readThinkingBudget(reading, thinking);
    else if (type == "adaptive")
        reading.chat.reasoning.mode = Reasoning::Mode::Adaptive;
    else if (type == "disabled" || type == "between_tools")
        reading.chat.reasoning.mode = Reasoning::Mode::Off;
    else
        reader.fail(thinking["type"], "expected 'enabled', 'adaptive' or 'disabled'");
    if (reader.optionalString(thinking, "display") == "omitted")
        reading.chat.reasoning.isShown = false;
}

void readOutputFormat(AnthropicReading &reading, const JsonValue &format)
{
    if (format.isAbsent())
        return;
    JsonReader &reader = reading.reader;
    const std::string type = reader.requiredString(format, "type");
    if (type != "json_schema")
        reader.fail(format["type"], "expected 'json_schema'");
    reading.chat.format.kind = OutputFormat::Kind::JsonSchema;
    reading.chat.format.schemaJson = reader.requiredObject(format, "schema").raw();
}

} // namespace

void readAnthropicEffort(AnthropicReading &reading, const JsonValue &config)
{
    const std::optional<std::string> effort = reading.reader.optionalString(config, "effort");
    if (!effort)
        return;
    if (std::find(AnthropicEfforts.begin(), AnthropicEfforts.end(), *effort)
        == AnthropicEfforts.end())
        reading.note(config["effort"], inQuotes(*effort) + " is not known and has no effect");
    else
        reading.chat.reasoning.effort = *effort;
}

void readAnthropicOptions(AnthropicReading &reading, const JsonValue &root)
{
    JsonReader &reader = reading.reader;
    readThinkingConfig(reading, reader.optionalObject(root, "thinking"));
    const JsonValue config = reader.optionalObject(root, "output_config");
    readAnthropicEffort(reading, config);
    if (!config["task_budget"].isAbsent())
        reading.note(config["task_budget"], "has no effect");
    readOutputFormat(reading, reader.optionalObject(root, "output_format"));
    readOutputFormat(reading, reader.optionalObject(config, "format"));
    readIdleMembers(reader, root, AnthropicIdleMembers, reading.chat.notes);
    noteUnknownMembers(reading, root);
}

} // namespace kirotray
