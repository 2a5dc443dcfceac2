// SPDX-License-Identifier: MIT
#include "app/kiro/sizebudget.h"

#include "app/base/limits.h"
#include "app/kiro/images.h"

#include <algorithm>

namespace kirotray {

namespace {

/// Messages of a history as the official CLI bounds it (rule 21), less the pair of the system text.
constexpr std::size_t MaxHistoryTurns = 9'998;
constexpr std::string_view EarlierLeftOut =
    "(Earlier messages of this conversation were left out.)";

std::size_t attachedBytes(const Turn &turn)
{
    std::size_t bytes = 0;
    for (const TurnImage &image : turn.images)
        bytes += image.base64.size();
    for (const TurnDocument &document : turn.documents)
        bytes += document.base64.size();
    return bytes;
}

/// The last turn that a cut may leave as the first; 0: none.
std::size_t lastCut(const std::vector<Turn> &turns)
{
    const std::size_t last = turns.size() - 1;
    if (turns[last].results.empty())
        return last;
    return last >= 2 ? last - 2 : 0;
}

/// What a cut before turn `cut` saves at least: the turns before it, and its own tool results.
std::size_t savedBy(const std::vector<Turn> &turns, const std::vector<std::size_t> &starts,
                    std::size_t cut)
{
    std::size_t bytes = starts[cut] - starts[0];
    for (const TurnToolResult &result : turns[cut].results)
        bytes += result.text.size();
    return bytes;
}

void cutBefore(Conversation &conversation, std::size_t first)
{
    std::vector<Turn> &turns = conversation.turns;
    turns.erase(turns.begin(), turns.begin() + std::ptrdiff_t(first));
    Turn &turn = turns.front();
    turn.results.clear();
    if (turn.texts.empty() && turn.images.empty() && turn.documents.empty())
        turn.texts.push_back(EarlierLeftOut);
}

} // namespace

bool SizeBudget::drop(Conversation &conversation, const std::vector<std::size_t> &starts,
                      std::size_t size)
{
    const std::vector<Turn> &turns = conversation.turns;
    const std::size_t counted = size - std::min(size, attachedBytes(turns.back()));
    constexpr auto most = std::size_t(limits::MaxRequestBytes);
    const std::size_t excess = counted > most ? counted - most : 0;
    const std::size_t surplus =
        turns.size() - 1 > MaxHistoryTurns ? turns.size() - 1 - MaxHistoryTurns : 0;
    if (excess == 0 && surplus == 0)
        return false;
    const std::size_t end = lastCut(turns);
    if (end == 0 || savedBy(turns, starts, end) < excess)
        return false;
    if (excess > 0 && dropOldestImages(conversation, excess, m_images) > 0)
        return true;
    std::size_t cut = 2;
    while (cut < end && (savedBy(turns, starts, cut) < excess || cut < surplus))
        cut += 2;
    m_turns += int(cut);
    cutBefore(conversation, cut);
    return true;
}

void SizeBudget::writeNote(std::vector<NormaliserNote> &notes) const
{
    if (m_turns == 0 && m_images == 0)
        return;
    std::string what;
    if (m_turns > 0)
        what = std::to_string(m_turns) + " oldest message(s)";
    if (m_images > 0)
        what += (what.empty() ? "" : " and ") + std::to_string(m_images) + " oldest image(s)";
    notes.push_back({17, what + " left out: the request is too large"});
}

} // namespace kirotray
