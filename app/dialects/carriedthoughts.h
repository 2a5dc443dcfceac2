// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <string>
#include <string_view>
#include <vector>

/// How reasoning travels through clients of Gemini and Chat.
///
/// Gemini's echo the `thoughtSignature` of a call or a text, but many drop the thought parts
/// themselves (Gemini CLI does) and streams split them. Chat's echo `reasoning_details`,
/// OpenRouter's form. So what is given to them holds the whole thinking before that place, text and
/// upstream signature: it comes back whole or not at all, and thoughts in a request's own words
/// mean nothing.
namespace kirotray {

/// The thinking of an answer since the last place that carried it. Pure.
class CarriedThoughts
{
public:
    void addText(std::string_view text);
    /// Closes the thinking before it.
    void sign(std::string_view signature);
    void addRedacted(std::string_view data);
    /// packThinking() of it; empty when there is no thinking that the upstream would take back.
    /// Thinking without a signature is left out.
    std::string take();

private:
    void addBlock(ThinkingPart block);

    std::string m_text; ///< of the open block
    std::vector<ThinkingPart> m_blocks;
    std::size_t m_bytes = 0;
};

} // namespace kirotray
