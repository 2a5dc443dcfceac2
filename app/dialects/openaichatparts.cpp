// SPDX-License-Identifier: MIT
#include "app/dialects/openaichatparts.h"

#include <algorithm>

namespace kirotray {

std::string_view openAiFinishReason(StopReason reason, bool legacyCall)
{
    switch (reason) {
    case StopReason::EndTurn:
    case StopReason::StopSequence:
    case StopReason::PauseTurn:
        return "stop";
    case StopReason::ToolUse:
        return legacyCall ? "function_call" : "tool_calls";
    case StopReason::MaxTokens:
    case StopReason::ContextWindowExceeded:
        return "length";
    case StopReason::Refusal:
        return "content_filter";
    }
    Q_UNREACHABLE();
}

void writeOpenAiUsage(JsonWriter &writer, const Usage &usage)
{
    writer.key("usage")
        .beginObject()
        .memberInteger("prompt_tokens", usage.promptTokens())
        .memberInteger("completion_tokens", usage.outputTokens)
        .memberInteger("total_tokens", usage.promptTokens() + usage.outputTokens);
    writer.key("prompt_tokens_details")
        .beginObject()
        .memberInteger("cached_tokens", usage.cacheReadTokens)
        .endObject();
    writer.endObject();
}

void writeOpenAiAnnotation(JsonWriter &writer, const TextCitation &citation)
{
    writer.beginObject().member("type", "url_citation").key("url_citation");
    writer.beginObject()
        .memberInteger("start_index", citation.start)
        .memberInteger("end_index", citation.end)
        .member("title", citation.title)
        .member("url", citation.url)
        .endObject();
    writer.endObject();
}

void writeOpenAiFunction(JsonWriter &writer, std::string_view member, std::string_view name,
                         std::string_view arguments)
{
    writer.key(member)
        .beginObject()
        .member("name", name)
        .member("arguments", arguments)
        .endObject();
}

void writeOpenAiCustom(JsonWriter &writer, std::string_view name, std::string_view input)
{
    writer.key("custom").beginObject().member("name", name).member("input", input).endObject();
}

void writeOpenAiThought(JsonWriter &writer, std::string_view packed, int number)
{
    writer.beginObject()
        .member("type", "reasoning.encrypted")
        .member("data", packed)
        .memberInteger("index", number) // clients join what has the same
        .endObject();
}

void OpenAiCitationPlaces::addText(std::string_view text)
{
    const auto startsCodePoint = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    };
    m_end += std::count_if(text.begin(), text.end(), startsCodePoint);
}

TextCitation OpenAiCitationPlaces::placed(TextCitation citation) const
{
    citation.start += m_start;
    citation.end += m_start;
    return citation;
}

} // namespace kirotray
