// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"

#include <string_view>

/// What OpenAI's APIs share: the error object and the model list.
namespace kirotray {

/// How OpenAI names a failure.
struct OpenAiFailure
{
    int status = 500;
    std::string_view type; ///< such as invalid_request_error
    std::string_view code; ///< such as context_length_exceeded; empty: null
};
OpenAiFailure openAiFailure(const ChatError &error);
/// The message with its path; a full context is named in the words clients look for.
std::string openAiErrorMessage(const ChatError &error);
/// The value of `error`: `{"message","type","param","code"}`.
void writeOpenAiError(JsonWriter &writer, const ChatError &error);

/// `{"error":{"message","type","param","code"}}` with its HTTP status; also the payload of a chat
/// stream's error chunk.
ErrorReply openAiErrorReply(const ChatError &error);
std::string openAiModels(std::span<const ModelInfo> models);
std::string openAiModel(const ModelInfo &model);

} // namespace kirotray
