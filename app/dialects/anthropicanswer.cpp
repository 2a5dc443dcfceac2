// SPDX-License-Identifier: MIT
#include "app/chat/searchtext.h"
#include "app/dialects/anthropicmessages.h"
#include "app/dialects/anthropicparts.h"

namespace kirotray {

namespace {

struct AnthropicBlockWriter
{
    JsonWriter &writer;
    bool isThinkingShown;

    void operator()(const AnswerText &block) const
    {
        writer.beginObject().member("type", "text").member("text", block.text);
        if (!block.citations.empty()) {
            writer.key("citations").beginArray();
            for (const TextCitation &citation : block.citations)
                writeAnthropicCitation(writer, citation);
            writer.endArray();
        }
        writer.endObject();
    }
    void operator()(const AnswerThinking &block) const
    {
        if (!block.redactedData.empty())
            writer.beginObject()
                .member("type", "redacted_thinking")
                .member("data", block.redactedData)
                .endObject();
        else
            writer.beginObject()
                .member("type", "thinking")
                .member("thinking", isThinkingShown ? std::string_view(block.text) : "")
                .member("signature",
                        anthropicSignature({block.text, block.signature, {}}, isThinkingShown))
                .endObject();
    }
    void operator()(const AnswerToolCall &block) const
    {
        writer.beginObject()
            .member("type", "tool_use")
            .member("id", block.id)
            .member("name", block.name)
            .memberRaw("input", block.inputJson)
            .endObject();
    }
    void operator()(const AnswerWebSearch &block) const
    {
        writeAnthropicSearchCall(writer, block.call, searchInput(block.call));
        writeAnthropicSearchResult(writer, block.result);
    }
};

} // namespace

std::string encodeAnthropicAnswer(const ChatRequest &request, const ChatAnswer &answer,
                                  const AnswerContext &context)
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject()
        .member("id", "msg_" + context.id)
        .member("type", "message")
        .member("role", "assistant")
        .member("model", request.model);
    writer.key("content").beginArray();
    const AnthropicBlockWriter blockWriter {writer, request.reasoning.isShown};
    for (const AnswerBlock &block : answer.blocks)
        std::visit(blockWriter, block);
    writer.endArray();
    writeAnthropicStop(writer, answer.finished);
    writeAnthropicUsage(writer, answer.finished.usage);
    writer.endObject();
    return out;
}

} // namespace kirotray
