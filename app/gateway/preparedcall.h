// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "app/kiro/requestbuilder.h"

#include <memory>
#include <optional>
#include <span>
#include <variant>

namespace kirotray {

/// A client's request, understood and translated.
struct PreparedCall
{
    ChatRequest request;
    qint64 contextWindow = 0; ///< tokens
    qint64 promptTokens = 0; ///< estimate
    BuildOptions options;
    std::shared_ptr<const BuiltRequest> built;
};

/// Client JSON to the neutral request. Pure: may run on a pool thread, which it does for bodies
/// over limits::PrepareInline, so that other streams see no gap.
std::variant<ChatRequest, ChatError> decodeCall(std::string body, const Dialect &dialect,
                                                const CallTarget &target);
/// The request for the upstream by `call.options`; also for the one retry that a reaction asks for.
/// Pure, like decodeCall().
std::optional<ChatError> buildCall(PreparedCall &call, const KiroTables &tables);
/// The prompt's estimate for a token count endpoint. Pure, like decodeCall().
std::variant<qint64, ChatError> countTokens(std::string body, const Dialect &dialect,
                                            const CallTarget &target);

/// What texts and files take to translate or to keep; a request's is compared with
/// limits::PrepareInline.
qsizetype translationBytes(std::span<const Message> messages);
qsizetype translationBytes(const ChatRequest &request);

/// Error::BadInput of a decoder as clients are told.
ChatError toChatError(const Error &error);

} // namespace kirotray
