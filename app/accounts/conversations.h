// SPDX-License-Identifier: MIT
#pragma once

#include <QHash>
#include <QString>

#include <cstddef>
#include <list>

namespace kirotray {

/// Which account each conversation is with. Bounded: beyond `capacity` the one that was quiet for
/// longest is forgotten. Pure; times are milliseconds since the epoch.
class Conversations
{
public:
    struct Place
    {
        QString accountId;
        qint64 lastUsed = 0;
    };

    explicit Conversations(std::size_t capacity)
        : m_capacity(capacity)
    {
    }

    const Place *find(const QString &conversation) const; ///< null: unknown; until the next put()
    void put(const QString &conversation, const QString &accountId, qint64 now);
    std::size_t size() const { return m_places.size(); }

private:
    struct Entry
    {
        QString key;
        Place place;
    };
    std::size_t m_capacity;
    std::list<Entry> m_places; ///< the last used first
    QHash<QString, std::list<Entry>::iterator> m_byKey;
};

} // namespace kirotray
