// SPDX-License-Identifier: MIT
#include "app/simulator/toolrules.h"

#include "app/simulator/verdict.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr std::size_t MaxToolName = 64;
constexpr qint64 MaxToolDescription = 10'004; // characters; the constant of the official CLI

bool isToolNameLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Checks one JSON Schema and everything below it. Knows which places hold schemas, so that a
/// property that happens to be called "format" is no keyword.
class SchemaWalk
{
public:
    SchemaWalk(SchemaRule rule, Verdict &verdict)
        : m_rule(rule)
        , m_verdict(verdict)
    {
    }

    void checkRoot(const JsonValue &schema)
    {
        if (!schema.isObject() || schema["type"].string() != "object")
            return refuse(schema, "the root is no object schema");
        if (!schema["properties"].isObject())
            return refuse(schema["properties"], "properties is no object");
        checkNulls(schema);
        checkSchema(schema);
    }

private:
    void refuse(const JsonValue &at, std::string_view what)
    {
        m_verdict.invalid("TOOL_SCHEMA_INVALID", at, what);
    }

    void checkNulls(const JsonValue &value)
    {
        for (const JsonValue child : value) {
            if (child.isNull())
                refuse(child, "null");
            checkNulls(child);
        }
    }

    void checkSchema(const JsonValue &schema)
    {
        if (m_verdict.refused() || schema.type() == JsonValue::Type::Boolean)
            return;
        if (!schema.isObject())
            return refuse(schema, "a schema is an object");
        for (const JsonValue member : schema)
            checkKeyword(member);
    }

    void checkKeyword(const JsonValue &keyword)
    {
        const std::string_view name = keyword.key();
        if (name == "$ref")
            refuse(keyword, "$ref");
        else if (name == "required")
            checkRequired(keyword);
        else if (m_rule == SchemaRule::Strict && isStrictlyRefused(keyword))
            refuse(keyword, "keyword refused");
        else if (name == "properties" || name == "patternProperties" || name == "$defs"
                 || name == "definitions")
            checkNamed(keyword);
        else if (name == "anyOf" || name == "oneOf" || name == "allOf" || name == "prefixItems")
            checkList(keyword);
        else if (name == "items" && keyword.isArray())
            checkList(keyword);
        else if (name == "items" || name == "additionalProperties" || name == "not" || name == "if"
                 || name == "then" || name == "else" || name == "contains"
                 || name == "propertyNames")
            checkSchema(keyword);
    }

    void checkRequired(const JsonValue &required)
    {
        if (!required.isArray())
            return refuse(required, "required is no array");
        for (const JsonValue name : required) {
            if (!name.isString())
                refuse(name, "required holds a non-string");
        }
    }

    void checkNamed(const JsonValue &schemas)
    {
        if (!schemas.isObject())
            return refuse(schemas, "expected an object of schemas");
        for (const JsonValue schema : schemas)
            checkSchema(schema);
    }

    void checkList(const JsonValue &schemas)
    {
        if (!schemas.isArray())
            return refuse(schemas, "expected an array of schemas");
        for (const JsonValue schema : schemas)
            checkSchema(schema);
    }

    static bool isStrictlyRefused(const JsonValue &keyword)
    {
        static constexpr std::array<std::string_view, 18> Refused {"$schema",
                                                                   "$id",
                                                                   "$defs",
                                                                   "definitions",
                                                                   "anyOf",
                                                                   "oneOf",
                                                                   "allOf",
                                                                   "not",
                                                                   "if",
                                                                   "then",
                                                                   "else",
                                                                   "const",
                                                                   "format",
                                                                   "propertyNames",
                                                                   "patternProperties",
                                                                   "additionalProperties",
                                                                   "pattern",
                                                                   "default"};
        const std::string_view name = keyword.key();
        if (name == "type")
            return keyword.isArray();
        if (name == "exclusiveMinimum" || name == "exclusiveMaximum")
            return keyword.type() == JsonValue::Type::Boolean; // draft 4
        return std::find(Refused.begin(), Refused.end(), name) != Refused.end();
    }

    SchemaRule m_rule;
    Verdict &m_verdict;
};

void checkDescription(const JsonValue &specification, Verdict &verdict)
{
    const JsonValue description = specification["description"];
    if (!verdict.string(description))
        return;
    if (description.string().empty())
        verdict.improper(description, "empty description");
    if (characterCount(description.string()) > MaxToolDescription)
        verdict.improper(description, "description too long");
}

} // namespace

bool isToolName(std::string_view name)
{
    if (name.empty() || name.size() > MaxToolName || !isToolNameLetter(name.front()))
        return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return isToolNameLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

std::string lowerCaseAscii(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
}

void checkTools(const JsonValue &tools, SchemaRule rule, Verdict &verdict,
                std::set<std::string> &declared)
{
    if (!verdict.array(tools))
        return;
    std::set<std::string_view> exact;
    for (const JsonValue tool : tools) {
        if (!verdict.unionOf(tool, {"toolSpecification"}))
            return;
        const JsonValue specification = tool["toolSpecification"];
        if (!verdict.object(specification))
            return;
        const JsonValue name = specification["name"];
        if (verdict.string(name) && !isToolName(name.string()))
            verdict.improper(name, "not a tool name");
        if (!exact.insert(name.string()).second)
            verdict.invalid("TOOL_DUPLICATE", name, "declared twice");
        declared.insert(lowerCaseAscii(name.string()));
        checkDescription(specification, verdict);
        const JsonValue inputSchema = specification["inputSchema"];
        if (verdict.object(inputSchema))
            SchemaWalk(rule, verdict).checkRoot(inputSchema["json"]);
        if (verdict.refused())
            return;
    }
}

} // namespace kirotray
