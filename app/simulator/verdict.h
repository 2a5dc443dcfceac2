// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/simulator/refusal.h"

#include <initializer_list>
#include <optional>
#include <string_view>

namespace kirotray {

/// Collects the first mistake of a request while its rules are gone through, so that each rule
/// reads straight on. The checks return false when they refuse (or something was refused before).
class Verdict
{
public:
    bool refused() const { return m_refusal.has_value(); }
    const std::optional<Refusal> &refusal() const { return m_refusal; }

    /// All of these keep an earlier refusal.
    void refuse(Refusal refusal);
    void improper(const JsonValue &at, std::string_view what);
    void invalid(const char *reason, const JsonValue &at, std::string_view what);

    /// An object none of whose members is null (kiro-protocol §1.7 rule 13).
    bool object(const JsonValue &value);
    bool array(const JsonValue &value);
    bool string(const JsonValue &value);
    /// The member may be missing; when it is there it must be a string.
    bool optionalString(const JsonValue &object, std::string_view key);
    /// The same, one of `allowed`; a missing one passes unless `required`.
    bool oneOf(const JsonValue &object, std::string_view key,
               std::initializer_list<std::string_view> allowed, bool required = false);
    /// An object with exactly one known member (a union of the service's model).
    bool unionOf(const JsonValue &value, std::initializer_list<std::string_view> members);

private:
    std::optional<Refusal> m_refusal;
};

/// Unicode code points of valid UTF-8.
qint64 characterCount(std::string_view utf8);
/// Nothing but white space.
bool isBlank(std::string_view text);

} // namespace kirotray
