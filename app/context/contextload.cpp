// SPDX-License-Identifier: MIT
#include "app/context/contextload.h"

#include "app/chat/tokenestimate.h"
#include "app/chat/utf8.h"

#include <algorithm>

namespace kirotray {

namespace {

constexpr qint64 CutSteps = 8; ///< a cut moves by this part of the bound

struct PartCharacters
{
    qint64 operator()(const TextPart &part) const { return codePoints(part.text); }
    qint64 operator()(const ThinkingPart &part) const { return codePoints(part.text); }
    qint64 operator()(const ToolUsePart &part) const { return codePoints(part.inputJson); }
    qint64 operator()(const ToolResultPart &part) const { return codePoints(part.text); }
    qint64 operator()(const ImagePart &) const { return 0; }
    qint64 operator()(const DocumentPart &) const { return 0; }
};

} // namespace

MessageLoad &MessageLoad::operator+=(const MessageLoad &other)
{
    messages += other.messages;
    characters += other.characters;
    tokens += other.tokens;
    return *this;
}

MessageLoad ContextLoad::total() const
{
    MessageLoad sum = kept;
    for (const MessageLoad &load : removable)
        sum += load;
    return sum;
}

qint64 charactersOf(const Message &message)
{
    qint64 sum = 0;
    for (const Part &part : message.parts)
        sum += std::visit(PartCharacters {}, part);
    return sum;
}

ContextLoad loadOf(const ChatRequest &request, const ConversationGroups &groups, bool wantsTokens)
{
    ContextLoad load;
    const std::span<const Message> messages(request.messages);
    for (const Message &message : messages)
        load.kept += {1, charactersOf(message), 0};
    if (wantsTokens)
        load.kept.tokens = estimatePromptTokens(request);
    for (const MessageGroup &group : groups.removable) {
        const std::span<const Message> part =
            messages.subspan(group.first, group.end - group.first);
        MessageLoad one;
        for (const Message &message : part)
            one += {1, charactersOf(message), 0};
        if (wantsTokens)
            one.tokens = estimateMessageTokens(part, request.model);
        load.kept += {-one.messages, -one.characters, -one.tokens};
        load.removable.push_back(one);
    }
    return load;
}

std::size_t groupsBeyond(const ContextLoad &load, qint64 MessageLoad::*what, qint64 most)
{
    const qint64 excess = load.total().*what - most;
    if (excess <= 0)
        return 0;
    const qint64 step = std::max<qint64>(most / CutSteps, 1);
    const qint64 wanted = (excess + step - 1) / step * step;
    qint64 gone = 0;
    std::size_t groups = 0;
    while (gone < wanted && groups < load.removable.size())
        gone += load.removable[groups++].*what;
    return groups;
}

} // namespace kirotray
