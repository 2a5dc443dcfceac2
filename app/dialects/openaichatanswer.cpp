// SPDX-License-Identifier: MIT
#include "app/dialects/carriedthoughts.h"
#include "app/dialects/customtool.h"
#include "app/dialects/dialectparts.h"
#include "app/dialects/openaichat.h"
#include "app/dialects/openaichatmemory.h"
#include "app/dialects/openaichatparts.h"

#include <string>
#include <utility>
#include <vector>

namespace kirotray {

namespace {

/// The blocks of an answer sorted into the members of one message.
struct OpenAiMessage
{
    std::string text;
    std::string thinking;
    std::vector<std::string> thoughts; ///< the same in the form that comes back
    const AnswerToolCall *legacyCall = nullptr;
    std::vector<const AnswerToolCall *> calls;
    std::vector<TextCitation> citations;
    OpenAiCitationPlaces places;

    const OpenAiChatMemory &memory;

    OpenAiMessage(const ChatAnswer &answer, const OpenAiChatMemory &memoryOfRequest)
        : memory(memoryOfRequest)
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
    void add(const AnswerThinking &block);
    void add(const AnswerToolCall &block)
    {
        if (!memory.legacyFunctions || memory.customTools.contains(block.name))
            calls.push_back(&block);
        else if (legacyCall == nullptr) // one answer has room for one
            legacyCall = &block;
    }
    void add(const AnswerWebSearch &) { }
};

void OpenAiMessage::add(const AnswerThinking &block)
{
    thinking += block.text;
    CarriedThoughts carried;
    if (!block.redactedData.empty()) {
        carried.addRedacted(block.redactedData);
    } else {
        carried.addText(block.text);
        carried.sign(block.signature);
    }
    if (std::string packed = carried.take(); !packed.empty())
        thoughts.push_back(std::move(packed));
}

void writeThinking(JsonWriter &writer, const OpenAiMessage &message)
{
    if (!message.thinking.empty())
        writer.member("reasoning_content", message.thinking);
    if (message.thoughts.empty())
        return;
    writer.key("reasoning_details").beginArray();
    int number = 0;
    for (const std::string &packed : message.thoughts)
        writeOpenAiThought(writer, packed, number++);
    writer.endArray();
}

void writeCalls(JsonWriter &writer, const OpenAiMessage &message)
{
    if (const AnswerToolCall *call = message.legacyCall)
        writeOpenAiFunction(writer, "function_call", call->name, call->inputJson);
    if (message.calls.empty())
        return;
    writer.key("tool_calls").beginArray();
    for (const AnswerToolCall *call : message.calls) {
        const bool isCustom = message.memory.customTools.contains(call->name);
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
    const auto memory = memoryOf<OpenAiChatMemory>(request);
    const OpenAiMessage message(answer, *memory);
    const bool hasCalls = message.legacyCall != nullptr || !message.calls.empty();
    std::string out;
    JsonWriter writer(out);
    writer.beginObject()
        .member("id", "chatcmpl-" + context.id)
        .member("object", "chat.completion")
        .memberInteger("created", context.created)
        .member("model", request.model);
    writer.key("choices").beginArray().beginObject().memberInteger("index", 0);
    writer.key("message").beginObject().member("role", "assistant");
    if (message.text.empty() && hasCalls)
        writer.memberNull("content");
    else
        writer.member("content", message.text);
    writer.memberNull("refusal");
    if (request.reasoning.isShown)
        writeThinking(writer, message);
    writeAnnotations(writer, message);
    writeCalls(writer, message);
    writer.endObject().memberNull("logprobs");
    const bool isLegacy = message.memory.legacyFunctions && message.calls.empty();
    writer.member(
        "finish_reason",
        openAiFinishReason(answer.finished.reason, isLegacy || message.legacyCall != nullptr));
    writer.endObject().endArray();
    writeOpenAiUsage(writer, answer.finished.usage);
    writer.endObject();
    return out;
}

} // namespace kirotray
