// SPDX-License-Identifier: MIT
#include "app/kiro/requestlint.h"

#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/chat/imagefacts.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

/// The weights order suspects; only their order means anything. Reports of refused keywords come
/// first (rule 14), then counts and sizes with a measured boundary, then what is merely unusual.
struct SuspectKeyword
{
    std::string_view keyword;
    int weight;
};

constexpr std::array<SuspectKeyword, 24> SuspectKeywords {{
    {"$ref", 95},
    {"$dynamicRef", 95},
    {"not", 90},
    {"if", 90},
    {"then", 90},
    {"else", 90},
    {"propertyNames", 90},
    {"patternProperties", 90},
    {"dependentSchemas", 90},
    {"dependentRequired", 90},
    {"dependencies", 90},
    {"unevaluatedProperties", 90},
    {"unevaluatedItems", 90},
    {"prefixItems", 88},
    {"contains", 88},
    {"oneOf", 71},
    {"allOf", 70},
    {"anyOf", 69},
    {"const", 60},
    {"pattern", 59},
    {"format", 58},
    {"default", 52},
    {"contentEncoding", 52},
    {"contentMediaType", 52},
}};

constexpr int WeightBooleanBound = 92;
constexpr int WeightTypeList = 89;
constexpr int WeightPropertyName = 85;
constexpr int WeightToolCount = 75;
constexpr int WeightLongText = 72;
constexpr int WeightDocuments = 68;
constexpr int WeightHugeSchema = 65;
constexpr int WeightDeepSchema = 64;
constexpr int WeightTotalSize = 62;
constexpr int WeightLargeImage = 56;
constexpr int WeightModelFields = 48;
constexpr int WeightLongDescription = 45;
constexpr int WeightHistory = 35;

constexpr int ManyTools = 120; // rule 15
constexpr qint64 LongText = 400'000; // characters, the official CLI's bound (§1.4)
constexpr std::size_t LargeSchema = 64 * 1024;
constexpr int DeepSchema = 12;
constexpr std::size_t LongDescription = 10'000; // bytes; rule 11 bounds the tool's own only
constexpr std::size_t LargeRequest = 1'250'000; // rule 17
constexpr std::size_t LargeImage = 4'000'000; // base64; rule 16 allows 5,242,880
constexpr int WideImage = 2000; // pixels; rule 16, where there are many
constexpr int LongHistory = 198; // rule 21
constexpr std::size_t LongPropertyName = 64;
constexpr std::size_t MaxFindings = 200; ///< one is shown; a hostile schema has a million
constexpr std::size_t MaxShownPlace = 200; ///< bytes

bool isPlainPropertyName(std::string_view name)
{
    return !name.empty() && name.size() <= LongPropertyName
        && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                   || c == '_' || c == '-' || c == '.';
           });
}

