// SPDX-License-Identifier: MIT
#include "app/chat/citationfinder.h"

#include "app/chat/utf8.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kirotray {

namespace {

constexpr std::size_t MaxAddress = 2048; ///< longer ones are no sources people can follow
constexpr std::size_t MaxKnownHits = 1000; ///< some 160 come of a whole answer's searches
constexpr std::size_t MaxOpenBrackets = 16; ///< nested ones before a link, on one line
constexpr qint64 MaxCitedPoints = 150; ///< what Anthropic's API quotes of a source at most
constexpr std::array<std::string_view, 2> Schemes {"https://", "http://"};

bool isAddressEnd(char byte)
{
    return static_cast<unsigned char>(byte) <= ' '
        || std::string_view("<>\"`{}|\\^[]").find(byte) != std::string_view::npos;
}

/// Punctuation that ends a sentence or emphasis more often than an address.
bool isTrailing(char byte)
{
    return std::string_view(".,;:!?'*_~)/").find(byte) != std::string_view::npos;
}

bool isWord(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
        || (byte >= '0' && byte <= '9');
}

/// Scheme and host in lower case, no fragment, no slash at the end.
std::string comparableAddress(std::string_view address)
{
    std::string same(address.substr(0, address.find('#')));
    const std::size_t host = same.find("://");
    const std::size_t path = host == std::string::npos ? same.size() : same.find('/', host + 3);
    const std::size_t fixed = std::min(path, same.size());
    std::transform(same.begin(), same.begin() + static_cast<std::ptrdiff_t>(fixed), same.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    while (!same.empty() && same.back() == '/')
        same.pop_back();
    return same;
}

std::string citedText(const std::string &snippet)
{
    qint64 points = 0;
    for (std::size_t i = 0; i < snippet.size(); ++i)
        if (startsCharacter(snippet[i]) && ++points > MaxCitedPoints)
            return snippet.substr(0, i);
    return snippet;
}

} // namespace

void CitationFinder::addHits(const std::vector<WebSearchHit> &hits)
{
    for (const WebSearchHit &hit : hits)
        if (!hit.url.empty() && hit.url.size() <= MaxAddress && m_hits.size() < MaxKnownHits)
            m_hits.emplace(comparableAddress(hit.url), hit);
}

void CitationFinder::add(ChatEvent event, std::vector<ChatEvent> &out)
{
    if (const auto *result = std::get_if<WebSearchResult>(&event))
        addHits(result->hits);
    if (const auto *text = std::get_if<TextDelta>(&event); text != nullptr && !m_hits.empty()) {
        addText(text->text, out);
        return;
    }
    if (const auto *text = std::get_if<TextDelta>(&event)) {
        m_points += codePoints(text->text);
    } else if (!std::holds_alternative<TextCitation>(event)) {
        m_linkStart = -1; // a link that was not closed
        if (m_place == Place::Address && finishAddress())
            out.emplace_back(std::move(m_found));
        restart();
    }
    out.push_back(std::move(event));
}

void CitationFinder::addText(std::string_view text, std::vector<ChatEvent> &out)
{
    std::size_t sent = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool found = read(text[i]);
        m_beforePrevious = std::exchange(m_previous, text[i]);
        m_points += startsCharacter(text[i]) ? 1 : 0;
        if (!found)
            continue;
        // Behind a link's parenthesis, before the byte that ended a bare address.
        const std::size_t end = m_place == Place::LinkEnd ? i + 1 : i;
        m_place = Place::Text;
        if (end > sent)
            out.emplace_back(TextDelta {std::string(text.substr(sent, end - sent))});
        sent = end;
        out.emplace_back(std::exchange(m_found, {}));
    }
    if (sent < text.size())
        out.emplace_back(TextDelta {std::string(text.substr(sent))});
}

/// True: m_found is a citation that goes here.
bool CitationFinder::read(char byte)
{
    if (m_place == Place::Address)
        return readAddress(byte);
    readText(byte);
    return false;
}

