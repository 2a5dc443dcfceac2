// SPDX-License-Identifier: MIT
#include "app/dialects/packedthinking.h"
#include "app/dialects/responsesencoder.h"

#include <utility>

// The half of ResponsesStreamEncoder that writes what the model says and thinks.
namespace kirotray {

namespace {

void writeUrlCitation(JsonWriter &writer, const TextCitation &citation)
{
    writer.beginObject()
        .member("type", "url_citation")
        .memberInteger("start_index", citation.start)
        .memberInteger("end_index", citation.end)
        .member("url", citation.url)
        .member("title", citation.title)
        .endObject();
}

void writeOutputText(JsonWriter &writer, std::string_view text,
                     const std::vector<TextCitation> &citations)
{
    writer.beginObject().member("type", "output_text").key("annotations").beginArray();
    for (const TextCitation &citation : citations)
        writeUrlCitation(writer, citation);
    writer.endArray().key("logprobs").beginArray().endArray().member("text", text).endObject();
}

void writeSummaryText(JsonWriter &writer, std::string_view text)
{
    writer.beginObject().member("type", "summary_text").member("text", text).endObject();
}

} // namespace

void ResponsesStreamEncoder::add(const TextDelta &event)
{
    if (event.text.empty())
        return;
    if (!std::holds_alternative<OpenText>(m_open))
        openText();
    auto &open = std::get<OpenText>(m_open);
    open.text += event.text;
    JsonWriter writer = startForItem("response.output_text.delta", open.itemId);
    writer.memberInteger("content_index", 0).member("delta", event.text);
    writer.key("logprobs").beginArray().endArray();
    end(writer);
}

void ResponsesStreamEncoder::openText()
{
    close();
    const OpenText &open = m_open.emplace<OpenText>(OpenText {nextItemId("msg_"), {}, {}});
    std::string item;
    JsonWriter(item)
        .beginObject()
        .member("id", open.itemId)
        .member("type", "message")
        .member("status", "in_progress")
        .key("content")
        .beginArray()
        .endArray()
        .member("role", "assistant")
        .endObject();
    sendItem("response.output_item.added", item);
    JsonWriter writer = startForItem("response.content_part.added", open.itemId);
    writeOutputText(writer.memberInteger("content_index", 0).key("part"), {}, {});
    end(writer);
}

void ResponsesStreamEncoder::add(const TextCitation &event)
{
    auto *open = std::get_if<OpenText>(&m_open);
    if (open == nullptr)
        return;
    JsonWriter writer = startForItem("response.output_text.annotation.added", open->itemId);
    writer.memberInteger("content_index", 0)
        .memberInteger("annotation_index", static_cast<qint64>(open->citations.size()))
        .key("annotation");
    writeUrlCitation(writer, event);
    end(writer);
    open->citations.push_back(event);
}

void ResponsesStreamEncoder::closeText(const OpenText &open, ResponsesStatus status)
{
    JsonWriter text = startForItem("response.output_text.done", open.itemId);
    text.memberInteger("content_index", 0).member("text", open.text);
    text.key("logprobs").beginArray().endArray();
    end(text);
    JsonWriter part = startForItem("response.content_part.done", open.itemId);
    writeOutputText(part.memberInteger("content_index", 0).key("part"), open.text, open.citations);
    end(part);
    std::string item;
    JsonWriter writer(item);
    writer.beginObject().member("id", open.itemId).member("type", "message");
    writer.member("status", responsesStatusName(status)).key("content").beginArray();
    writeOutputText(writer, open.text, open.citations);
    writer.endArray().member("role", "assistant").endObject();
    itemDone(std::move(item));
}

void ResponsesStreamEncoder::add(const ThinkingDelta &event)
{
    if (event.text.empty())
        return;
    if (!std::holds_alternative<OpenThinking>(m_open))
        openThinking();
    auto &open = std::get<OpenThinking>(m_open);
    m_thinkingTokens.add(event.text);
    if (m_showsThinking && open.part.text.empty()) {
        JsonWriter writer = startForItem("response.reasoning_summary_part.added", open.itemId);
        writeSummaryText(writer.memberInteger("summary_index", 0).key("part"), {});
        end(writer);
    }
    open.part.text += event.text;
    if (!m_showsThinking)
        return;
    JsonWriter writer = startForItem("response.reasoning_summary_text.delta", open.itemId);
    writer.memberInteger("summary_index", 0).member("delta", event.text);
    end(writer);
}

void ResponsesStreamEncoder::openThinking()
{
    close();
    const OpenThinking &open = m_open.emplace<OpenThinking>(OpenThinking {nextItemId("rs_"), {}});
    std::string item;
    JsonWriter(item)
        .beginObject()
        .member("id", open.itemId)
        .member("type", "reasoning")
        .key("summary")
        .beginArray()
        .endArray()
        .endObject();
    sendItem("response.output_item.added", item);
}

void ResponsesStreamEncoder::add(const ThinkingSignature &event)
{
    // Without text before it: reasoning the upstream does not show.
    if (!std::holds_alternative<OpenThinking>(m_open))
        openThinking();
    std::get<OpenThinking>(m_open).part.signature = event.signature;
    close();
}

void ResponsesStreamEncoder::add(const RedactedThinking &event)
{
    openThinking();
    std::get<OpenThinking>(m_open).part.redactedData = event.data;
    close();
}

void ResponsesStreamEncoder::closeThinking(const OpenThinking &open)
{
    const bool isShown = m_showsThinking && !open.part.text.empty();
    if (isShown) {
        JsonWriter text = startForItem("response.reasoning_summary_text.done", open.itemId);
        text.memberInteger("summary_index", 0).member("text", open.part.text);
        end(text);
        JsonWriter part = startForItem("response.reasoning_summary_part.done", open.itemId);
        writeSummaryText(part.memberInteger("summary_index", 0).key("part"), open.part.text);
        end(part);
    }
    std::string item;
    JsonWriter writer(item);
    writer.beginObject().member("id", open.itemId).member("type", "reasoning");
    writer.key("summary").beginArray();
    if (isShown)
        writeSummaryText(writer, open.part.text);
    writer.endArray();
    const bool isReplayable = !open.part.signature.empty() || !open.part.redactedData.empty();
    if (m_memory->wantsEncryptedReasoning && isReplayable)
        writer.member("encrypted_content", packThinking({&open.part, 1}));
    writer.endObject();
    itemDone(std::move(item));
}

} // namespace kirotray
