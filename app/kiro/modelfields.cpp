// SPDX-License-Identifier: MIT
#include "app/kiro/modelfields.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr std::array<std::string_view, 7> Efforts {"none", "minimal", "low", "medium",
                                                   "high", "xhigh",   "max"};
constexpr int MaxFieldDepth = 8; ///< of combinators in a model's schema; it has one or two
constexpr int MaxFieldVisits = 1000; ///< schemas have a dozen branches
constexpr std::size_t MaxFieldValues = 16;
constexpr qint64 LeastMaxTokens = 1024; ///< of every model with max_tokens (§1.9)

/// `#/$defs/x` within the same schema; `node` itself when it is no reference.
JsonValue withoutReference(const JsonValue &root, const JsonValue &node)
{
    std::string_view pointer = node["$ref"].string();
    if (!pointer.starts_with("#/"))
        return node;
    pointer.remove_prefix(2);
    JsonValue found = root;
    while (!pointer.empty()) {
        const std::size_t slash = std::min(pointer.find('/'), pointer.size());
        found = found[pointer.substr(0, slash)];
        pointer.remove_prefix(std::min(slash + 1, pointer.size()));
    }
    return found;
}

/// Calls `visit` for a schema and every branch of its combinators; references may make a few of
/// them many.
template <typename Visit>
void forEachBranch(const JsonValue &root, const JsonValue &schema, const Visit &visit, int depth,
                   int &visitsLeft)
{
    if (depth > MaxFieldDepth || --visitsLeft < 0)
        return;
    const JsonValue node = withoutReference(root, schema);
    if (!node.isObject())
        return;
    visit(node);
    for (const char *combinator : {"anyOf", "oneOf", "allOf"})
        for (const JsonValue branch : node[combinator])
            forEachBranch(root, branch, visit, depth + 1, visitsLeft);
}

template <typename Visit>
void forEachBranch(const JsonValue &root, const JsonValue &schema, const Visit &visit)
{
    int visitsLeft = MaxFieldVisits;
    forEachBranch(root, schema, visit, 0, visitsLeft);
}

/// The schemas of a property in all branches.
std::vector<JsonValue> propertySchemas(const JsonValue &root, const std::vector<JsonValue> &schemas,
                                       std::string_view name)
{
    std::vector<JsonValue> found;
    for (const JsonValue &schema : schemas)
        forEachBranch(root, schema, [&](const JsonValue &node) {
            const JsonValue property = node["properties"][name];
            if (property.isObject() && found.size() < MaxFieldValues)
                found.push_back(property);
        });
    return found;
}

std::vector<std::string> listedValues(const JsonValue &root, const std::vector<JsonValue> &schemas)
{
    std::vector<std::string> values;
    const auto add = [&values](const JsonValue &value) {
        const std::string text(value.string());
        const bool isKnown = std::find(values.begin(), values.end(), text) != values.end();
        if (!text.empty() && !isKnown && values.size() < MaxFieldValues)
            values.push_back(text);
    };
    for (const JsonValue &schema : schemas)
        forEachBranch(root, schema, [&add](const JsonValue &node) {
            for (const JsonValue value : node["enum"])
                add(value);
            add(node["const"]);
        });
    return values;
}

/// What the schema lists, else what is known of the model, else what is usual.
std::vector<std::string> valuesOf(const JsonValue &root, const std::vector<JsonValue> &schemas,
                                  const std::vector<std::string> &known,
                                  const std::vector<std::string> &usual)
{
    std::vector<std::string> values = listedValues(root, schemas);
    if (!values.empty())
        return values;
    return known.empty() ? usual : known;
}

void keepEfforts(std::vector<std::string> &efforts)
{
    std::erase_if(efforts, [](const std::string &effort) { return effortRank(effort) < 0; });
    std::sort(efforts.begin(), efforts.end(), [](const std::string &a, const std::string &b) {
        return effortRank(a) < effortRank(b);
    });
}

