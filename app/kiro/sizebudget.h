// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/normaliser.h"

namespace kirotray {

/// Keeps a request within limits::MaxRequestBytes by leaving out what is oldest (kiro-protocol §1.7
/// rule 17): first the pictures of earlier turns, then whole turns. A cut falls before a user turn;
/// its tool results go with the calls they answer, so that pairs stay pairs. The last turn is never
/// touched, and nothing is dropped when that could not help: the upstream then judges the request.
/// The attachments of the last turn do not count; they have bounds of their own.
class SizeBudget
{
public:
    /// `starts`: where each turn begins in the written state; `size`: the whole. True when
    /// something was dropped: write again, ask again.
    bool drop(Conversation &conversation, const std::vector<std::size_t> &starts, std::size_t size);
    /// One note on all that was dropped.
    void writeNote(std::vector<NormaliserNote> &notes) const;

private:
    int m_turns = 0;
    int m_images = 0;
};

} // namespace kirotray
