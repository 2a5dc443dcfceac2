// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <string_view>

namespace kirotray {

/// Adds up a text that arrives in pieces. The sum does not depend on where it was cut.
class TokenCounter
{
public:
    void add(std::string_view text);
    qint64 tokens() const; ///< rounded up

private:
    qint64 m_units = 0;
};

/// Token estimate of a UTF-8 text, rounded up: about 4 bytes a token for Latin, 1.5 characters for
/// CJK (kiro-protocol §10). Clients decide on compaction by it, so it must not be too low.
qint64 estimateTokens(std::string_view text);

/// The whole prompt: system, messages, tools with their schemas, and the per-message overhead.
qint64 estimatePromptTokens(const ChatRequest &request);

} // namespace kirotray
