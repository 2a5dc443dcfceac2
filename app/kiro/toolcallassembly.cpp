// SPDX-License-Identifier: MIT
#include "app/kiro/toolcallassembly.h"

#include "app/base/json.h"
#include "app/base/limits.h"

namespace kirotray {

namespace {

constexpr std::size_t MaxInputBytes = static_cast<std::size_t>(limits::MaxToolInput);
constexpr std::size_t MaxCalls = static_cast<std::size_t>(limits::MaxToolCallsPerAnswer);

bool isBlankInput(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool isWholeObject(const std::string &text)
{
    const Result<JsonDocument> document = JsonDocument::parse(text);
    return document && document.value().root().isObject();
}

struct EventSize
{
    std::size_t operator()(const TextDelta &event) const { return event.text.size(); }
    std::size_t operator()(const ThinkingDelta &event) const { return event.text.size(); }
    std::size_t operator()(const ThinkingSignature &event) const { return event.signature.size(); }
    std::size_t operator()(const RedactedThinking &event) const { return event.data.size(); }
    template <typename Other>
    std::size_t operator()(const Other &) const
    {
        return 0;
    }
};

} // namespace

ToolCallAssembly::ToolCallAssembly(std::unordered_map<std::string, std::string> toolNames,
                                   bool parallel)
    : m_toolNames(std::move(toolNames))
    , m_parallel(parallel)
{
}

void ToolCallAssembly::add(const ToolFragment &fragment, std::vector<ChatEvent> &out)
{
    Call *call = callFor(fragment);
    if (!call)
        return;
    if (call->name.empty())
        call->name = fragment.name;
    append(*call, fragment.input);
    if (fragment.stop)
        call->ended = true;
    flush(out);
}

void ToolCallAssembly::pass(ChatEvent event, std::vector<ChatEvent> &out)
{
    if (m_slots.empty()) {
        out.push_back(std::move(event));
        return;
    }
    const std::size_t size = sizeof(Slot) + std::visit(EventSize {}, event);
    m_slots.emplace_back(std::move(event));
    countWaiting(size);
    flush(out);
}

void ToolCallAssembly::finish(bool outputCut, std::vector<ChatEvent> &out)
{
    for (Slot &slot : m_slots) {
        Call *call = std::get_if<Call>(&slot);
        if (!call || call->ended)
            continue;
        call->ended = true;
        call->cut = outputCut && isBlankInput(call->input);
    }
    flush(out);
}

/// The call a fragment belongs to, begun when it is new; null when the fragment is to be ignored.
ToolCallAssembly::Call *ToolCallAssembly::callFor(const ToolFragment &fragment)
{
    if (!fragment.id.empty()) {
        Call *open = openCall(fragment.id);
        m_ignoring = !open && m_knownIds.contains(std::string(fragment.id));
        if (open || m_ignoring)
            return open;
        return begin(std::string(fragment.id));
    }
    if (m_ignoring)
        return nullptr;
    if (Call *open = lastOpenCall())
        return open;
    // A call without an id cannot be answered by the client, so it gets one.
    return fragment.name.empty() ? nullptr
                                 : begin("tooluse_" + std::to_string(m_knownIds.size() + 1));
}

ToolCallAssembly::Call *ToolCallAssembly::openCall(std::string_view id)
{
    for (Slot &slot : m_slots)
        if (Call *call = std::get_if<Call>(&slot); call && !call->ended && call->id == id)
            return call;
    return nullptr;
}

ToolCallAssembly::Call *ToolCallAssembly::lastOpenCall()
{
    for (auto slot = m_slots.rbegin(); slot != m_slots.rend(); ++slot)
        if (Call *call = std::get_if<Call>(&*slot); call && !call->ended)
            return call;
    return nullptr;
}

ToolCallAssembly::Call *ToolCallAssembly::begin(std::string id)
{
    const bool tooMany = m_knownIds.size() >= MaxCalls;
    m_ignoring = tooMany || (!m_parallel && !m_knownIds.empty());
    m_cut = m_cut || (tooMany && m_parallel);
    if (m_ignoring)
        return nullptr;
    m_knownIds.insert(id);
    Call call;
    call.id = std::move(id);
    return &std::get<Call>(m_slots.emplace_back(std::move(call)));
}

void ToolCallAssembly::append(Call &call, std::string_view input)
{
    if (call.input.size() + input.size() > MaxInputBytes) {
        call.cut = true;
        call.ended = true;
        return;
    }
    call.input.append(input);
    if (!isFront(call))
        countWaiting(input.size());
}

bool ToolCallAssembly::isFront(const Call &call) const
{
    return std::get_if<Call>(&m_slots.front()) == &call;
}

/// Interleaving was not seen, so what waits is nothing or little; a flood of it gives up the calls
/// it waits for.
void ToolCallAssembly::countWaiting(std::size_t bytes)
{
    m_waitingBytes += bytes;
    if (m_waitingBytes > MaxInputBytes)
        cutOpenCalls();
}

void ToolCallAssembly::cutOpenCalls()
{
    for (Slot &slot : m_slots) {
        if (Call *call = std::get_if<Call>(&slot); call && !call->ended) {
            call->ended = true;
            call->cut = true;
        }
    }
}

void ToolCallAssembly::flush(std::vector<ChatEvent> &out)
{
    while (!m_slots.empty()) {
        Slot &front = m_slots.front();
        if (Call *call = std::get_if<Call>(&front)) {
            if (!flushCall(*call, out))
                return;
        } else {
            out.push_back(std::move(std::get<ChatEvent>(front)));
        }
        m_slots.pop_front();
    }
    m_waitingBytes = 0;
}

/// Lets out what is new of the front call. True when that was its end.
bool ToolCallAssembly::flushCall(Call &call, std::vector<ChatEvent> &out)
{
    if (call.name.empty()) {
        m_cut = m_cut || call.ended; // nothing a client could run
        return call.ended;
    }
    if (!call.started) {
        const auto known = m_toolNames.find(call.name);
        out.push_back(
            ToolCallStart {call.id, known == m_toolNames.end() ? call.name : known->second});
        call.started = true;
    }
    if (call.sent < call.input.size()) {
        out.push_back(ToolCallDelta {call.input.substr(call.sent)});
        call.sent = call.input.size();
    }
    if (call.ended)
        end(call, out);
    return call.ended;
}

void ToolCallAssembly::end(Call &call, std::vector<ChatEvent> &out)
{
    if (!call.cut && isBlankInput(call.input)) {
        call.input += "{}";
        out.push_back(ToolCallDelta {"{}"});
    }
    const bool complete = !call.cut && isWholeObject(call.input);
    out.push_back(ToolCallEnd {complete});
    m_completeCalls += complete ? 1 : 0;
    m_cut = m_cut || !complete;
}

} // namespace kirotray
