// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/result.h"

#include <QString>

class QNetworkProxy;
class QUrl;

namespace kirotray {

/// Where outbound connections go through. A per-account proxy is given with the request.
struct ProxyChoice
{
    enum class Kind { System, None, Http, Socks5 };
    Kind kind = Kind::System;
    QString host = {};
    quint16 port = 0;
    QString user = {};
    QString password = {};
    bool operator==(const ProxyChoice &) const = default;
    /// "", "none", "system", "http://user:pass@host:port", "socks5://host:port" (also "socks5h":
    /// names are always resolved by the proxy). Error::BadInput otherwise; it never repeats the
    /// text, which may hold a password.
    static Result<ProxyChoice> parse(const QString &text);
};

/// The proxy that a choice other than System names.
QNetworkProxy explicitProxy(const ProxyChoice &choice);

/// True when `url` names this machine: "localhost", a name below it, 127.0.0.0/8 or ::1.
bool isLoopbackTarget(const QUrl &url);

} // namespace kirotray
