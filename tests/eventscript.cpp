// SPDX-License-Identifier: MIT
#include "tests/eventscript.h"

#include "app/base/json.h"

#include <QList>

#include <array>
#include <utility>

namespace kirotray {

namespace {

template <typename Value>
using NamedValue = std::pair<std::string_view, Value>;

constexpr std::array ScriptReasons {
    NamedValue<StopReason> {"end_turn", StopReason::EndTurn},
    NamedValue<StopReason> {"tool_use", StopReason::ToolUse},
    NamedValue<StopReason> {"max_tokens", StopReason::MaxTokens},
    NamedValue<StopReason> {"stop_sequence", StopReason::StopSequence},
    NamedValue<StopReason> {"refusal", StopReason::Refusal},
    NamedValue<StopReason> {"pause_turn", StopReason::PauseTurn},
    NamedValue<StopReason> {"context_window", StopReason::ContextWindowExceeded},
};

constexpr std::array ScriptErrors {
    NamedValue<ChatError::Kind> {"invalid_request", ChatError::Kind::InvalidRequest},
    NamedValue<ChatError::Kind> {"context_length", ChatError::Kind::ContextLengthExceeded},
    NamedValue<ChatError::Kind> {"authentication", ChatError::Kind::Authentication},
    NamedValue<ChatError::Kind> {"permission", ChatError::Kind::Permission},
    NamedValue<ChatError::Kind> {"not_found", ChatError::Kind::NotFound},
    NamedValue<ChatError::Kind> {"method_not_allowed", ChatError::Kind::MethodNotAllowed},
    NamedValue<ChatError::Kind> {"too_large", ChatError::Kind::RequestTooLarge},
    NamedValue<ChatError::Kind> {"unsupported_media", ChatError::Kind::UnsupportedMedia},
    NamedValue<ChatError::Kind> {"rate_limited", ChatError::Kind::RateLimited},
    NamedValue<ChatError::Kind> {"quota_exhausted", ChatError::Kind::QuotaExhausted},
    NamedValue<ChatError::Kind> {"upstream", ChatError::Kind::Upstream},
    NamedValue<ChatError::Kind> {"no_account", ChatError::Kind::NoAccount},
    NamedValue<ChatError::Kind> {"timeout", ChatError::Kind::Timeout},
    NamedValue<ChatError::Kind> {"overloaded", ChatError::Kind::Overloaded},
    NamedValue<ChatError::Kind> {"internal", ChatError::Kind::Internal},
};

template <typename Table>
auto valueNamed(const Table &table, std::string_view name)
{
    for (const auto &[each, value] : table)
        if (each == name)
            return value;
    qFatal("unknown name in a script: %s", std::string(name).c_str());
}

Finished scriptFinished(const std::vector<JsonValue> &words)
{
    Finished finished;
    finished.reason = valueNamed(ScriptReasons, words.at(1).string());
    if (words.size() > 2) {
        const JsonValue counts = words.at(2);
        finished.usage.inputTokens = counts["input"].integer().value_or(0);
        finished.usage.outputTokens = counts["output"].integer().value_or(0);
        finished.usage.cacheReadTokens = counts["read"].integer().value_or(0);
        finished.usage.cacheWriteTokens = counts["write"].integer().value_or(0);
        finished.usage.webSearches = static_cast<int>(counts["searches"].integer().value_or(0));
    }
    if (words.size() > 3)
        finished.stopSequence = words.at(3).string();
    return finished;
}

Failed scriptFailed(const std::vector<JsonValue> &words)
{
    Failed failed;
    failed.error.kind = errorKindNamed(words.at(1).string());
    failed.error.message = words.at(2).string();
    if (words.size() > 3)
        failed.error.param = words.at(3).string();
    if (words.size() > 4)
        failed.error.retryAfter = std::chrono::seconds(words.at(4).integer().value_or(0));
    return failed;
}

/// ["found", id, [[title, url, snippet, page age], …]]
WebSearchResult scriptFound(const std::vector<JsonValue> &words)
{
    WebSearchResult result {std::string(words.at(1).string()), {}, {}};
    for (const JsonValue &each : words.at(2)) {
        std::vector<std::string> texts;
        for (const JsonValue &text : each)
            texts.emplace_back(text.string());
        texts.resize(4);
        result.hits.push_back({texts.at(0), texts.at(1), texts.at(2), texts.at(3)});
    }
    return result;
}

TextCitation scriptCitation(const std::vector<JsonValue> &words)
{
    return {std::string(words.at(1).string()), std::string(words.at(2).string()),
            std::string(words.at(3).string()), words.at(4).integer().value_or(0),
            words.at(5).integer().value_or(0)};
}

ScriptStep scriptStep(const std::vector<JsonValue> &words)
{
    const std::string_view verb = words.at(0).string();
    const auto word = [&words](std::size_t at) { return std::string(words.at(at).string()); };
    if (verb == "text")
        return ChatEvent(TextDelta {word(1)});
    if (verb == "thinking")
        return ChatEvent(ThinkingDelta {word(1)});
    if (verb == "signature")
        return ChatEvent(ThinkingSignature {word(1)});
    if (verb == "redacted")
        return ChatEvent(RedactedThinking {word(1)});
    if (verb == "call")
        return ChatEvent(ToolCallStart {word(1), word(2)});
    if (verb == "input")
        return ChatEvent(ToolCallDelta {word(1)});
    if (verb == "end" || verb == "cut")
        return ChatEvent(ToolCallEnd {verb == "end"});
    if (verb == "search")
        return ChatEvent(WebSearchCall {word(1), word(2)});
    if (verb == "found")
        return ChatEvent(scriptFound(words));
    if (verb == "unfound")
        return ChatEvent(WebSearchResult {word(1), {}, word(2)});
    if (verb == "cite")
        return ChatEvent(scriptCitation(words));
    if (verb == "finished")
        return ChatEvent(scriptFinished(words));
    if (verb == "failed")
        return ChatEvent(scriptFailed(words));
    if (verb != "ping")
        qFatal("unknown step in a script: %s", std::string(verb).c_str());
    return ScriptPing {};
}

} // namespace

ChatError::Kind errorKindNamed(std::string_view name)
{
    return valueNamed(ScriptErrors, name);
}

std::vector<ScriptStep> readEventScript(const QByteArray &script)
{
    std::vector<ScriptStep> steps;
    for (const QByteArray &line : script.split('\n')) {
        if (line.trimmed().isEmpty() || line.startsWith('#'))
            continue;
        const Result<JsonDocument> parsed = JsonDocument::parse(line.toStdString());
        if (!parsed)
            qFatal("no JSON array in a script: %s", line.constData());
        std::vector<JsonValue> words;
        for (const JsonValue &word : parsed.value().root())
            words.push_back(word);
        steps.push_back(scriptStep(words));
    }
    return steps;
}

} // namespace kirotray
