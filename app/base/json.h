// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

class JsonDocument;

/// A place in a JsonDocument: a value, or the place where a member is missing. Cheap to copy; valid
/// as long as the document lives and is not moved.
class JsonValue
{
public:
    enum class Type { Missing, Null, Boolean, Number, String, Array, Object };

    JsonValue() = default;

    Type type() const;
    bool isMissing() const { return type() == Type::Missing; }
    bool isNull() const { return type() == Type::Null; }
    bool isString() const { return type() == Type::String; }
    bool isArray() const { return type() == Type::Array; }
    bool isObject() const { return type() == Type::Object; }
    /// Missing or null: clients use both for "not given".
    bool isAbsent() const { return isMissing() || isNull(); }

    /// The member of an object; the last one when a key is repeated. Missing when this is no
    /// object. A missing value has no members but itself: the path stays that of the first absence.
    JsonValue operator[](std::string_view key) const;
    std::string_view key() const; ///< of a member; empty for elements and the root
    std::string_view string() const; ///< unescaped UTF-8; empty when not a string
    bool boolean() const; ///< false when not a boolean
    std::optional<double> number() const;
    std::optional<qint64>
    integer() const; ///< also of 3.0 and 1e3; absent when not whole or too large
    /// The value's text exactly as it was received, without surrounding white space.
    std::string_view raw() const;
    std::string path() const; ///< such as `messages[3].content[0].type`; empty for the root

    /// Iterates over an array's elements or an object's members; nothing for other types.
    class Iterator
    {
    public:
        Iterator(const JsonDocument *document, int node)
            : m_document(document)
            , m_node(node)
        {
        }
        JsonValue operator*() const { return {m_document, m_node}; }
        Iterator &operator++();
        bool operator!=(const Iterator &other) const { return m_node != other.m_node; }

    private:
        const JsonDocument *m_document;
        int m_node;
    };
    Iterator begin() const;
    Iterator end() const { return {m_document, -1}; }
    int size() const; ///< of an array or object

private:
    friend class JsonDocument;
    friend class JsonTreeBuilder;
    JsonValue(const JsonDocument *document, int node)
        : m_document(document)
        , m_node(node)
    {
    }

    const JsonDocument *m_document = nullptr;
    int m_node = -1; ///< -1: missing
    int m_parent = -1; ///< of a missing member, for its path
    std::string_view m_missingKey;
};

/// A whole JSON text, parsed and validated once by simdjson, read in any order and as often as
/// wanted. Numbers and raw() keep their bytes. Unpaired surrogates and escaped U+0000 become U+FFFD
/// (kiro-protocol §1.7 rule 19). Not for sharing between threads.
class JsonDocument
{
public:
    /// Error::BadInput names the byte offset or the place; nesting is limited to
    /// limits::MaxJsonDepth.
    static Result<JsonDocument> parse(std::string text);
    /// The same for a short text that stays with the caller (one stream event).
    static Result<JsonDocument> parse(std::string_view text) { return parse(std::string(text)); }
    static Result<JsonDocument> parse(const char *text) { return parse(std::string(text)); }

    JsonDocument(JsonDocument &&) = default;
    JsonDocument &operator=(JsonDocument &&) = default;

    JsonValue root() const { return {this, 0}; }

private:
    friend class JsonValue;
    friend class JsonTreeBuilder;
    struct Node
    {
        std::string_view key; ///< unescaped
        std::string_view raw;
        std::string_view text; ///< unescaped, strings only
        int parent = -1;
        int firstChild = -1;
        int next = -1;
        int childCount = 0;
        int index = 0; ///< among its siblings
        JsonValue::Type type = JsonValue::Type::Null;
    };
    JsonDocument() = default;

    std::unique_ptr<std::string> m_text; ///< on the heap: nodes point into it across moves
    std::deque<std::string> m_unescaped; ///< strings that had escapes
    std::vector<Node> m_nodes;
};

/// Typed reads that remember the first mistake, with its path, so that a decoder reads straight on
/// and asks once. *required*: absent or of a wrong type is an error; *optional*: absent (or null)
/// is nullopt, a wrong type is still an error.
class JsonReader
{
public:
    bool failed() const { return m_error.has_value(); }
    /// The first error. Only after failed().
    const Error &error() const { return *m_error; }
    /// Records Error::BadInput "`path`: `what`" unless one is recorded already.
    void fail(const JsonValue &at, const std::string &what);

    std::string requiredString(const JsonValue &object, std::string_view key);
    std::optional<std::string> optionalString(const JsonValue &object, std::string_view key);
    std::optional<bool> optionalBoolean(const JsonValue &object, std::string_view key);
    std::optional<qint64> optionalInteger(const JsonValue &object, std::string_view key);
    std::optional<double> optionalNumber(const JsonValue &object, std::string_view key);
    JsonValue requiredArray(const JsonValue &object, std::string_view key);
    JsonValue optionalArray(const JsonValue &object,
                            std::string_view key); ///< absent: missing value
    JsonValue requiredObject(const JsonValue &object, std::string_view key);
    JsonValue optionalObject(const JsonValue &object, std::string_view key);
    /// False, and an error, when the value itself is not of that type.
    bool expect(const JsonValue &value, JsonValue::Type type);

private:
    std::optional<Error> m_error;
};

/// Appends JSON to a string. Puts the commas; the caller keeps begin and end balanced. Strings must
/// be UTF-8. raw() splices a text that is JSON already, byte for byte.
class JsonWriter
{
public:
    explicit JsonWriter(std::string &out)
        : m_out(out)
    {
    }

    JsonWriter &beginObject();
    JsonWriter &endObject();
    JsonWriter &beginArray();
    JsonWriter &endArray();
    JsonWriter &key(std::string_view name);
    JsonWriter &string(std::string_view text);
    JsonWriter &integer(qint64 number);
    JsonWriter &number(double number); ///< shortest form that reads back the same; not finite: null
    JsonWriter &boolean(bool value);
    JsonWriter &null();
    JsonWriter &raw(std::string_view json);

    JsonWriter &member(std::string_view name, std::string_view text)
    {
        return key(name).string(text);
    }
    JsonWriter &memberInteger(std::string_view name, qint64 value)
    {
        return key(name).integer(value);
    }
    JsonWriter &memberBoolean(std::string_view name, bool value)
    {
        return key(name).boolean(value);
    }
    JsonWriter &memberNull(std::string_view name) { return key(name).null(); }
    JsonWriter &memberRaw(std::string_view name, std::string_view json)
    {
        return key(name).raw(json);
    }

private:
    void separate();

    std::string &m_out;
    bool m_comma = false; ///< the next value or key needs one before it
};

/// `text` as a JSON string literal with its quotes appended to `out`.
void appendJsonString(std::string &out, std::string_view text);

} // namespace kirotray
