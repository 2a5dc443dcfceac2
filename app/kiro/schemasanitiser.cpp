// SPDX-License-Identifier: MIT
#include "app/kiro/schemasanitiser.h"

#include "app/base/json.h"
#include "app/base/jsoncopy.h"
#include "app/base/limits.h"
#include "app/kiro/schemamembers.h"

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr std::string_view EmptySchema = R"({"type":"object","properties":{}})";

/// What a keyword's value is, which decides how it is written.
enum class KeywordForm {
    Dropped,
    Type,
    Properties,
    Required,
    Enumeration,
    Constant,
    Text,
    Number,
    Flag,
    Items,
    Schema,
    SchemaMap,
    SchemaList,
    Anything
};

struct SchemaKeyword
{
    std::string_view name;
    KeywordForm form;
    bool inStrict; ///< survives the strict level
};

constexpr std::array<SchemaKeyword, 43> SchemaKeywords {{
    {"type", KeywordForm::Type, true},
    {"description", KeywordForm::Text, true},
    {"properties", KeywordForm::Properties, true},
    {"required", KeywordForm::Required, true},
    {"items", KeywordForm::Items, true},
    {"enum", KeywordForm::Enumeration, true},
    {"const", KeywordForm::Constant, true},
    {"minimum", KeywordForm::Number, true},
    {"maximum", KeywordForm::Number, true},
    {"exclusiveMinimum", KeywordForm::Number, true},
    {"exclusiveMaximum", KeywordForm::Number, true},
    {"multipleOf", KeywordForm::Number, true},
    {"minLength", KeywordForm::Number, true},
    {"maxLength", KeywordForm::Number, true},
    {"minItems", KeywordForm::Number, true},
    {"maxItems", KeywordForm::Number, true},
    {"minProperties", KeywordForm::Number, false},
    {"maxProperties", KeywordForm::Number, false},
    {"title", KeywordForm::Text, false},
    {"format", KeywordForm::Text, false},
    {"pattern", KeywordForm::Text, false},
    {"contentEncoding", KeywordForm::Text, false},
    {"contentMediaType", KeywordForm::Text, false},
    {"uniqueItems", KeywordForm::Flag, false},
    {"nullable", KeywordForm::Flag, false},
    {"anyOf", KeywordForm::SchemaList, false},
    {"oneOf", KeywordForm::SchemaList, false},
    {"allOf", KeywordForm::SchemaList, false},
    {"prefixItems", KeywordForm::SchemaList, false},
    {"not", KeywordForm::Schema, false},
    {"if", KeywordForm::Schema, false},
    {"then", KeywordForm::Schema, false},
    {"else", KeywordForm::Schema, false},
    {"contains", KeywordForm::Schema, false},
    {"propertyNames", KeywordForm::Schema, false},
    {"patternProperties", KeywordForm::SchemaMap, false},
    {"dependentSchemas", KeywordForm::SchemaMap, false},
    {"additionalProperties", KeywordForm::Dropped, false},
    {"unevaluatedProperties", KeywordForm::Dropped, false},
    {"additionalItems", KeywordForm::Dropped, false},
    {"unevaluatedItems", KeywordForm::Dropped, false},
    {"definitions", KeywordForm::Dropped, false},
    {"dependencies", KeywordForm::Dropped, false},
}};

SchemaKeyword keywordOf(std::string_view name)
{
    for (const SchemaKeyword &keyword : SchemaKeywords)
        if (keyword.name == name)
            return keyword;
    // $schema, $id, $defs, $comment, $anchor and their kind
    return {name, name.starts_with('$') ? KeywordForm::Dropped : KeywordForm::Anything, false};
}

/// A property that is null or false can never be given.
bool isKeptProperty(const JsonValue &value)
{
    return !value.isNull() && value.raw() != "false";
}

/// Gemini's own form writes types in capitals.
std::string lowerCaseType(std::string_view text)
{
    std::string type(text);
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return type;
}

