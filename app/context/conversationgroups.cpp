// SPDX-License-Identifier: MIT
#include "app/context/conversationgroups.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace kirotray {

namespace {

bool hasWords(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n\v\f") != std::string_view::npos;
}

/// Something that keeps a message from being dropped as empty.
bool saysSomething(const Part &part)
{
    if (const auto *text = std::get_if<TextPart>(&part))
        return hasWords(text->text);
    return std::holds_alternative<ImagePart>(part) || std::holds_alternative<DocumentPart>(part);
}

bool isResult(const Part &part)
{
    return std::holds_alternative<ToolResultPart>(part);
}

class GroupFinder
{
public:
    explicit GroupFinder(std::span<const Message> messages)
        : m_messages(messages)
        , m_isHeld(messages.size() + 1, false)
    {
        holdPairs();
    }

    ConversationGroups find() const
    {
        ConversationGroups groups;
        std::size_t exchange = 0;
        for (std::size_t at = 1; at < m_messages.size(); ++at) {
            if (!opensExchange(at))
                continue;
            groups.removable.push_back({exchange, at});
            exchange = at;
        }
        groups.headEnd = exchange;
        while (groups.headEnd < m_messages.size() && isUser(groups.headEnd))
            ++groups.headEnd;
        if (saysSomethingIn(exchange, groups.headEnd))
            addRounds(groups);
        return groups;
    }

private:
    bool isUser(std::size_t at) const { return m_messages[at].role == Role::User; }

    bool saysSomethingIn(std::size_t first, std::size_t end) const
    {
        return std::any_of(m_messages.begin() + std::ptrdiff_t(first),
                           m_messages.begin() + std::ptrdiff_t(end), [](const Message &message) {
                               return std::any_of(message.parts.begin(), message.parts.end(),
                                                  saysSomething);
                           });
    }

    /// No cut between a call and its results: a result belongs to the last call of its id.
    void holdPairs()
    {
        std::unordered_map<std::string_view, std::size_t> calls;
        std::vector<int> change(m_messages.size() + 2, 0);
        for (std::size_t at = 0; at < m_messages.size(); ++at) {
            for (const Part &part : m_messages[at].parts) {
                const auto *use = std::get_if<ToolUsePart>(&part);
                if (use != nullptr && !isUser(at))
                    calls[use->id] = at;
                const auto *result = std::get_if<ToolResultPart>(&part);
                const auto call =
                    result != nullptr && isUser(at) ? calls.find(result->toolUseId) : calls.end();
                if (call == calls.end())
                    continue;
                ++change[call->second + 1];
                --change[at + 1];
            }
        }
        int held = 0;
        for (std::size_t at = 0; at < m_isHeld.size(); ++at) {
            held += change[at];
            m_isHeld[at] = held > 0;
        }
    }

    bool opensExchange(std::size_t at) const
    {
        const std::vector<Part> &parts = m_messages[at].parts;
        return isUser(at) && !isUser(at - 1) && !m_isHeld[at] && saysSomethingIn(at, at + 1)
            && std::none_of(parts.begin(), parts.end(), isResult);
    }

    void addRounds(ConversationGroups &groups) const
    {
        std::size_t round = groups.headEnd;
        for (std::size_t at = round + 1; at < m_messages.size(); ++at) {
            if (isUser(at) || !isUser(at - 1) || m_isHeld[at])
                continue;
            groups.removable.push_back({round, at});
            round = at;
        }
    }

    std::span<const Message> m_messages;
    std::vector<bool> m_isHeld; ///< a cut before this message would part a pair
};

} // namespace

ConversationGroups groupsOf(std::span<const Message> messages)
{
    return GroupFinder(messages).find();
}

} // namespace kirotray
