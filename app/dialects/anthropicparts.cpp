// SPDX-License-Identifier: MIT
#include "app/dialects/anthropicparts.h"

#include "app/chat/searchtext.h"
#include "app/dialects/anthropicrequest.h"
#include "app/dialects/packedthinking.h"

namespace kirotray {

namespace {

std::string_view anthropicStopReason(StopReason reason)
{
    switch (reason) {
    case StopReason::EndTurn:
        return "end_turn";
    case StopReason::ToolUse:
        return "tool_use";
    case StopReason::MaxTokens:
        return "max_tokens";
    case StopReason::StopSequence:
        return "stop_sequence";
    case StopReason::Refusal:
        return "refusal";
    case StopReason::PauseTurn:
        return "pause_turn";
    case StopReason::ContextWindowExceeded:
        return "model_context_window_exceeded";
    }
    Q_UNREACHABLE();
}

/// A page that the search found. Its text stands where Anthropic puts its sealed content: clients
/// send that back, and it must serve then.
void writeFoundPage(JsonWriter &writer, const WebSearchHit &hit)
{
    writer.beginObject()
        .member("type", "web_search_result")
        .member("title", hit.title)
        .member("url", hit.url)
        .member("encrypted_content", hit.snippet);
    if (hit.pageAge.empty())
        writer.memberNull("page_age");
    else
        writer.member("page_age", hit.pageAge);
    writer.endObject();
}

} // namespace

std::string anthropicSignature(const ThinkingPart &part, bool isShown)
{
    if (isShown || part.text.empty() || part.signature.empty())
        return part.signature;
    return part.text.size() > MaxCarriedThinking ? std::string() : packThinking({&part, 1});
}

void writeAnthropicUsage(JsonWriter &writer, const Usage &usage)
{
    writer.key("usage")
        .beginObject()
        .memberInteger("input_tokens", usage.inputTokens)
        .memberInteger("cache_creation_input_tokens", usage.cacheWriteTokens)
        .memberInteger("cache_read_input_tokens", usage.cacheReadTokens)
        .memberInteger("output_tokens", usage.outputTokens);
    if (usage.webSearches > 0)
        writer.key("server_tool_use")
            .beginObject()
            .memberInteger("web_search_requests", usage.webSearches)
            .memberInteger("web_fetch_requests", 0)
            .endObject();
    writer.endObject();
}

void writeAnthropicStop(JsonWriter &writer, const Finished &finished)
{
    writer.member("stop_reason", anthropicStopReason(finished.reason));
    if (finished.reason == StopReason::StopSequence)
        writer.member("stop_sequence", finished.stopSequence);
    else
        writer.memberNull("stop_sequence");
    if (finished.reason == StopReason::Refusal)
        writer.key("stop_details")
            .beginObject()
            .member("type", "refusal")
            .memberNull("category")
            .memberNull("explanation")
            .endObject();
}

void writeAnthropicSearchCall(JsonWriter &writer, const WebSearchCall &call,
                              const std::string &inputJson)
{
    writer.beginObject()
        .member("type", "server_tool_use")
        .member("id", searchUseId(call.id))
        .member("name", WebSearchTool().name)
        .memberRaw("input", inputJson)
        .endObject();
}

void writeAnthropicSearchResult(JsonWriter &writer, const WebSearchResult &result)
{
    writer.beginObject()
        .member("type", "web_search_tool_result")
        .member("tool_use_id", searchUseId(result.id))
        .key("content");
    if (result.errorCode.empty()) {
        writer.beginArray();
        for (const WebSearchHit &hit : result.hits)
            writeFoundPage(writer, hit);
        writer.endArray();
    } else {
        const bool isInput = result.errorCode == "invalid_input";
        writer.beginObject()
            .member("type", "web_search_tool_result_error")
            .member("error_code", isInput ? "invalid_tool_input" : result.errorCode)
            .endObject();
    }
    writer.endObject();
}

void writeAnthropicCitation(JsonWriter &writer, const TextCitation &citation)
{
    writer.beginObject()
        .member("type", "web_search_result_location")
        .member("cited_text", citation.citedText)
        .member("url", citation.url);
    if (citation.title.empty())
        writer.memberNull("title");
    else
        writer.member("title", citation.title);
    // The place in the sealed content, which this one does not have.
    writer.member("encrypted_index", "").endObject();
}

} // namespace kirotray
