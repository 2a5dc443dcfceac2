// SPDX-License-Identifier: MIT
#include "app/dialects/customtool.h"
#include "app/dialects/openaichat.h"
#include "app/dialects/openaichatmemory.h"
#include "app/dialects/openaichatparts.h"

#include <vector>

namespace kirotray {

namespace {

/// The blocks of an answer sorted into the members of one message.
struct OpenAiMessage
{
    std::string text;
    std::string thinking;
    std::vector<const AnswerToolCall *> calls;
    std::vector<TextCitation> citations;
    OpenAiCitationPlaces places;

    explicit OpenAiMessage(const ChatAnswer &answer)
    {
        for (const AnswerBlock &block : answer.blocks)
            std::visit([this](const auto &each) { add(each); }, block);
    }
    void add(const AnswerText &block)
    {
        text += block.text;
        places.endText();
        places.addText(block.text);
        for (const TextCitation &citation : block.citations)
            citations.push_back(places.placed(citation));
    }
    void add(const AnswerThinking &block) { thinking += block.text; }
    void add(const AnswerToolCall &block) { calls.push_back(&block); }
    void add(const AnswerWebSearch &) { }
};

void writeCalls(JsonWriter &writer, const OpenAiMessage &message, const OpenAiChatMemory &memory)
{
    if (message.calls.empty())
        return;
    if (memory.legacyFunctions) {
        const AnswerToolCall &call = *message.calls.front();
        writeOpenAiFunction(writer, "function_call", call.name, call.inputJson);
        return;
    }
    writer.key("tool_calls").beginArray();
    for (const AnswerToolCall *call : message.calls) {
        const bool isCustom = memory.customTools.contains(call->name);
        writer.beginObject().member("id", call->id);
        writer.member("type", isCustom ? "custom" : "function");
        if (isCustom)
            writeOpenAiCustom(writer, call->name, customToolInput(call->inputJson));
        else
            writeOpenAiFunction(writer, "function", call->name, call->inputJson);
        writer.endObject();
    }
    writer.endArray();
}

void writeAnnotations(JsonWriter &writer, const OpenAiMessage &message)
{
    if (message.citations.empty())
        return;
    writer.key("annotations").beginArray();
    for (const TextCitation &citation : message.citations)
        writeOpenAiAnnotation(writer, citation);
    writer.endArray();
}

} // namespace

std::string encodeOpenAiChatAnswer(const ChatRequest &request, const ChatAnswer &answer,
                                   const AnswerContext &context)
{
    const OpenAiMessage message(answer);
    const OpenAiChatMemory &memory = openAiChatMemory(request);
    std::string out;
    JsonWriter writer(out);
    writer.beginObject()
        .member("id", "chatcmpl-" + context.id)
        .member("object", "chat.completion")
        .memberInteger("created", context.created)
        .member("model", request.model);
    writer.key("choices").beginArray().beginObject().memberInteger("index", 0);
    writer.key("message").beginObject().member("role", "assistant");
    if (message.text.empty() && !message.calls.empty())
        writer.memberNull("content");
    else
        writer.member("content", message.text);
    writer.memberNull("refusal");
    if (!message.thinking.empty() && request.reasoning.isShown)
        writer.member("reasoning_content", message.thinking);
    writeAnnotations(writer, message);
    writeCalls(writer, message, memory);
    writer.endObject().memberNull("logprobs");
    writer.member("finish_reason",
                  openAiFinishReason(answer.finished.reason, memory.legacyFunctions));
    writer.endObject().endArray();
    writeOpenAiUsage(writer, answer.finished.usage);
    writer.endObject();
    return out;
}

} // namespace kirotray
