// SPDX-License-Identifier: MIT
#include "app/base/json.h"

#include <charconv>
#include <cmath>

namespace kirotray {

JsonValue::Type JsonValue::type() const
{
    return m_node < 0 ? Type::Missing : m_document->m_nodes[static_cast<std::size_t>(m_node)].type;
}

JsonValue JsonValue::operator[](std::string_view key) const
{
    if (isMissing())
        return *this;
    JsonValue found;
    if (isObject())
        for (const JsonValue &member : *this)
            if (member.key() == key)
                found = member;
    if (found.isMissing()) {
        found.m_document = m_document;
        found.m_parent = m_node;
        found.m_missingKey = key;
    }
    return found;
}

std::string_view JsonValue::key() const
{
    return m_node < 0 ? m_missingKey : m_document->m_nodes[static_cast<std::size_t>(m_node)].key;
}

std::string_view JsonValue::string() const
{
    return m_node < 0 ? std::string_view()
                      : m_document->m_nodes[static_cast<std::size_t>(m_node)].text;
}

std::string_view JsonValue::raw() const
{
    return m_node < 0 ? std::string_view()
                      : m_document->m_nodes[static_cast<std::size_t>(m_node)].raw;
}

bool JsonValue::boolean() const
{
    return type() == Type::Boolean && raw() == "true";
}

std::optional<double> JsonValue::number() const
{
    if (type() != Type::Number)
        return std::nullopt;
    double value = 0;
    std::from_chars(raw().data(), raw().data() + raw().size(), value);
    return value;
}

std::optional<qint64> JsonValue::integer() const
{
    if (type() != Type::Number)
        return std::nullopt;
    qint64 whole = 0;
    const char *end = raw().data() + raw().size();
    if (const auto [at, error] = std::from_chars(raw().data(), end, whole);
        error == std::errc() && at == end)
        return whole;
    const double value = *number();
    // Above 2^53 a double is no longer exact.
    if (value != std::floor(value) || std::abs(value) > 9007199254740992.0)
        return std::nullopt;
    return static_cast<qint64>(value);
}

std::string JsonValue::path() const
{
    if (m_document == nullptr)
        return {};
    std::string path;
    if (m_node < 0) {
        path = JsonValue(m_document, m_parent).path();
        return path + (path.empty() ? "" : ".") + std::string(m_missingKey);
    }
    for (int at = m_node; at > 0;) {
        const auto &node = m_document->m_nodes[static_cast<std::size_t>(at)];
        const auto &parent = m_document->m_nodes[static_cast<std::size_t>(node.parent)];
        std::string step = parent.type == Type::Array ? '[' + std::to_string(node.index) + ']'
                                                      : std::string(node.key);
        const bool needsDot = !path.empty() && path.front() != '[';
        path = step + (needsDot ? "." : "") + path;
        at = node.parent;
    }
    return path;
}

JsonValue::Iterator &JsonValue::Iterator::operator++()
{
    m_node = m_document->m_nodes[static_cast<std::size_t>(m_node)].next;
    return *this;
}

JsonValue::Iterator JsonValue::begin() const
{
    if (m_node < 0)
        return {m_document, -1};
    return {m_document, m_document->m_nodes[static_cast<std::size_t>(m_node)].firstChild};
}

int JsonValue::size() const
{
    return m_node < 0 ? 0 : m_document->m_nodes[static_cast<std::size_t>(m_node)].childCount;
}

} // namespace kirotray
