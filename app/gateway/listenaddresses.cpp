// SPDX-License-Identifier: MIT
#include "app/gateway/listenaddresses.h"

#include "app/base/result.h"

namespace kirotray {

QList<QHostAddress> addressesOf(const QString &host)
{
    const QHostAddress address(host);
    if (host == u"localhost" || address == QHostAddress::LocalHost)
        return {QHostAddress(QHostAddress::LocalHost), QHostAddress(QHostAddress::LocalHostIPv6)};
    return {address};
}

QUrl baseUrlOf(const QString &host, quint16 port)
{
    QUrl url;
    url.setScheme(u"http"_s);
    const QHostAddress address(host);
    const bool isAny =
        QList<QHostAddress> {QHostAddress::AnyIPv4, QHostAddress::Any}.contains(address);
    const bool isAnyIPv6 = address == QHostAddress::AnyIPv6; // Qt binds it without IPv4
    url.setHost(isAnyIPv6 ? u"::1"_s : host == u"localhost" || isAny ? u"127.0.0.1"_s : host);
    url.setPort(port);
    return url;
}

} // namespace kirotray
