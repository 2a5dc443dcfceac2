// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/requestbuilder.h"

#include <optional>
#include <string>
#include <vector>

namespace kirotray {

/// Something in a request that may be why the upstream called it improperly formed.
struct LintFinding
{
    std::string path; ///< in the client's JSON; empty when no one place is to blame
    std::string what; ///< "the schema of tool 'x' uses `not` at properties.a"; no message text
    int weight = 0; ///< how likely it is, next to the others
    bool operator==(const LintFinding &) const = default;
};

/// Looks a request over after an upstream 400 that names no reason: what was sent is legal by
/// kiro-protocol §1.7 as far as it is known, so these are the features that were seen refused or
/// that come near a limit. Likeliest first. Parses what was sent again: for failures only. Pure.
std::vector<LintFinding> lintRequest(const ChatRequest &request, const BuiltRequest &built);

/// The likeliest; nothing when the request looks harmless.
std::optional<LintFinding> likelyCause(const ChatRequest &request, const BuiltRequest &built);

} // namespace kirotray
