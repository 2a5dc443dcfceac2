// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "app/kiro/requestbuilder.h"

#include <memory>
#include <variant>

namespace kirotray {

/// A client's request, understood and translated: everything of a call that needs no account.
struct PreparedCall
{
    ChatRequest request;
    QString modelId; ///< the upstream's
    qint64 contextWindow = 0; ///< tokens
    qint64 promptTokens = 0; ///< estimate
    BuildOptions options;
    std::shared_ptr<const BuiltRequest> built;
};

/// Decodes, resolves the model and builds the upstream request. Pure: may run on a pool thread,
/// which it does for bodies over limits::PrepareInline, so that other streams see no gap.
std::variant<PreparedCall, ChatError> prepareCall(std::string body, const Dialect &dialect,
                                                  const KiroTables &tables);
/// Builds again with `call.options` changed, for the one retry that a reaction asks for.
std::optional<ChatError> rebuild(PreparedCall &call, const KiroTables &tables);
/// The prompt's estimate for a token count endpoint.
std::variant<qint64, ChatError> countTokens(std::string body, const Dialect &dialect);

/// Error::BadInput of a decoder as clients are told.
ChatError toChatError(const Error &error);

} // namespace kirotray
