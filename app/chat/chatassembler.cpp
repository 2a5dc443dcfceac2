// SPDX-License-Identifier: MIT
#include "app/base/limits.h"
#include "app/chat/chatanswer.h"

#include <utility>

namespace kirotray {

namespace {

qsizetype assembledBytes(const ChatEvent &event)
{
    struct Size
    {
        std::size_t operator()(const TextDelta &e) const { return e.text.size(); }
        std::size_t operator()(const ThinkingDelta &e) const { return e.text.size(); }
        std::size_t operator()(const ThinkingSignature &e) const { return e.signature.size(); }
        std::size_t operator()(const RedactedThinking &e) const { return e.data.size(); }
        std::size_t operator()(const ToolCallStart &e) const { return e.id.size() + e.name.size(); }
        std::size_t operator()(const ToolCallDelta &e) const { return e.json.size(); }
        std::size_t operator()(const ToolCallEnd &) const { return 0; }
        std::size_t operator()(const WebSearchCall &e) const { return e.query.size(); }
        std::size_t operator()(const WebSearchResult &e) const
        {
            std::size_t sum = 0;
            for (const WebSearchHit &hit : e.hits)
                sum += hit.title.size() + hit.url.size() + hit.snippet.size();
            return sum;
        }
        std::size_t operator()(const TextCitation &e) const
        {
            return e.url.size() + e.title.size() + e.citedText.size();
        }
        std::size_t operator()(const Finished &) const { return 0; }
        std::size_t operator()(const Failed &) const { return 0; }
    };
    return static_cast<qsizetype>(std::visit(Size {}, event));
}

/// Applies events to the list of blocks. `open`: the last block still grows.
class BlockGrower
{
public:
    BlockGrower(std::vector<AnswerBlock> &blocks, bool &open)
        : m_blocks(blocks)
        , m_open(open)
    {
    }

    void operator()(const TextDelta &event)
    {
        if (!event.text.empty())
            grown<AnswerText>().text += event.text;
    }
    void operator()(const ThinkingDelta &event)
    {
        if (!event.text.empty())
            grown<AnswerThinking>().text += event.text;
    }
    void operator()(const ThinkingSignature &event)
    {
        // Without text before it: reasoning the upstream does not show.
        grown<AnswerThinking>().signature = event.signature;
        m_open = false;
    }
    void operator()(const RedactedThinking &event)
    {
        close();
        m_blocks.emplace_back(AnswerThinking {{}, {}, event.data});
    }
    void operator()(const ToolCallStart &event)
    {
        close();
        m_blocks.emplace_back(AnswerToolCall {event.id, event.name, {}});
        m_open = true;
    }
    void operator()(const ToolCallDelta &event)
    {
        if (auto *call = openBlock<AnswerToolCall>())
            call->inputJson += event.json;
    }
    void operator()(const ToolCallEnd &event)
    {
        auto *call = openBlock<AnswerToolCall>();
        if (call == nullptr)
            return;
        if (!event.complete) {
            close();
            return;
        }
        if (call->inputJson.empty())
            call->inputJson = "{}";
        m_open = false;
    }
    void operator()(const WebSearchCall &event)
    {
        close();
        m_blocks.emplace_back(AnswerWebSearch {event, {event.id, {}, "unavailable"}});
    }
    void operator()(const WebSearchResult &event)
    {
        close();
        for (AnswerBlock &block : m_blocks)
            if (auto *search = std::get_if<AnswerWebSearch>(&block);
                search != nullptr && search->call.id == event.id)
                search->result = event;
    }
    void operator()(const TextCitation &event)
    {
        if (auto *text = openBlock<AnswerText>())
            text->citations.push_back(event);
    }
    void operator()(const Finished &) { close(); }
    void operator()(const Failed &) { close(); }

private:
    template <typename Block>
    Block *openBlock()
    {
        return m_open ? std::get_if<Block>(&m_blocks.back()) : nullptr;
    }
    template <typename Block>
    Block &grown()
    {
        if (auto *block = openBlock<Block>())
            return *block;
        close();
        m_open = true;
        return std::get<Block>(m_blocks.emplace_back(Block {}));
    }
    /// A call that is open here was never ended: it is cut, and left out.
    void close()
    {
        if (openBlock<AnswerToolCall>() != nullptr)
            m_blocks.pop_back();
        m_open = false;
    }

    std::vector<AnswerBlock> &m_blocks;
    bool &m_open;
};

} // namespace

bool ChatAssembler::add(const ChatEvent &event)
{
    if (m_bytes > limits::MaxAnswer)
        return false;
    if (m_answer || m_error)
        return true;
    m_bytes += assembledBytes(event);
    if (m_bytes > limits::MaxAnswer)
        return false;
    BlockGrower grower(m_blocks, m_open);
    std::visit(grower, event);
    if (const auto *finished = std::get_if<Finished>(&event))
        m_answer = ChatAnswer {std::move(m_blocks), *finished};
    else if (const auto *failed = std::get_if<Failed>(&event))
        m_error = failed->error;
    return true;
}

} // namespace kirotray
