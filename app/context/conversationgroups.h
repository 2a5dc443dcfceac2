// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <cstddef>
#include <span>
#include <vector>

namespace kirotray {

/// A run of messages that stays or goes as a whole.
struct MessageGroup
{
    std::size_t first = 0;
    std::size_t end = 0; ///< one past the last
    bool operator==(const MessageGroup &) const = default;
};

/// Where a conversation may be cut. A user message goes with all that follows it up to the next
/// one; within the newest of these exchanges a round of tool calls goes with its results. The
/// newest user message and the last round stay. No cut parts a call from its result, nor reasoning
/// from the answer it belongs to, and what stays begins with a user message that says something.
struct ConversationGroups
{
    /// Oldest first; each may go when all before it go.
    std::vector<MessageGroup> removable;
    /// One past the newest user message that opens an exchange: where a word on what was left out
    /// stands when rounds behind it go.
    std::size_t headEnd = 0;
    bool operator==(const ConversationGroups &) const = default;
};

/// Pure; any thread.
ConversationGroups groupsOf(std::span<const Message> messages);

} // namespace kirotray
