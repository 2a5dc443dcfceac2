// SPDX-License-Identifier: MIT
#include "app/gateway/answerstore.h"

#include "app/base/limits.h"
#include "app/gateway/preparedcall.h"

#include <algorithm>
#include <utility>

namespace kirotray {

namespace {

qsizetype storedBytes(const StoredAnswer &answer)
{
    return static_cast<qsizetype>(sizeof(StoredAnswer) + answer.document.size()
                                  + answer.inputItems.size() + answer.systemText.size())
        + translationBytes(answer.messages);
}

} // namespace

void AnswerStore::put(const std::string &id, StoredAnswer answer)
{
    remove(id);
    const qsizetype bytes = storedBytes(answer);
    if (bytes > limits::MaxStoredAnswerBytes)
        return;
    m_entries.push_back({id, std::move(answer), bytes});
    m_byId.emplace(id, std::prev(m_entries.end()));
    m_bytes += bytes;
    while (m_bytes > limits::MaxStoredAnswerBytes
           || m_entries.size() > std::size_t(limits::MaxStoredAnswers))
        drop(m_entries.begin());
}

const StoredAnswer *AnswerStore::find(const std::string &id) const
{
    const auto found = m_byId.find(id);
    return found == m_byId.end() ? nullptr : &found->second->answer;
}

bool AnswerStore::remove(const std::string &id)
{
    const auto found = m_byId.find(id);
    if (found == m_byId.end())
        return false;
    drop(found->second);
    return true;
}

void AnswerStore::drop(Entries::iterator entry)
{
    m_bytes -= entry->bytes;
    m_byId.erase(entry->id);
    m_entries.erase(entry);
}

std::optional<AnswerStore::Conversation> AnswerStore::conversation(const std::string &id)
{
    if (id.empty())
        return std::nullopt;
    std::vector<Entries::iterator> chain; // newest first
    for (std::string at = id; !at.empty(); at = chain.back()->answer.previousId) {
        const auto found = m_byId.find(at);
        if (found == m_byId.end() || chain.size() > m_byId.size())
            return std::nullopt;
        chain.push_back(found->second);
    }
    Conversation whole;
    whole.conversationId = chain.front()->answer.conversationId;
    for (auto entry = chain.rbegin(); entry != chain.rend(); ++entry) {
        const StoredAnswer &answer = (*entry)->answer;
        if (!answer.systemText.empty())
            (whole.systemText.empty() ? whole.systemText : whole.systemText.append("\n\n"))
                .append(answer.systemText);
        whole.messages.insert(whole.messages.end(), answer.messages.begin(), answer.messages.end());
        m_entries.splice(m_entries.end(), m_entries, *entry);
    }
    return whole;
}

} // namespace kirotray
