// SPDX-License-Identifier: MIT
#include "app/accounts/conversations.h"

#include <QCryptographicHash>

namespace kirotray {

namespace {

constexpr qsizetype LongestKey = 64;

/// Names come from clients: a long one is kept as its hash.
QString conversationKey(const QString &name)
{
    if (name.size() <= LongestKey)
        return name;
    const QByteArray hash =
        QCryptographicHash::hash(name.toUtf8(), QCryptographicHash::Sha256).toBase64();
    return QString::fromLatin1(hash);
}

} // namespace

const Conversations::Place *Conversations::find(const QString &conversation) const
{
    const auto found = m_byKey.constFind(conversationKey(conversation));
    return found == m_byKey.cend() ? nullptr : &(*found)->place;
}

void Conversations::put(const QString &conversation, const QString &accountId, qint64 now)
{
    const QString key = conversationKey(conversation);
    const auto found = m_byKey.find(key);
    if (found != m_byKey.end()) {
        m_places.splice(m_places.begin(), m_places, *found);
        m_places.front().place = {accountId, now};
        return;
    }
    m_places.push_front({key, {accountId, now}});
    m_byKey.insert(key, m_places.begin());
    if (m_places.size() > m_capacity) {
        m_byKey.remove(m_places.back().key);
        m_places.pop_back();
    }
}

} // namespace kirotray
