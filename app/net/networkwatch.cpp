// SPDX-License-Identifier: MIT
#include "app/net/networkwatch.h"

#include <QNetworkInformation>

#include <utility>

namespace kirotray {

namespace {

/// A network that reaches no farther than this machine or its neighbours does not reach a service.
bool reachesFar(QNetworkInformation::Reachability reachability)
{
    return reachability != QNetworkInformation::Reachability::Disconnected
        && reachability != QNetworkInformation::Reachability::Local;
}

} // namespace

bool NetworkWatch::start()
{
    if (QNetworkInformation::availableBackends().isEmpty()
        || !QNetworkInformation::loadBackendByFeatures(QNetworkInformation::Feature::Reachability))
        return false;
    const QNetworkInformation *system = QNetworkInformation::instance();
    m_isReachable = reachesFar(system->reachability());
    connect(system, &QNetworkInformation::reachabilityChanged, this,
            [this](QNetworkInformation::Reachability now) { note(reachesFar(now)); });
    return true;
}

void NetworkWatch::note(bool isReachable)
{
    if (!std::exchange(m_isReachable, isReachable) && isReachable)
        emit returned();
}

} // namespace kirotray
