// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"

namespace kirotray {

/// OpenAI's Chat Completions API: `POST /v1/chat/completions` and the model list.
const Dialect &openAiChat();

Result<ChatRequest> decodeOpenAiChat(const JsonDocument &body);

std::unique_ptr<StreamEncoder> openAiChatStreamEncoder(const ChatRequest &request,
                                                       const AnswerContext &context);
std::string encodeOpenAiChatAnswer(const ChatRequest &request, const ChatAnswer &answer,
                                   const AnswerContext &context);

} // namespace kirotray
