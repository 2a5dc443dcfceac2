// SPDX-License-Identifier: MIT
#include "app/kiro/schemamembers.h"

#include "app/base/limits.h"

#include <QByteArray>

#include <algorithm>
#include <charconv>

namespace kirotray {

namespace {

/// One step of a JSON pointer (RFC 6901), which a URI fragment may have percent-encoded.
std::string pointerStep(std::string_view step)
{
    QByteArray decoded = QByteArray::fromPercentEncoding(
        QByteArray(step.data(), static_cast<qsizetype>(step.size())));
    decoded.replace("~1", "/").replace("~0", "~");
    return decoded.toStdString();
}

JsonValue elementAt(const JsonValue &array, std::string_view index)
{
    int wanted = -1;
    std::from_chars(index.data(), index.data() + index.size(), wanted);
    for (const JsonValue &element : array)
        if (wanted-- == 0)
            return element;
    return {};
}

bool isNullSchema(const JsonValue &schema)
{
    return schema["type"].isString() && schema["type"].string() == "null";
}

} // namespace

JsonValue SchemaMembers::find(std::string_view key) const
{
    const auto at = m_index.find(key);
    return at == m_index.end() ? JsonValue() : m_members[at->second];
}

void SchemaMembers::addFrom(const JsonValue &object)
{
    const std::size_t before = m_members.size();
    for (const JsonValue &member : object) {
        const auto [at, isNew] = m_index.emplace(member.key(), m_members.size());
        if (isNew)
            m_members.push_back(member);
        else if (at->second >= before)
            m_members[at->second] = member;
    }
}

SchemaMembers SchemaReferences::expand(const JsonValue &schema)
{
    SchemaMembers members;
    expandInto(schema, members, 0);
    return members;
}

SchemaMembers SchemaReferences::plain(const JsonValue &object) const
{
    SchemaMembers members;
    members.addFrom(object);
    return members;
}

void SchemaReferences::expandInto(const JsonValue &schema, SchemaMembers &members, int depth)
{
    members.addFrom(schema);
    if (depth >= limits::MaxSchemaDepth)
        return;
    if (const JsonValue reference = schema["$ref"]; !reference.isAbsent()) {
        const JsonValue target = resolve(reference.string());
        const char *start = target.raw().data();
        const bool isCycle = std::find(m_open.begin(), m_open.end(), start) != m_open.end();
        if (target.isObject() && !isCycle && m_open.size() < std::size_t(limits::MaxSchemaDepth)) {
            m_open.push_back(start);
            expandInto(target, members, depth + 1);
        } else {
            m_leftOpen = true;
        }
    }
    if (!m_pickBranch)
        return;
    for (const std::string_view combinator : {"anyOf", "oneOf", "allOf"})
        if (const JsonValue branch = firstBranch(schema[combinator]); branch.isObject())
            expandInto(branch, members, depth + 1);
}

JsonValue SchemaReferences::resolve(std::string_view reference) const
{
    if (!reference.starts_with('#'))
        return {};
    JsonValue at = m_root;
    reference.remove_prefix(1);
    while (!reference.empty() && !at.isMissing()) {
        if (reference.front() != '/')
            return {};
        reference.remove_prefix(1);
        const std::size_t end = std::min(reference.find('/'), reference.size());
        const std::string step = pointerStep(reference.substr(0, end));
        at = at.isArray() ? elementAt(at, step) : at[step];
        reference.remove_prefix(end);
    }
    return at;
}

/// The null branch of an optional value is passed over.
JsonValue SchemaReferences::firstBranch(const JsonValue &branches) const
{
    JsonValue first;
    for (const JsonValue &branch : branches) {
        if (!branch.isObject())
            continue;
        if (!isNullSchema(branch))
            return branch;
        if (first.isMissing())
            first = branch;
    }
    return first;
}

} // namespace kirotray
