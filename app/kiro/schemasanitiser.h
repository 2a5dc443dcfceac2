// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// How much of a tool's JSON schema is taken away (kiro-protocol §1.7 rule 14).
enum class SchemaLevel {
    Safe, ///< first attempt: what is known to be refused
    Strict ///< after a refusal: only the plainest keywords stay
};

struct SanitisedSchema
{
    std::string json; ///< always an object with "type":"object" and an object `properties`
    std::vector<std::string> changes; ///< such as "$schema removed"; each once
};

/// Rewrites a client's input schema so that the upstream accepts it (rules 12–14): local references
/// are resolved, nulls dropped, an input that is no object is wrapped under `input`. Numbers keep
/// their bytes and keys their order. Text that is no JSON object gives the empty schema. Pure.
SanitisedSchema sanitiseSchema(std::string_view clientJson, SchemaLevel level);

} // namespace kirotray
