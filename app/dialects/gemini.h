// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"

namespace kirotray {

/// Google's Gemini API: `models/{m}:generateContent`, `:streamGenerateContent`, `:countTokens` and
/// the model list. Every member is read in camelCase and in snake_case, as Google's API does.
const Dialect &gemini();

/// What the answer has to know of the call.
struct GeminiMemory final : DialectMemory
{
    bool serverSentEvents = true; ///< false: a stream is one JSON array
};

Result<ChatRequest> decodeGemini(const JsonValue &root, const CallTarget &target);

std::unique_ptr<StreamEncoder> geminiStreamEncoder(const ChatRequest &request,
                                                   const AnswerContext &context);
std::string encodeGeminiAnswer(const ChatRequest &request, const ChatAnswer &answer,
                               const AnswerContext &context);
/// `{"error":{"code","message","status","details"}}` with its HTTP status; also the payload of a
/// stream's error chunk.
ErrorReply geminiErrorReply(const ChatError &error);
/// Whether a stream of this request is one JSON array instead of server-sent events.
bool isGeminiArrayStream(const ChatRequest &request);

} // namespace kirotray
