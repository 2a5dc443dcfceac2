// SPDX-License-Identifier: MIT
#pragma once

#include "app/net/httpcall.h"

#include <optional>

class QNetworkAccessManager;
class QNetworkReply;

namespace kirotray {

/// Error::BadInput for what must not reach the wire: another scheme, a line break in a header.
std::optional<Error> refusedRequest(const OutboundRequest &request);

/// Hands the request to Qt: HTTP/1.1, no cookies, no redirects, a body that is sent at most once.
QNetworkReply *sendOverWire(QNetworkAccessManager &manager, const OutboundRequest &request);

/// The transport's failure of a finished reply; nothing when it has an HTTP status, whatever that
/// is.
std::optional<Error> transportFailure(const QNetworkReply &reply);

} // namespace kirotray
