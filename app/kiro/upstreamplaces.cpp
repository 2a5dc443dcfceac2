// SPDX-License-Identifier: MIT
#include "app/kiro/upstreamplaces.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace kirotray {

QStringList chatHosts(const KiroTables &tables, const KiroIdentity &identity,
                      bool isThirdPartyModel)
{
    const KiroEndpoints &endpoints = tables.endpoints;
    const bool hasArn = isProfileArn(identity.profileArn) || identity.kind == AccountKind::Social;
    const QStringList hosts =
        baseUrlsFor(hasArn ? endpoints.chat : endpoints.chatWithoutArn, apiRegionOf(identity));
    if (!isThirdPartyModel)
        return hosts;
    QStringList open;
    std::copy_if(hosts.begin(), hosts.end(), std::back_inserter(open),
                 [](const QString &host) { return !isClaudeOnlyHost(host); });
    return open.isEmpty() ? hosts : open;
}

UpstreamPlaces::UpstreamPlaces(KiroTablesPtr tables, KiroIdentity identity, bool isThirdPartyModel,
                               Memory memory)
    : m_tables(std::move(tables))
    , m_identity(std::move(identity))
    , m_memory(std::move(memory))
    , m_hosts(chatHosts(*m_tables, m_identity, isThirdPartyModel))
{
    if (const qsizetype last = m_hosts.indexOf(m_memory.lastHost); last > 0)
        m_hosts.move(last, 0);
    go({0, firstUse(0)});
}

QString UpstreamPlaces::baseUrl() const
{
    return m_hosts.value(m_host);
}

QString UpstreamPlaces::profileArn() const
{
    return profileArnBy(m_use, *m_tables, m_identity);
}

bool UpstreamPlaces::isUsual() const
{
    return m_use == usualProfileUse(*m_tables, m_identity, baseUrl());
}

ProfileUse UpstreamPlaces::firstUse(qsizetype host) const
{
    const QString url = m_hosts.value(host);
    const std::optional<ProfileUse> known =
        m_memory.profileUse ? m_memory.profileUse(url) : std::nullopt;
    return known.value_or(usualProfileUse(*m_tables, m_identity, url));
}

bool UpstreamPlaces::go(Place place)
{
    if (std::find(m_tried.begin(), m_tried.end(), place) != m_tried.end())
        return false;
    m_tried.push_back(place);
    std::tie(m_host, m_use) = place;
    return true;
}

bool UpstreamPlaces::toNextHost()
{
    for (qsizetype host = 0; host < m_hosts.size(); ++host)
        if (go({host, firstUse(host)}))
            return true;
    return false;
}

bool UpstreamPlaces::withProfile()
{
    const std::optional<ProfileUse> use = requiredProfileUse(*m_tables, m_identity);
    return (use && go({m_host, *use})) || toNextHost();
}

bool UpstreamPlaces::withoutProfile()
{
    const auto free = std::find_if(m_hosts.begin(), m_hosts.end(), isProfileFreeHost);
    const bool mayHelp = m_use != ProfileUse::None && free != m_hosts.end();
    return (mayHelp && go({free - m_hosts.begin(), ProfileUse::None})) || toNextHost();
}

} // namespace kirotray
