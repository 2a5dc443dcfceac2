// SPDX-License-Identifier: MIT
#include "app/chat/chatanswer.h"

#include "app/base/json.h"

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
        std::string input;
        JsonWriter(input).beginObject().member("query", block.call.query).endObject();
        const std::string id = "srvtoolu_" + block.call.id;
        assistant().parts.emplace_back(ToolUsePart {id, WebSearchTool().name, std::move(input)});
        Message result;
        result.parts.emplace_back(
            ToolResultPart {id, searchResultText(block.result), !block.result.errorCode.empty()});
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

std::string searchResultText(const WebSearchResult &result)
{
    if (!result.errorCode.empty())
        return "The search failed: " + result.errorCode;
    if (result.hits.empty())
        return "The search found nothing.";
    std::string text;
    for (const WebSearchHit &hit : result.hits) {
        text += text.empty() ? "" : "\n\n";
        text += hit.title + '\n' + hit.url;
        if (!hit.pageAge.empty())
            text += " (" + hit.pageAge + ')';
        text += '\n' + hit.snippet;
    }
    return text;
}

} // namespace kirotray