void readMaxTokens(const JsonValue &root, const std::vector<JsonValue> &schemas,
                   const KiroModelFields &known, qint64 maxOutputTokens, KiroModelFields &fields)
{
    fields.maxTokensMin = known.maxTokensMin.value_or(LeastMaxTokens);
    fields.maxTokensMax = known.maxTokensMax.value_or(std::max(maxOutputTokens, LeastMaxTokens));
    for (const JsonValue &schema : schemas)
        forEachBranch(root, schema, [&fields](const JsonValue &node) {
            if (const auto least = node["minimum"].integer(); least && *least >= 0)
                fields.maxTokensMin = *least;
            if (const auto most = node["maximum"].integer(); most && *most > 0)
                fields.maxTokensMax = *most;
        });
    fields.maxTokensMin = std::min(*fields.maxTokensMin, *fields.maxTokensMax);
}

bool contains(const std::vector<std::string> &list, std::string_view wanted)
{
    return std::find(list.begin(), list.end(), wanted) != list.end();
}

/// Budgets in the words of the newer models, as other programs translate them (§1.9).
std::string_view effortOfBudget(qint64 tokens)
{
    constexpr qint64 low = 4000;
    constexpr qint64 medium = 16'000;
    constexpr qint64 high = 64'000;
    return tokens <= low ? "low" : tokens <= medium ? "medium" : tokens <= high ? "high" : "xhigh";
}

class ModelFieldsWriter
{
public:
    ModelFieldsWriter(const ChatRequest &request, const KiroModelFields &fields,
                      std::vector<NormaliserNote> &notes)
        : m_request(request)
        , m_fields(fields)
        , m_notes(notes)
    {
    }

    std::string json()
    {
        using Mode = Reasoning::Mode;
        const Mode mode = m_request.reasoning.mode;
        const bool isOff = mode == Mode::Off || m_request.reasoning.effort == "none";
        if (isOff)
            decideOff();
        else if (mode != Mode::Default)
            decideOn();
        decideMaxTokens();
        return written();
    }

private:
    void note(const std::string &what) { m_notes.push_back({18, what}); }

    void decideOff()
    {
        if (contains(m_fields.thinkingTypes, "disabled")) {
            m_type = "disabled";
            return;
        }
        if (m_fields.efforts.empty())
            return note("this model cannot be told not to think");
        m_effort = m_fields.efforts.front();
        if (m_effort != "none")
            note("this model always thinks; effort '" + m_effort + "' is asked for");
    }

    void decideOn()
    {
        const Reasoning &reasoning = m_request.reasoning;
        if (!m_fields.thinkingTypes.empty())
            decideType();
        const std::string_view display = reasoning.isShown ? "summarized" : "omitted";
        if (!m_type.empty() && contains(m_fields.thinkingDisplays, display))
            m_display = display;
        else if (!m_type.empty() && !m_fields.thinkingDisplays.empty())
            note("thinking display '" + std::string(display) + "' is not announced by the model");
        if (!reasoning.effort.empty()) {
            decideEffort(reasoning.effort);
        } else if (reasoning.mode == Reasoning::Mode::Budget) {
            decideEffort(effortOfBudget(reasoning.budgetTokens));
            if (!m_effort.empty())
                note("a thinking budget of " + std::to_string(reasoning.budgetTokens)
                     + " tokens becomes effort '" + m_effort + '\'');
        }
    }

    void decideType()
    {
        if (contains(m_fields.thinkingTypes, "adaptive")) {
            m_type = "adaptive";
            return;
        }
        const auto other =
            std::find_if(m_fields.thinkingTypes.begin(), m_fields.thinkingTypes.end(),
                         [](const std::string &type) { return type != "disabled"; });
        if (other == m_fields.thinkingTypes.end())
            return note("the model announces no way to think");
        m_type = *other;
        note("thinking type '" + m_type + "' instead of 'adaptive'");
    }

