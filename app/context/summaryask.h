// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"
#include "app/chat/chatrequest.h"
#include "app/context/conversationgroups.h"

#include <functional>
#include <string>

namespace kirotray {

/// A summary that a model is to write: a small request of its own, without tools.
struct SummaryAsk
{
    ChatRequest request;
};
using SummaryDone = std::function<void(const Result<std::string> &)>;
/// Makes the call; `done` comes once, or never when whoever asked has given up.
using AskForSummary = std::function<void(SummaryAsk, SummaryDone)>;

/// Asks for the groups from `first` to `end`, as an addition to the summary of what was before them
/// when there is one. What does not fit into `maxBytes` is shortened, long results first. Pure.
SummaryAsk summaryAskFor(const ChatRequest &request, const ConversationGroups &groups,
                         std::size_t first, std::size_t end, const std::string &summaryBefore,
                         std::size_t maxBytes);

/// A summary as the model of the conversation gets it.
std::string summaryWord(const std::string &summary);

} // namespace kirotray
