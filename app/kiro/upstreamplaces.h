// SPDX-License-Identifier: MIT
#pragma once

#include "app/kiro/profilechoice.h"

#include <QString>
#include <QStringList>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace kirotray {

/// The chat base URLs for an account in the order of kiro-protocol §1.1: with a profile runtime.*
/// first, without one q.*; a third-party model is not asked of hosts that serve only Claude, where
/// others are known.
QStringList chatHosts(const KiroTables &tables, const KiroIdentity &identity,
                      bool isThirdPartyModel);

/// Where the attempts of one account go and which profile they name: base URLs in their order, and
/// the changes of §1.6 that a refusal asks for. No place is tried twice by a change. Pure.
class UpstreamPlaces
{
public:
    /// What earlier requests of this account taught; both may be empty.
    struct Memory
    {
        QString lastHost; ///< the base URL that answered last: it is tried first
        std::function<std::optional<ProfileUse>(const QString &baseUrl)> profileUse = {};
    };
    UpstreamPlaces(KiroTablesPtr tables, KiroIdentity identity, bool isThirdPartyModel,
                   Memory memory);

    QString baseUrl() const;
    ProfileUse profileUse() const { return m_use; }
    QString profileArn() const; ///< empty: none is sent
    bool isUsual() const; ///< the profile is the one that this host usually gets

    /// Each: false when there is nothing else to try; the place stays then.
    bool toNextHost(); ///< out of reach, 404, 5xx
    bool withProfile(); ///< "profileArn is required": with one here, else the next base URL
    bool withoutProfile(); ///< "not authorized": without one at q.*, else the next base URL

private:
    using Place = std::pair<qsizetype, ProfileUse>; ///< of m_hosts
    ProfileUse firstUse(qsizetype host) const;
    bool go(Place place); ///< false: it was tried

    KiroTablesPtr m_tables;
    KiroIdentity m_identity;
    Memory m_memory;
    QStringList m_hosts;
    qsizetype m_host = 0;
    ProfileUse m_use = ProfileUse::None;
    std::vector<Place> m_tried;
};

} // namespace kirotray
