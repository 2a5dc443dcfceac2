// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatevent.h"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace kirotray {

/// One toolUseEvent. Empty id or name: the frame did not give it.
struct ToolFragment
{
    std::string_view id;
    std::string_view name; ///< as the upstream knows the tool
    std::string_view input; ///< the next piece of the argument text
    bool stop = false;
};

/// Puts tool calls together by id and lets them out one after the other (kiro-protocol §2.5). The
/// call in front streams; what arrives for another one, and any other event, waits until it ends. A
/// call is complete only when its text is a whole JSON object; nothing is repaired. No thread
/// affinity.
class ToolCallAssembly
{
public:
    /// `toolNames`: upstream name → the client's. `parallel` false: only the first call is let out.
    ToolCallAssembly(std::unordered_map<std::string, std::string> toolNames, bool parallel);

    void add(const ToolFragment &fragment, std::vector<ChatEvent> &out);
    /// Any other event: let out at once, or behind the calls that are still open.
    void pass(ChatEvent event, std::vector<ChatEvent> &out);
    /// The transport ended: ends every open call. `outputCut`: the upstream stopped the model in
    /// the middle, so a call without any input is cut too and not one without arguments.
    void finish(bool outputCut, std::vector<ChatEvent> &out);

    int completeCalls() const { return m_completeCalls; }
    bool hasOpen() const { return !m_slots.empty(); } ///< a call has not ended
    bool hasCut() const { return m_cut; } ///< a call was let out incomplete, or dropped by a bound

private:
    struct Call
    {
        std::string id;
        std::string name;
        std::string input; ///< all of it: it is judged at the end
        std::size_t sent = 0; ///< bytes of `input` that were let out
        bool started = false;
        bool ended = false;
        bool cut = false; ///< to be let out incomplete whatever its text is
    };
    using Slot = std::variant<Call, ChatEvent>;

    Call *callFor(const ToolFragment &fragment);
    Call *openCall(std::string_view id);
    Call *lastOpenCall();
    Call *begin(std::string id);
    void append(Call &call, std::string_view input);
    bool isFront(const Call &call) const;
    void flush(std::vector<ChatEvent> &out);
    bool flushCall(Call &call, std::vector<ChatEvent> &out);
    void end(Call &call, std::vector<ChatEvent> &out);
    void countWaiting(std::size_t bytes);
    void cutOpenCalls();

    std::unordered_map<std::string, std::string> m_toolNames;
    bool m_parallel;
    std::deque<Slot> m_slots; ///< in the order of arrival; the front is being let out
    std::unordered_set<std::string> m_knownIds;
    bool m_ignoring = false; ///< the last id seen belongs to a call that is not taken (any more)
    std::size_t m_waitingBytes = 0; ///< kept in m_slots
    int m_completeCalls = 0;
    bool m_cut = false;
};

} // namespace kirotray
