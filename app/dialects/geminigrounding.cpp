// SPDX-License-Identifier: MIT
#include "app/dialects/geminigrounding.h"

#include <algorithm>

namespace kirotray {

namespace {

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

} // namespace

void GeminiGrounding::addText(std::string_view text)
{
    if (m_isWanted)
        m_text += text;
}

void GeminiGrounding::add(const WebSearchCall &call)
{
    m_queries.push_back(call.query);
}

void GeminiGrounding::add(const WebSearchResult &result)
{
    for (const WebSearchHit &hit : result.hits)
        sourceIndex(hit.url, hit.title);
}

/// Google counts bytes, the event code points.
void GeminiGrounding::add(const TextCitation &citation)
{
    const std::size_t end = byteOffset(citation.end);
    const std::size_t start = std::min(byteOffset(citation.start), end);
    const std::size_t source = sourceIndex(citation.url, citation.title);
    if (start < end)
        m_supports.push_back({start, end, source});
}

std::string GeminiGrounding::json() const
{
    std::string json;
    if (m_queries.empty() && m_sources.empty())
        return json;
    JsonWriter writer(json);
    writer.beginObject();
    if (!m_queries.empty())
        writeQueries(writer);
    if (!m_sources.empty())
        writeSources(writer);
    if (!m_supports.empty())
        writeSupports(writer);
    writer.endObject();
    return json;
}

void GeminiGrounding::writeQueries(JsonWriter &writer) const
{
    writer.key("webSearchQueries").beginArray();
    for (const std::string &query : m_queries)
        writer.string(query);
    writer.endArray();
}

void GeminiGrounding::writeSources(JsonWriter &writer) const
{
    writer.key("groundingChunks").beginArray();
    for (const Source &source : m_sources) {
        writer.beginObject().key("web").beginObject();
        writer.member("uri", source.url).member("title", source.title);
        writer.endObject().endObject();
    }
    writer.endArray();
}

void GeminiGrounding::writeSupports(JsonWriter &writer) const
{
    writer.key("groundingSupports").beginArray();
    for (const Support &support : m_supports) {
        writer.beginObject().key("segment").beginObject();
        writer.memberInteger("startIndex", static_cast<qint64>(support.start))
            .memberInteger("endIndex", static_cast<qint64>(support.end))
            .member("text", m_text.substr(support.start, support.end - support.start));
        writer.endObject().key("groundingChunkIndices").beginArray();
        writer.integer(static_cast<qint64>(support.source)).endArray().endObject();
    }
    writer.endArray();
}

std::size_t GeminiGrounding::sourceIndex(std::string_view url, std::string_view title)
{
    const auto known = std::find_if(m_sources.begin(), m_sources.end(),
                                    [url](const Source &source) { return source.url == url; });
    if (known != m_sources.end())
        return static_cast<std::size_t>(known - m_sources.begin());
    m_sources.push_back({std::string(url), std::string(title)});
    return m_sources.size() - 1;
}

std::size_t GeminiGrounding::byteOffset(qint64 codePoints) const
{
    std::size_t at = m_start;
    for (; at < m_text.size(); ++at) {
        if (isContinuation(m_text[at]))
            continue;
        if (codePoints <= 0)
            break;
        --codePoints;
    }
    return at;
}

} // namespace kirotray
