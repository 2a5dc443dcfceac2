// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/base/jsoncopy.h"
#include "app/chat/chatrequest.h"
#include "app/kiro/requestbuilder.h"

#include <QFile>

/// A short JSON form of ChatRequest for the fixtures of tests/fixtures/kiro-request:
/// `{"system", "session", "messages": [{"user"|"assistant": [part…]}], "tools", "toolChoice",
/// "options"}`. A part is a string or {"thinking","signature"}, {"redacted"},
/// {"call","id","input"},
/// {"result","text","error"}. `input` and `schema` are spliced as they stand, `inputText` and
/// `schemaText` give any bytes.
namespace kirotray::requestform {

inline std::string textAt(const JsonValue &object, std::string_view key)
{
    return std::string(object[key].string());
}

/// `key` as it stands, or the text of `key`Text.
inline std::string rawAt(const JsonValue &object, const std::string &key)
{
    const std::string textKey = key + "Text";
    return object[textKey].isString() ? textAt(object, textKey) : std::string(object[key].raw());
}

inline Part partOf(const JsonValue &value)
{
    if (value.isString())
        return TextPart {std::string(value.string())};
    if (!value["call"].isMissing())
        return ToolUsePart {textAt(value, "id"), textAt(value, "call"), rawAt(value, "input")};
    if (!value["result"].isMissing())
        return ToolResultPart {textAt(value, "result"), textAt(value, "text"),
                               value["error"].boolean()};
    return ThinkingPart {textAt(value, "thinking"), textAt(value, "signature"),
                         textAt(value, "redacted")};
}

inline ChatRequest requestOf(const JsonValue &root)
{
    ChatRequest request;
    request.model = "claude-sonnet-4-5";
    request.system = textAt(root, "system");
    request.sessionKey = textAt(root, "session");
    for (const JsonValue &entry : root["messages"]) {
        Message &message = request.messages.emplace_back();
        message.role = entry["user"].isMissing() ? Role::Assistant : Role::User;
        for (const JsonValue &part : entry[message.role == Role::User ? "user" : "assistant"])
            message.parts.push_back(partOf(part));
    }
    for (const JsonValue &tool : root["tools"])
        request.tools.push_back(
            {textAt(tool, "name"), textAt(tool, "description"), rawAt(tool, "schema")});
    const JsonValue choice = root["toolChoice"];
    const std::string mode = textAt(choice, "mode");
    using Mode = ToolChoice::Mode;
    request.toolChoice.mode = mode == "any" ? Mode::Any
        : mode == "none"                    ? Mode::None
        : mode == "named"                   ? Mode::Named
                                            : Mode::Auto;
    request.toolChoice.name = textAt(choice, "name");
    request.toolChoice.parallel = choice["parallel"].raw() != "false";
    return request;
}

inline BuildOptions optionsOf(const JsonValue &root)
{
    BuildOptions options;
    options.modelId = u"claude-sonnet-4.5"_s;
    options.conversationId = "6f0c1d52-2f0b-4a0e-9c53-1c1b8f0a7e21";
    options.continuationId = "b2f5a2a0-58f2-4c57-8a57-6b9f0f0f8c11";
    options.strictSchemas = root["options"]["strict"].boolean();
    options.keepThinking = root["options"]["keepThinking"].raw() != "false";
    return options;
}

/// The same JSON without white space; empty when it is none.
inline std::string compact(const std::string &json)
{
    const Result<JsonDocument> document = JsonDocument::parse(json);
    std::string out;
    JsonWriter writer(out);
    if (document)
        copyJson(writer, document.value().root(), false);
    return out;
}

/// The same JSON with one member a line, two blanks a level.
inline std::string pretty(const JsonValue &value, const std::string &indent = "\n")
{
    const bool isObject = value.isObject();
    if ((!isObject && !value.isArray()) || value.size() == 0) {
        std::string out;
        JsonWriter writer(out);
        copyJson(writer, value, false);
        return out;
    }
    std::string out(isObject ? "{" : "[");
    const char *comma = "";
    for (const JsonValue &child : value) {
        out += comma + indent + "  ";
        if (isObject) {
            appendJsonString(out, child.key());
            out += ": ";
        }
        out += pretty(child, indent + "  ");
        comma = ",";
    }
    return out + indent + (isObject ? '}' : ']');
}

} // namespace kirotray::requestform
