// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"

/// OpenAI's Responses API: `POST /v1/responses`, and `/v1/responses/input_tokens`. References:
/// clients.md §2 and §5.
namespace kirotray {

const Dialect &openAiResponses();

Result<ChatRequest> decodeOpenAiResponses(const JsonDocument &body);
/// Without an input, too.
Result<ChatRequest> decodeOpenAiResponsesCount(const JsonDocument &body);
std::unique_ptr<StreamEncoder> openAiResponsesStreamEncoder(const ChatRequest &request,
                                                            const AnswerContext &context);
/// The object that ends a stream.
std::string encodeOpenAiResponsesAnswer(const ChatRequest &request, const ChatAnswer &answer,
                                        const AnswerContext &context);

} // namespace kirotray
