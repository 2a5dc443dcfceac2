// SPDX-License-Identifier: MIT
#pragma once

#include <QRandomGenerator>

#include <optional>
#include <string>
#include <vector>

/// Conversations as no client should send them but some do, apart from any API's JSON. Every text
/// is a JSON string literal, so that it can hold escapes of any kind.
namespace kirotray {

struct PlannedPart
{
    enum class Kind { Text, Image, Document, Thinking, Redacted, Call, Result };
    Kind kind = Kind::Text;
    std::string text; ///< literal: the text, the thought, the result; base64 of a file
    std::string id; ///< literal
    std::string name; ///< literal: of the function, also of a result; of a document
    std::string extra; ///< the call's input (JSON), the thought's signature (literal)
    bool isError = false;
    bool isCachePoint = false;
    std::vector<std::string> images; ///< base64, of a result
};

enum class PlannedRole { User, Assistant, System };

struct PlannedTurn
{
    PlannedRole role = PlannedRole::User;
    std::vector<PlannedPart> parts;
};

struct PlannedTool
{
    enum class Kind { Function, Custom };
    Kind kind = Kind::Function;
    std::string name; ///< literal
    std::string description; ///< literal; empty: left out
    std::string schema; ///< JSON; empty: left out
    bool isCachePoint = false;
};

struct ConversationPlan
{
    std::vector<std::string> system; ///< literals
    bool systemCachePoint = false;
    std::vector<PlannedTurn> turns; ///< at least one text that is not blank
    std::vector<PlannedTool> tools;
    bool searchesTheWeb = false;
    int toolChoice = 0; ///< 0 none given, 1 auto, 2 any, 3 none, 4 the first tool
    int reasoning = 0; ///< 0 none given, 1 off, 2 budget, 3 effort, 4 adaptive
    std::string formatSchema; ///< JSON; empty: none
    std::optional<int> maxTokens;
    std::string session; ///< literal; empty: none
};

/// The same plan for the same seed, on every machine.
ConversationPlan plannedConversation(quint32 seed);

/// A PNG of few pixels in base64.
const std::string &tinyPicture();

} // namespace kirotray
