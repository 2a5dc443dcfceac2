// SPDX-License-Identifier: MIT
#include "app/dialects/geminischema.h"

#include "app/dialects/geminifields.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kirotray {

namespace {

constexpr std::array<std::string_view, 7> GeminiTypes {"STRING", "NUMBER", "INTEGER", "BOOLEAN",
                                                       "ARRAY",  "OBJECT", "NULL"};

/// What the value of a schema's member is.
enum class SchemaMember { Plain, Dropped, Type, Schema, SchemaList, SchemaMap, Count };

struct KnownMember
{
    std::string_view snakeCase; ///< empty: the same
    std::string_view name;
    SchemaMember kind;
};

constexpr std::array KnownMembers {
    KnownMember {{}, "type", SchemaMember::Type},
    KnownMember {{}, "nullable", SchemaMember::Dropped},
    KnownMember {"property_ordering", "propertyOrdering", SchemaMember::Dropped},
    KnownMember {{}, "properties", SchemaMember::SchemaMap},
    KnownMember {"pattern_properties", "patternProperties", SchemaMember::SchemaMap},
    KnownMember {{}, "$defs", SchemaMember::SchemaMap},
    KnownMember {{}, "definitions", SchemaMember::SchemaMap},
    KnownMember {{}, "items", SchemaMember::Schema},
    KnownMember {{}, "not", SchemaMember::Schema},
    KnownMember {"additional_properties", "additionalProperties", SchemaMember::Schema},
    KnownMember {"any_of", "anyOf", SchemaMember::SchemaList},
    KnownMember {"one_of", "oneOf", SchemaMember::SchemaList},
    KnownMember {"all_of", "allOf", SchemaMember::SchemaList},
    KnownMember {"prefix_items", "prefixItems", SchemaMember::SchemaList},
    KnownMember {"min_items", "minItems", SchemaMember::Count},
    KnownMember {"max_items", "maxItems", SchemaMember::Count},
    KnownMember {"min_length", "minLength", SchemaMember::Count},
    KnownMember {"max_length", "maxLength", SchemaMember::Count},
    KnownMember {"min_properties", "minProperties", SchemaMember::Count},
    KnownMember {"max_properties", "maxProperties", SchemaMember::Count},
};

bool isGeminiType(std::string_view name)
{
    return std::find(GeminiTypes.begin(), GeminiTypes.end(), name) != GeminiTypes.end();
}

class GeminiSchemaWriter
{
public:
    explicit GeminiSchemaWriter(std::string &out)
        : m_writer(out)
    {
    }
    void writeSchema(const JsonValue &schema);
    bool hasChanged() const { return m_hasChanged; }

private:
    void writeMember(const JsonValue &member, std::string_view name, SchemaMember kind);
    void writeType(const JsonValue &type);
    void writeTypeName(const JsonValue &name);
    void writeCount(const JsonValue &count);

    JsonWriter m_writer;
    bool m_hasChanged = false;
};

void GeminiSchemaWriter::writeSchema(const JsonValue &schema)
{
    if (!schema.isObject()) {
        m_writer.raw(schema.raw());
        return;
    }
    m_writer.beginObject();
    for (const JsonValue &member : schema) {
        const auto known = std::find_if(
            KnownMembers.begin(), KnownMembers.end(), [&member](const KnownMember &each) {
                return each.name == member.key()
                    || (!each.snakeCase.empty() && each.snakeCase == member.key());
            });
        if (known == KnownMembers.end()) {
            writeMember(member, member.key(), SchemaMember::Plain);
            continue;
        }
        m_hasChanged = m_hasChanged || known->name != member.key();
        writeMember(member, known->name, known->kind);
    }
    m_writer.endObject();
}

void GeminiSchemaWriter::writeMember(const JsonValue &member, std::string_view name,
                                     SchemaMember kind)
{
    const bool isNoType = kind == SchemaMember::Type && member.string() == "TYPE_UNSPECIFIED";
    if (kind == SchemaMember::Dropped || isNoType) {
        m_hasChanged = true;
        return;
    }
    m_writer.key(name);
    if (kind == SchemaMember::Type) {
        writeType(member);
    } else if (kind == SchemaMember::Count) {
        writeCount(member);
    } else if (kind == SchemaMember::Schema) {
        writeSchema(member);
    } else if (kind == SchemaMember::SchemaList && member.isArray()) {
        m_writer.beginArray();
        for (const JsonValue &schema : member)
            writeSchema(schema);
        m_writer.endArray();
    } else if (kind == SchemaMember::SchemaMap && member.isObject()) {
        m_writer.beginObject();
        for (const JsonValue &schema : member) {
            m_writer.key(schema.key());
            writeSchema(schema);
        }
        m_writer.endObject();
    } else {
        m_writer.raw(member.raw());
    }
}

void GeminiSchemaWriter::writeType(const JsonValue &type)
{
    if (!type.isArray()) {
        writeTypeName(type);
        return;
    }
    m_writer.beginArray();
    for (const JsonValue &name : type)
        writeTypeName(name);
    m_writer.endArray();
}

void GeminiSchemaWriter::writeTypeName(const JsonValue &name)
{
    if (!isGeminiType(name.string())) {
        m_writer.raw(name.raw());
        return;
    }
    m_hasChanged = true;
    m_writer.string(geminiLowered(name.string()));
}

void GeminiSchemaWriter::writeCount(const JsonValue &count)
{
    constexpr std::size_t MaxDigits = 18; // of any qint64
    const std::string_view digits = count.string();
    const bool isNumber = !digits.empty() && digits.size() <= MaxDigits
        && digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (!isNumber) {
        m_writer.raw(count.raw());
        return;
    }
    m_hasChanged = true;
    m_writer.integer(std::stoll(std::string(digits)));
}

} // namespace

std::string geminiJsonSchema(const JsonValue &schema)
{
    std::string written;
    GeminiSchemaWriter writer(written);
    writer.writeSchema(schema);
    return writer.hasChanged() ? written : std::string(schema.raw());
}

} // namespace kirotray
