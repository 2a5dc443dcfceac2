// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// What the script and the demo need of a chat request. Views into the request's JsonDocument,
/// which has to outlive it.
struct ChatAsk
{
    /// How the model was asked to think (kiro-protocol §1.9).
    enum class Thinking { None, Events, Tags, Redacted };
    struct Tool
    {
        std::string_view name;
        std::string_view description;
        JsonValue schema;
    };
    struct ToolOutcome
    {
        std::string_view name; ///< of the tool; empty when the history does not tell
        std::string_view text; ///< the first piece, text or JSON
        bool failed = false;
    };
    std::string_view model;
    std::string_view conversationId;
    std::string_view lastText; ///< `content` of the current message
    std::string_view firstText; ///< of the first message: the system text stands there
    std::vector<std::string_view> texts; ///< of every message, oldest first
    std::string_view question; ///< the last user text that came without tool results
    std::vector<Tool> tools;
    std::vector<ToolOutcome> outcomes; ///< results in the current message
    Thinking thinking = Thinking::None;
    qint64 bytes = 0; ///< of conversationState, as received

    bool declares(std::string_view tool) const;
};

/// Reads a validated body; of one that was not validated, what is there.
ChatAsk readChatAsk(const JsonValue &root);

} // namespace kirotray
