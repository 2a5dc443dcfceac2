// SPDX-License-Identifier: MIT
#include "app/dialects/anthropicmessages.h"

#include "app/dialects/dialectparts.h"

#include <QDateTime>

namespace kirotray {

namespace {

struct AnthropicFailure
{
    int status;
    std::string_view type;
};

AnthropicFailure anthropicFailure(ChatError::Kind kind)
{
    switch (kind) {
    case ChatError::Kind::InvalidRequest:
    case ChatError::Kind::ContextLengthExceeded:
        return {400, "invalid_request_error"};
    case ChatError::Kind::Authentication:
        return {401, "authentication_error"};
    case ChatError::Kind::Permission:
        return {403, "permission_error"};
    case ChatError::Kind::NotFound:
        return {404, "not_found_error"};
    case ChatError::Kind::MethodNotAllowed:
        return {405, "invalid_request_error"};
    case ChatError::Kind::RequestTooLarge:
        return {413, "request_too_large"};
    case ChatError::Kind::UnsupportedMedia:
        return {415, "invalid_request_error"};
    case ChatError::Kind::RateLimited:
    case ChatError::Kind::QuotaExhausted:
        return {429, "rate_limit_error"};
    case ChatError::Kind::Upstream:
        return {502, "api_error"};
    case ChatError::Kind::NoAccount:
        return {503, "api_error"};
    case ChatError::Kind::Timeout:
        return {504, "api_error"};
    case ChatError::Kind::Overloaded:
        return {529, "overloaded_error"};
    case ChatError::Kind::Internal:
        break;
    }
    return {500, "api_error"};
}

/// Claude Code recognises a full context by these words and compacts (clients.md §1).
constexpr std::string_view FullContextWords = "prompt is too long";

void writeAnthropicModel(JsonWriter &writer, const ModelInfo &model)
{
    const QDateTime created = QDateTime::fromSecsSinceEpoch(model.created, Qt::UTC);
    writer.beginObject()
        .member("type", "model")
        .member("id", model.id)
        .member("display_name", model.displayName)
        .member("created_at", created.toString(Qt::ISODate).toStdString())
        .memberInteger("max_input_tokens", model.maxInputTokens)
        .memberInteger("max_tokens", model.maxOutputTokens)
        .memberNull("capabilities")
        .memberNull("line")
        .member("lifecycle", "active")
        .memberNull("deprecated_at")
        .memberNull("retires_at")
        .endObject();
}

class AnthropicMessages final : public Dialect
{
public:
    const char *name() const override { return "anthropic-messages"; }

    Result<ChatRequest> decode(const JsonDocument &body, const CallTarget &) const override
    {
        return decodeAnthropic(body, AnthropicCall::Messages);
    }
    Result<ChatRequest> decodeTokenCount(const JsonDocument &body,
                                         const CallTarget &) const override
    {
        return decodeAnthropic(body, AnthropicCall::CountTokens);
    }
    std::unique_ptr<StreamEncoder> streamEncoder(const ChatRequest &request,
                                                 const AnswerContext &context) const override
    {
        return anthropicStreamEncoder(request, context);
    }
    std::string encodeAnswer(const ChatRequest &request, const ChatAnswer &answer,
                             const AnswerContext &context) const override
    {
        return encodeAnthropicAnswer(request, answer, context);
    }
    ErrorReply encodeError(const ChatError &error) const override
    {
        return anthropicErrorReply(error, {});
    }
    ErrorReply encodeErrorOf(const ChatError &error, const std::string &requestId) const override
    {
        return anthropicErrorReply(error, requestId);
    }
    std::string encodeModels(std::span<const ModelInfo> models) const override;
    std::string encodeModel(const ModelInfo &model) const override
    {
        std::string out;
        JsonWriter writer(out);
        writeAnthropicModel(writer, model);
        return out;
    }
    std::string encodeTokenCount(qint64 tokens) const override
    {
        return "{\"input_tokens\":" + std::to_string(tokens) + '}';
    }
};

std::string AnthropicMessages::encodeModels(std::span<const ModelInfo> models) const
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject().key("data").beginArray();
    for (const ModelInfo &model : models)
        writeAnthropicModel(writer, model);
    writer.endArray().memberBoolean("has_more", false);
    if (models.empty())
        writer.memberNull("first_id").memberNull("last_id");
    else
        writer.member("first_id", models.front().id).member("last_id", models.back().id);
    writer.endObject();
    return out;
}

} // namespace

ErrorReply anthropicErrorReply(const ChatError &error, const std::string &requestId)
{
    const AnthropicFailure failure = anthropicFailure(error.kind);
    ErrorReply reply {failure.status, {}};
    JsonWriter writer(reply.body);
    writer.beginObject()
        .member("type", "error")
        .key("error")
        .beginObject()
        .member("type", failure.type)
        .member("message", fullContextMessage(error, FullContextWords, FullContextWords))
        .endObject();
    if (requestId.empty())
        writer.memberNull("request_id");
    else
        writer.member("request_id", requestId);
    writer.endObject();
    return reply;
}

const Dialect &anthropicMessages()
{
    static const AnthropicMessages instance;
    return instance;
}

} // namespace kirotray
