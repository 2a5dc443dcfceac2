// SPDX-License-Identifier: MIT
#include "app/dialects/openaienvelope.h"

#include "app/dialects/dialectparts.h"

namespace kirotray {

namespace {

/// How OpenAI names a failure.
struct OpenAiFailure
{
    int status = 500;
    std::string_view type; ///< such as invalid_request_error
    std::string_view code; ///< such as context_length_exceeded; empty: null
};

OpenAiFailure openAiFailure(const ChatError &error)
{
    constexpr std::string_view Invalid = "invalid_request_error";
    constexpr std::string_view Server = "server_error";
    switch (error.kind) {
    case ChatError::Kind::InvalidRequest:
        return {400, Invalid, {}};
    case ChatError::Kind::ContextLengthExceeded:
        return {400, Invalid, "context_length_exceeded"};
    case ChatError::Kind::Authentication:
        return {401, Invalid, "invalid_api_key"};
    case ChatError::Kind::Permission:
        return {403, Invalid, "insufficient_permissions"};
    case ChatError::Kind::NotFound:
        if (error.param == "previous_response_id")
            return {400, Invalid, "previous_response_not_found"};
        return {404, Invalid, error.param == "model" ? "model_not_found" : std::string_view()};
    case ChatError::Kind::MethodNotAllowed:
        return {405, Invalid, "method_not_supported"};
    case ChatError::Kind::RequestTooLarge:
        return {413, Invalid, "request_too_large"};
    case ChatError::Kind::UnsupportedMedia:
        return {415, Invalid, "unsupported_content_type"};
    case ChatError::Kind::RateLimited:
        return {429, "rate_limit_error", "rate_limit_exceeded"};
    case ChatError::Kind::QuotaExhausted:
        return {429, "insufficient_quota", "insufficient_quota"};
    case ChatError::Kind::Upstream:
        return {502, Server, "upstream_error"};
    case ChatError::Kind::NoAccount:
        return {503, Server, "no_account"};
    case ChatError::Kind::Timeout:
        return {504, Server, "timeout"};
    case ChatError::Kind::Overloaded:
        return {503, Server, "server_is_overloaded"};
    case ChatError::Kind::Internal:
        break;
    }
    return {500, Server, {}};
}

/// Clients that do not read the code look for these words.
constexpr std::string_view FullWindowWords = "maximum context length";

void errorMemberOrNull(JsonWriter &writer, std::string_view name, std::string_view text)
{
    if (text.empty())
        writer.memberNull(name);
    else
        writer.member(name, text);
}

void writeOpenAiError(JsonWriter &writer, const ChatError &error)
{
    const OpenAiFailure failure = openAiFailure(error);
    writer.beginObject();
    writer.member("message", openAiErrorMessage(error)).member("type", failure.type);
    errorMemberOrNull(writer, "param", error.param);
    errorMemberOrNull(writer, "code", failure.code);
    writer.endObject();
}

void writeOpenAiModel(JsonWriter &writer, const ModelInfo &model)
{
    writer.beginObject()
        .member("id", model.id)
        .member("object", "model")
        .memberInteger("created", model.created)
        .member("owned_by", "kiro");
    // Not OpenAI's: what clients of OpenRouter, vLLM and Groq read to know how much fits.
    writer.memberInteger("context_length", model.maxInputTokens)
        .memberInteger("max_model_len", model.maxInputTokens)
        .memberInteger("context_window", model.maxInputTokens)
        .memberInteger("max_output_tokens", model.maxOutputTokens)
        .endObject();
}

} // namespace

std::string openAiErrorMessage(const ChatError &error)
{
    return fullContextMessage(error, FullWindowWords,
                              "This model's maximum context length is exceeded");
}

ErrorReply openAiErrorReply(const ChatError &error)
{
    ErrorReply reply {openAiFailure(error).status, {}};
    JsonWriter writer(reply.body);
    writer.beginObject().key("error");
    writeOpenAiError(writer, error);
    writer.endObject();
    return reply;
}

std::string openAiModels(std::span<const ModelInfo> models)
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject().member("object", "list").key("data").beginArray();
    for (const ModelInfo &model : models)
        writeOpenAiModel(writer, model);
    writer.endArray().endObject();
    return out;
}

std::string openAiModel(const ModelInfo &model)
{
    std::string out;
    JsonWriter writer(out);
    writeOpenAiModel(writer, model);
    return out;
}

} // namespace kirotray
