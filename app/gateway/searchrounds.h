// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"
#include "app/chat/chatrequest.h"
#include "app/chat/citationfinder.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace kirotray {

/// The web searches of one answer (kiro-protocol §6). The model asks for a search as for any tool;
/// the client sees it done. An answer therefore takes several upstream answers, rounds, of which
/// this makes one: searches become WebSearchCall and WebSearchResult in their place, and only the
/// last Finished goes out. A state machine without input or output of its own; one thread.
///
/// Usage is the sum over the rounds, prompts included, as Anthropic bills its own search: each
/// round reads the whole prompt again. Searches that worked are counted in it.
///
/// The client's own tools in a round end the turn: the searches beside them are run and shown, and
/// what follows them waits for their results. The calls before a search have gone out already.
/// Where the text names a page that was found, a TextCitation follows.
class SearchRounds
{
public:
    explicit SearchRounds(const WebSearchTool &tool);

    /// Offers the tool to the model. Once. Its name must be free, which the dialects see to.
    void prepare(ChatRequest &request);

    /// Takes the next event of the upstream's answer; appends what the client gets now. More than
    /// limits::MaxAnswer bytes in a round end the answer with Failed.
    void add(const ChatEvent &event, std::vector<ChatEvent> &out);

    /// The searches of this round that wait for addResult(). They may be run at once or after
    /// Finished. Unusable input and searches beyond the limit are answered here and never pending.
    std::vector<WebSearchCall> pending() const;

    /// The result of a pending search, as it came: the client's domains are applied here.
    void addResult(const WebSearchResult &result, std::vector<ChatEvent> &out);

    /// After Finished was added and nothing is pending, unless isOver(). True: `request` has grown
    /// by this round, and the upstream has to be asked again. False: the answer is over and its
    /// Finished went to `out`; the client's own tools have their turn, the answer was cut, or the
    /// limit was reached (then StopReason::PauseTurn).
    bool proceed(ChatRequest &request, std::vector<ChatEvent> &out);

    /// The upstream's answer is given up, and the same request asked again: forgets this round.
    /// Only while nothing of the round went to `out`.
    void restartRound();

    bool isOver() const { return m_isOver; } ///< Finished or Failed went to `out`
    int rounds() const { return m_rounds; } ///< how often proceed() said true

private:
    struct Search
    {
        WebSearchCall call;
        std::optional<WebSearchResult> result;
    };
    /// What one upstream answer has brought so far.
    struct Round
    {
        std::vector<Part> turn; ///< of the assistant, without the client's calls
        std::vector<Search> searches;
        std::deque<ChatEvent> held; ///< from the first search without a result on
        bool isAnnounced = false; ///< the WebSearchCall at the front of `held` went out
        bool hasClientCall = false;
        bool isCut = false; ///< a call of either kind is unfinished
        bool wasAllRefused = true; ///< every search was beyond the limit
        std::optional<Finished> finished;
        qsizetype bytes = 0;
    };

    class Taker;
    Search *searchOf(const std::string &id);
    void endSearchCall(bool complete, std::vector<ChatEvent> &out);
    void push(const ChatEvent &event, std::vector<ChatEvent> &out);
    void give(ChatEvent event, std::vector<ChatEvent> &out);
    void flush(std::vector<ChatEvent> &out);
    void finish(StopReason reason, std::vector<ChatEvent> &out);
    void fail(const Failed &event, std::vector<ChatEvent> &out);
    bool mayGoOn() const;
    void extend(ChatRequest &request) const;

    WebSearchTool m_tool;
    int m_maxUses;
    int m_uses = 0;
    int m_rounds = 0;
    Usage m_usage; ///< of the rounds that are finished
    Round m_round;
    CitationFinder m_citations; ///< everything that goes out passes it
    bool m_wasAllRefused = false; ///< of the round before
    bool m_isInSearch = false; ///< within a call of the search
    std::string m_searchInput;
    bool m_isOver = false;
};

} // namespace kirotray
