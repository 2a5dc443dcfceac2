// SPDX-License-Identifier: MIT
#include "app/context/contextcut.h"

#include <QHashFunctions>

#include <algorithm>
#include <iterator>
#include <utility>

namespace kirotray {

namespace {

/// Hashes on from what was hashed before, so that the sum does not depend on how messages are
/// grouped.
class Fingerprint
{
public:
    explicit Fingerprint(quint64 before)
        : m_sum(before)
    {
    }

    quint64 sum() const { return m_sum; }

    void add(const Message &message)
    {
        number(static_cast<quint64>(message.role));
        for (const Part &part : message.parts) {
            number(part.index());
            std::visit(*this, part);
        }
    }

    void operator()(const TextPart &part) { text(part.text); }
    void operator()(const ThinkingPart &part)
    {
        text(part.text);
        text(part.redactedData);
    }
    void operator()(const ToolUsePart &part)
    {
        text(part.id);
        text(part.name);
        text(part.inputJson);
    }
    void operator()(const ToolResultPart &part)
    {
        text(part.toolUseId);
        text(part.text);
        number(part.isError ? 1 : 0);
        for (const ImagePart &image : part.images)
            (*this)(image);
        for (const DocumentPart &document : part.documents)
            (*this)(document);
    }
    void operator()(const ImagePart &part)
    {
        text(part.data);
        text(part.url);
    }
    void operator()(const DocumentPart &part)
    {
        text(part.name);
        text(part.data);
    }

private:
    void text(const std::string &bytes)
    {
        number(bytes.size());
        m_sum = qHashBits(bytes.data(), bytes.size(), static_cast<size_t>(m_sum));
    }
    void number(quint64 value)
    {
        m_sum = qHashBits(&value, sizeof value, static_cast<size_t>(m_sum));
    }

    quint64 m_sum;
};

void addPrefixes(CutPlan &plan, const ChatRequest &request, const CutPrefix &gone)
{
    CutPrefix prefix = gone;
    Fingerprint fingerprint(gone.fingerprint);
    for (const MessageGroup &group : plan.groups.removable) {
        for (std::size_t at = group.first; at < group.end; ++at) {
            const Message &message = request.messages[at];
            ++prefix.messages;
            prefix.characters += charactersOf(message);
            fingerprint.add(message);
        }
        prefix.fingerprint = fingerprint.sum();
        plan.prefixes.push_back(prefix);
    }
    Fingerprint start(0);
    start.add(request.messages.front());
    plan.start = start.sum();
}

} // namespace

CutPlan planCut(const ChatRequest &request, const CutSituation &situation, const CutPrefix &gone,
                bool wantsPrefixes)
{
    CutPlan plan;
    plan.groups = groupsOf(request.messages);
    if (plan.groups.removable.empty())
        return plan;
    const std::span<const ContextStrategy> all = contextStrategies();
    const bool wantsTokens = std::any_of(all.begin(), all.end(), [&](const ContextStrategy &one) {
        return one.needsTokens && one.isOn(situation);
    });
    CutWish wish = combinedWish(loadOf(request, plan.groups, wantsTokens), situation);
    plan.count = wish.groups;
    plan.why = std::move(wish.why);
    if (plan.count > 0 && wantsPrefixes)
        addPrefixes(plan, request, gone);
    return plan;
}

CutPrefix loadOfGroups(const ChatRequest &request, const ConversationGroups &groups,
                       std::size_t count)
{
    CutPrefix load;
    for (std::size_t group = 0; group < count; ++group)
        for (std::size_t at = groups.removable[group].first; at < groups.removable[group].end;
             ++at) {
            ++load.messages;
            load.characters += charactersOf(request.messages[at]);
        }
    return load;
}

bool cutsRounds(const ConversationGroups &groups, std::size_t count)
{
    return count > 0 && groups.removable[count - 1].first >= groups.headEnd;
}

std::optional<std::size_t> cutGroups(ChatRequest &request, const ConversationGroups &groups,
                                     std::size_t count, std::string word)
{
    if (count == 0)
        return std::nullopt;
    std::vector<Message> kept;
    bool hadCachePoint = false;
    std::size_t next = 0; // the first message that is not looked at yet
    std::size_t goneBeforeHead = 0;
    const auto keepUntil = [&](std::size_t end) {
        for (; next < end; ++next)
            kept.push_back(std::move(request.messages[next]));
    };
    for (std::size_t at = 0; at < count; ++at) {
        const MessageGroup &group = groups.removable[at];
        keepUntil(group.first);
        for (; next < group.end; ++next)
            hadCachePoint |= request.messages[next].cachePoint;
        if (group.end < groups.headEnd)
            goneBeforeHead += group.end - group.first;
    }
    keepUntil(request.messages.size());
    request.messages = std::move(kept);
    if (word.empty())
        return std::nullopt;
    const std::size_t place = cutsRounds(groups, count) ? groups.headEnd - goneBeforeHead : 0;
    request.messages.insert(request.messages.begin() + std::ptrdiff_t(place),
                            Message {Role::User, {TextPart {std::move(word)}}, hadCachePoint});
    return place;
}

} // namespace kirotray
