// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/chat/chatevent.h"

#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// Gathers the searches and citations of an answer for its `groundingMetadata`. Pure.
class GeminiGrounding
{
public:
    /// Without a search in the request nothing is kept.
    explicit GeminiGrounding(bool isWanted)
        : m_isWanted(isWanted)
    {
    }
    void addText(std::string_view text);
    /// The offsets of citations count from here: something other than text has come.
    void endText() { m_start = m_text.size(); }
    void add(const WebSearchCall &call);
    void add(const WebSearchResult &result);
    void add(const TextCitation &citation);
    /// The JSON object; empty when nothing was searched.
    std::string json() const;

private:
    struct Source
    {
        std::string url;
        std::string title;
    };
    struct Support
    {
        std::size_t start; ///< bytes of the text
        std::size_t end;
        std::size_t source;
    };
    void writeQueries(JsonWriter &writer) const;
    void writeSources(JsonWriter &writer) const;
    void writeSupports(JsonWriter &writer) const;
    std::size_t sourceIndex(std::string_view url, std::string_view title);
    std::size_t byteOffset(qint64 codePoints) const;

    std::string m_text; ///< of the whole answer: clients join its parts
    std::size_t m_start = 0; ///< of the running text, in bytes
    std::vector<std::string> m_queries;
    std::vector<Source> m_sources;
    std::vector<Support> m_supports;
    bool m_isWanted;
};

} // namespace kirotray
