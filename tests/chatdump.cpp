// SPDX-License-Identifier: MIT
#include "tests/chatdump.h"

#include "app/base/json.h"

namespace kirotray {

namespace {

void dumpLine(std::string &out, std::string_view name, std::string_view text)
{
    out.append(name).append(" ");
    appendJsonString(out, text);
    out += '\n';
}

struct PartDump
{
    std::string &out;

    void operator()(const TextPart &part) const { dumpLine(out, "  text", part.text); }
    void operator()(const ThinkingPart &part) const
    {
        if (!part.redactedData.empty()) {
            dumpLine(out, "  redacted", part.redactedData);
            return;
        }
        dumpLine(out, "  thinking", part.text);
        if (!part.signature.empty())
            dumpLine(out, "    signature", part.signature);
    }
    void operator()(const ToolUsePart &part) const
    {
        out += "  use " + part.id + ' ' + part.name + ' ' + part.inputJson + '\n';
    }
    void operator()(const ToolResultPart &part) const
    {
        dumpLine(out, (part.isError ? "  error " : "  result ") + part.toolUseId, part.text);
    }
};

std::string dumpToolChoice(const ToolChoice &choice)
{
    std::string text;
    switch (choice.mode) {
    case ToolChoice::Mode::Auto:
        text = "auto";
        break;
    case ToolChoice::Mode::Any:
        text = "any";
        break;
    case ToolChoice::Mode::None:
        text = "none";
        break;
    case ToolChoice::Mode::Named:
        text = "named " + choice.name;
        break;
    }
    return text + (choice.parallel ? "" : " one-at-most");
}

void dumpOptions(std::string &out, const ChatRequest &request)
{
    if (request.maxTokens)
        out += "maxTokens " + std::to_string(*request.maxTokens) + '\n';
    for (const std::string &sequence : request.stopSequences)
        dumpLine(out, "stop", sequence);
    if (request.stream)
        out += "stream\n";
    if (request.includeUsage)
        out += "includeUsage\n";
    if (request.legacyFunctions)
        out += "legacyFunctions\n";
    if (!request.sessionKey.empty())
        dumpLine(out, "session", request.sessionKey);
    if (request.toolChoice != ToolChoice())
        out += "toolChoice " + dumpToolChoice(request.toolChoice) + '\n';
}

} // namespace

std::string dumpChat(const ChatRequest &request)
{
    std::string out = "model " + request.model + '\n';
    dumpOptions(out, request);
    for (const std::string &note : request.notes)
        dumpLine(out, "note", note);
    if (!request.system.empty())
        dumpLine(out, "system", request.system);
    for (const Tool &tool : request.tools) {
        dumpLine(out, "tool " + tool.name, tool.description);
        if (!tool.inputSchemaJson.empty())
            out += "  schema " + tool.inputSchemaJson + '\n';
    }
    for (const Message &message : request.messages) {
        out += message.role == Role::User ? "user\n" : "assistant\n";
        for (const Part &part : message.parts)
            std::visit(PartDump {out}, part);
    }
    return out;
}

} // namespace kirotray
