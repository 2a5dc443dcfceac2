// SPDX-License-Identifier: MIT
#pragma once

#include "app/chat/chatrequest.h"

#include <string>
#include <string_view>
#include <vector>

/// How reasoning travels through Gemini clients. They echo the `thoughtSignature` of a call or a
/// text, but many drop the thought parts themselves (Gemini CLI does) and streams split them. So
/// the signature given to them holds the whole thinking before that part, text and upstream
/// signature: it comes back whole or not at all, and thought parts in a request mean nothing.
namespace kirotray {

/// The thinking of an answer since the last part that carried it. Pure.
class GeminiThoughts
{
public:
    void addText(std::string_view text);
    /// Closes the thinking before it.
    void sign(std::string_view signature);
    void addRedacted(std::string_view data);
    /// The signature for the next part, base64 as Google's; empty when there is no thinking that
    /// the upstream would take back. Thinking without a signature is left out.
    std::string take();

private:
    void addBlock(ThinkingPart block);

    std::string m_text; ///< of the open block
    std::vector<ThinkingPart> m_blocks;
    std::size_t m_bytes = 0;
};

} // namespace kirotray
