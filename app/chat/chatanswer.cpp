// SPDX-License-Identifier: MIT
#include "app/chat/chatanswer.h"

#include "app/chat/searchtext.h"

namespace kirotray {

namespace {

class AnswerReplay
{
public:
    void operator()(const AnswerText &block)
    {
        if (!block.text.empty())
            assistant().parts.emplace_back(TextPart {block.text});
    }
    void operator()(const AnswerThinking &block)
    {
        assistant().parts.emplace_back(
            ThinkingPart {block.text, block.signature, block.redactedData});
    }
    void operator()(const AnswerToolCall &block)
    {
        assistant().parts.emplace_back(ToolUsePart {block.id, block.name, block.inputJson});
    }
    void operator()(const AnswerWebSearch &block)
    {
        const std::string id = searchUseId(block.call.id);
        assistant().parts.emplace_back(
            ToolUsePart {id, WebSearchTool().name, searchInput(block.call)});
        Message result;
        result.parts.emplace_back(searchResultPart(id, block.result));
        m_messages.push_back(std::move(result));
    }

    std::vector<Message> take() { return std::move(m_messages); }

private:
    Message &assistant()
    {
        if (m_messages.empty() || m_messages.back().role != Role::Assistant)
            m_messages.emplace_back().role = Role::Assistant;
        return m_messages.back();
    }

    std::vector<Message> m_messages;
};

} // namespace

std::vector<Message> messagesOf(const ChatAnswer &answer)
{
    AnswerReplay replay;
    for (const AnswerBlock &block : answer.blocks)
        std::visit(replay, block);
    return replay.take();
}

} // namespace kirotray
