// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <set>
#include <string>
#include <string_view>

namespace kirotray {

class Verdict;

/// How much of JSON Schema the simulated service accepts (kiro-protocol §1.7 rule 14; its sources
/// disagree).
enum class SchemaRule {
    Service, ///< refuses $ref, null anywhere, a root that is no object schema, `required` with
             ///< non-strings
    Strict, ///< also the combinators and keywords that were reported as refused
};

/// Rules 8 to 14 on `tools`; the declared names, in lower case, go to `declared`.
void checkTools(const JsonValue &tools, SchemaRule rule, Verdict &verdict,
                std::set<std::string> &declared);
/// Letter first, then letters, digits, _ and -; at most 64 (rule 10).
bool isToolName(std::string_view name);
std::string lowerCaseAscii(std::string_view text);

} // namespace kirotray
