// SPDX-License-Identifier: MIT
#include "app/dialects/responsesobject.h"

#include "app/dialects/openaienvelope.h"

#include <algorithm>

namespace kirotray {

namespace {

std::string_view responsesErrorCode(ChatError::Kind kind)
{
    switch (kind) {
    case ChatError::Kind::ContextLengthExceeded:
        return "context_length_exceeded";
    case ChatError::Kind::RateLimited:
        return "rate_limit_exceeded";
    case ChatError::Kind::QuotaExhausted:
        return "insufficient_quota";
    case ChatError::Kind::Overloaded:
        return "server_is_overloaded";
    case ChatError::Kind::InvalidRequest:
    case ChatError::Kind::RequestTooLarge:
    case ChatError::Kind::UnsupportedMedia:
    case ChatError::Kind::NotFound:
    case ChatError::Kind::MethodNotAllowed:
        return "invalid_prompt";
    case ChatError::Kind::Authentication:
    case ChatError::Kind::Permission:
    case ChatError::Kind::Upstream:
    case ChatError::Kind::NoAccount:
    case ChatError::Kind::Timeout:
    case ChatError::Kind::Internal:
        break;
    }
    return "server_error";
}

void writeResponsesUsage(JsonWriter &writer, const Usage &usage, qint64 reasoningTokens)
{
    writer.beginObject().memberInteger("input_tokens", usage.promptTokens());
    writer.key("input_tokens_details")
        .beginObject()
        .memberInteger("cached_tokens", usage.cacheReadTokens)
        .memberInteger("cache_write_tokens", usage.cacheWriteTokens)
        .endObject();
    writer.memberInteger("output_tokens", usage.outputTokens);
    writer.key("output_tokens_details")
        .beginObject()
        .memberInteger("reasoning_tokens", std::min(reasoningTokens, usage.outputTokens))
        .endObject();
    writer.memberInteger("total_tokens", usage.promptTokens() + usage.outputTokens).endObject();
}

/// `{"code","message"}` in the words Codex acts on (clients.md §2).
void writeResponsesError(JsonWriter &writer, const ChatError &error)
{
    std::string message = openAiErrorMessage(error);
    // Codex reads the wait from the sentence.
    if (error.kind == ChatError::Kind::RateLimited && error.retryAfter)
        message += " Please try again in " + std::to_string(error.retryAfter->count()) + "s.";
    writer.beginObject()
        .member("code", responsesErrorCode(error.kind))
        .member("message", message)
        .endObject();
}

} // namespace

std::string_view responsesStatusName(ResponsesStatus status)
{
    switch (status) {
    case ResponsesStatus::InProgress:
        return "in_progress";
    case ResponsesStatus::Completed:
        return "completed";
    case ResponsesStatus::Incomplete:
        return "incomplete";
    case ResponsesStatus::Failed:
        return "failed";
    }
    Q_UNREACHABLE();
}

void writeResponsesObject(JsonWriter &writer, const ResponsesObject &object,
                          const ResponsesOutcome &outcome, const std::vector<std::string> &items)
{
    writer.beginObject()
        .member("id", object.id)
        .member("object", "response")
        .memberInteger("created_at", object.created)
        .member("status", responsesStatusName(outcome.status));
    writer.key("error");
    if (outcome.error != nullptr)
        writeResponsesError(writer, *outcome.error);
    else
        writer.null();
    writer.key("incomplete_details");
    if (outcome.status == ResponsesStatus::Incomplete)
        writer.beginObject().member("reason", outcome.incompleteReason).endObject();
    else
        writer.null();
    writer.member("model", object.model).key("output").beginArray();
    for (const std::string &item : items)
        writer.raw(item);
    writer.endArray();
    for (const auto &[name, json] : *object.echo)
        writer.memberRaw(name, json);
    writer.key("usage");
    if (outcome.usage != nullptr)
        writeResponsesUsage(writer, *outcome.usage, outcome.reasoningTokens);
    else
        writer.null();
    writer.endObject();
}

} // namespace kirotray
