// SPDX-License-Identifier: MIT
#pragma once

#include "app/context/strategy.h"

#include <optional>

namespace kirotray {

/// The oldest messages of a conversation up to some group; tells whether a later request begins
/// with the same ones.
struct CutPrefix
{
    qint64 messages = 0;
    qint64 characters = 0;
    quint64 fingerprint = 0; ///< of everything in them; within this run of the program
    bool operator==(const CutPrefix &) const = default;
};

/// What is to go.
struct CutPlan
{
    ConversationGroups groups;
    std::size_t count = 0; ///< of groups.removable, from the front
    std::string why; ///< see CutWish
    std::vector<CutPrefix> prefixes; ///< one for each of groups.removable, those before included
    quint64 start = 0; ///< fingerprint of the first message
};

/// `gone` is what was cut before. Without `wantsPrefixes` they are left empty. A few milliseconds a
/// megabyte at most. Pure; any thread.
CutPlan planCut(const ChatRequest &request, const CutSituation &situation, const CutPrefix &gone,
                bool wantsPrefixes);

/// The messages and characters of the first `count` groups.
CutPrefix loadOfGroups(const ChatRequest &request, const ConversationGroups &groups,
                       std::size_t count);

/// True when the first `count` groups hold rounds of tool calls behind the newest user message.
bool cutsRounds(const ConversationGroups &groups, std::size_t count);

/// Takes the first `count` groups out and puts `word`, when it is not empty, in their place as a
/// user message of its own: in front, or behind the newest user message when rounds of tool calls
/// went. It carries a cache point when one went. Gives its position.
std::optional<std::size_t> cutGroups(ChatRequest &request, const ConversationGroups &groups,
                                     std::size_t count, std::string word);

} // namespace kirotray
