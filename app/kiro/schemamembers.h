// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kirotray {

using SchemaNames = std::unordered_set<std::string_view>;

/// The members of a schema object in their order, each key once. Views into the document.
class SchemaMembers
{
public:
    const std::vector<JsonValue> &inOrder() const { return m_members; }
    JsonValue find(std::string_view key) const; ///< missing when absent
    /// Adds what is not there yet; of keys repeated within `object` the last one counts.
    void addFrom(const JsonValue &object);

private:
    std::vector<JsonValue> m_members;
    std::unordered_map<std::string_view, std::size_t> m_index;
};

/// Follows the local references (`#/…`) of one schema document and guards against cycles. Pure.
class SchemaReferences
{
public:
    /// `pickBranch`: the first branch of anyOf, oneOf and allOf counts as part of its schema.
    SchemaReferences(const JsonValue &root, bool pickBranch)
        : m_root(root)
        , m_pickBranch(pickBranch)
    {
    }

    /// While it lives, `schema` and all that was expanded count as open: a reference back to them
    /// is a cycle.
    class Scope
    {
    public:
        Scope(SchemaReferences &references, const JsonValue &schema)
            : m_references(references)
            , m_before(references.m_open.size())
        {
            references.m_open.push_back(schema.raw().data());
        }
        ~Scope() { m_references.m_open.resize(m_before); }
        Scope(const Scope &) = delete;
        Scope &operator=(const Scope &) = delete;

    private:
        SchemaReferences &m_references;
        std::size_t m_before;
    };

    /// The members with the referenced ones behind them; an own member wins over a referenced one.
    SchemaMembers expand(const JsonValue &schema);
    SchemaMembers plain(const JsonValue &object) const;
    bool leftOpen() const { return m_leftOpen; } ///< a cycle, or a reference to nowhere

private:
    void expandInto(const JsonValue &schema, SchemaMembers &members, int depth);
    JsonValue resolve(std::string_view reference) const;
    JsonValue firstBranch(const JsonValue &branches) const;

    JsonValue m_root;
    bool m_pickBranch;
    bool m_leftOpen = false;
    std::vector<const char *> m_open; ///< where the open schemas start in the text
};

} // namespace kirotray
