// SPDX-License-Identifier: MIT
#pragma once

#include <QtGlobal>

#include <memory>
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

/// A picture. Its type is told by its bytes, not by what the client says of it.
struct ImagePart
{
    std::string data; ///< base64 as the client sent it; empty when `url` stands for it
    std::string url; ///< http or https; fetched only where the user allows it
    std::string path; ///< JSON path in the client's request, for errors
    bool operator==(const ImagePart &) const = default;
};

/// A file that is neither text nor a picture; text files become a TextPart.
struct DocumentPart
{
    std::string name; ///< file name or title; empty when the client gives none
    std::string mediaType; ///< such as application/pdf
    std::string data; ///< base64 as the client sent it
    std::string path; ///< JSON path in the client's request, for errors
    bool operator==(const DocumentPart &) const = default;
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
    std::vector<ImagePart> images = {}; ///< go beside the result: the upstream takes text there
    std::vector<DocumentPart> documents = {};
    bool operator==(const ToolResultPart &) const = default;
};

using Part =
    std::variant<TextPart, ThinkingPart, ToolUsePart, ToolResultPart, ImagePart, DocumentPart>;

enum class Role { User, Assistant };

struct Message
{
    Role role = Role::User;
    std::vector<Part> parts;
    bool cachePoint = false; ///< the client wants everything up to here cached
    std::string path = {}; ///< JSON path in the client's request, for errors
    bool operator==(const Message &) const = default;
};

struct Tool
{
    std::string name;
    std::string description;
    std::string
        inputSchemaJson; ///< a JSON object, bytes as the client sent them; empty when absent
    std::string path = {}; ///< JSON path in the client's request, for errors
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

/// A search of the web that the client wants run for it: offered to the model as a tool of this
/// name, answered by KiroTray (kiro-protocol §6).
struct WebSearchTool
{
    std::string name = "web_search";
    int maxUses = 0; ///< searches an answer may take; 0: limits::MaxSearchRounds
    std::vector<std::string> allowedDomains; ///< empty: all
    std::vector<std::string> blockedDomains;
    bool operator==(const WebSearchTool &) const = default;
};

/// How much the model is asked to think before it answers (§1.9).
struct Reasoning
{
    enum class Mode {
        Default, ///< the client says nothing: the upstream decides
        Off,
        Budget, ///< up to budgetTokens
        Adaptive, ///< as the model sees fit; effort may say how much
    };
    Mode mode = Mode::Default;
    qint64 budgetTokens = 0; ///< Mode::Budget only
    std::string effort; ///< none, minimal, low, medium, high, xhigh or max; empty: not given
    bool isShown = true; ///< false: the client does not want to see the thoughts
    bool operator==(const Reasoning &) const = default;
};

/// The form of the answer's text. The upstream has no such switch: it is asked for in words.
struct OutputFormat
{
    enum class Kind { Text, JsonObject, JsonSchema };
    Kind kind = Kind::Text;
    std::string schemaJson; ///< Kind::JsonSchema: bytes as the client sent them
    bool operator==(const OutputFormat &) const = default;
};

/// OpenAI Responses: the part of a conversation that lives here, not with the client.
struct ServerState
{
    std::string previousId; ///< previous_response_id; empty: none
    bool store = false; ///< keep the answer for GET and for a later previousId
    std::string inputItems; ///< the request's input as a JSON array of items
    std::string systemText; ///< what of ChatRequest::system came from the input and stays with it
    bool hasAnswers = false; ///< the input holds earlier answers: the client resends everything
    bool operator==(const ServerState &) const = default;
};

/// What a dialect must know of a request to write its answer; nobody else looks inside.
struct DialectMemory
{
    virtual ~DialectMemory() = default;
};

struct ChatRequest
{
    std::string model; ///< as the client asked; answers carry this name
    std::string system; ///< blocks joined by a blank line
    bool systemCachePoint = false; ///< the client wants system text or tools cached
    std::vector<Message> messages; ///< as sent: order and roles are not repaired yet
    std::vector<Tool> tools;
    ToolChoice toolChoice;
    std::optional<WebSearchTool> webSearch;
    Reasoning reasoning;
    OutputFormat format;
    std::optional<qint64> maxTokens;
    std::vector<std::string> stopSequences;
    bool stream = false;
    std::string
        sessionKey; ///< the client's own conversation or session id; empty when it sends none
    ServerState state;
    std::shared_ptr<const DialectMemory> memory;
    /// What the dialect tolerated but could not carry over ("top_k is not supported upstream").
    std::vector<std::string> notes;
};

} // namespace kirotray