/// The one type of a `type` value: the first that is not "null". Empty when there is none.
std::string singleType(const JsonValue &value)
{
    if (value.isString())
        return lowerCaseType(value.string());
    for (const JsonValue &entry : value)
        if (entry.isString() && entry.string() != "null")
            return lowerCaseType(entry.string());
    return {};
}

class SchemaWriter
{
public:
    SchemaWriter(const JsonValue &root, SchemaLevel level, SanitisedSchema &result)
        : m_root(root)
        , m_level(level)
        , m_result(result)
        , m_writer(result.json)
        , m_references(root, level == SchemaLevel::Strict)
    {
    }

    void writeRoot()
    {
        const SchemaReferences::Scope scope(m_references, m_root);
        const SchemaMembers members = m_references.expand(m_root);
        const std::string type = singleType(members.find("type"));
        if (type.empty() || type == "object") {
            writeMembers(members, 0, true);
            return;
        }
        changed("wrapped under `input`");
        m_writer.beginObject().member("type", "object").key("properties").beginObject();
        m_writer.key("input");
        writeMembers(members, 1, false);
        m_writer.endObject().memberRaw("required", R"(["input"])").endObject();
    }

    void noteReferences()
    {
        if (m_references.leftOpen())
            changed("a reference left open");
    }

private:
    void changed(std::string_view what)
    {
        auto &changes = m_result.changes;
        if (std::find(changes.begin(), changes.end(), what) == changes.end())
            changes.emplace_back(what);
    }

    void removed(std::string_view keyword) { changed(std::string(keyword) + " removed"); }

    void writeSchema(const JsonValue &schema, int depth)
    {
        if (!schema.isObject() || depth >= limits::MaxSchemaDepth) {
            m_writer.beginObject().endObject();
            return;
        }
        const SchemaReferences::Scope scope(m_references, schema);
        // Beyond the limit references stay open, or a few nested ones would grow without end.
        const bool mayGrow = m_result.json.size() < std::size_t(limits::MaxToolSchema);
        writeMembers(mayGrow ? m_references.expand(schema) : m_references.plain(schema), depth,
                     false);
    }

    void writeMembers(const SchemaMembers &members, int depth, bool isRoot)
    {
        m_writer.beginObject();
        if (isRoot && !members.find("type").isString()) {
            changed("type object added");
            m_writer.member("type", "object");
        }
        for (const JsonValue &member : members.inOrder())
            writeKeyword(members, member, depth, isRoot);
        if (isRoot && !members.find("properties").isObject()) {
            changed("properties added");
            m_writer.key("properties").beginObject().endObject();
        }
        m_writer.endObject();
    }

    void writeKeyword(const SchemaMembers &members, const JsonValue &value, int depth, bool isRoot)
    {
        const std::string_view name = value.key();
        if (name == "$ref") {
            changed("$ref resolved");
            return;
        }
        const SchemaKeyword keyword = keywordOf(name);
        const bool isTooFine = m_level == SchemaLevel::Strict && !keyword.inStrict;
        if (value.isNull() || isTooFine || !writeForm(keyword, members, value, depth, isRoot))
            removed(name);
    }

    /// False when nothing was written.
    bool writeForm(const SchemaKeyword &keyword, const SchemaMembers &members,
                   const JsonValue &value, int depth, bool isRoot)
    {
        const std::string_view name = keyword.name;
        switch (keyword.form) {
        case KeywordForm::Dropped:
            return false;
        case KeywordForm::Type:
            return writeType(value, isRoot);
        case KeywordForm::Properties:
        case KeywordForm::SchemaMap:
            return writeSchemaMap(name, value, depth);
        case KeywordForm::Required:
            return writeRequired(value, members.find("properties"));
        case KeywordForm::Enumeration:
            return writeEnumeration(value);
        case KeywordForm::Constant:
            return writeConstant(value, members);
        case KeywordForm::Text:
            return value.isString() && writeCopy(name, value);
        case KeywordForm::Number: // also draft 4's boolean exclusiveMinimum
            return value.type() == JsonValue::Type::Number && writeCopy(name, value);
        case KeywordForm::Flag:
            return value.type() == JsonValue::Type::Boolean && writeCopy(name, value);
        case KeywordForm::Items:
            return writeItems(value, depth);
        case KeywordForm::Schema:
            return value.isObject() && writeNested(name, value, depth);
        case KeywordForm::SchemaList:
            return writeSchemaList(name, value, depth);
        case KeywordForm::Anything:
            return writeCopy(name, value);
        }
        return false;
    }

