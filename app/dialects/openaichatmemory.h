// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <set>
#include <string>

namespace kirotray {

/// What a chat request says of the form of its answer.
struct OpenAiChatMemory final : DialectMemory
{
    bool includeUsage = false; ///< stream_options.include_usage
    bool legacyFunctions = false; ///< asked with `functions`, answered in kind
    std::set<std::string, std::less<>> customTools; ///< names; their calls carry a free text
};

} // namespace kirotray
