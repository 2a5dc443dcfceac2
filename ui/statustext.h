// SPDX-License-Identifier: MIT
#pragma once

#include "app/core.h"

namespace kirotray {

/// "Running": one or two words.
QString stateWord(ProxyState state);
/// "http://127.0.0.1:8747", without a slash at the end; empty without an address.
QString addressText(const QUrl &baseUrl);
/// "127.0.0.1:8747"; empty without an address.
QString shortAddress(const QUrl &baseUrl);
/// "2 requests".
QString requestsText(int requests);
/// "3 h 12 min"; under a minute "less than a minute".
QString durationText(qint64 seconds);
/// Whether nobody else on the network can reach the address.
bool isThisComputerOnly(const QUrl &baseUrl);
/// Whether the proxy cannot do its work: it failed, or it runs and no account is usable.
bool hasProblem(const ProxyStatus &status);
/// What is wrong in a few words, when hasProblem().
QString problemTitle(const ProxyStatus &status);
/// What follows from it and what to do.
QString problemText(const ProxyStatus &status);

} // namespace kirotray
