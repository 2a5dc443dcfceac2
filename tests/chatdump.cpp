// SPDX-License-Identifier: MIT
#include "tests/chatdump.h"

#include "app/base/json.h"

#include <array>

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
        for (const ImagePart &image : part.images)
            (*this)(image);
        for (const DocumentPart &document : part.documents)
            (*this)(document);
    }
    void operator()(const ImagePart &part) const
    {
        dumpLine(out, "  image " + part.path, part.url.empty() ? part.data : part.url);
    }
    void operator()(const DocumentPart &part) const
    {
        dumpLine(out, "  document " + part.path + ' ' + part.mediaType + ' ' + part.name,
                 part.data);
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

void dumpWebSearch(std::string &out, const WebSearchTool &tool)
{
    out += "webSearch " + tool.name + " max " + std::to_string(tool.maxUses);
    for (const std::string &domain : tool.allowedDomains)
        out += " +" + domain;
    for (const std::string &domain : tool.blockedDomains)
        out += " -" + domain;
    out += '\n';
}

void dumpReasoning(std::string &out, const Reasoning &reasoning)
{
    static constexpr std::array Modes {"default", "off", "budget", "adaptive"};
    out += "reasoning ";
    out += Modes.at(static_cast<std::size_t>(reasoning.mode));
    if (reasoning.mode == Reasoning::Mode::Budget)
        out += ' ' + std::to_string(reasoning.budgetTokens);
    if (!reasoning.effort.empty())
        out += " effort " + reasoning.effort;
    out += reasoning.isShown ? "\n" : " hidden\n";
}

void dumpFormat(std::string &out, const OutputFormat &format)
{
    if (format.kind == OutputFormat::Kind::JsonObject)
        out += "format json\n";
    else if (format.kind == OutputFormat::Kind::JsonSchema)
        out += "format schema " + format.schemaJson + '\n';
}

void dumpState(std::string &out, const ServerState &state)
{
    if (!state.previousId.empty())
        out += "previous " + state.previousId + '\n';
    if (state.store)
        out += "store\n";
    if (!state.inputItems.empty())
        out += "items " + state.inputItems + '\n';
    if (state.hasAnswers)
        out += "hasAnswers\n";
}

void dumpOptions(std::string &out, const ChatRequest &request)
{
    if (request.webSearch)
        dumpWebSearch(out, *request.webSearch);
    if (request.reasoning != Reasoning())
        dumpReasoning(out, request.reasoning);
    dumpFormat(out, request.format);
    dumpState(out, request.state);
    if (request.systemCachePoint)
        out += "systemCachePoint\n";
    if (request.maxTokens)
        out += "maxTokens " + std::to_string(*request.maxTokens) + '\n';
    for (const std::string &sequence : request.stopSequences)
        dumpLine(out, "stop", sequence);
    if (request.stream)
        out += "stream\n";
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
        out += message.role == Role::User ? "user" : "assistant";
        out += message.cachePoint ? " cachePoint\n" : "\n";
        for (const Part &part : message.parts)
            std::visit(PartDump {out}, part);
    }
    return out;
}

} // namespace kirotray
