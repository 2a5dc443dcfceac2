// SPDX-License-Identifier: MIT
#include "app/simulator/schemaexample.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace kirotray {

namespace {

constexpr int MaxExampleDepth = 8;

struct NamedExample
{
    std::string_view part; ///< of the property's name, in lower case
    std::string_view value; ///< empty: the topic
};

/// Nothing in it changes anything when a client really runs the call.
constexpr std::array<NamedExample, 18> NamedExamples {{{"city", "Oslo"},
                                                       {"location", "Oslo"},
                                                       {"place", "Oslo"},
                                                       {"country", "Norway"},
                                                       {"url", "https://example.com/"},
                                                       {"uri", "https://example.com/"},
                                                       {"command", "echo demo"},
                                                       {"path", "README.md"},
                                                       {"file", "README.md"},
                                                       {"dir", "."},
                                                       {"pattern", "*.md"},
                                                       {"email", "demo@example.com"},
                                                       {"lang", "en"},
                                                       {"unit", "celsius"},
                                                       {"query", {}},
                                                       {"question", {}},
                                                       {"prompt", {}},
                                                       {"text", {}}}};

constexpr std::array<NamedExample, 5> FormatExamples {
    {{"date-time", "2026-01-01T12:00:00Z"},
     {"date", "2026-01-01"},
     {"uri", "https://example.com/"},
     {"email", "demo@example.com"},
     {"uuid", "00000000-0000-4000-8000-000000000000"}}};

class ExampleWriter
{
public:
    ExampleWriter(std::string &out, std::string_view topic)
        : m_writer(out)
        , m_topic(topic)
    {
    }

    void write(const JsonValue &schema, std::string_view name, int depth)
    {
        const JsonValue given = givenValue(schema);
        if (!given.isMissing()) {
            m_writer.raw(given.raw());
            return;
        }
        for (const char *combinator : {"anyOf", "oneOf", "allOf"}) {
            const JsonValue branch = firstBranch(schema[combinator]);
            if (!branch.isMissing() && depth < MaxExampleDepth)
                return write(branch, name, depth + 1);
        }
        const std::string_view type = typeOf(schema);
        if (type == "object")
            writeObject(schema, depth);
        else if (type == "array")
            writeArray(schema, name, depth);
        else if (type == "integer" || type == "number")
            writeNumber(schema);
        else if (type == "boolean")
            m_writer.boolean(false);
        else if (type == "null")
            m_writer.null();
        else
            writeString(schema, name);
    }

private:
    static JsonValue givenValue(const JsonValue &schema)
    {
        for (const char *key : {"const", "default"}) {
            if (!schema[key].isMissing())
                return schema[key];
        }
        for (const char *key : {"enum", "examples"}) {
            if (schema[key].isArray() && schema[key].size() > 0)
                return *schema[key].begin();
        }
        return {};
    }

    static JsonValue firstBranch(const JsonValue &branches)
    {
        for (const JsonValue branch : branches) {
            if (branch["type"].string() != "null")
                return branch;
        }
        return {};
    }

    static std::string_view typeOf(const JsonValue &schema)
    {
        const JsonValue type = schema["type"];
        if (type.isString())
            return type.string();
        for (const JsonValue choice : type) {
            if (choice.string() != "null")
                return choice.string();
        }
        return schema["properties"].isObject() ? "object" : "string";
    }

    static bool isRequired(const JsonValue &schema, std::string_view name)
    {
        for (const JsonValue required : schema["required"]) {
            if (required.string() == name)
                return true;
        }
        return false;
    }

    void writeObject(const JsonValue &schema, int depth)
    {
        m_writer.beginObject();
        const bool first = schema["required"].size() == 0; // then only the first property
        for (const JsonValue property : schema["properties"]) {
            if (depth >= MaxExampleDepth || (!first && !isRequired(schema, property.key())))
                continue;
            m_writer.key(property.key());
            write(property, property.key(), depth + 1);
            if (first)
                break;
        }
        m_writer.endObject();
    }

    void writeArray(const JsonValue &schema, std::string_view name, int depth)
    {
        m_writer.beginArray();
        if (depth < MaxExampleDepth && schema["items"].isObject())
            write(schema["items"], name, depth + 1);
        m_writer.endArray();
    }

    void writeNumber(const JsonValue &schema)
    {
        const double least = schema["minimum"].number().value_or(
            schema["exclusiveMinimum"].number().value_or(0) + 1);
        const double most = schema["maximum"].number().value_or(std::max(1.0, least));
        m_writer.integer(static_cast<qint64>(std::ceil(std::min(std::max(1.0, least), most))));
    }

    void writeString(const JsonValue &schema, std::string_view name)
    {
        for (const NamedExample &example : FormatExamples) {
            if (schema["format"].string() == example.part) {
                m_writer.string(example.value);
                return;
            }
        }
        std::string lower(name);
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        for (const NamedExample &example : NamedExamples) {
            if (lower.find(example.part) != std::string::npos) {
                m_writer.string(example.value.empty() ? m_topic : example.value);
                return;
            }
        }
        m_writer.string("demo");
    }

    JsonWriter m_writer;
    std::string_view m_topic;
};

} // namespace

std::string schemaExample(const JsonValue &schema, std::string_view topic)
{
    std::string out;
    ExampleWriter(out, topic).write(schema, {}, 0);
    return out;
}

} // namespace kirotray
