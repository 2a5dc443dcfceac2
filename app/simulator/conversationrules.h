// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/simulator/attachmentrules.h"
#include "app/simulator/toolrules.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

class Verdict;

/// Thinking that the service gave, by its signature.
struct GivenThinking
{
    std::string signature;
    std::optional<std::string> text = {}; ///< absent: any
};

/// Bounds that the service's own figures give (kiro-protocol §1.4); a script may change them.
struct ConversationBounds
{
    qint64 messageCharacters = 600'000; ///< `content` of one user message
    qint64 toolResultCharacters = 800'000; ///< the content of one tool result
    qint64 inputCharacters = 4'000'000; ///< all texts together: about a million tokens
    /// Reasoning that is taken back; empty: any. The real service knows what it gave.
    std::vector<GivenThinking> signatures = {};
};

/// The rules on `conversationState` (kiro-protocol §1.4, §1.7 rules 1 to 14 and 16) in one
/// pass from the oldest message to the current one. Use once.
class ConversationRules
{
public:
    ConversationRules(const ConversationBounds &bounds, SchemaRule schemaRule, Verdict &verdict);
    void check(const JsonValue &state);

private:
    void checkHistory(const JsonValue &history);
    void checkUser(const JsonValue &message, bool current);
    void checkContext(const JsonValue &context, bool current);
    void checkAssistant(const JsonValue &message);
    void checkToolUses(const JsonValue &toolUses);
    void checkToolResult(const JsonValue &result);
    void checkReasoning(const JsonValue &reasoning);
    void checkCachePoint(const JsonValue &message);
    void countText(const JsonValue &text);

    const ConversationBounds &m_bounds;
    SchemaRule m_schemaRule;
    Verdict &m_verdict;
    std::set<std::string> m_declaredTools; ///< lower case
    std::set<std::string_view> m_usedIds; ///< every tool use so far
    std::set<std::string_view> m_openIds; ///< of the assistant message just before
    qint64 m_characters = 0;
    AttachmentTally m_attachments;
    int m_cachePoints = 0;
};

} // namespace kirotray
