// SPDX-License-Identifier: MIT
#pragma once

#include "app/context/conversationgroups.h"

namespace kirotray {

/// What some messages weigh.
struct MessageLoad
{
    qint64 messages = 0;
    qint64 characters = 0; ///< of texts, thoughts, tool inputs and results; no files
    qint64 tokens = 0; ///< by estimate; 0 when it was not asked for

    MessageLoad &operator+=(const MessageLoad &other);
    bool operator==(const MessageLoad &) const = default;
};

/// What a conversation weighs, by what may go and what stays.
struct ContextLoad
{
    std::vector<MessageLoad> removable; ///< as ConversationGroups::removable
    MessageLoad kept; ///< tokens: with system text and tools, which always stay
    MessageLoad total() const;
};

/// A look at each byte, two where tokens are wanted. Pure; any thread.
ContextLoad loadOf(const ChatRequest &request, const ConversationGroups &groups, bool wantsTokens);

/// Characters of one message, as they are counted here.
qint64 charactersOf(const Message &message);

/// How many of the oldest groups must go so that no more than `most` is left; all when that is not
/// enough. Takes up to an eighth of `most` more, so that the next few requests of a conversation
/// begin with the same message and find their start in the upstream's cache.
std::size_t groupsBeyond(const ContextLoad &load, qint64 MessageLoad::*what, qint64 most);

} // namespace kirotray
