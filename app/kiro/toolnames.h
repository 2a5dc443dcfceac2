// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// True for a name that the upstream takes as it is: a letter, then letters, digits, _ and -, at
/// most limits::MaxToolName (kiro-protocol §1.7 rule 10).
bool isUpstreamToolName(std::string_view name);

/// For each distinct client name a distinct name that the upstream takes, in the same order. A
/// sound name is kept wherever it stands; another is repaired, and shortened to its first 54
/// characters, `_` and 8 digits of its SHA-256 when it is too long or already taken. The same list
/// always gives the same names. Pure.
std::vector<std::string> upstreamToolNames(const std::vector<std::string_view> &clientNames);

} // namespace kirotray
