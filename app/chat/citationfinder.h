// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"

#include <QtGlobal>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kirotray {

/// Tells which sources of a web search an answer names: a hit's address in the text, bare or as a
/// Markdown link, is followed by a TextCitation. Every text passes at once and unchanged; a delta
/// is cut in two where a citation goes. Offsets are code points since the last event that is
/// neither text nor citation, and cover the address or the whole `[words](address)`. What comes out
/// does not depend on where the text was cut. No thread affinity.
class CitationFinder
{
public:
    /// The hits of a search; those of earlier ones stay known. WebSearchResult events that go
    /// through add() are taken by themselves.
    void addHits(const std::vector<WebSearchHit> &hits);
    void add(ChatEvent event, std::vector<ChatEvent> &out);

private:
    enum class Place { Text, Address, LinkEnd };

    void addText(std::string_view text, std::vector<ChatEvent> &out);
    bool read(char byte);
    void readText(char byte);
    void readScheme(char byte);
    bool readAddress(char byte);
    bool endsAddress(char byte) const;
    bool finishAddress();
    void startAddress();
    const WebSearchHit *hitFor(std::string &address) const;
    void restart();

    std::unordered_map<std::string, WebSearchHit> m_hits; ///< by comparable address
    Place m_place = Place::Text;
    TextCitation m_found; ///< after read() said so
    std::string m_address; ///< as far as it was read
    std::string m_scheme; ///< bytes that may begin an address
    qint64 m_points = 0; ///< code points read
    qint64 m_addressStart = 0;
    std::vector<qint64> m_brackets; ///< open `[` of this line
    qint64 m_linkStart = -1; ///< of the `[` when the address is a link's
    qint64 m_closedStart = -1; ///< of the bracket pair that ended with the byte before
    char m_previous = 0;
    char m_beforePrevious = 0;
    int m_parentheses = 0; ///< open ones within the address
};

} // namespace kirotray
