// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chaterror.h"

#include <QtGlobal>

#include <optional>
#include <string>
#include <variant>

/// What happens while an answer streams. Order: any deltas, then exactly one Finished or Failed.
/// Tool calls never interleave: Start, Delta…, End, then the next. Values only; any thread.
namespace kirotray {

/// Token counts of one answer. Anthropic's split: the three inputs do not overlap.
struct Usage
{
    qint64 inputTokens = 0; ///< not read from and not written to a cache
    qint64 outputTokens = 0;
    qint64 cacheReadTokens = 0;
    qint64 cacheWriteTokens = 0;
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
                               ToolCallStart, ToolCallDelta, ToolCallEnd, Finished, Failed>;

} // namespace kirotray
