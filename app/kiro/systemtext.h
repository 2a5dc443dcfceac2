// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"
#include "app/kiro/requestbuilder.h"

#include <string>
#include <string_view>

namespace kirotray {

/// True when the client wants the model to think: what prompt tags ask for (kiro-protocol §1.9).
bool wantsThinking(const Reasoning &reasoning);

/// The system text for the upstream: with `withTags` the prompt tags of §1.9 (B) in front, unless
/// the client's own text has some; then the client's text, the sentences on tools and on the form
/// of the answer (§1.5: the upstream has no switch for either). Empty when there is nothing to say.
/// Pure.
std::string upstreamSystemText(const ChatRequest &request, std::string_view toolInstruction,
                               bool withTags, std::vector<NormaliserNote> &notes);

} // namespace kirotray