qint64 codePoints(std::string_view utf8)
{
    return std::count_if(utf8.begin(), utf8.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

/// Goes through one tool's schema as it was sent.
class SchemaLint
{
public:
    SchemaLint(std::string path, std::string tool, std::vector<LintFinding> &findings)
        : m_path(std::move(path))
        , m_tool(std::move(tool))
        , m_findings(findings)
    {
    }

    void run(const JsonValue &schema)
    {
        m_root = schema.path().size();
        if (schema.raw().size() > LargeSchema)
            add(WeightHugeSchema, "takes " + std::to_string(schema.raw().size()) + " bytes");
        visit(schema, 0);
    }

private:
    void add(int weight, const std::string &what)
    {
        m_findings.push_back({m_path, "the schema of tool '" + m_tool + "' " + what, weight});
    }

    /// The place within the schema, the root without a name.
    std::string placeOf(const JsonValue &value) const
    {
        const std::string place = value.path().substr(m_root);
        return place.empty() ? " at its root"
                             : " at " + place.substr(place[0] == '.' ? 1 : 0, MaxShownPlace);
    }

    void visit(const JsonValue &node, int depth)
    {
        if (!node.isObject() || m_findings.size() >= MaxFindings)
            return;
        if (depth == DeepSchema)
            add(WeightDeepSchema, "is nested deeply" + placeOf(node));
        for (const JsonValue member : node)
            visitKeyword(member, node, depth);
    }

    void visitKeyword(const JsonValue &member, const JsonValue &node, int depth)
    {
        const std::string_view key = member.key();
        for (const SuspectKeyword &suspect : SuspectKeywords)
            if (suspect.keyword == key)
                add(suspect.weight, "uses `" + std::string(key) + '`' + placeOf(node));
        const bool isBound = key == "exclusiveMinimum" || key == "exclusiveMaximum";
        if (isBound && member.type() == JsonValue::Type::Boolean)
            add(WeightBooleanBound, "has a boolean `" + std::string(key) + '`' + placeOf(node));
        if (key == "type" && member.isArray())
            add(WeightTypeList, "has a list for `type`" + placeOf(node));
        if (key == "description" && member.string().size() > LongDescription)
            add(WeightLongDescription, "has a very long description" + placeOf(node));
        if (key == "properties")
            return visitProperties(member, depth);
        if (key == "enum" || key == "required" || key == "default" || key == "const")
            return; // values, not schemas
        if (member.isArray())
            for (const JsonValue element : member)
                visit(element, depth + 1);
        visit(member, depth + 1);
    }

    void visitProperties(const JsonValue &properties, int depth)
    {
        for (const JsonValue property : properties) {
            if (m_findings.size() >= MaxFindings)
                return;
            if (!isPlainPropertyName(property.key()))
                add(WeightPropertyName,
                    "has a property whose name is not 1 to 64 letters, digits, '_', '-' or '.'"
                        + placeOf(properties));
            visit(property, depth + 1);
        }
    }

    std::string m_path;
    std::string m_tool;
    std::vector<LintFinding> &m_findings;
    std::size_t m_root = 0;
};

class RequestLint
{
public:
    RequestLint(const ChatRequest &request, const BuiltRequest &built)
        : m_request(request)
        , m_built(built)
    {
    }

    std::vector<LintFinding> run()
    {
        if (const auto state = JsonDocument::parse(m_built.conversationState))
            checkSent(state.value().root());
        if (m_built.conversationState.size() > LargeRequest)
            add({},
                "the request takes " + std::to_string(m_built.conversationState.size()) + " bytes",
                WeightTotalSize);
        if (!m_built.modelFields.empty())
            add({}, "the settings for thinking and max_tokens may not suit this model",
                WeightModelFields);
        for (const Message &message : m_request.messages)
            for (const Part &part : message.parts)
                std::visit([&](const auto &one) { check(one, message.path); }, part);
        std::stable_sort(
            m_findings.begin(), m_findings.end(),
            [](const LintFinding &a, const LintFinding &b) { return a.weight > b.weight; });
        return std::move(m_findings);
    }

private:
    void add(const std::string &path, const std::string &what, int weight)
    {
        m_findings.push_back({path, what, weight});
    }

    void checkSent(const JsonValue &state)
    {
        const int history = state["history"].size();
        if (history > LongHistory)
            add({}, "the conversation has " + std::to_string(history + 1) + " messages",
                WeightHistory);
        const JsonValue tools =
            state["currentMessage"]["userInputMessage"]["userInputMessageContext"]["tools"];
        if (tools.size() > ManyTools)
            add({}, "the request declares " + std::to_string(tools.size()) + " tools",
                WeightToolCount);
        for (const JsonValue tool : tools)
            checkTool(tool["toolSpecification"]);
    }

    void checkTool(const JsonValue &spec)
    {
        const std::string sent(spec["name"].string());
        const auto renamed = m_built.toolNames.find(sent);
        const std::string &name = renamed == m_built.toolNames.end() ? sent : renamed->second;
        const auto tool = std::find_if(m_request.tools.begin(), m_request.tools.end(),
                                       [&name](const Tool &one) { return one.name == name; });
        const std::string path = tool == m_request.tools.end() ? std::string() : tool->path;
        SchemaLint(path, name, m_findings).run(spec["inputSchema"]["json"]);
    }

    void checkLength(std::string_view text, const std::string &path, const char *what)
    {
        if (text.size() <= std::size_t(LongText))
            return;
        if (const qint64 count = codePoints(text); count > LongText)
            add(path, std::string(what) + " has " + std::to_string(count) + " characters",
                WeightLongText);
    }

    void check(const TextPart &part, const std::string &path)
    {
        checkLength(part.text, path, "a text");
    }

    void check(const ThinkingPart &, const std::string &) { }
    void check(const ToolUsePart &, const std::string &) { }

    void check(const ToolResultPart &part, const std::string &path)
    {
        checkLength(part.text, path, "a tool result");
        for (const ImagePart &image : part.images)
            check(image, path);
        for (const DocumentPart &document : part.documents)
            check(document, path);
    }

    void check(const ImagePart &part, const std::string &)
    {
        std::deque<std::string> owned;
        const auto base64 = normalBase64(part.data, owned);
        const auto facts = base64 ? imageFactsOfBase64(*base64) : std::nullopt;
        if (!facts)
            return;
        if (part.data.size() > LargeImage)
            add(part.path, "the image takes " + std::to_string(part.data.size()) + " bytes",
                WeightLargeImage);
        else if (std::max(facts->width, facts->height) > WideImage)
            add(part.path,
                "the image is " + std::to_string(facts->width) + " x "
                    + std::to_string(facts->height) + " pixels",
                WeightLargeImage - 1);
    }

    void check(const DocumentPart &part, const std::string &)
    {
        add(part.path, "this model may take no documents", WeightDocuments);
    }

    const ChatRequest &m_request;
    const BuiltRequest &m_built;
    std::vector<LintFinding> m_findings;
};

} // namespace

std::vector<LintFinding> lintRequest(const ChatRequest &request, const BuiltRequest &built)
{
    return RequestLint(request, built).run();
}

std::optional<LintFinding> likelyCause(const ChatRequest &request, const BuiltRequest &built)
{
    std::vector<LintFinding> findings = lintRequest(request, built);
    if (findings.empty())
        return std::nullopt;
    return std::move(findings.front());
}

} // namespace kirotray
