// SPDX-License-Identifier: MIT
#include "app/dialects/openairesponses.h"
#include "app/dialects/responsesencoder.h"

namespace kirotray {

std::unique_ptr<StreamEncoder> openAiResponsesStreamEncoder(const ChatRequest &request,
                                                            const AnswerContext &context)
{
    return std::make_unique<ResponsesStreamEncoder>(request, context);
}

namespace {

/// An answer's blocks as the events they came from.
class ResponsesBlockReplay
{
public:
    explicit ResponsesBlockReplay(StreamEncoder &encoder)
        : m_encoder(encoder)
    {
    }
    void operator()(const AnswerText &block)
    {
        say(TextDelta {block.text});
        for (const TextCitation &citation : block.citations)
            say(citation);
    }
    void operator()(const AnswerThinking &block)
    {
        if (!block.redactedData.empty())
            return say(RedactedThinking {block.redactedData});
        say(ThinkingDelta {block.text});
        // Closes the block, signed or not: the next one may be thinking, too.
        say(ThinkingSignature {block.signature});
    }
    void operator()(const AnswerToolCall &block)
    {
        say(ToolCallStart {block.id, block.name});
        say(ToolCallDelta {block.inputJson});
        say(ToolCallEnd {true});
    }
    void operator()(const AnswerWebSearch &block)
    {
        say(block.call);
        say(block.result);
    }
    void say(const ChatEvent &event)
    {
        m_encoder.encode(event, m_discarded);
        m_discarded.clear();
    }

private:
    StreamEncoder &m_encoder;
    std::string m_discarded;
};

} // namespace

std::string encodeOpenAiResponsesAnswer(const ChatRequest &request, const ChatAnswer &answer,
                                        const AnswerContext &context)
{
    ResponsesStreamEncoder encoder(request, context);
    ResponsesBlockReplay replay(encoder);
    for (const AnswerBlock &block : answer.blocks)
        std::visit(replay, block);
    replay.say(answer.finished);
    return encoder.document();
}

} // namespace kirotray
