// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"

namespace kirotray {

/// Anthropic's Messages API: `POST /v1/messages`, its token count and its model list.
const Dialect &anthropicMessages();

/// A request body. `max_tokens` is only optional for a token count.
enum class AnthropicCall { Messages, CountTokens };
Result<ChatRequest> decodeAnthropic(const JsonDocument &body, AnthropicCall call);

std::unique_ptr<StreamEncoder> anthropicStreamEncoder(const ChatRequest &request,
                                                      const AnswerContext &context);
std::string encodeAnthropicAnswer(const ChatRequest &request, const ChatAnswer &answer,
                                  const AnswerContext &context);

/// `{"type":"error","error":{…},"request_id":…}` with its HTTP status; also the payload of a
/// stream's error event. `requestId` is empty when it is not known.
ErrorReply anthropicErrorReply(const ChatError &error, const std::string &requestId);

} // namespace kirotray