    bool writeCopy(std::string_view name, const JsonValue &value)
    {
        m_writer.key(name);
        copyJson(m_writer, value, true);
        return true;
    }

    bool writeNested(std::string_view name, const JsonValue &value, int depth)
    {
        m_writer.key(name);
        writeSchema(value, depth + 1);
        return true;
    }

    bool writeType(const JsonValue &value, bool isRoot)
    {
        if (isRoot && !value.isString())
            return true; // written already, as the first member
        const std::string type = singleType(value);
        if (type.empty())
            return false;
        if (value.isArray())
            changed("type list reduced to one");
        m_writer.member("type", type);
        return true;
    }

    bool writeSchemaMap(std::string_view name, const JsonValue &value, int depth)
    {
        if (!value.isObject())
            return false;
        const SchemaMembers named = m_references.plain(value);
        m_writer.key(name).beginObject();
        for (const JsonValue &member : named.inOrder())
            if (isKeptProperty(member))
                writeNested(member.key(), member, depth);
        m_writer.endObject();
        return true;
    }

    bool writeRequired(const JsonValue &value, const JsonValue &properties)
    {
        SchemaNames known;
        for (const JsonValue &property : properties)
            if (isKeptProperty(property))
                known.insert(property.key());
        std::vector<std::string_view> names;
        for (const JsonValue &entry : value)
            if (entry.isString() && known.erase(entry.string()) > 0)
                names.push_back(entry.string());
        if (value.isArray() && static_cast<std::size_t>(value.size()) != names.size())
            changed("required reduced");
        if (names.empty())
            return false;
        m_writer.key("required").beginArray();
        for (const std::string_view name : names)
            m_writer.string(name);
        m_writer.endArray();
        return true;
    }

    bool writeEnumeration(const JsonValue &value)
    {
        bool hasAny = false;
        for (const JsonValue &entry : value)
            hasAny = hasAny || (value.isArray() && !entry.isNull());
        return hasAny && writeCopy("enum", value);
    }

    bool writeConstant(const JsonValue &value, const SchemaMembers &members)
    {
        if (!members.find("enum").isMissing())
            return false;
        changed("const written as enum");
        m_writer.key("enum").beginArray();
        copyJson(m_writer, value, true);
        m_writer.endArray();
        return true;
    }

    bool writeItems(const JsonValue &value, int depth)
    {
        if (value.isObject())
            return writeNested("items", value, depth);
        for (const JsonValue &first : value) {
            changed("items list reduced to one");
            return writeNested("items", first, depth);
        }
        return false;
    }

    bool writeSchemaList(std::string_view name, const JsonValue &value, int depth)
    {
        std::vector<JsonValue> branches;
        for (const JsonValue &branch : value)
            if (value.isArray() && branch.isObject())
                branches.push_back(branch);
        if (branches.empty())
            return false;
        m_writer.key(name).beginArray();
        for (const JsonValue &branch : branches)
            writeSchema(branch, depth + 1);
        m_writer.endArray();
        return true;
    }

    JsonValue m_root;
    SchemaLevel m_level;
    SanitisedSchema &m_result;
    JsonWriter m_writer;
    SchemaReferences m_references;
};

} // namespace

SanitisedSchema sanitiseSchema(std::string_view clientJson, SchemaLevel level)
{
    SanitisedSchema result;
    result.json.reserve(clientJson.size() + EmptySchema.size());
    const Result<JsonDocument> document = JsonDocument::parse(clientJson);
    if (!document || !document.value().root().isObject()) {
        result.json = EmptySchema;
        result.changes.emplace_back("replaced by the empty schema");
        return result;
    }
    SchemaWriter writer(document.value().root(), level, result);
    writer.writeRoot();
    writer.noteReferences();
    return result;
}

} // namespace kirotray
