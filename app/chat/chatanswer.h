// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/chat/chatrequest.h"

#include <string>
#include <variant>
#include <vector>

namespace kirotray {

struct AnswerText
{
    std::string text;
    std::vector<TextCitation> citations = {};
    bool operator==(const AnswerText &) const = default;
};
struct AnswerThinking
{
    std::string text;
    std::string signature;
    std::string redactedData; ///< then text is empty
    bool operator==(const AnswerThinking &) const = default;
};
struct AnswerToolCall
{
    std::string id;
    std::string name;
    std::string inputJson;
    bool operator==(const AnswerToolCall &) const = default;
};
/// A search that KiroTray ran.
struct AnswerWebSearch
{
    WebSearchCall call;
    WebSearchResult result;
    bool operator==(const AnswerWebSearch &) const = default;
};
using AnswerBlock = std::variant<AnswerText, AnswerThinking, AnswerToolCall, AnswerWebSearch>;

/// One complete answer, for clients that did not ask for a stream.
struct ChatAnswer
{
    std::vector<AnswerBlock>
        blocks; ///< adjacent deltas of one kind are one block; order of arrival
    Finished finished;
    bool operator==(const ChatAnswer &) const = default;
};

/// The answer as a later request would send it back. A search is a call and its result, so there
/// may be several messages.
std::vector<Message> messagesOf(const ChatAnswer &answer);

/// Collects events into one answer. A cut call (ToolCallEnd::complete false) is left out: a client
/// must never run half an input. Pure.
class ChatAssembler
{
public:
    /// False once more than limits::MaxAnswer bytes have been collected; further events are
    /// dropped.
    bool add(const ChatEvent &event);
    /// Set after Finished was added.
    const std::optional<ChatAnswer> &answer() const { return m_answer; }
    /// Set after Failed was added.
    const std::optional<ChatError> &error() const { return m_error; }

private:
    std::vector<AnswerBlock> m_blocks;
    std::optional<ChatAnswer> m_answer;
    std::optional<ChatError> m_error;
    qsizetype m_bytes = 0;
    bool m_open = false; ///< the last block still grows
};

} // namespace kirotray
