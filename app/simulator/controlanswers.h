// SPDX-License-Identifier: MIT
#pragma once

#include "app/simulator/servicemodels.h"

#include <QByteArray>
#include <QDateTime>

#include <string_view>
#include <vector>

namespace kirotray {

/// GetUsageLimits of the demo account (kiro-protocol §5.1); `credits` were used on top of what it
/// had at the start.
QByteArray usageAnswer(double credits, const QDateTime &now);
/// ListAvailableModels (§5.2) in one page.
QByteArray modelsAnswer(const std::vector<ServiceModel> &models);
/// ListAvailableProfiles (§4.8): one, active.
QByteArray profilesAnswer();
/// GetProfile (§4.7): the profile of an API key.
QByteArray profileAnswer();
/// InvokeMCP (§6): initialize, tools/list and tools/call of web_search with two made-up results;
/// JSON-RPC errors for anything else. Empty for a notification.
QByteArray mcpAnswer(std::string_view body, const QDateTime &now);

} // namespace kirotray
