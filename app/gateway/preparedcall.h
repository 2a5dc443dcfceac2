// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "app/kiro/requestbuilder.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <variant>

class QObject;

namespace kirotray {

/// A client's request, understood and translated. Shared with the pool thread that translates it:
/// nothing but `options` may change while that goes on.
struct PreparedCall
{
    ChatRequest request;
    qint64 contextWindow = 0; ///< tokens
    qint64 promptTokens = 0; ///< estimate
    std::string inheritedConversation; ///< the id of the answer that is gone on from; empty: none
    BuildOptions options;
    std::shared_ptr<const BuiltRequest> built;
};
using PreparedCallPtr = std::shared_ptr<PreparedCall>;

/// Client JSON to the neutral request. Pure: may run on a pool thread, which it does for bodies
/// over limits::PrepareInline, so that other streams see no gap.
std::variant<ChatRequest, ChatError> decodeCall(std::string body, const Dialect &dialect,
                                                const CallTarget &target);
/// Sets `built` and `promptTokens` by the request and the options: at first, and again for a retry
/// or a further turn. `done` comes at once for a small request, else from the event loop, and never
/// after `context` is gone.
void buildCall(QObject *context, const PreparedCallPtr &call, const KiroTablesPtr &tables,
               std::function<void(const std::optional<ChatError> &)> done);
/// The same at once, whatever the size.
std::optional<ChatError> buildCallHere(PreparedCall &call, const KiroTables &tables);
/// The prompt's estimate for a token count endpoint. Pure, like decodeCall().
std::variant<qint64, ChatError> countTokens(std::string body, const Dialect &dialect,
                                            const CallTarget &target);

/// Adds what the dialect and the last build changed or dropped, each once.
void recordChanges(const PreparedCall &call, QStringList &changes);

/// What texts and files take to translate or to keep; a request's is compared with
/// limits::PrepareInline.
qsizetype translationBytes(std::span<const Message> messages);
qsizetype translationBytes(const ChatRequest &request);

/// Error::BadInput of a decoder as clients are told.
ChatError toChatError(const Error &error);

} // namespace kirotray
