// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chaterror.h"

#include <QtGlobal>

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What happens while an answer streams. Order: any deltas, then exactly one Finished or Failed.
/// Tool calls never interleave: Start, Delta…, End, then the next. A WebSearchCall is followed by
/// its WebSearchResult. Values only; any thread.
namespace kirotray {

/// Token counts of one answer. Anthropic's split: the three inputs do not overlap.
struct Usage
{
    qint64 inputTokens = 0; ///< not read from and not written to a cache
    qint64 outputTokens = 0;
    qint64 cacheReadTokens = 0;
    qint64 cacheWriteTokens = 0;
    int webSearches = 0; ///< run by KiroTray for this answer
    bool isEstimate = true; ///< false: reported by the upstream
    std::optional<double> credits; ///< charged for the call; absent when not reported
    bool operator==(const Usage &) const = default;
    qint64 promptTokens() const { return inputTokens + cacheReadTokens + cacheWriteTokens; }
};

enum class StopReason {
    EndTurn,
    ToolUse,
    MaxTokens,
    StopSequence,
    Refusal,
    PauseTurn,
    ContextWindowExceeded,
};

struct TextDelta
{
    std::string text;
    bool operator==(const TextDelta &) const = default;
};
struct ThinkingDelta
{
    std::string text;
    bool operator==(const ThinkingDelta &) const = default;
};
/// Closes the thinking before it.
struct ThinkingSignature
{
    std::string signature;
    bool operator==(const ThinkingSignature &) const = default;
};
/// A whole opaque block.
struct RedactedThinking
{
    std::string data; ///< base64
    bool operator==(const RedactedThinking &) const = default;
};
struct ToolCallStart
{
    std::string id;
    std::string name; ///< the client's own name
    bool operator==(const ToolCallStart &) const = default;
};
struct ToolCallDelta
{
    std::string
        json; ///< the next piece of the argument text; the pieces together are a JSON object
    bool operator==(const ToolCallDelta &) const = default;
};
struct ToolCallEnd
{
    bool complete = true; ///< false: the upstream cut the call, its JSON is unfinished
    bool operator==(const ToolCallEnd &) const = default;
};
/// A web search that KiroTray runs for the client has begun.
struct WebSearchCall
{
    std::string id; ///< 24 random alphanumerics; each dialect puts its own prefix before it
    std::string query;
    bool operator==(const WebSearchCall &) const = default;
};
struct WebSearchHit
{
    std::string title;
    std::string url;
    std::string snippet;
    std::string pageAge; ///< such as "October 7, 2024"; empty when unknown
    bool operator==(const WebSearchHit &) const = default;
};
struct WebSearchResult
{
    std::string id; ///< of the call
    std::vector<WebSearchHit> hits;
    /// In Anthropic's words: unavailable, too_many_requests, max_uses_exceeded, query_too_long or
    /// invalid_input; empty: the search worked, be it without hits.
    std::string errorCode;
    bool operator==(const WebSearchResult &) const = default;
};
/// A source of the answer text before it.
struct TextCitation
{
    std::string url;
    std::string title;
    std::string citedText; ///< from the source; may be empty
    qint64 start = 0; ///< code points within the running text, where the source is named
    qint64 end = 0; ///< one behind
    bool operator==(const TextCitation &) const = default;
};
struct Finished
{
    StopReason reason = StopReason::EndTurn;
    std::string stopSequence; ///< StopReason::StopSequence only
    Usage usage;
    bool operator==(const Finished &) const = default;
};
struct Failed
{
    ChatError error;
    bool operator==(const Failed &) const = default;
};

using ChatEvent = std::variant<TextDelta, ThinkingDelta, ThinkingSignature, RedactedThinking,
                               ToolCallStart, ToolCallDelta, ToolCallEnd, WebSearchCall,
                               WebSearchResult, TextCitation, Finished, Failed>;

} // namespace kirotray
