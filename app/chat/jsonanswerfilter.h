// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/chat/chatrequest.h"

#include <string>
#include <string_view>
#include <vector>

namespace kirotray {

/// Leaves of an answer in JSON only the value: a model that is asked for it in words may still put
/// it in a Markdown fence or write a sentence around it. The bytes of the value pass as they are
/// and as they come; held back are only the text before it and what follows its end. An answer in
/// which no value begins, or a second one does, keeps its text. Stands behind StopSequenceFilter
/// and before ThinkingStyleFilter. What comes out does not depend on where the text was cut. No
/// thread affinity.
///
/// Thoughts and searches pass at once. A call or the end lets out what is held. Places of citations
/// are moved along; citations of text that is left out, or not decided yet, go.
class JsonAnswerFilter
{
public:
    /// OutputFormat::Kind::Text passes everything.
    explicit JsonAnswerFilter(const OutputFormat &format);

    void add(ChatEvent event, std::vector<ChatEvent> &out);

private:
    enum class Place { Before, Value, After, Passing };
    struct Accepted
    {
        bool object = true;
        bool array = true;
        bool scalar = false;
    };
    /// Looks for the first byte of a value, byte by byte.
    struct StartFinder
    {
        Accepted accepted;
        std::string line; ///< so far; for scalars only
        std::size_t position = 0; ///< of the next byte
        std::size_t candidate = 0; ///< where an opening bracket stands
        char opening = 0; ///< that bracket, while the byte behind it is awaited; else 0
        bool isBlankLine = true; ///< so far
        bool isCandidateFirst = false; ///< the bracket is the first of its line
        bool mayBeScalar = false; ///< the answer's first line, or the first within a fence

        bool feed(char byte); ///< true: a value starts at `candidate`
        bool confirms(char byte) const;
        bool endLine(); ///< true: the line is a scalar
    };

    static Accepted acceptedBy(const OutputFormat &format);
    void addText(std::string_view text, std::vector<ChatEvent> &out);
    std::size_t addBefore(std::string_view text, std::vector<ChatEvent> &out);
    std::size_t addValue(std::string_view text, std::vector<ChatEvent> &out);
    std::size_t addAfter(std::string_view text, std::vector<ChatEvent> &out);
    void begin(std::vector<ChatEvent> &out);
    bool endsValue(char byte);
    void passHeld(std::vector<ChatEvent> &out);
    void endText(std::vector<ChatEvent> &out);
    void restart();

    Accepted m_accepted;
    StartFinder m_finder;
    Place m_place = Place::Before;
    bool m_isActive = false;
    std::string m_held;
    std::size_t m_runStart = 0; ///< of the running text in m_held, for citations
    qint64 m_stripped = 0; ///< code points left out of the running text
    int m_depth = 0;
    bool m_inString = false;
    bool m_isEscaped = false;
};

} // namespace kirotray
