// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chaterror.h"
#include "app/chat/chatrequest.h"
#include "app/http/httpmessage.h"

#include <optional>
#include <string>

namespace kirotray {

class AnswerStore;

/// What a request gets beside what its client wrote into it. Gateway thread.

/// The client's session, where a header names it (clients.md §1, §2, §4); else empty.
std::string sessionIn(const HttpHeaders &headers);

/// Puts the conversation that ServerState::previousId names before the request's own messages, and
/// its upstream id into `conversationId`. An error when it is not kept any more. A client that
/// resends everything gets neither.
std::optional<ChatError> inheritConversation(AnswerStore &answers, ChatRequest &request,
                                             std::string &conversationId);

/// OpenAI's and Google's APIs cache by themselves what requests have in common; the upstream wants
/// to be told where (kiro-protocol §1.8: 40 % fewer credits from the third turn on). Marks system
/// text and last answer, unless the client marked anything.
void markForCaching(ChatRequest &request);

} // namespace kirotray
