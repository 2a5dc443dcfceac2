// SPDX-License-Identifier: MIT
#include "app/simulator/conversationrules.h"

#include "app/simulator/verdict.h"

#include <algorithm>

namespace kirotray {

namespace {

constexpr int MaxCachePoints = 4; // §1.8
constexpr qint64 MaxWorkingDirectory = 256; // characters
constexpr auto MismatchReason = "TOOL_USE_RESULT_MISMATCH";

bool isUserMessage(const JsonValue &message)
{
    return !message["userInputMessage"].isMissing();
}

} // namespace

ConversationRules::ConversationRules(const ConversationBounds &bounds, SchemaRule schemaRule,
                                     Verdict &verdict)
    : m_bounds(bounds)
    , m_schemaRule(schemaRule)
    , m_verdict(verdict)
{
}

void ConversationRules::check(const JsonValue &state)
{
    if (!m_verdict.object(state))
        return;
    m_verdict.oneOf(state, "chatTriggerType", {"MANUAL", "DIAGNOSTIC", "INLINE_CHAT"}, true);
    m_verdict.oneOf(state, "agentTaskType", {"vibe", "spectask"});
    m_verdict.optionalString(state, "agentContinuationId");
    const JsonValue id = state["conversationId"];
    if (!id.isMissing() && id.string().empty())
        m_verdict.invalid("INVALID_CONVERSATION_ID", id, "expected a non-empty string");
    const JsonValue current = state["currentMessage"];
    if (!m_verdict.unionOf(current, {"userInputMessage"}))
        return;
    // The tools are declared on the current message and needed by the history.
    const JsonValue tools = current["userInputMessage"]["userInputMessageContext"]["tools"];
    if (!tools.isMissing())
        checkTools(tools, m_schemaRule, m_verdict, m_declaredTools);
    for (const JsonValue tool : tools) {
        countText(tool["toolSpecification"]["description"]);
        m_characters += characterCount(tool["toolSpecification"]["inputSchema"]["json"].raw());
    }
    checkHistory(state["history"]);
    if (m_verdict.refused())
        return;
    checkUser(current["userInputMessage"], true);
    if (m_characters > m_bounds.inputCharacters)
        m_verdict.invalid("CONTENT_LENGTH_EXCEEDS_THRESHOLD", state, "too many characters");
}

void ConversationRules::checkHistory(const JsonValue &history)
{
    if (history.isMissing() || !m_verdict.array(history))
        return;
    bool user = true; // the first one is, and they alternate
    for (const JsonValue message : history) {
        if (!m_verdict.unionOf(message, {"userInputMessage", "assistantResponseMessage"}))
            return;
        if (isUserMessage(message) != user)
            return m_verdict.improper(
                message, user ? "expected a user message" : "expected an assistant message");
        if (user)
            checkUser(message["userInputMessage"], false);
        else
            checkAssistant(message["assistantResponseMessage"]);
        user = !user;
        if (m_verdict.refused())
            return;
    }
    if (!user)
        m_verdict.improper(history, "the current message follows another user message");
}

void ConversationRules::checkUser(const JsonValue &message, bool current)
{
    if (!m_verdict.object(message))
        return;
    const JsonValue content = message["content"];
    if (!m_verdict.string(content))
        return;
    m_verdict.optionalString(message, "modelId");
    m_verdict.oneOf(message, "origin",
                    {"AI_EDITOR",
                     "CHATBOT",
                     "CLI",
                     "CONSOLE",
                     "DOCUMENTATION",
                     "GITLAB",
                     "IDE",
                     "INLINE_CHAT",
                     "KIRO_CLI",
                     "KIRO_WEB",
                     "MARKETING",
                     "MD",
                     "MD_CE",
                     "MD_IDE",
                     "MOBILE",
                     "OPENSEARCH_DASHBOARD",
                     "Q_DEV_BEXT",
                     "SAGE_MAKER",
                     "SERVICE_INTERNAL",
                     "SM_AI_STUDIO_IDE",
                     "UNIFIED_SEARCH",
                     "UNKNOWN"});
    countText(content);
    if (characterCount(content.string()) > m_bounds.messageCharacters)
        m_verdict.invalid("CONTENT_LENGTH_EXCEEDS_THRESHOLD", content, "message too long");
    checkImages(message["images"], m_verdict, m_attachments);
    checkDocuments(message["documents"], m_verdict, m_attachments);
    checkCachePoint(message);
    const JsonValue context = message["userInputMessageContext"];
    if (!context.isMissing())
        checkContext(context, current);
    if (isBlank(content.string()) && context["toolResults"].size() == 0)
        m_verdict.improper(content, "empty user message");
    if (!m_openIds.empty())
        m_verdict.invalid(MismatchReason, message, "a tool use has no result");
}

void ConversationRules::checkContext(const JsonValue &context, bool current)
{
    if (!m_verdict.object(context))
        return;
    if (!current && !context["tools"].isMissing())
        m_verdict.improper(context["tools"], "tools outside the current message");
    const JsonValue environment = context["envState"];
    if (!environment.isMissing() && m_verdict.object(environment)
        && m_verdict.optionalString(environment, "currentWorkingDirectory")
        && characterCount(environment["currentWorkingDirectory"].string()) > MaxWorkingDirectory)
        m_verdict.improper(environment["currentWorkingDirectory"], "too long");
    const JsonValue results = context["toolResults"];
    if (results.isMissing() || !m_verdict.array(results))
        return;
    for (const JsonValue result : results) {
        if (m_verdict.refused())
            return;
        checkToolResult(result);
    }
}

void ConversationRules::checkToolResult(const JsonValue &result)
{
    if (!m_verdict.object(result) || !m_verdict.string(result["toolUseId"])
        || !m_verdict.oneOf(result, "status", {"success", "error"})
        || !m_verdict.array(result["content"]))
        return;
    if (m_openIds.erase(result["toolUseId"].string()) == 0)
        m_verdict.invalid(MismatchReason, result["toolUseId"],
                          "answers no tool use of the message before, or answers it twice");
    if (result["content"].size() == 0)
        m_verdict.improper(result["content"], "empty tool result");
    qint64 characters = 0;
    for (const JsonValue piece : result["content"]) {
        if (!m_verdict.unionOf(piece, {"text", "json"}))
            return;
        if (!piece["text"].isMissing())
            m_verdict.string(piece["text"]);
        characters += characterCount(piece["text"].string())
            + characterCount(piece["json"].isMissing() ? std::string_view() : piece["json"].raw());
    }
    m_characters += characters;
    if (characters > m_bounds.toolResultCharacters)
        m_verdict.invalid("CONTENT_LENGTH_EXCEEDS_THRESHOLD", result, "tool result too long");
}

void ConversationRules::checkAssistant(const JsonValue &message)
{
    if (!m_verdict.object(message))
        return;
    const JsonValue content = message["content"];
    if (m_verdict.string(content) && content.string().empty())
        m_verdict.improper(content, "empty assistant message");
    countText(content);
    checkCachePoint(message);
    if (const JsonValue reasoning = message["reasoningContent"]; !reasoning.isMissing())
        checkReasoning(reasoning);
    if (const JsonValue toolUses = message["toolUses"]; !toolUses.isMissing())
        checkToolUses(toolUses);
}

void ConversationRules::checkToolUses(const JsonValue &toolUses)
{
    if (!m_verdict.array(toolUses))
        return;
    if (toolUses.size() == 0)
        return m_verdict.improper(toolUses, "empty toolUses");
    for (const JsonValue use : toolUses) {
        if (!m_verdict.object(use) || !m_verdict.string(use["toolUseId"])
            || !m_verdict.string(use["name"]))
            return;
        const std::string_view id = use["toolUseId"].string();
        if (id.empty() || !m_usedIds.insert(id).second)
            m_verdict.invalid(MismatchReason, use["toolUseId"], "empty or used before");
        m_openIds.insert(id);
        if (!isToolName(use["name"].string()))
            m_verdict.improper(use["name"], "not a tool name");
        if (!use["input"].isObject())
            m_verdict.improper(use["input"], "expected an object");
        if (m_declaredTools.count(lowerCaseAscii(use["name"].string())) == 0)
            m_verdict.invalid("TOOL_CONFIG_MISSING", use["name"], "tool is not declared");
        if (m_verdict.refused())
            return;
        m_characters += characterCount(use["input"].raw());
    }
}

void ConversationRules::checkReasoning(const JsonValue &reasoning)
{
    // A flat {text, signature} and anything else that is no union member.
    if (!reasoning.isObject() || reasoning.size() != 1
        || (!reasoning["reasoningText"].isObject() && !reasoning["redactedContent"].isString()))
        return m_verdict.invalid("REQUEST_BODY_INVALID", reasoning, "not a reasoning union");
    const JsonValue text = reasoning["reasoningText"];
    if (text.isMissing())
        return;
    if (!m_verdict.object(text) || !m_verdict.string(text["text"]))
        return;
    const std::string_view signature = text["signature"].string();
    const auto isOfSignature = [&](const GivenThinking &given) {
        return given.signature == signature;
    };
    const auto isGiven = [&](const GivenThinking &given) {
        return given.signature == signature
            && (!given.text || *given.text == text["text"].string());
    };
    const std::vector<GivenThinking> &known = m_bounds.signatures;
    if (signature.empty())
        m_verdict.invalid("THINKING_SIGNATURE_INVALID", text, "no signature");
    else if (!known.empty() && std::none_of(known.begin(), known.end(), isOfSignature))
        m_verdict.invalid("THINKING_SIGNATURE_INVALID", text, "signature of another service");
    else if (!known.empty() && std::none_of(known.begin(), known.end(), isGiven))
        m_verdict.invalid("THINKING_SIGNATURE_INVALID", text, "signature of another text");
    countText(text["text"]);
}

void ConversationRules::checkCachePoint(const JsonValue &message)
{
    const JsonValue point = message["cachePoint"];
    if (point.isMissing() || !m_verdict.object(point))
        return;
    m_verdict.oneOf(point, "type", {"default"}, true);
    if (++m_cachePoints > MaxCachePoints)
        m_verdict.improper(point, "too many cache points");
}

void ConversationRules::countText(const JsonValue &text)
{
    m_characters += characterCount(text.string());
}

} // namespace kirotray
