// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

/// The custom tools of OpenAI's APIs take a free text. The upstream knows functions only: they are
/// offered as functions with one text, `input` (clients.md §2). Pure; any thread.
namespace kirotray {

/// The schema of such a function.
inline constexpr std::string_view CustomToolSchema =
    R"({"type":"object","properties":{"input":{"type":"string","description":"The whole input of the tool, as raw text."}},"required":["input"]})";

/// The function's arguments for a tool input of the client's history.
std::string customToolArguments(std::string_view input);

/// The tool input in the arguments a model wrote. Where it did not keep to the schema, the
/// arguments as they stand: nothing is guessed.
std::string customToolInput(std::string_view argumentsJson);

/// What is added to the tool's description when its input has to follow a grammar, which the
/// upstream cannot enforce.
std::string customToolGrammar(std::string_view syntax, std::string_view definition);

} // namespace kirotray
