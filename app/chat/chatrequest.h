// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The neutral conversation: what every client API decodes to and the upstream is built from. Texts
/// are UTF-8. Values only; any thread.
namespace kirotray {

struct TextPart
{
    std::string text;
    bool operator==(const TextPart &) const = default;
};

/// Past reasoning that a client sends back.
struct ThinkingPart
{
    std::string text;
    std::string signature; ///< empty when the client lost it
    std::string redactedData; ///< base64 of an opaque block; then text is empty
    bool operator==(const ThinkingPart &) const = default;
};

struct ToolUsePart
{
    std::string id;
    std::string name;
    std::string inputJson; ///< a JSON object, bytes as the client sent them
    bool operator==(const ToolUsePart &) const = default;
};

struct ToolResultPart
{
    std::string toolUseId;
    std::string text; ///< text blocks joined by a line break
    bool isError = false;
    bool operator==(const ToolResultPart &) const = default;
};

using Part = std::variant<TextPart, ThinkingPart, ToolUsePart, ToolResultPart>;

enum class Role { User, Assistant };

struct Message
{
    Role role = Role::User;
    std::vector<Part> parts;
    bool operator==(const Message &) const = default;
};

struct Tool
{
    std::string name;
    std::string description;
    std::string
        inputSchemaJson; ///< a JSON object, bytes as the client sent them; empty when absent
    bool operator==(const Tool &) const = default;
};

struct ToolChoice
{
    enum class Mode { Auto, Any, None, Named };
    Mode mode = Mode::Auto;
    std::string name; ///< Mode::Named only
    bool parallel = true; ///< false: at most one call an answer
    bool operator==(const ToolChoice &) const = default;
};

struct ChatRequest
{
    std::string model; ///< as the client asked; answers carry this name
    std::string system; ///< blocks joined by a blank line
    std::vector<Message> messages; ///< as sent: order and roles are not repaired yet
    std::vector<Tool> tools;
    ToolChoice toolChoice;
    std::optional<qint64> maxTokens;
    std::vector<std::string> stopSequences;
    bool stream = false;
    bool includeUsage = false; ///< OpenAI Chat: stream_options.include_usage
    bool legacyFunctions = false; ///< OpenAI Chat: asked with `functions`, answered in kind
    std::string
        sessionKey; ///< the client's own conversation or session id; empty when it sends none
    /// What the dialect tolerated but could not carry over ("top_k is not supported upstream").
    std::vector<std::string> notes;
};

} // namespace kirotray
