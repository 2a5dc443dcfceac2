// SPDX-License-Identifier: MIT
#include "app/dialects/openaichatoptions.h"

#include "app/dialects/dialectparts.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr std::array<std::string_view, 7> EffortNames {"none", "minimal", "low", "medium",
                                                       "high", "xhigh",   "max"};

/// Of three dialects of one wish; the last one that is given counts.
class OpenAiReasoningReader
{
public:
    OpenAiReasoningReader(JsonReader &reader, Reasoning &reasoning)
        : m_reader(reader)
        , m_reasoning(reasoning)
    {
    }
    void read(const JsonValue &root)
    {
        readEffort(root, "reasoning_effort");
        readOpenRouterForm(m_reader.optionalObject(root, "reasoning"));
        if (!m_reader.optionalBoolean(root, "include_reasoning").value_or(true))
            m_reasoning.isShown = false;
        readAnthropicForm(m_reader.optionalObject(root, "thinking"));
    }

private:
    void readEffort(const JsonValue &object, std::string_view key)
    {
        const std::optional<std::string> effort = m_reader.optionalString(object, key);
        if (!effort)
            return;
        if (std::find(EffortNames.begin(), EffortNames.end(), *effort) == EffortNames.end())
            m_reader.fail(object[key], "expected none, minimal, low, medium, high, xhigh or max");
        const bool isOff = *effort == "none";
        m_reasoning.mode = isOff ? Reasoning::Mode::Off : Reasoning::Mode::Adaptive;
        m_reasoning.effort = isOff ? std::string() : *effort;
    }
    void setBudget(const std::optional<qint64> &budget)
    {
        if (!budget)
            return;
        m_reasoning.mode = Reasoning::Mode::Budget;
        m_reasoning.budgetTokens = *budget;
    }
    void readOpenRouterForm(const JsonValue &reasoning)
    {
        const std::optional<bool> enabled = m_reader.optionalBoolean(reasoning, "enabled");
        if (enabled == true && m_reasoning.mode == Reasoning::Mode::Default)
            m_reasoning.mode = Reasoning::Mode::Adaptive;
        readEffort(reasoning, "effort");
        setBudget(readPositive(m_reader, reasoning, "max_tokens"));
        if (enabled == false)
            m_reasoning = {Reasoning::Mode::Off, 0, {}, m_reasoning.isShown};
        if (m_reader.optionalBoolean(reasoning, "exclude").value_or(false))
            m_reasoning.isShown = false;
    }
    void readAnthropicForm(const JsonValue &thinking)
    {
        if (thinking.isAbsent())
            return;
        const std::string type = m_reader.requiredString(thinking, "type");
        if (type == "disabled") {
            m_reasoning = {Reasoning::Mode::Off, 0, {}, m_reasoning.isShown};
        } else if (type == "enabled" || type == "adaptive") {
            m_reasoning.mode = Reasoning::Mode::Adaptive;
            if (type == "enabled")
                setBudget(readPositive(m_reader, thinking, "budget_tokens"));
        } else {
            m_reader.fail(thinking["type"], "expected 'enabled', 'adaptive' or 'disabled'");
        }
    }

    JsonReader &m_reader;
    Reasoning &m_reasoning;
};

void readResponseFormat(JsonReader &reader, const JsonValue &format, OutputFormat &out)
{
    if (format.isAbsent())
        return;
    const std::string type = reader.requiredString(format, "type");
    if (type == "json_object") {
        out.kind = OutputFormat::Kind::JsonObject;
    } else if (type == "json_schema") {
        const JsonValue schema =
            reader.optionalObject(reader.requiredObject(format, "json_schema"), "schema");
        // Without a schema nothing but "some JSON" is said.
        out.kind =
            schema.isAbsent() ? OutputFormat::Kind::JsonObject : OutputFormat::Kind::JsonSchema;
        out.schemaJson = schema.isAbsent() ? std::string_view() : schema.raw();
    } else if (type != "text") {
        reader.fail(format["type"], "expected 'text', 'json_object' or 'json_schema'");
    }
}

} // namespace

void readOpenAiOptions(JsonReader &reader, const JsonValue &root, ChatRequest &request)
{
    OpenAiReasoningReader(reader, request.reasoning).read(root);
    readResponseFormat(reader, reader.optionalObject(root, "response_format"), request.format);
    const JsonValue search = reader.optionalObject(root, "web_search_options");
    if (!search.isAbsent())
        readOpenAiWebSearch(reader, search, request);
    settleSearchName(request);
}

void readOpenAiWebSearch(JsonReader &reader, const JsonValue &tool, ChatRequest &request)
{
    static constexpr std::array IdleSearchMembers {IdleMember {"search_context_size"},
                                                   IdleMember {"user_location"}};
    WebSearchTool search;
    const JsonValue filters = reader.optionalObject(tool, "filters");
    search.allowedDomains = readTexts(reader, reader.optionalArray(filters, "allowed_domains"));
    search.blockedDomains = readTexts(reader, reader.optionalArray(filters, "blocked_domains"));
    readIdleMembers(reader, tool, IdleSearchMembers, request.notes);
    request.webSearch = std::move(search);
}

} // namespace kirotray