    /// The nearest announced one; the lower of two that are equally near. Never `none`: thinking
    /// was asked for.
    void decideEffort(std::string_view wanted)
    {
        const int rank = effortRank(wanted);
        if (rank < 0)
            return note("the effort is none that is known and is not sent");
        int distance = int(Efforts.size());
        for (const std::string &effort : m_fields.efforts) {
            const int away = std::abs(effortRank(effort) - rank);
            if (effort == "none" || away >= distance)
                continue;
            distance = away;
            m_effort = effort;
        }
        if (m_effort.empty())
            note("the model takes no effort");
        else if (m_effort != wanted)
            note("effort '" + std::string(wanted) + "' becomes '" + m_effort + '\'');
    }

    void decideMaxTokens()
    {
        if (!m_request.maxTokens || !m_fields.maxTokensMin || !m_fields.maxTokensMax)
            return;
        m_maxTokens =
            std::clamp(*m_request.maxTokens, *m_fields.maxTokensMin, *m_fields.maxTokensMax);
        if (m_maxTokens != m_request.maxTokens)
            note("max_tokens " + std::to_string(*m_request.maxTokens) + " becomes "
                 + std::to_string(*m_maxTokens));
    }

    std::string written() const
    {
        std::string out;
        if (m_type.empty() && m_effort.empty() && !m_maxTokens)
            return out;
        JsonWriter writer(out);
        writer.beginObject();
        if (!m_type.empty()) {
            writer.key("thinking").beginObject().member("type", m_type);
            if (!m_display.empty())
                writer.member("display", m_display);
            writer.endObject();
        }
        if (!m_effort.empty()) {
            writer.key(m_fields.effortInReasoning ? "reasoning" : "output_config").beginObject();
            writer.member("effort", m_effort).endObject();
        }
        if (m_maxTokens)
            writer.memberInteger("max_tokens", *m_maxTokens);
        writer.endObject();
        return out;
    }

    const ChatRequest &m_request;
    const KiroModelFields &m_fields;
    std::vector<NormaliserNote> &m_notes;
    std::string m_type;
    std::string_view m_display;
    std::string m_effort;
    std::optional<qint64> m_maxTokens;
};

} // namespace

int effortRank(std::string_view effort)
{
    const auto found = std::find(Efforts.begin(), Efforts.end(), effort);
    return found == Efforts.end() ? -1 : int(found - Efforts.begin());
}

KiroModelFields modelFieldsFromSchema(const JsonValue &schema, const KiroModelFields &known,
                                      qint64 maxOutputTokens)
{
    KiroModelFields fields;
    const auto of = [&schema](const std::vector<JsonValue> &parents, std::string_view name) {
        return propertySchemas(schema, parents, name);
    };
    const std::vector<JsonValue> root {schema};
    if (const auto thinking = of(root, "thinking"); !thinking.empty()) {
        fields.thinkingTypes =
            valuesOf(schema, of(thinking, "type"), known.thinkingTypes, {"adaptive", "disabled"});
        fields.thinkingDisplays = valuesOf(schema, of(thinking, "display"), known.thinkingDisplays,
                                           {"summarized", "omitted"});
    }
    const auto output = of(root, "output_config");
    const auto reasoning = of(root, "reasoning");
    fields.effortInReasoning = output.empty() && !reasoning.empty();
    if (!output.empty())
        fields.efforts =
            valuesOf(schema, of(output, "effort"), known.efforts, {"low", "medium", "high", "max"});
    else if (!reasoning.empty())
        fields.efforts = valuesOf(schema, of(reasoning, "effort"), known.efforts,
                                  {"none", "low", "medium", "high", "xhigh", "max"});
    keepEfforts(fields.efforts);
    if (const auto tokens = of(root, "max_tokens"); !tokens.empty())
        readMaxTokens(schema, tokens, known, maxOutputTokens, fields);
    return fields;
}

std::string modelFieldsJson(const ChatRequest &request, const KiroModelFields &fields,
                            std::vector<NormaliserNote> &notes)
{
    return ModelFieldsWriter(request, fields, notes).json();
}

} // namespace kirotray
