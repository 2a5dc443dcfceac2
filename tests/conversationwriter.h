// SPDX-License-Identifier: MIT
#pragma once

#include "app/dialects/dialect.h"
#include "tests/conversationplan.h"

namespace kirotray {

/// A request as a client of that API sends it.
struct WrittenConversation
{
    std::string body;
    CallTarget target;
};
WrittenConversation writtenConversation(DialectId id, const ConversationPlan &plan);

} // namespace kirotray