void CitationFinder::readText(char byte)
{
    if (byte == '\n') {
        m_brackets.clear();
    } else if (byte == '[') {
        if (m_brackets.size() < MaxOpenBrackets)
            m_brackets.push_back(m_points);
    } else if (byte == ']') {
        m_closedStart = m_brackets.empty() ? -1 : m_brackets.back();
        if (!m_brackets.empty())
            m_brackets.pop_back();
    }
    readScheme(byte);
}

void CitationFinder::readScheme(char byte)
{
    m_scheme += byte;
    const auto isStart = [this](std::string_view scheme) {
        return scheme.substr(0, m_scheme.size()) == m_scheme;
    };
    if (std::none_of(Schemes.begin(), Schemes.end(), isStart))
        m_scheme.assign(1, byte);
    const bool isWithinWord = m_scheme.size() == 1 && isWord(m_previous);
    if (isWithinWord || std::none_of(Schemes.begin(), Schemes.end(), isStart)) {
        m_scheme.clear();
        return;
    }
    if (m_scheme.size() == 1) {
        m_addressStart = m_points;
        const bool isLink = m_previous == '(' && m_beforePrevious == ']';
        m_linkStart = isLink ? m_closedStart : -1;
    }
    if (std::find(Schemes.begin(), Schemes.end(), m_scheme) != Schemes.end())
        startAddress();
}

void CitationFinder::startAddress()
{
    m_address = std::exchange(m_scheme, {});
    m_parentheses = 0;
    m_place = Place::Address;
}

bool CitationFinder::readAddress(char byte)
{
    if (!endsAddress(byte)) {
        m_parentheses += byte == '(' ? 1 : byte == ')' ? -1 : 0;
        if (m_address.size() < MaxAddress)
            m_address += byte;
        return false;
    }
    const bool isLink = m_linkStart >= 0 && byte == ')';
    if (!isLink)
        m_linkStart = -1;
    const bool found = finishAddress();
    m_place = found && isLink ? Place::LinkEnd : Place::Text;
    if (!isLink)
        readText(byte);
    return found;
}

bool CitationFinder::endsAddress(char byte) const
{
    return isAddressEnd(byte) || (byte == ')' && m_parentheses == 0);
}

/// The address is over before the byte at m_points; true when it is a hit's.
bool CitationFinder::finishAddress()
{
    std::string address = std::exchange(m_address, {});
    const WebSearchHit *hit = hitFor(address);
    if (hit == nullptr)
        return false;
    const bool isLink = m_linkStart >= 0;
    m_found = {hit->url, hit->title, citedText(hit->snippet), isLink ? m_linkStart : m_addressStart,
               isLink ? m_points + 1 : m_addressStart + codePoints(address)};
    return true;
}

/// Shortens the address by what rather belongs to the sentence, until it is a hit's.
const WebSearchHit *CitationFinder::hitFor(std::string &address) const
{
    if (address.size() >= MaxAddress)
        return nullptr;
    const auto known = [this](std::string_view text) {
        const auto hit = m_hits.find(comparableAddress(text));
        return hit == m_hits.end() ? nullptr : &hit->second;
    };
    std::size_t size = address.size();
    const WebSearchHit *hit = known(address);
    constexpr std::size_t MostTrailing = 16; // a sentence ends in one or two
    const std::size_t least = size - std::min(size, MostTrailing);
    while (hit == nullptr && size > least && isTrailing(address[size - 1]))
        hit = known(std::string_view(address).substr(0, --size));
    // No blank stands between an address and a Chinese or Japanese sentence.
    const auto foreign = std::find_if(address.begin(), address.end(),
                                      [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (hit == nullptr && foreign != address.end()) {
        address.erase(foreign, address.end());
        return hitFor(address);
    }
    address.resize(size);
    return hit;
}

void CitationFinder::restart()
{
    m_place = Place::Text;
    m_address.clear();
    m_scheme.clear();
    m_points = 0;
    m_brackets.clear();
    m_linkStart = -1;
    m_previous = 0;
    m_beforePrevious = 0;
}

} // namespace kirotray
