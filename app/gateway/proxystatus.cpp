// SPDX-License-Identifier: MIT
#include "app/gateway/proxystatus.h"

#include "app/base/result.h"

namespace kirotray {

QString nameOf(ProxyState state)
{
    switch (state) {
    case ProxyState::Stopped:
        return u"stopped"_s;
    case ProxyState::Starting:
        return u"starting"_s;
    case ProxyState::Running:
        return u"running"_s;
    case ProxyState::Stopping:
        return u"stopping"_s;
    case ProxyState::Failed:
        return u"failed"_s;
    }
    return {};
}

} // namespace kirotray
