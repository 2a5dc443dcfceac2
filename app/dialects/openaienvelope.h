// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"

#include <string_view>

/// What OpenAI's APIs share: the error object and the model list.
namespace kirotray {

/// The message with its path; a full context is named in the words clients look for.
std::string openAiErrorMessage(const ChatError &error);
/// `{"error":{"message","type","param","code"}}` with its HTTP status; also the payload of a chat
/// stream's error chunk.
ErrorReply openAiErrorReply(const ChatError &error);
std::string openAiModels(std::span<const ModelInfo> models);
std::string openAiModel(const ModelInfo &model);

} // namespace kirotray
