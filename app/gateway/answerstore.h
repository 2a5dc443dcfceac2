// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace kirotray {

/// An answer of OpenAI's Responses API that its client asked to keep, with what a later request
/// needs to go on from it.
struct StoredAnswer
{
    std::string document; ///< the response object, JSON
    std::string inputItems; ///< JSON array
    std::string systemText; ///< what the input said as system or developer
    std::string conversationId; ///< the upstream's, which its prompt cache goes by
    std::vector<Message> messages; ///< input and answer, without what came before
    std::string previousId; ///< empty: the conversation began here
};

/// Kept answers by id, in memory only: bounded by limits::MaxStoredAnswers and
/// limits::MaxStoredAnswerBytes. The longest unused go first; a conversation that is gone on with
/// is used as a whole. Gateway thread.
class AnswerStore
{
public:
    void put(const std::string &id, StoredAnswer answer);
    /// Null when it was never kept, was removed or had to go. Valid until the next change.
    const StoredAnswer *find(const std::string &id) const;
    bool remove(const std::string &id); ///< false: there is none

    struct Conversation
    {
        std::string systemText;
        std::string conversationId;
        std::vector<Message> messages; ///< oldest first
    };
    /// All that led to and includes this answer; nullopt when a part of it is gone.
    std::optional<Conversation> conversation(const std::string &id);

    qsizetype bytes() const { return m_bytes; }

private:
    struct Entry
    {
        std::string id;
        StoredAnswer answer;
        qsizetype bytes = 0;
    };
    using Entries = std::list<Entry>; ///< the longest unused first

    void drop(Entries::iterator entry);

    Entries m_entries;
    std::unordered_map<std::string, Entries::iterator> m_byId;
    qsizetype m_bytes = 0;
};

} // namespace kirotray
