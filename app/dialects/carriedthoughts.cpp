// SPDX-License-Identifier: MIT
#include "app/dialects/carriedthoughts.h"

#include "app/dialects/packedthinking.h"

#include <utility>

namespace kirotray {

void CarriedThoughts::addText(std::string_view text)
{
    if (m_bytes <= MaxCarriedThinking)
        m_text += text;
    m_bytes += text.size();
}

void CarriedThoughts::sign(std::string_view signature)
{
    ThinkingPart block {std::exchange(m_text, {}), std::string(signature), {}};
    m_bytes += signature.size();
    if (!signature.empty())
        addBlock(std::move(block));
}

void CarriedThoughts::addRedacted(std::string_view data)
{
    m_text.clear();
    m_bytes += data.size();
    addBlock({{}, {}, std::string(data)});
}

void CarriedThoughts::addBlock(ThinkingPart block)
{
    if (m_bytes <= MaxCarriedThinking)
        m_blocks.push_back(std::move(block));
}

std::string CarriedThoughts::take()
{
    const std::vector<ThinkingPart> blocks = std::exchange(m_blocks, {});
    m_text.clear();
    // One block less would make the upstream refuse the others.
    if (std::exchange(m_bytes, 0) > MaxCarriedThinking || blocks.empty())
        return {};
    return packThinking(blocks);
}

} // namespace kirotray
